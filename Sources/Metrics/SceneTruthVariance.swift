import LinearAlgebra
import Tensors

/// A fact of N pictures laid out so that it can be asked how much of any head's variance it explains.
///
/// The head's contributions are regressed on g indicators, one per value of the fact: a picture's indicator is the
/// share of its objects that have the value, so that a picture counts once however many objects it shows, and what a
/// head writes for two objects is taken for the mean of what it writes for each. Pictures are compared only with
/// pictures of as many objects (both sides are centred within these groups), since a head may follow the number of
/// objects alone; groups in which the fact does not vary say nothing and are left out, and so are pictures that lack
/// the fact. Where every picture has one value, all this is one-way analysis of variance.
package struct FactDesign: Sendable {
  package let fact: String
  /// g values, sorted.
  package let values: [String]
  /// The pictures that are compared, as indices into all N.
  package let pictures: [Int]
  /// Per picture of `pictures`, which group of as many objects it is in.
  private let groups: [Int]
  private let groupSizes: [Double]
  /// Per picture of `pictures`, the indicators that are not 0.
  private let indicators: [[Int: Double]]
  /// `[groups][g]`
  private let groupMeans: [[Double]]
  /// Weights on the centred indicators that make orthonormal columns over the pictures, `[p][g]`; p is the number of
  /// degrees of freedom that the fact has, g − 1 at most.
  private let directions: [[Double]]

  /// - Returns: nil where the fact does not vary, or leaves no degree of freedom to what it does not explain.
  /// - Throws: `EigenFailure`.
  package init?(fact: String, pictures: [SceneFacts]) throws {
    let shown = pictures.map { $0.values(of: fact) }
    let having = pictures.indices.filter { !shown[$0].isEmpty }
    let kept = Dictionary(grouping: having) { pictures[$0].objects.count }.sorted { $0.key < $1.key }.map(\.value)
      .filter { group in Set(group.map { shown[$0].sorted() }).count > 1 }
    let rows = kept.enumerated().flatMap { place, group in group.map { (picture: $0, group: place) } }
    let values = Set(rows.flatMap { shown[$0.picture] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
    self.fact = fact
    self.values = values
    self.pictures = rows.map(\.picture)
    groups = rows.map(\.group)
    groupSizes = kept.map { Double($0.count) }
    indicators = rows.map { row in
      let own = shown[row.picture].compactMap { places[$0] }
      return Dictionary(own.map { ($0, 1 / Double(own.count)) }, uniquingKeysWith: +)
    }
    var means = kept.map { _ in [Double](repeating: 0, count: values.count) }
    for (row, group) in zip(indicators, groups) {
      for (value, weight) in row { means[group][value] += weight / groupSizes[group] }
    }
    groupMeans = means
    directions = try Self.directions(indicators, groups, means)
    guard !directions.isEmpty, freedom > directions.count else { return nil }
  }

  /// Degrees of freedom of the pictures within their groups.
  private var freedom: Int { pictures.count - groupSizes.count }

  /// Of the centred indicators X = ZΛ^½Uᵀ, the weights UΛ^-½ that give Z.
  private static func directions(
    _ indicators: [[Int: Double]], _ groups: [Int], _ means: [[Double]]
  ) throws -> [[Double]] {
    guard let count = means.first?.count else { return [] }
    var products = [Double](repeating: 0, count: count * count)
    for (row, group) in zip(indicators, groups) {
      let centred = (0..<count).map { (row[$0] ?? 0) - means[group][$0] }
      for first in 0..<count {
        for second in 0..<count { products[first * count + second] += centred[first] * centred[second] }
      }
    }
    let eigen = try SymmetricEigen(products, count: count)
    // Indicators of a picture sum to one, so that one eigenvalue at least is 0 but for rounding.
    return zip(eigen.values, eigen.vectors).filter { $0.0 > 1e-9 * (eigen.values.first ?? 0) }.map { value, vector in
      vector.map { $0 / value.squareRoot() }
    }
  }

  /// How much of what the head varies the fact explains.
  ///
  /// - Returns: nil where the head does not vary over the pictures.
  package func explained(of head: HeadVariation) -> ExplainedShare? {
    let width = head.coordinates.rowCount
    var groupMeans = groupSizes.map { _ in [Double](repeating: 0, count: width) }  // [groups][C]
    var sums = values.map { _ in [Double](repeating: 0, count: width) }  // [g][C]
    var total = 0.0
    for (place, picture) in pictures.enumerated() {
      let (group, row) = (groups[place], head.coordinates.row(picture))
      for (column, value) in row.enumerated() { groupMeans[group][column] += Double(value) / groupSizes[group] }
      for (value, weight) in indicators[place] {
        for (column, number) in row.enumerated() { sums[value][column] += weight * Double(number) }
      }
      total += head.squares[picture]
    }
    for (group, size) in groupSizes.enumerated() {
      total -= size * head.square(groupMeans[group])
      for value in values.indices {
        let weight = size * self.groupMeans[group][value]
        for column in 0..<width { sums[value][column] -= weight * groupMeans[group][column] }
      }
    }
    // Less is the rounding of float32 numbers that are all the same.
    guard total.isFinite, total > 1e-14 * Double(pictures.count) * head.meanSquare else { return nil }
    let between = directions.reduce(0.0) { sum, direction in
      var projected = [Double](repeating: 0, count: width)
      for (weight, row) in zip(direction, sums) {
        for column in 0..<width { projected[column] += weight * row[column] }
      }
      return sum + head.square(projected)
    }
    let share = min(max(between / total, 0), 1)
    return ExplainedShare(
      share: share, corrected: 1 - (1 - share) * Double(freedom) / Double(freedom - directions.count),
      pictures: pictures.count, values: values.count)
  }
}

/// How much of a head's variance a fact explains.
package struct ExplainedShare: Sendable, Equatable {
  /// Explained over total sum of squares in the joint embedding (η², by traces), 0 to 1.
  package let share: Double
  /// The share without what chance gives a fact of p degrees of freedom over n of the pictures (ε², the adjusted R²):
  /// 1 − (1 − η²)n/(n − p). Among the corrections in use it is the one that is also a permutation baseline: if the
  /// fact's values are dealt out at random, η² is p/n on average whatever the head writes (exactly so over one group of
  /// pictures), and ε² is η² on the scale on which that is 0 and all is 1. So facts of many values have no start over
  /// facts of few.
  package let corrected: Double
  package let pictures: Int
  package let values: Int
}

/// What a head writes for N pictures, ready to be asked about facts; in head space, no vector is of size E.
package struct HeadVariation: Sendable {
  /// Less their mean, `[N, C]`.
  let coordinates: Tensor
  /// Squared distances from the mean in the joint embedding, `[N]`.
  let squares: [Double]
  /// The squared length of the mean.
  let meanSquare: Double
  private let gram: [Double]  // [C, C]

  /// - Parameters:
  ///   - coordinates: `[N, C]`, the head's.
  ///   - gram: `[C, C]`, the inner product of the joint embedding in coordinates.
  package init(coordinates: Tensor, gram: Tensor) {
    precondition(gram.shape == [coordinates.rowCount, coordinates.rowCount], "gram \(gram.shape)")
    let (width, count) = (coordinates.rowCount, coordinates.rows)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for (column, value) in coordinates.row(row).enumerated() { mean[column] += Double(value) / Double(count) }
    }
    let centred = Tensor(
      shape: coordinates.shape,
      values: coordinates.values.enumerated().map { Float(Double($1) - mean[$0 % width]) })
    let lowered = product(centred, gram)  // [N, C]
    self.gram = gram.values.map(Double.init)
    self.coordinates = centred
    squares = (0..<count).map { row in
      zip(centred.row(row), lowered.row(row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    meanSquare = Self.square(mean, self.gram)
  }

  /// The squared length of a vector in the joint embedding.
  func square(_ vector: [Double]) -> Double { Self.square(vector, gram) }

  private static func square(_ vector: [Double], _ gram: [Double]) -> Double {
    let width = vector.count
    var sum = 0.0
    for row in 0..<width where vector[row] != 0 {
      var inner = 0.0
      for column in 0..<width { inner += gram[row * width + column] * vector[column] }
      sum += vector[row] * inner
    }
    return sum
  }
}
