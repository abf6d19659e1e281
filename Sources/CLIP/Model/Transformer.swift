import LinearAlgebra

/// The weights of a stack of residual attention blocks.
struct Transformer: Sendable {
  /// A block other than the last, with its weights prepared for products.
  struct Block: Sendable {
    let norm1: LayerNorm
    /// The weights of query, key and value, `[3W, W]`.
    let input: LinearMap
    /// The out-projection, `[W, W]`.
    let output: LinearMap
    let norm2: LayerNorm
    /// The first layer of the MLP with the activation, `[F, W]`.
    let expand: LinearMap
    /// The second layer of the MLP, `[W, F]`.
    let contract: LinearMap
  }

  /// The last block, which is computed for the read-out rows alone, in float32.
  ///
  /// Matrices are `[out, in]`, as stored.
  struct LastBlock: Sendable {
    let norm1: LayerNorm
    let input: [Float], inputBias: [Float]
    let output: [Float], outputBias: [Float]
    let norm2: LayerNorm
    let expand: LinearMap
    let contract: LinearMap
  }

  /// What a block's heads read with and write with; matrices are `[out, in]`, as stored.
  struct AttentionWeights {
    let norm: LayerNorm
    /// Queries, keys and values, `[3W, W]`.
    let input: [Float]
    /// `[W, W]` and `[W]`.
    let output: [Float], outputBias: [Float]
  }

  let tower: CLIPConfiguration.Tower
  let precision: Precision
  let blocks: [Block]
  let last: LastBlock
  /// Whether a token sees only itself and those before it.
  let isCausal: Bool

  /// Reads `<prefix>.resblocks.0` and so on.
  ///
  /// `attentions` receives what every block's heads read with and write with, as rounded for the products.
  ///
  /// - Throws: `ConfigurationError`, `CheckpointError`.
  init(
    _ reader: inout WeightReader, prefix: String, tower: CLIPConfiguration.Tower, activation: Activation,
    isCausal: Bool, precision: Precision, attentions: (AttentionWeights) -> Void = { _ in }
  ) throws {
    self.tower = tower
    self.precision = precision
    self.isCausal = isCausal
    let (width, inner, epsilon) = (tower.width, tower.mlpWidth, tower.epsilon)
    var blocks: [Block] = []
    var last: LastBlock?
    for layer in 0..<tower.layers {
      let name = "\(prefix).resblocks.\(layer)"
      let isLast = layer == tower.layers - 1
      let norm1 = try reader.layerNorm("\(name).ln_1", width: width, epsilon: epsilon)
      let input = try reader.take("\(name).attn.in_proj_weight", [3 * width, width])
      let inputBias = try reader.take("\(name).attn.in_proj_bias", [3 * width])
      let output = try reader.take("\(name).attn.out_proj.weight", [width, width])
      let outputBias = try reader.take("\(name).attn.out_proj.bias", [width])
      let norm2 = try reader.layerNorm("\(name).ln_2", width: width, epsilon: epsilon)
      let precision = isLast ? .fp32 : precision
      attentions(
        AttentionWeights(
          norm: norm1, input: precision.rounded(input), output: precision.rounded(output), outputBias: outputBias))
      let expand = LinearMap(
        try reader.take("\(name).mlp.c_fc.weight", [inner, width]),
        bias: try reader.take("\(name).mlp.c_fc.bias", [inner]), inputs: width, outputs: inner, precision: precision,
        ending: .activated(activation))
      let contract = LinearMap(
        try reader.take("\(name).mlp.c_proj.weight", [width, inner]),
        bias: try reader.take("\(name).mlp.c_proj.bias", [width]), inputs: inner, outputs: width, precision: precision,
        ending: isLast ? .stored : .float32)
      if isLast {
        last = LastBlock(
          norm1: norm1, input: input, inputBias: inputBias, output: output, outputBias: outputBias, norm2: norm2,
          expand: expand, contract: contract)
      } else {
        blocks.append(
          Block(
            norm1: norm1,
            input: LinearMap(
              input, bias: inputBias, inputs: width, outputs: 3 * width, precision: precision, ending: .stored),
            output: LinearMap(
              output, bias: outputBias, inputs: width, outputs: width, precision: precision, ending: .float32),
            norm2: norm2, expand: expand, contract: contract))
      }
    }
    guard let last else { preconditionFailure("a tower without layers") }
    self.blocks = blocks
    self.last = last
  }

  var width: Int { tower.width }
  var heads: Int { tower.heads }
  var headWidth: Int { tower.headWidth }
}

extension Transformer {
  /// Runs all blocks over the token rows in `scratch.stream`, which are overwritten.
  ///
  /// `runs` tile the rows.
  ///
  /// - Returns: the read-out rows of the residual stream after the last block, `[B, W]`, in memory of `scratch`.
  func run(rows: Int, runs: [TokenRun], _ scratch: TowerScratch, _ trace: inout ReadoutTrace) -> Rows {
    let (x, written, normed) = (scratch.stream.start, scratch.written, scratch.normed)
    let hidden = Operands(in: scratch.wide, width: tower.mlpWidth)
    for (layer, block) in blocks.enumerated() {
      block.norm1.apply(
        x, adding: layer == 0 ? nil : written.start, rows: rows, to: normed.start, stride: normed.stride, normed.number)
      attend(block, runs, rows: rows, layer, scratch, &trace)
      block.output.apply(normed.start, rows: rows, into: written.start)
      block.norm2.apply(
        x, adding: written.start, rows: rows, to: normed.start, stride: normed.stride, normed.number)
      block.expand.apply(normed.start, rows: rows, into: hidden.start)
      block.contract.apply(hidden.start, rows: rows, into: written.start)
      written.gather(runs, into: trace.mlp[layer].start)
    }
    return finish(rows: rows, runs, scratch, &trace)
  }

  /// Computes Σ_t α_t v_t of every head for every row, from LayerNorm's output in `scratch.normed` into the same place.
  private func attend(
    _ block: Block, _ runs: [TokenRun], rows: Int, _ layer: Int, _ scratch: TowerScratch, _ trace: inout ReadoutTrace
  ) {
    let normed = scratch.normed
    let packed = Operands(in: scratch.wide, width: 3 * width)
    block.input.apply(normed.start, rows: rows, into: packed.start)
    for (index, run) in runs.enumerated() {
      let shape = AttentionShape(tokens: run.count, heads: heads, headWidth: headWidth, isCausal: isCausal)
      LinearAlgebra.attend(
        shape, normed.number, packed: packed.row(run.start), into: normed.row(run.start), scratch: scratch.scores,
        keep: trace.keepsPatches ? (run.readout, trace.attention[layer].row(index)) : nil)
      normed.floats(0..<width, of: run.start + run.readout, into: trace.gathered[layer].row(index))
    }
    guard trace.keepsPatches else { return }
    for row in 0..<rows { packed.floats(2 * width..<3 * width, of: row, into: trace.values[layer].row(row)) }
  }

  /// Computes the last block, for the read-out rows alone, in float32.
  ///
  /// Keys and values of the other tokens are never formed: q·k_t = (W_Kᵀ q)·x_t up to a constant that does not change softmax,
  /// and Σ α_t v_t = W_V (Σ α_t x_t) + b_V since the α sum to 1. That is T·W·H instead of T·W·W operations. Every token
  /// of a run comes before its read-out row or is seen by it, so that no mask is needed.
  private func finish(
    rows: Int, _ runs: [TokenRun], _ scratch: TowerScratch, _ trace: inout ReadoutTrace
  ) -> Rows {
    let (x, room) = (scratch.stream, scratch.last)
    let normed = scratch.wide.start.assumingMemoryBound(to: Float.self)
    last.norm1.apply(
      x.start, adding: blocks.isEmpty ? nil : scratch.written.start, rows: rows, to: scratch.wide.start, stride: width,
      .float32)
    let layer = tower.layers - 1
    mix(normed, runs, scratch, &trace)
    last.input.withUnsafeBufferPointer { input in
      let value = input.baseAddress! + 2 * width * width
      for head in 0..<heads {
        multiply(
          room.mixed.start + head * width, stride: heads * width, .normal, value + head * headWidth * width,
          stride: width, .transposed, into: room.gathered.start + head * headWidth, stride: width, rows: runs.count,
          columns: headWidth, inner: width)
      }
      add(last.inputBias, from: 2 * width, to: room.gathered.start, rows: runs.count)
      if trace.keepsPatches {
        let values = trace.values[layer]
        multiply(
          normed, stride: width, .normal, value, stride: width, .transposed, into: values.start, stride: width,
          rows: rows, columns: width, inner: width)
        add(last.inputBias, from: 2 * width, to: values.start, rows: rows)
      }
    }
    trace.gathered[layer].start.update(from: room.gathered.start, count: runs.count * width)
    let result = room.result
    x.gather(runs, into: result.start)
    last.output.withUnsafeBufferPointer { output in
      multiply(
        room.gathered.start, stride: width, .normal, output.baseAddress!, stride: width, .transposed,
        into: result.start, stride: width, rows: runs.count, columns: width, inner: width, keep: 1)
    }
    add(last.outputBias, from: 0, to: result.start, rows: runs.count)
    last.norm2.apply(result.start, rows: runs.count, to: room.normed.start, stride: room.normed.stride, .float32)
    last.expand.apply(room.normed.start, rows: runs.count, into: room.hidden.start)
    last.contract.apply(room.hidden.start, rows: runs.count, into: room.normed.start)
    for index in runs.indices {
      let added = trace.mlp[layer].row(index)
      room.normed.floats(0..<width, of: index, into: added)
      for column in 0..<width { result.row(index)[column] += added[column] }
    }
    return result
  }

  /// Averages the inputs of the block by the attention of the read-out row, for every run and head, `[B, H·W]`, into
  /// `scratch.last.mixed`.
  private func mix(
    _ normed: UnsafeMutablePointer<Float>, _ runs: [TokenRun], _ scratch: TowerScratch, _ trace: inout ReadoutTrace
  ) {
    let room = scratch.last
    for (index, run) in runs.enumerated() {
      room.readout.row(index).update(from: normed + (run.start + run.readout) * width, count: width)
    }
    last.input.withUnsafeBufferPointer { input in
      let query = input.baseAddress!
      multiply(
        room.readout.start, stride: width, .normal, query, stride: width, .transposed, into: room.query.start,
        stride: width, rows: runs.count, columns: width, inner: width)
      add(last.inputBias, from: 0, to: room.query.start, rows: runs.count)
      let key = query + width * width
      for head in 0..<heads {
        // W_Kᵀ q, [B, H·W]
        multiply(
          room.query.start + head * headWidth, stride: width, .normal, key + head * headWidth * width, stride: width,
          .normal, into: room.asked.start + head * width, stride: heads * width, rows: runs.count, columns: width,
          inner: headWidth)
      }
    }
    let scores = scratch.scores.assumingMemoryBound(to: Float.self)
    for (index, run) in runs.enumerated() {
      let tokens = normed + run.start * width
      let stride = (run.count + 15) & ~15
      multiply(
        room.asked.row(index), stride: width, .normal, tokens, stride: width, .transposed, into: scores,
        stride: stride, rows: heads, columns: run.count, inner: width)
      softmax(scores, rows: heads, columns: run.count, stride: stride, scale: 1 / Float(headWidth).squareRoot())
      if trace.keepsPatches {
        for head in 0..<heads {
          (trace.attention[tower.layers - 1].row(index) + head * run.count).update(
            from: scores + head * stride, count: run.count)
        }
      }
      multiply(
        scores, stride: stride, .normal, tokens, stride: width, .normal, into: room.mixed.row(index), stride: width,
        rows: heads, columns: width, inner: run.count)
    }
  }

  /// Adds `bias[from..<from + W]` to rows of width W.
  private func add(_ bias: [Float], from: Int, to values: UnsafeMutablePointer<Float>, rows: Int) {
    addBias(bias[from..<from + width], to: values, rows: rows)
  }
}
