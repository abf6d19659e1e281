import Foundation
import LinearAlgebra
import Tensors

/// A head's images in an orthonormal frame of the space they span, so that inner products need no Gram matrix.
///
/// A contribution is c = a·B with coordinates a `[C]` and basis B `[C, E]`. With the rows of B brought to unit length
/// and B·Bᵀ = UΛUᵀ, the k rows of Q = Λ^(-1/2)·Uᵀ·B are orthonormal and c has the coordinates a·U·Λ^(1/2) in them.
package struct HeadFrame {
  /// The share of the largest singular value below which a direction is rounding noise of float32 numbers.
  package static let noise = 1e-6

  /// k, the numerical rank of the basis.
  let width: Int
  /// Q, `[k, E]`, with orthonormal rows.
  package let axes: RowMatrix
  /// What each coordinate of the head's adds to each axis, `[k, C]`.
  package let toFrame: RowMatrix
  /// The mean contribution, `[k]`.
  let mean: [Double]
  /// The sample covariance of contributions, `[k, k]`; zero below two images.
  package let covariance: RowMatrix
  /// The sum of c·cᵀ over the images divided by their number, `[k, k]`.
  let secondMoment: RowMatrix

  package init(statistics: HeadStatistics, basis: Tensor) throws {
    guard basis.shape.count == 2, basis.shape[0] == statistics.width else {
      throw TextSpanError.basis(shape: basis.shape, width: statistics.width)
    }
    guard basis.values.allSatisfy(\.isFinite) else { throw TextSpanError.notFinite("a head's basis vectors") }
    var units = RowMatrix(rows: basis.rows, columns: basis.rowCount, values: basis.values.map(Double.init))
    let lengths = (0..<units.rows).map { row in
      units.values[units.range(of: row)].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    units.scaleRows { lengths[$0] > 0 ? 1 / lengths[$0] : 1 }
    let eigen = try SymmetricEigen(units.times(units, .transposed).values, count: units.rows)
    let threshold = (eigen.values.first ?? 0) * Self.noise * Self.noise
    let roots = eigen.values.prefix { $0 > max(threshold, 0) }.map { $0.squareRoot() }
    width = roots.count
    let vectors = RowMatrix(rows: width, columns: units.rows, values: Array(eigen.vectors.prefix(width).joined()))
    var whitening = vectors
    whitening.scaleRows { 1 / roots[$0] }
    axes = whitening.times(units)
    var toFrame = vectors
    toFrame.scaleRows { roots[$0] }
    toFrame.scaleColumns { lengths[$0] }
    self.toFrame = toFrame
    (mean, covariance, secondMoment) = Self.moments(statistics, toFrame)
  }

  /// The same frame with the moments of other images of the same head.
  init(_ frame: HeadFrame, statistics: HeadStatistics) {
    (width, axes, toFrame) = (frame.width, frame.axes, frame.toFrame)
    (mean, covariance, secondMoment) = Self.moments(statistics, toFrame)
  }

  private static func moments(
    _ statistics: HeadStatistics, _ toFrame: RowMatrix
  ) -> (mean: [Double], covariance: RowMatrix, second: RowMatrix) {
    let mean = toFrame.times(statistics.mean)
    let moment = congruence(
      toFrame, RowMatrix(rows: statistics.width, columns: statistics.width, values: statistics.coMoment))
    let images = Double(statistics.count)
    return (
      mean, moment.map { value, _, _ in images > 1 ? value / (images - 1) : 0 },
      moment.map { value, row, column in (images > 0 ? value / images : 0) + mean[row] * mean[column] }
    )
  }

  package var totalVariance: Double { (0..<width).reduce(0) { $0 + max(covariance.values[$1 * width + $1], 0) } }

  /// Whether the images differ by more than the rounding of a tower in float32: equal images in one batch may differ in their last bits.
  package var varies: Bool {
    totalVariance > Self.noise * Self.noise * (0..<width).reduce(0) { $0 + secondMoment.values[$1 * width + $1] }
  }

  func effectiveRank() throws -> Double {
    guard varies else { return 0 }
    let values = try SymmetricEigen(covariance.values, count: width).values.map { max($0, 0) }
    let total = values.reduce(0, +)
    let entropy = values.reduce(0.0) { sum, value in value > 0 ? sum - value / total * log(value / total) : sum }
    return exp(entropy)
  }

  /// The leading right singular vectors of the uncentred contributions, `[r, k]`: at most `rank`, none of them noise.
  func principalDirections(rank: Int) throws -> RowMatrix {
    let eigen = try SymmetricEigen(secondMoment.values, count: width)
    let threshold = (eigen.values.first ?? 0) * Self.noise * Self.noise
    let kept = eigen.values.prefix(rank).prefix { $0 > max(threshold, 0) }.count
    return RowMatrix(rows: kept, columns: width, values: Array(eigen.vectors.prefix(kept).joined()))
  }
}

package func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for (left, right) in zip(a, b) { sum += left * right }
  return sum
}

/// Adds `vector · scale` to `sum`.
package func add(_ vector: [Double], times scale: Double, to sum: inout [Double]) {
  precondition(vector.count >= sum.count, "\(vector.count) numbers to be added to \(sum.count)")
  vector.withUnsafeBufferPointer { vector in
    sum.withUnsafeMutableBufferPointer { sum in
      for index in sum.indices { sum[index] += vector[index] * scale }
    }
  }
}

/// The product `matrix · symmetric · matrixᵀ` of `[k, C]` and `[C, C]`, `[k, k]` and exactly symmetric.
func congruence(_ matrix: RowMatrix, _ symmetric: RowMatrix) -> RowMatrix {
  let full = matrix.times(symmetric).times(matrix, .transposed)
  return full.map { _, row, column in full.values[max(row, column) * full.columns + min(row, column)] }
}
