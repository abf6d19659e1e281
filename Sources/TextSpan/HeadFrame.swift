import Foundation
import LinearAlgebra
import Tensors

/// A head's images in an orthonormal frame of the space they span, so that inner products need no Gram matrix.
///
/// A contribution is c = a·B with coordinates a `[C]` and basis B `[C, E]`. With the rows of B brought to unit length
/// and B·Bᵀ = UΛUᵀ, the k rows of Q = Λ^(-1/2)·Uᵀ·B are orthonormal and c has the coordinates a·U·Λ^(1/2) in them.
struct HeadFrame {
  /// Directions whose share of the largest singular value is less are rounding noise of float32 numbers.
  static let noise = 1e-6

  /// k, the numerical rank of the basis.
  let width: Int
  /// Q, `[k, E]`, orthonormal rows.
  let axes: [[Double]]
  /// The mean contribution, `[k]`.
  let mean: [Double]
  /// The sample covariance of contributions, `[k, k]`, row-major; zero below two images.
  let covariance: [Double]
  /// The sum of c·cᵀ over the images divided by their number, `[k, k]`.
  let secondMoment: [Double]

  init(statistics: HeadStatistics, basis: Tensor) throws {
    guard basis.shape.count == 2, basis.shape[0] == statistics.width else {
      throw TextSpanError.basis(shape: basis.shape, width: statistics.width)
    }
    guard basis.values.allSatisfy(\.isFinite) else { throw TextSpanError.notFinite("a head's basis vectors") }
    let rows = (0..<basis.rows).map { basis.row($0).map(Double.init) }
    let lengths = rows.map { dot($0, $0).squareRoot() }
    let units = zip(rows, lengths).map { row, length in length > 0 ? row.map { $0 / length } : row }
    let count = rows.count
    var gram = [Double](repeating: 0, count: count * count)
    for first in 0..<count {
      for second in 0...first {
        gram[first * count + second] = dot(units[first], units[second])
        gram[second * count + first] = gram[first * count + second]
      }
    }
    let eigen = try SymmetricEigen(gram, count: count)
    let threshold = (eigen.values.first ?? 0) * Self.noise * Self.noise
    let kept = eigen.values.prefix { $0 > max(threshold, 0) }
    let roots = kept.map { $0.squareRoot() }
    width = kept.count
    axes = zip(eigen.vectors, roots).map { vector, root in
      var axis = [Double](repeating: 0, count: basis.rowCount)
      for (weight, unit) in zip(vector, units) { add(unit, times: weight / root, to: &axis) }
      return axis
    }
    // [k][C]: what each coordinate adds to each axis.
    let toFrame = zip(eigen.vectors, roots).map { vector, root in zip(vector, lengths).map { $0 * $1 * root } }
    mean = toFrame.map { dot($0, statistics.mean) }
    let moment = congruence(toFrame, statistics.coMoment)
    let (images, mean) = (Double(statistics.count), mean)
    covariance = moment.map { images > 1 ? $0 / (images - 1) : 0 }
    secondMoment = moment.indices.map { index in
      (images > 0 ? moment[index] / images : 0) + mean[index / mean.count] * mean[index % mean.count]
    }
  }

  var totalVariance: Double { (0..<width).reduce(0) { $0 + max(covariance[$1 * width + $1], 0) } }

  /// Whether the images differ by more than the rounding of float32 numbers of their size.
  var varies: Bool {
    totalVariance > 1e-14 * (0..<width).reduce(0) { $0 + secondMoment[$1 * width + $1] }
  }

  func effectiveRank() throws -> Double {
    guard varies else { return 0 }
    let values = try SymmetricEigen(covariance, count: width).values.map { max($0, 0) }
    let total = values.reduce(0, +)
    let entropy = values.reduce(0.0) { sum, value in value > 0 ? sum - value / total * log(value / total) : sum }
    return exp(entropy)
  }

  /// The leading right singular vectors of the uncentred contributions, `[r][k]`: at most `rank`, none of them noise.
  func principalDirections(rank: Int) throws -> [[Double]] {
    let eigen = try SymmetricEigen(secondMoment, count: width)
    let threshold = (eigen.values.first ?? 0) * Self.noise * Self.noise
    return Array(zip(eigen.values, eigen.vectors).prefix(rank).prefix { $0.0 > max(threshold, 0) }.map(\.1))
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      var sum = 0.0
      for index in 0..<min(a.count, b.count) { sum += a[index] * b[index] }
      return sum
    }
  }
}

/// `sum += vector · scale`
func add(_ vector: [Double], times scale: Double, to sum: inout [Double]) {
  for index in sum.indices { sum[index] += vector[index] * scale }
}

/// `matrix · symmetric · matrixᵀ` for `[k][C]` and `[C, C]`: `[k, k]`, row-major, exactly symmetric.
func congruence(_ matrix: [[Double]], _ symmetric: [Double]) -> [Double] {
  let (rows, columns) = (matrix.count, matrix.first?.count ?? 0)
  let half = matrix.map { row in
    var product = [Double](repeating: 0, count: columns)
    for (index, weight) in row.enumerated() {
      for column in 0..<columns { product[column] += weight * symmetric[index * columns + column] }
    }
    return product
  }
  var result = [Double](repeating: 0, count: rows * rows)
  for first in 0..<rows {
    for second in 0...first {
      result[first * rows + second] = dot(half[first], matrix[second])
      result[second * rows + first] = result[first * rows + second]
    }
  }
  return result
}
