import Attribution
import LinearAlgebra
import Tensors

/// CLIP's vision transformer, and its embedding taken apart (arXiv 2310.05916).
struct ImageTower: Sendable {
  let shape: TowerShape
  /// One per head, in the order of `shape.allHeads`.
  let spaces: [HeadSpace]
  let patchSize: Int
  /// `[W, 3·p·p]`
  let patchWeight: [Float]
  /// `[W]`
  let classEmbedding: [Float]
  /// `[T, W]`
  let positions: [Float]
  let inputNorm: LayerNorm?
  let transformer: Transformer
  let outputNorm: LayerNorm
  /// `[W, E]`
  let projection: Tensor

  init(_ reader: inout WeightReader, _ configuration: CLIPConfiguration) throws {
    let tower = configuration.image
    let (width, grid, patch) = (tower.width, configuration.gridSide, configuration.patchSize)
    shape = TowerShape(
      layers: tower.layers, heads: tower.heads, headWidth: tower.headWidth, width: width,
      embeddingWidth: configuration.embeddingWidth, gridSide: grid)
    patchSize = patch
    patchWeight = try reader.take("visual.conv1.weight", [width, 3, patch, patch])
    classEmbedding = try reader.take("visual.class_embedding", [width])
    positions = try reader.take("visual.positional_embedding", [grid * grid + 1, width])
    inputNorm =
      configuration.hasInputNorm
      ? try reader.layerNorm("visual.ln_pre", width: width, epsilon: tower.epsilon) : nil
    transformer = try Transformer(
      &reader, prefix: "visual.transformer", tower: tower, activation: configuration.activation, isCausal: false)
    outputNorm = try reader.layerNorm("visual.ln_post", width: width, epsilon: tower.epsilon)
    projection = Tensor(
      shape: [width, configuration.embeddingWidth],
      values: try reader.take("visual.proj", [width, configuration.embeddingWidth]))
    spaces = Self.headSpaces(shape, transformer, outputNorm, projection)
  }

  /// T
  var tokens: Int { shape.patches + 1 }
  /// n, the number of terms that `ln_post`'s mean and β are shared between.
  private var terms: Int { 2 * shape.layers + 1 }

  /// The basis of every head: `[W_O diag(γ) proj; (b_O/H ⊙ γ) proj; γ proj/(n·H); β proj/(n·H)]`, `[D+3, E]`.
  private static func headSpaces(
    _ shape: TowerShape, _ transformer: Transformer, _ norm: LayerNorm, _ projection: Tensor
  ) -> [HeadSpace] {
    let (width, headWidth) = (shape.width, shape.headWidth)
    let share = Float((2 * shape.layers + 1) * shape.heads)
    return transformer.blocks.flatMap { block in
      (0..<shape.heads).map { head in
        var rows = [Float](repeating: 0, count: (headWidth + 3) * width)
        for column in 0..<width {
          let gamma = norm.weight[column]
          for row in 0..<headWidth {
            // Stored [out, in]: column d of head h reads input h·D + d.
            rows[row * width + column] = block.output[column * width + head * headWidth + row] * gamma
          }
          rows[headWidth * width + column] = block.outputBias[column] / Float(shape.heads) * gamma
          rows[(headWidth + 1) * width + column] = gamma / share
          rows[(headWidth + 2) * width + column] = norm.bias[column] / share
        }
        let basis = product(Tensor(shape: [headWidth + 3, width], values: rows), projection)
        return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
      }
    }
  }
}

/// The decomposition of a few pictures, as one batch made it.
struct DecomposedBatch: Sendable {
  /// B
  let count: Int
  /// `[L·H][B, D+3]`
  var coordinates: [[Float]]
  /// `[B, L+1, E]`
  let mlp: [Float]
  /// `[B, E]`, unit norm
  let embeddings: [Float]
}

extension ImageTower {
  /// Decomposes a batch of pictures on the calling thread.
  ///
  /// - Parameter pixels: each `[3, S, S]`, normalised.
  /// - Returns: nil where an embedding has no direction.
  func decompose(_ pixels: ArraySlice<Tensor>) -> DecomposedBatch? {
    var trace = ReadoutTrace()
    let (first, last) = run(pixels, &trace)
    guard let scales = scales(of: last) else { return nil }
    let mlp = mlpTerms(first, trace, scales)
    let coordinates = (0..<shape.layers).flatMap { layer in
      (0..<shape.heads).map { head in
        scales.enumerated().flatMap { image, scale in
          let start = image * shape.width + head * shape.headWidth
          return trace.gathered[layer][start..<start + shape.headWidth].map { $0 * scale.inverse }
            + scale.constants
        }
      }
    }
    return DecomposedBatch(
      count: pixels.count, coordinates: coordinates, mlp: mlp, embeddings: scales.flatMap(\.embedding))
  }

  /// The patches of one picture in head space: per head `[P, D+3]`.
  func patchCoordinates(_ pixels: Tensor) -> [Tensor]? {
    var trace = ReadoutTrace(keepsPatches: true)
    let (_, last) = run([pixels], &trace)
    guard let scale = scales(of: last)?.first else { return nil }
    // A head's constant parts are shared evenly between its tokens, the CLS token's own key included.
    let constants = scale.constants.map { $0 / Float(tokens) }
    let (width, headWidth) = (shape.width, shape.headWidth)
    return shape.allHeads.map { head in
      let values = trace.values[head.layer]
      let attention = trace.attention[head.layer][0]
      return Tensor(
        shape: [shape.patches, shape.headSpaceWidth],
        values: (1..<tokens).flatMap { token in
          let weight = attention[head.head * tokens + token] * scale.inverse
          let start = token * width + head.head * headWidth
          return values[start..<start + headWidth].map { $0 * weight } + constants
        })
    }
  }

  /// The CLS rows before the first and after the last block, `[B, W]` each.
  private func run(_ pixels: ArraySlice<Tensor>, _ trace: inout ReadoutTrace) -> (first: Rows, last: Rows) {
    let x = embedded(pixels)
    inputNorm?.apply(x.start, to: x.start, rows: x.rows)
    let runs = (0..<pixels.count).map { TokenRun(start: $0 * tokens, count: tokens, readout: 0) }
    return (x.gathered(runs), transformer.run(x, runs: runs, trace: &trace))
  }

  /// Patches through the convolution, the class embedding before them, positions added: `[B·T, W]`.
  private func embedded(_ pixels: ArraySlice<Tensor>) -> Rows {
    let (width, patches) = (shape.width, shape.patches)
    let unfolded = Rows(pixels.count * patches, 3 * patchSize * patchSize)
    for (image, picture) in pixels.enumerated() { unfold(picture, into: unfolded, from: image * patches) }
    let convolved = Rows(unfolded.rows, width)
    convolved.setProduct(unfolded, transposed: patchWeight)
    let x = Rows(pixels.count * tokens, width)
    for image in 0..<pixels.count {
      for token in 0..<tokens {
        let into = x.start + (image * tokens + token) * width
        let from = convolved.start + (image * patches + token - 1) * width
        for column in 0..<width {
          into[column] = positions[token * width + column] + (token == 0 ? classEmbedding[column] : from[column])
        }
      }
    }
    return x
  }

  /// Patch after patch, each channel by channel and row by row, as the convolution's weights are stored.
  private func unfold(_ picture: Tensor, into rows: Rows, from first: Int) {
    let size = shape.gridSide * patchSize
    picture.values.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      for patch in 0..<shape.patches {
        let corner = (patch / shape.gridSide) * patchSize * size + (patch % shape.gridSide) * patchSize
        for line in 0..<3 * patchSize {
          let from = pixels + (line / patchSize) * size * size + corner + (line % patchSize) * size
          (rows.start + (first + patch) * rows.width + line * patchSize).update(from: from, count: patchSize)
        }
      }
    }
  }

  /// What `ln_post`, the projection and the final norm do to one picture.
  private struct Scale {
    /// μ of x_CLS
    let mean: Float
    /// 1/(σ‖e‖)
    let inverse: Float
    /// 1/‖e‖
    let inverseLength: Float
    /// `[E]`, unit norm
    let embedding: [Float]

    /// The last three head-space coordinates: 1/(σ‖e‖), −μ/(σ‖e‖), 1/‖e‖.
    var constants: [Float] { [inverse, -mean * inverse, inverseLength] }
  }

  /// - Returns: nil where an embedding has no direction.
  private func scales(of last: Rows) -> [Scale]? {
    let normed = Rows(last.rows, shape.width)
    outputNorm.apply(last.start, to: normed.start, rows: last.rows)
    let projected = product(Tensor(shape: [last.rows, shape.width], values: normed.allValues), projection)
    var result: [Scale] = []
    for image in 0..<last.rows {
      guard let unit = unitVector(projected.row(image)) else { return nil }
      let (mean, deviation) = outputNorm.moments(last.start + image * shape.width, shape.width)
      result.append(
        Scale(
          mean: mean, inverse: 1 / (deviation * unit.length), inverseLength: 1 / unit.length, embedding: unit.values))
    }
    return result
  }

  /// `((m − μ/n) ⊙ γ/σ + β/n) proj / ‖e‖` for the CLS token before the blocks and for what every MLP added to it:
  /// `[B, L+1, E]`.
  private func mlpTerms(_ first: Rows, _ trace: ReadoutTrace, _ scales: [Scale]) -> [Float] {
    let width = shape.width
    var folded = [Float](repeating: 0, count: scales.count * (shape.layers + 1) * width)
    for (image, scale) in scales.enumerated() {
      for term in 0...shape.layers {
        let start = (image * (shape.layers + 1) + term) * width
        for column in 0..<width {
          let value = term == 0 ? first.start[image * width + column] : trace.mlp[term - 1][image * width + column]
          folded[start + column] =
            (value - scale.mean / Float(terms)) * outputNorm.weight[column] * scale.inverse
            + outputNorm.bias[column] * scale.inverseLength / Float(terms)
        }
      }
    }
    return product(Tensor(shape: [scales.count * (shape.layers + 1), width], values: folded), projection).values
  }
}

/// `vector` at length 1, and its length; nil where that is 0 or not finite.
func unitVector(_ vector: some Collection<Float>) -> (values: [Float], length: Float)? {
  let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  guard length.isFinite, length > 0 else { return nil }
  return (vector.map { Float(Double($0) / length) }, Float(length))
}
