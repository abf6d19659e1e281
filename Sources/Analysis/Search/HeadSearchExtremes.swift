import Attribution
import LinearAlgebra
import Tensors

/// The images at the two ends of what a head distinguishes most.
public struct HeadExtremes: Sendable, Equatable {
  public struct Item: Sendable, Equatable {
    /// An index into the probe set.
    public let row: Int
    /// The centred contribution along the direction, in units of the joint embedding.
    public let projection: Double
  }
  /// The share of the head's variance that lies along the direction, 0 to 1.
  public let varianceShare: Double
  /// Highest projection first.
  public let top: [Item]
  /// Lowest projection first.
  public let bottom: [Item]
}

extension ModelEvidence {
  /// The probe images at both ends of the first principal direction of what `head` writes.
  ///
  /// - Returns: nil where the head writes the same for all probe images.
  /// - Throws: `HeadSearchError.notFinite`, or a failure of the eigenvalue problem.
  public func extremes(of head: Head, count: Int) throws -> HeadExtremes? {
    try NeighbourIndex(head: head, of: probe.features).extremes(count: count)
  }
}

extension NeighbourIndex {
  /// The rows at both ends of the first principal direction of the database, as vectors of the joint embedding.
  ///
  /// The sign of a principal direction is arbitrary; it is chosen so that the row that lies farthest out is at the top
  /// (of two that lie equally far, the lower one). Ties in the order go to the lower row.
  ///
  /// - Returns: nil where all rows are equal.
  /// - Throws: a failure of the eigenvalue problem.
  public func extremes(count: Int) throws -> HeadExtremes? {
    guard spread > 0, let direction = try principalDirection() else { return nil }
    // One at least, since the sign depends on the farthest.
    var (top, bottom) = (BestRows(count: max(count, 1)), BestRows(count: max(count, 1)))
    try rows.forEach { range, block in
      let centred = less(block, centre)
      for (place, row) in range.enumerated() {
        var projection = 0.0
        for (value, weight) in zip(centred.row(place), direction.weights) { projection += Double(value) * weight }
        top.insert(row, rank: projection)
        bottom.insert(row, rank: -projection)
      }
    }
    if let highest = top.entries.first, let lowest = bottom.entries.first, lowest.precedes(highest) {
      swap(&top, &bottom)
    }
    return HeadExtremes(
      varianceShare: direction.share,
      top: top.entries.prefix(max(count, 0)).map { HeadExtremes.Item(row: $0.row, projection: $0.rank) },
      bottom: bottom.entries.prefix(max(count, 0)).map { HeadExtremes.Item(row: $0.row, projection: -$0.rank) })
  }

  /// Weights on centred coordinates that project on the first principal direction, and its share of the variance.
  ///
  /// With G = F·Fᵀ, y = x·F has the lengths of the joint embedding, and its covariance is Fᵀ·S·F.
  private func principalDirection() throws -> (weights: [Double], share: Double)? {
    let width = innerProduct.width
    let factor = try innerProduct.factor()  // [C, C]
    let covariance = multiplied(multiplied(transposed(factor, width), try covariance(), width), factor, width)
    let eigen = try SymmetricEigen(covariance, count: width)
    let total = eigen.values.reduce(0) { $0 + max($1, 0) }
    guard let first = eigen.values.first, first > 0 else { return nil }
    let weights = (0..<width).map { row in
      (0..<width).reduce(0.0) { $0 + factor[row * width + $1] * eigen.vectors[0][$1] }
    }
    return (weights, first / total)
  }
}

/// a·b for square matrices in double.
private func multiplied(_ a: [Double], _ b: [Double], _ width: Int) -> [Double] {
  var result = [Double](repeating: 0, count: width * width)
  for i in 0..<width {
    for k in 0..<width where a[i * width + k] != 0 {
      let weight = a[i * width + k]
      for j in 0..<width { result[i * width + j] += weight * b[k * width + j] }
    }
  }
  return result
}

private func transposed(_ matrix: [Double], _ width: Int) -> [Double] {
  (0..<width * width).map { matrix[$0 % width * width + $0 / width] }
}
