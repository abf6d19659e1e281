import Attribution
import LinearAlgebra
import Tensors

/// How a tower's embedding is read from one row of its residual stream, and shared out among all that was written to that row
/// (arXiv 2310.05916): by the last LayerNorm, exact for the row's own mean and deviation, the projection and the unit norm.
struct Readout: Sendable {
  let shape: TowerShape
  let norm: LayerNorm
  /// The projection to the joint embedding, `[W, E]`.
  let projection: Tensor

  /// n, the number of terms that the mean and β of `norm` are shared between.
  private var terms: Int { 2 * shape.layers + 1 }

  /// The basis of a head: `[W_O diag(γ) proj; (b_O/H ⊙ γ) proj; γ proj/(n·H); β proj/(n·H)]`, `[D+3, E]`.
  ///
  /// `output` and `bias` are the layer's out-projection, `[W, W]` and `[W]`, stored [out, in]: column d of head h reads
  /// input h·D + d.
  func space(of head: Int, output: [Float], bias: [Float]) -> HeadSpace {
    let (width, headWidth) = (shape.width, shape.headWidth)
    let share = Float(terms * shape.heads)
    var rows = [Float](repeating: 0, count: (headWidth + 3) * width)
    for column in 0..<width {
      let gamma = norm.weight[column]
      for row in 0..<headWidth {
        rows[row * width + column] = output[column * width + head * headWidth + row] * gamma
      }
      rows[headWidth * width + column] = bias[column] / Float(shape.heads) * gamma
      rows[(headWidth + 1) * width + column] = gamma / share
      rows[(headWidth + 2) * width + column] = norm.bias[column] / share
    }
    let basis = product(Tensor(shape: [headWidth + 3, width], values: rows), projection)
    return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
  }

  /// Decomposes the embeddings of a batch.
  ///
  /// - Parameters:
  ///   - last: the read-out rows after the last block, `[B, W]`.
  ///   - first: those before the first, `[B, W]`.
  ///   - trace: what the blocks wrote to them.
  /// - Returns: nil where an embedding has no direction.
  func decompose(_ last: Rows, first: Rows, _ trace: ReadoutTrace, count: Int) -> DecomposedBatch? {
    guard let scales = scales(of: last, count: count) else { return nil }
    let mlp = mlpTerms(first, trace, scales)
    let coordinates = (0..<shape.layers).flatMap { layer in
      (0..<shape.heads).map { head in
        [Float](unsafeUninitializedCapacity: count * shape.headSpaceWidth) { values, filled in
          for (row, scale) in scales.enumerated() {
            let from = trace.gathered[layer].row(row) + head * shape.headWidth
            let start = row * shape.headSpaceWidth
            for column in 0..<shape.headWidth { values[start + column] = from[column] * scale.inverse }
            for (place, value) in scale.constants.enumerated() { values[start + shape.headWidth + place] = value }
          }
          filled = count * shape.headSpaceWidth
        }
      }
    }
    return DecomposedBatch(count: count, coordinates: coordinates, mlp: mlp, embeddings: scales.flatMap(\.embedding))
  }

  /// The scaling of one row's terms by `norm` and by the final norm, and its embedding.
  struct Scale {
    /// μ, the mean of the row.
    let mean: Float
    /// The factor 1/(σ‖e‖).
    let inverse: Float
    /// The factor 1/‖e‖.
    let inverseLength: Float
    /// The unit-norm embedding, `[E]`.
    let embedding: [Float]

    /// The last three head-space coordinates: 1/(σ‖e‖), −μ/(σ‖e‖), 1/‖e‖.
    var constants: [Float] { [inverse, -mean * inverse, inverseLength] }
  }

  /// The scaling of each read-out row after the last block; nil where an embedding has no direction.
  func scales(of last: Rows, count: Int) -> [Scale]? {
    let normed = Rows(count, shape.width)
    norm.apply(last.start, rows: count, to: normed.start, stride: shape.width, .float32)
    let projected = product(Tensor(shape: [count, shape.width], values: normed.copy(of: 0..<count)), projection)
    var result: [Scale] = []
    for row in 0..<count {
      guard let unit = unitVector(projected.row(row)) else { return nil }
      let (mean, deviation) = norm.moments(last.row(row))
      result.append(
        Scale(
          mean: mean, inverse: 1 / (deviation * unit.length), inverseLength: 1 / unit.length, embedding: unit.values))
    }
    return result
  }

  /// The terms `((m − μ/n) ⊙ γ/σ + β/n) proj / ‖e‖` of the row before the blocks and of what every MLP added to it,
  /// `[B, L+1, E]`.
  private func mlpTerms(_ first: Rows, _ trace: ReadoutTrace, _ scales: [Scale]) -> [Float] {
    let width = shape.width
    var folded = [Float](repeating: 0, count: scales.count * (shape.layers + 1) * width)
    for (row, scale) in scales.enumerated() {
      for term in 0...shape.layers {
        let start = (row * (shape.layers + 1) + term) * width
        let from = (term == 0 ? first : trace.mlp[term - 1]).row(row)
        for column in 0..<width {
          folded[start + column] =
            (from[column] - scale.mean / Float(terms)) * norm.weight[column] * scale.inverse
            + norm.bias[column] * scale.inverseLength / Float(terms)
        }
      }
    }
    return product(Tensor(shape: [scales.count * (shape.layers + 1), width], values: folded), projection).values
  }
}

/// The decomposition of the images or texts of one batch.
struct DecomposedBatch: Sendable {
  /// B, the number of images or texts.
  let count: Int
  /// The coordinates in each head's space, `[L·H][B, D+3]`.
  var coordinates: [[Float]]
  /// The contributions of the MLPs and of the read-out row before the blocks, `[B, L+1, E]`.
  let mlp: [Float]
  /// The unit-norm embeddings, `[B, E]`.
  let embeddings: [Float]
}

/// The unit vector in the direction of `vector`, and the vector's length; nil where that is 0 or not finite.
func unitVector(_ vector: some Collection<Float>) -> (values: [Float], length: Float)? {
  let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  guard length.isFinite, length > 0 else { return nil }
  return (vector.map { Float(Double($0) / length) }, Float(length))
}
