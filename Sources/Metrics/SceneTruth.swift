import Tensors

/// How many of the first k images truly have an attribute, beside how many of all do.
package struct TopPrecision: Sendable, Equatable {
  package let precision: Double
  package let baseRate: Double

  package init(precision: Double, baseRate: Double) {
    self.precision = precision
    self.baseRate = baseRate
  }
}

/// Ranks images by score, highest first, ties in their order, and counts the attribute among the first `count`.
///
/// - Returns: nil where there are no images or the lists differ in length.
package func topPrecision(scores: [Float], attribute: [Bool], count: Int) -> TopPrecision? {
  guard !scores.isEmpty, scores.count == attribute.count, count > 0 else { return nil }
  let order = scores.indices.sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
  let first = order.prefix(count)
  return TopPrecision(
    precision: Double(first.count { attribute[$0] }) / Double(first.count),
    baseRate: Double(attribute.count { $0 }) / Double(attribute.count))
}

/// How much of what a head writes follows a property of the scene, such as its setting.
package struct VarianceByProperty: Sendable, Equatable {
  /// Between-group over total sum of squares in the joint embedding (η², by traces), 0 to 1.
  package let share: Double
  /// The share without what chance alone gives g groups of N images (ε²): 1 − (1 − η²)(N − 1)/(N − g). About 0 for a
  /// property that the head ignores, and then as often below as above.
  package let corrected: Double
  package let images: Int
  package let groups: Int

  /// - Parameters:
  ///   - coordinates: `[N, C]`, the head's.
  ///   - gram: `[C, C]`, the inner product of the joint embedding in coordinates.
  ///   - groups: the property's value for each image; nil leaves an image out.
  /// - Returns: nil with fewer than two groups, with no image more than groups, or where the head does not vary.
  package init?(coordinates: Tensor, gram: Tensor, groups: [String?]) {
    precondition(coordinates.rows == groups.count, "\(coordinates.rows) rows, \(groups.count) values")
    precondition(gram.shape == [coordinates.rowCount, coordinates.rowCount], "gram \(gram.shape)")
    let rows = groups.indices.filter { groups[$0] != nil }
    let members = Dictionary(grouping: rows) { groups[$0] ?? "" }.sorted { $0.key < $1.key }.map(\.value)
    guard members.count >= 2, rows.count > members.count else { return nil }
    let mean = Self.mean(coordinates, rows)
    let between = members.reduce(0.0) { sum, rows in
      sum + Double(rows.count) * Self.square(zip(Self.mean(coordinates, rows), mean).map { $0 - $1 }, gram)
    }
    let total = rows.reduce(0.0) { sum, row in
      sum + Self.square(zip(coordinates.row(row), mean).map { Double($0) - $1 }, gram)
    }
    // Less is the rounding of float32 numbers that are all the same.
    guard total.isFinite, total > 1e-14 * Double(rows.count) * Self.square(mean, gram) else { return nil }
    share = min(max(between / total, 0), 1)
    corrected = 1 - (1 - share) * Double(rows.count - 1) / Double(rows.count - members.count)
    images = rows.count
    self.groups = members.count
  }

  private static func mean(_ coordinates: Tensor, _ rows: [Int]) -> [Double] {
    var sum = [Double](repeating: 0, count: coordinates.rowCount)
    for row in rows {
      for (index, value) in coordinates.row(row).enumerated() { sum[index] += Double(value) }
    }
    return sum.map { $0 / Double(rows.count) }
  }

  /// The squared length in the joint embedding.
  private static func square(_ vector: [Double], _ gram: Tensor) -> Double {
    var sum = 0.0
    for row in vector.indices where vector[row] != 0 {
      var inner = 0.0
      for (column, value) in gram.row(row).enumerated() { inner += Double(value) * vector[column] }
      sum += vector[row] * inner
    }
    return sum
  }
}
