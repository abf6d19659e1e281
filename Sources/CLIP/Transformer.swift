import LinearAlgebra

/// The weights of a stack of residual attention blocks. Matrices are `[out, in]`, as stored.
struct Transformer: Sendable {
  struct Block: Sendable {
    let norm1: LayerNorm
    /// `[3W, W]` and `[3W]`: query, key, value.
    let input: [Float], inputBias: [Float]
    /// `[W, W]` and `[W]`
    let output: [Float], outputBias: [Float]
    let norm2: LayerNorm
    /// `[F, W]` and `[F]`
    let expand: [Float], expandBias: [Float]
    /// `[W, F]` and `[W]`
    let contract: [Float], contractBias: [Float]
  }

  let tower: CLIPConfiguration.Tower
  let activation: Activation
  let blocks: [Block]
  /// Whether a token sees only itself and those before it.
  let isCausal: Bool

  /// Reads `<prefix>.resblocks.0` and so on.
  init(
    _ reader: inout WeightReader, prefix: String, tower: CLIPConfiguration.Tower, activation: Activation,
    isCausal: Bool
  ) throws {
    self.tower = tower
    self.activation = activation
    self.isCausal = isCausal
    let (width, inner, epsilon) = (tower.width, tower.mlpWidth, tower.epsilon)
    blocks = try (0..<tower.layers).map { layer in
      let name = "\(prefix).resblocks.\(layer)"
      return Block(
        norm1: try reader.layerNorm("\(name).ln_1", width: width, epsilon: epsilon),
        input: try reader.take("\(name).attn.in_proj_weight", [3 * width, width]),
        inputBias: try reader.take("\(name).attn.in_proj_bias", [3 * width]),
        output: try reader.take("\(name).attn.out_proj.weight", [width, width]),
        outputBias: try reader.take("\(name).attn.out_proj.bias", [width]),
        norm2: try reader.layerNorm("\(name).ln_2", width: width, epsilon: epsilon),
        expand: try reader.take("\(name).mlp.c_fc.weight", [inner, width]),
        expandBias: try reader.take("\(name).mlp.c_fc.bias", [inner]),
        contract: try reader.take("\(name).mlp.c_proj.weight", [width, inner]),
        contractBias: try reader.take("\(name).mlp.c_proj.bias", [width]))
    }
  }

  var width: Int { tower.width }
  var heads: Int { tower.heads }
  var headWidth: Int { tower.headWidth }
}

/// A run of token rows that attend to each other: one picture or one text of a batch.
struct TokenRun: Sendable {
  /// Its first row in the batch.
  let start: Int
  /// T
  let count: Int
  /// The row whose value the embedding is read from, counted from `start`.
  let readout: Int
}

/// What the read-out row of each run saw on its way, layer by layer.
struct ReadoutTrace {
  /// `[L][B, W]`: what the heads gathered, `Σ_t α_t v_t`, head beside head, before the out-projection.
  var gathered: [[Float]] = []
  /// `[L][B, W]`: what the MLPs added.
  var mlp: [[Float]] = []
  /// Kept only where asked for, `[L][B][H, T]`: the attention of the read-out row.
  var attention: [[[Float]]] = []
  /// Kept only where asked for, `[L][rows, W]`: the values of all tokens.
  var values: [[Float]] = []
  let keepsPatches: Bool

  init(keepsPatches: Bool = false) {
    self.keepsPatches = keepsPatches
  }
}

extension Transformer {
  /// Runs all blocks over a batch of token rows.
  ///
  /// - Parameters:
  ///   - x: `[rows, W]`, the residual stream; overwritten.
  ///   - runs: tile the rows.
  /// - Returns: the read-out rows of the residual stream after the last block, `[B, W]`.
  func run(_ x: Rows, runs: [TokenRun], trace: inout ReadoutTrace) -> Rows {
    let scratch = Scratch(rows: x.rows, longest: runs.map(\.count).max() ?? 0, transformer: self)
    for block in blocks.dropLast() {
      attend(block, x, runs, scratch, &trace)
      let added = scratch.output
      expandAndContract(block, x, scratch.normed, scratch.wide, into: added)
      trace.mlp.append(runs.flatMap { added.copy(of: $0.start + $0.readout, adding: block.contractBias) })
      x.add(added, bias: block.contractBias)
    }
    guard let last = blocks.last else { return x.gathered(runs) }
    return finish(last, x, runs, scratch, &trace)
  }

  /// The attention half of a block: `x += out(Σ α v) + b_O`.
  private func attend(
    _ block: Block, _ x: Rows, _ runs: [TokenRun], _ scratch: Scratch, _ trace: inout ReadoutTrace
  ) {
    let (normed, output) = (scratch.normed, scratch.output)
    block.norm1.apply(x.start, to: normed.start, rows: x.rows)
    let packed = scratch.wide.narrowed(to: 3 * width)  // [rows, 3W]
    packed.setProduct(normed, transposed: block.input)
    packed.add(bias: block.inputBias)
    var attention: [[Float]] = []
    for run in runs {
      var kept: [Float] = []
      for head in 0..<heads {
        attend(packed, run, head, scratch.scores, into: normed)
        if trace.keepsPatches {
          kept += UnsafeBufferPointer(start: scratch.scores + run.readout * run.count, count: run.count)
        }
      }
      attention.append(kept)
    }
    trace.gathered.append(runs.flatMap { normed.copy(of: $0.start + $0.readout) })
    if trace.keepsPatches {
      trace.attention.append(attention)
      trace.values.append(packed.columns(2 * width..<3 * width))
    }
    output.setProduct(normed, transposed: block.output)
    x.add(output, bias: block.outputBias)
  }

  /// One head of one run: softmax(q kᵀ/√D) v, written into its columns of `gathered`.
  private func attend(
    _ packed: Rows, _ run: TokenRun, _ head: Int, _ scores: UnsafeMutablePointer<Float>, into gathered: Rows
  ) {
    let stride = 3 * width
    let query = packed.start + run.start * stride + head * headWidth
    multiply(
      query, stride: stride, .normal, query + width, stride: stride, .transposed, into: scores, stride: run.count,
      rows: run.count, columns: run.count, inner: headWidth, scale: 1 / Float(headWidth).squareRoot())
    for row in 0..<run.count {
      let seen = isCausal ? row + 1 : run.count
      VectorMath.softmax(scores + row * run.count, seen)
      for column in seen..<run.count { scores[row * run.count + column] = 0 }
    }
    multiply(
      scores, stride: run.count, .normal, query + 2 * width, stride: stride, .normal,
      into: gathered.start + run.start * width + head * headWidth, stride: width, rows: run.count,
      columns: headWidth, inner: run.count)
  }

  /// The MLP half of a block, without its last bias: `added = contract(activation(expand(LN(x))))`.
  private func expandAndContract(_ block: Block, _ x: Rows, _ normed: Rows, _ wide: Rows, into added: Rows) {
    block.norm2.apply(x.start, to: normed.start, rows: x.rows)
    let hidden = wide.narrowed(to: tower.mlpWidth)  // [rows, F]
    hidden.setProduct(normed, transposed: block.expand)
    block.expandBias.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      activation.apply(to: hidden.start, rows: hidden.rows, width: hidden.width, bias: bias)
    }
    added.setProduct(hidden, transposed: block.contract)
  }

  /// The last block, for the read-out rows alone.
  ///
  /// Keys and values of the other tokens are never formed: q·k_t = (W_Kᵀ q)·x_t up to a constant that softmax forgets,
  /// and Σ α_t v_t = W_V (Σ α_t x_t) + b_V since the α sum to 1. That is T·W·H instead of T·W·W operations. Every token
  /// of a run comes before its read-out row or is seen by it, so that no mask is needed.
  private func finish(
    _ block: Block, _ x: Rows, _ runs: [TokenRun], _ scratch: Scratch, _ trace: inout ReadoutTrace
  ) -> Rows {
    let normed = scratch.normed
    block.norm1.apply(x.start, to: normed.start, rows: x.rows)
    let (mixed, attention) = mix(block, normed, runs, scratch)
    let gathered = Rows(runs.count, width)
    block.input.withUnsafeBufferPointer { input in
      guard let value = input.baseAddress.map({ $0 + 2 * width * width }) else { return }
      for head in 0..<heads {
        multiply(
          mixed.start + head * width, stride: heads * width, .normal, value + head * headWidth * width, stride: width,
          .transposed, into: gathered.start + head * headWidth, stride: width, rows: runs.count, columns: headWidth,
          inner: width)
      }
    }
    gathered.add(bias: block.inputBias[(2 * width)...])
    trace.gathered.append(gathered.allValues)
    if trace.keepsPatches {
      trace.attention.append(attention)
      let values = Rows(x.rows, width)
      values.setProduct(normed, transposed: block.input[(2 * width * width)...])
      values.add(bias: block.inputBias[(2 * width)...])
      trace.values.append(values.allValues)
    }
    let result = x.gathered(runs)
    let added = Rows(runs.count, width)
    added.setProduct(gathered, transposed: block.output)
    result.add(added, bias: block.outputBias)
    expandAndContract(block, result, Rows(runs.count, width), Rows(runs.count, tower.mlpWidth), into: added)
    trace.mlp.append((0..<runs.count).flatMap { added.copy(of: $0, adding: block.contractBias) })
    result.add(added, bias: block.contractBias)
    return result
  }

  /// For every run and head, the inputs of the block averaged by the attention of the read-out row: `[B, H, W]`, and
  /// that attention, `[B][H, T]`.
  private func mix(
    _ block: Block, _ normed: Rows, _ runs: [TokenRun], _ scratch: Scratch
  ) -> (mixed: Rows, attention: [[Float]]) {
    let query = Rows(runs.count, width)
    query.setProduct(normed.gathered(runs), transposed: block.input[..<(width * width)])
    query.add(bias: block.inputBias[..<width])
    let asked = Rows(runs.count, heads * width)  // W_Kᵀ q, [B, H, W]
    block.input.withUnsafeBufferPointer { input in
      guard let key = input.baseAddress.map({ $0 + width * width }) else { return }
      for head in 0..<heads {
        multiply(
          query.start + head * headWidth, stride: width, .normal, key + head * headWidth * width, stride: width,
          .normal, into: asked.start + head * width, stride: heads * width, rows: runs.count, columns: width,
          inner: headWidth)
      }
    }
    let mixed = Rows(runs.count, heads * width)
    var attention: [[Float]] = []
    for (index, run) in runs.enumerated() {
      let scores = Rows(heads, run.count)
      let tokens = normed.start + run.start * width
      multiply(
        asked.start + index * heads * width, stride: width, .normal, tokens, stride: width, .transposed,
        into: scores.start,
        stride: run.count, rows: heads, columns: run.count, inner: width, scale: 1 / Float(headWidth).squareRoot())
      for head in 0..<heads { VectorMath.softmax(scores.start + head * run.count, run.count) }
      multiply(
        scores.start, stride: run.count, .normal, tokens, stride: width, .normal,
        into: mixed.start + index * heads * width,
        stride: width, rows: heads, columns: width, inner: run.count)
      attention.append(scores.allValues)
    }
    return (mixed, attention)
  }

  /// The large buffers of one batch, used again by every block.
  private struct Scratch {
    let normed: Rows
    let output: Rows
    let wide: Rows
    private let scoreRows: Rows

    init(rows: Int, longest: Int, transformer: Transformer) {
      let isSingle = transformer.blocks.count < 2
      normed = Rows(rows, transformer.width)
      output = Rows(isSingle ? 0 : rows, transformer.width)
      wide = Rows(isSingle ? 0 : rows, max(3 * transformer.width, transformer.tower.mlpWidth))
      scoreRows = Rows(longest, longest)
    }

    /// Room for `[T, T]`.
    var scores: UnsafeMutablePointer<Float> { scoreRows.start }
  }
}
