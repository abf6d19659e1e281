import Attribution
import LinearAlgebra
import Tensors

/// CLIP's vision transformer, and the decomposition of its embedding (arXiv 2310.05916).
struct ImageTower: Sendable {
  let readout: Readout
  /// The space of each head, in the order of `shape.allHeads`.
  let spaces: [HeadSpace]
  /// The covariance of each head's coordinates if the residual stream that it reads were white noise, `[D+3, D+3]`, in the same order.
  let whiteCovariances: [Tensor]
  let patchSize: Int
  /// The convolution as a matrix, `[W, 3·p·p]`.
  let patchMap: LinearMap
  /// The CLS token's embedding, `[W]`.
  let classEmbedding: [Float]
  /// The positional embeddings, `[T, W]`.
  let positions: [Float]
  let inputNorm: LayerNorm?
  let transformer: Transformer

  init(_ reader: inout WeightReader, _ configuration: CLIPConfiguration, precision: Precision) throws {
    let tower = configuration.image
    let (width, grid, patch) = (tower.width, configuration.gridSide, configuration.patchSize)
    let shape = TowerShape(
      layers: tower.layers, heads: tower.heads, headWidth: tower.headWidth, width: width,
      embeddingWidth: configuration.embeddingWidth, gridSide: grid)
    patchSize = patch
    patchMap = LinearMap(
      try reader.take("visual.conv1.weight", [width, 3, patch, patch]), bias: [Float](repeating: 0, count: width),
      inputs: 3 * patch * patch, outputs: width, precision: precision, ending: .stored)
    classEmbedding = try reader.take("visual.class_embedding", [width])
    positions = try reader.imagePositions(configuration)
    inputNorm =
      configuration.hasInputNorm
      ? try reader.layerNorm("visual.ln_pre", width: width, epsilon: tower.epsilon) : nil
    let readout = Readout(
      shape: shape, norm: try reader.layerNorm("visual.ln_post", width: width, epsilon: tower.epsilon),
      projection: Tensor(
        shape: [width, configuration.embeddingWidth],
        values: try reader.take("visual.proj", [width, configuration.embeddingWidth])))
    self.readout = readout
    var spaces: [HeadSpace] = []
    var covariances: [Tensor] = []
    transformer = try Transformer(
      &reader, prefix: "visual.transformer", tower: tower, activation: configuration.activation, isCausal: false,
      precision: precision
    ) { weights in
      spaces += (0..<shape.heads).map {
        readout.space(of: $0, output: weights.output, bias: weights.outputBias)
      }
      covariances += (0..<shape.heads).map { Self.whiteCovariance($0, shape, weights) }
    }
    self.spaces = spaces
    whiteCovariances = covariances
  }

  var shape: TowerShape { readout.shape }
  /// T, the number of tokens of one image.
  var tokens: Int { shape.patches + 1 }
  fileprivate var number: NumberKind { transformer.precision.number }

  /// The covariance of a head's coordinates for a residual stream of white noise, whatever attention does, `[D+3, D+3]`.
  ///
  /// LayerNorm is folded into the weights, and both of what is read and of what is written the mean is taken off, as LayerNorm
  /// does (arXiv 2603.24653): with V the rows of the head's values times γ of `ln_1`, less their means, V·Vᵀ among the first D
  /// coordinates; the one before the last takes off the mean of what is written.
  private static func whiteCovariance(_ head: Int, _ shape: TowerShape, _ weights: Transformer.AttentionWeights)
    -> Tensor
  {
    let (width, headWidth) = (shape.width, shape.headWidth)
    var values = [Float](repeating: 0, count: headWidth * width)
    // What makes coordinates of numbers that the head adds up: themselves, and the mean of what they write.
    var coordinates = [Float](repeating: 0, count: (headWidth + 3) * headWidth)
    let share = Float((2 * shape.layers + 1) * shape.heads)
    for row in 0..<headWidth {
      let start = (2 * width + head * headWidth + row) * width
      let read = (0..<width).map { weights.input[start + $0] * weights.norm.weight[$0] }
      let mean = read.reduce(0, +) / Float(width)
      for column in 0..<width { values[row * width + column] = read[column] - mean }
      let written = (0..<width).reduce(Float(0)) { $0 + weights.output[$1 * width + head * headWidth + row] }
      coordinates[row * headWidth + row] = 1
      coordinates[(headWidth + 1) * headWidth + row] = -share * written / Float(width)
    }
    let rows = Tensor(shape: [headWidth, width], values: values)
    let mixed = product(Tensor(shape: [headWidth + 3, headWidth], values: coordinates), rows)
    return product(mixed, .normal, mixed, .transposed)
  }
}

/// The buffers of one thread that decomposes images.
final class ImageScratch {
  fileprivate let tower: TowerScratch
  /// The pixels patch by patch, `[B·P, 3·p·p]`.
  fileprivate private(set) var unfolded: Operands
  /// The patches' embeddings, `[B·P, W]`.
  fileprivate private(set) var convolved: Operands
  /// The CLS rows before the first block, `[B, W]`.
  fileprivate private(set) var first: Rows
  private var images = 0

  init(_ tower: ImageTower) {
    self.tower = TowerScratch(tower.transformer)
    unfolded = Operands(0, tower.patchMap.inputs, tower.number)
    convolved = Operands(0, tower.shape.width, tower.number)
    first = Rows(0, tower.shape.width)
  }

  fileprivate func reserve(images: Int, _ tower: ImageTower) {
    self.tower.reserve(rows: images * tower.tokens, longest: tower.tokens, runs: images)
    guard images > self.images else { return }
    self.images = images
    unfolded = Operands(images * tower.shape.patches, tower.patchMap.inputs, tower.number)
    convolved = Operands(images * tower.shape.patches, tower.shape.width, tower.number)
    first = Rows(images, tower.shape.width)
  }
}

extension ImageTower {
  /// Decomposes a batch of images, each `[3, S, S]` and normalised, on the calling thread.
  ///
  /// - Returns: nil where an embedding has no direction.
  func decompose(_ pixels: [Tensor], _ scratch: ImageScratch) -> DecomposedBatch? {
    let count = pixels.count
    var trace = ReadoutTrace(layers: shape.layers, runs: count, width: shape.width)
    let last = run(pixels, scratch, &trace)
    return readout.decompose(last, first: scratch.first, trace, count: count)
  }

  /// The patches of one image in head space, `[P, D+3]` for each head; nil where the embedding has no direction.
  func patchCoordinates(_ pixels: Tensor) -> [Tensor]? {
    var trace = ReadoutTrace(layers: shape.layers, width: shape.width, heads: shape.heads, tokens: tokens)
    let scratch = ImageScratch(self)
    let last = run([pixels], scratch, &trace)
    guard let scale = readout.scales(of: last, count: 1)?.first else { return nil }
    // A head's constant parts are shared evenly between its tokens, the CLS token's own key included.
    let constants = scale.constants.map { $0 / Float(tokens) }
    let headWidth = shape.headWidth
    return shape.allHeads.map { head in
      let attention = trace.attention[head.layer].start + head.head * tokens
      return Tensor(
        shape: [shape.patches, shape.headSpaceWidth],
        values: (1..<tokens).flatMap { token in
          let weight = attention[token] * scale.inverse
          let values = UnsafeBufferPointer(
            start: trace.values[head.layer].row(token) + head.head * headWidth, count: headWidth)
          return values.map { $0 * weight } + constants
        })
    }
  }

  /// The attention of the CLS row of each head to each token of one image, `[L·H, T]`, the CLS token first.
  func attention(_ pixels: Tensor) -> Tensor {
    var trace = ReadoutTrace(layers: shape.layers, width: shape.width, heads: shape.heads, tokens: tokens)
    _ = run([pixels], ImageScratch(self), &trace)
    return Tensor(shape: [shape.headCount, tokens], values: trace.attention.flatMap { $0.copy(of: 0..<1) })
  }

  /// Runs the tower: the CLS rows after the last block, `[B, W]`; those before the first are left in `scratch.first`.
  private func run(_ pixels: [Tensor], _ scratch: ImageScratch, _ trace: inout ReadoutTrace) -> Rows {
    scratch.reserve(images: pixels.count, self)
    embed(pixels, scratch)
    let x = scratch.tower.stream
    let rows = pixels.count * tokens
    inputNorm?.apply(x.start, rows: rows, to: x.start, stride: x.width, .float32)
    let runs = (0..<pixels.count).map { TokenRun(start: $0 * tokens, count: tokens, readout: 0) }
    x.gather(runs, into: scratch.first.start)
    return transformer.run(rows: rows, runs: runs, scratch.tower, &trace)
  }

  /// Embeds patches by the convolution, puts the class embedding before them and adds positions: `[B·T, W]`.
  private func embed(_ pixels: [Tensor], _ scratch: ImageScratch) {
    let (width, patches) = (shape.width, shape.patches)
    for (image, tensor) in pixels.enumerated() { unfold(tensor, into: scratch.unfolded, from: image * patches) }
    patchMap.apply(scratch.unfolded.start, rows: pixels.count * patches, into: scratch.convolved.start)
    for image in 0..<pixels.count {
      for token in 0..<tokens {
        let into = scratch.tower.stream.row(image * tokens + token)
        if token == 0 {
          into.update(from: classEmbedding, count: width)
        } else {
          scratch.convolved.floats(0..<width, of: image * patches + token - 1, into: into)
        }
        addBias(positions[token * width..<(token + 1) * width], to: into, rows: 1)
      }
    }
  }

  /// Copies pixels patch after patch, each channel by channel and row by row, as the convolution's weights are stored.
  private func unfold(_ image: Tensor, into rows: Operands, from first: Int) {
    let size = shape.gridSide * patchSize
    image.values.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      for patch in 0..<shape.patches {
        let corner = (patch / shape.gridSide) * patchSize * size + (patch % shape.gridSide) * patchSize
        for line in 0..<3 * patchSize {
          let from = pixels + (line / patchSize) * size * size + corner + (line % patchSize) * size
          rows.set(from, count: patchSize, at: line * patchSize, of: first + patch)
        }
      }
    }
  }
}
