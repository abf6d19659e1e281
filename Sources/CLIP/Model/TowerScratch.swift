import LinearAlgebra

/// The large buffers of a batch, which every block and every batch of one thread uses again.
final class TowerScratch {
  /// The residual stream, `[rows, W]`.
  private(set) var stream: Rows
  /// The output of attention or of an MLP, `[rows, W]`, which the next LayerNorm adds to the residual stream.
  private(set) var written: Rows
  /// LayerNorm's output, and then the heads' outputs before the out-projection, `[rows, W]`.
  private(set) var normed: Operands
  /// Query, key and value, and then the MLP's hidden layer, `[rows, max(3W, F)]`.
  private(set) var wide: Operands
  /// Memory for one head's attention, and for the scores of the last block, `[H, T]`.
  private(set) var scores: UnsafeMutableRawPointer
  private(set) var last: LastBlockScratch
  private var (rows, longest, runs) = (0, 0, 0)
  private let transformer: Transformer

  init(_ transformer: Transformer) {
    self.transformer = transformer
    stream = Rows(0, transformer.width)
    written = Rows(0, transformer.width)
    normed = Operands(0, transformer.width, transformer.precision.number)
    wide = Operands(0, Self.wideWidth(transformer), transformer.precision.number)
    scores = .allocate(byteCount: 64, alignment: 64)
    last = LastBlockScratch(runs: 0, transformer)
  }

  deinit { scores.deallocate() }

  private static func wideWidth(_ transformer: Transformer) -> Int {
    // At least two float32 rows: the last block's LayerNorm is stored here in float32 where operands are shorter.
    max(3 * transformer.width, transformer.tower.mlpWidth, 2 * transformer.width) + 16
  }

  /// Makes the buffers large enough for a batch; a buffer that was too small loses its contents.
  func reserve(rows: Int, longest: Int, runs: Int) {
    if rows > self.rows {
      self.rows = rows
      stream = Rows(rows, transformer.width)
      written = Rows(rows, transformer.width)
      normed = Operands(rows, transformer.width, transformer.precision.number)
      wide = Operands(rows, Self.wideWidth(transformer), transformer.precision.number)
    }
    if longest > self.longest {
      self.longest = longest
      scores.deallocate()
      let last = transformer.heads * ((longest + 15) & ~15) * MemoryLayout<Float>.size
      let attention = AttentionShape.scratchSize(tokens: longest, headWidth: transformer.headWidth)
      scores = .allocate(byteCount: max(attention, last), alignment: 64)
    }
    if runs > self.runs {
      self.runs = runs
      last = LastBlockScratch(runs: runs, transformer)
    }
  }
}

/// The buffers of the last block, with one row for each run, `[B, …]`.
struct LastBlockScratch {
  let readout: Rows, query: Rows, gathered: Rows, result: Rows
  /// The keys' weights times the query, and the averaged inputs, `[B, H·W]`.
  let asked: Rows, mixed: Rows
  let normed: Operands, hidden: Operands

  init(runs: Int, _ transformer: Transformer) {
    let (width, heads) = (transformer.width, transformer.heads)
    (readout, query, gathered, result) = (Rows(runs, width), Rows(runs, width), Rows(runs, width), Rows(runs, width))
    (asked, mixed) = (Rows(runs, heads * width), Rows(runs, heads * width))
    normed = Operands(runs, width, .float32)
    hidden = Operands(runs, transformer.tower.mlpWidth, .float32)
  }
}
