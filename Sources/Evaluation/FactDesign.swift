import Analysis
import LinearAlgebra
import Tensors

/// A fact of N images laid out so that it can be asked how much of any head's variance it explains.
///
/// The head's contributions are regressed on g indicators, one per value of the fact: an image's indicator is the
/// share of its objects that have the value, so that an image counts once however many objects it shows, and what a
/// head writes for two objects is taken for the mean of what it writes for each. Images are compared only with
/// images of as many objects (both sides are centred within these groups), since a head may follow the number of
/// objects alone; groups in which the fact does not vary say nothing and are left out, and so are images that lack
/// the fact. Where every image has one value, all this is one-way analysis of variance.
package struct FactDesign: Sendable {
  package let fact: String
  /// g values, sorted.
  package let values: [String]
  /// The images that are compared, group after group, ascending within each.
  private let rows: [Row]
  /// Where each group ends among the rows; images of a group have as many objects.
  private let groupEnds: [Int]
  /// Per kind of image, the indicators that are not 0.
  private let indicators: [[Int: Double]]
  /// An array of shape `[groups][g]`.
  private let groupMeans: [[Double]]
  /// Weights on the centred indicators that make orthonormal columns over the images, `[p][g]`; p is the number of
  /// degrees of freedom that the fact has, g − 1 at most.
  private let directions: [[Double]]

  private struct Row: Sendable {
    /// An index into all N.
    let image: Int32
    /// An index into `kinds`.
    let kind: Int32
  }

  private struct Kind: Sendable, Hashable {
    let objects: Int
    /// Values in order, those that several objects have as often.
    let shown: [String]

    /// The indicators that are not 0.
    func indicators(_ places: [String: Int]) -> [Int: Double] {
      let own = shown.compactMap { places[$0] }
      return Dictionary(own.map { ($0, 1 / Double(own.count)) }, uniquingKeysWith: +)
    }
  }

  /// - Returns: nil where the fact does not vary, or leaves no degree of freedom to what it does not explain.
  /// - Throws: `EigenFailure`.
  package init?(fact: String, images: some Sequence<SceneFacts>) throws {
    var kinds: [Kind] = []
    var places: [Kind: Int32] = [:]
    var having: [Row] = []
    for (image, facts) in images.enumerated() {
      let kind = Kind(objects: facts.objects.count, shown: facts.values(of: fact).sorted())
      guard !kind.shown.isEmpty else { continue }
      let place = places[kind] ?? Int32(kinds.count)
      if places.updateValue(place, forKey: kind) == nil { kinds.append(kind) }
      having.append(Row(image: Int32(image), kind: place))
    }
    let sizes = Dictionary(grouping: kinds, by: \.objects).filter { $0.value.count > 1 }.keys.sorted()
    let groups = sizes.map { size in having.filter { kinds[Int($0.kind)].objects == size } }
    let kept = kinds.filter { sizes.contains($0.objects) }
    let values = Set(kept.flatMap(\.shown)).sorted()
    self.fact = fact
    self.values = values
    rows = Array(groups.joined())
    groupEnds = groups.reduce(into: []) { $0.append(($0.last ?? 0) + $1.count) }
    let valuePlaces = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
    let indicators = kinds.map { $0.indicators(valuePlaces) }
    self.indicators = indicators
    groupMeans = groups.map { group in
      var means = [Double](repeating: 0, count: values.count)
      for row in group {
        for (value, weight) in indicators[Int(row.kind)] { means[value] += weight / Double(group.count) }
      }
      return means
    }
    directions = try Self.directions(groups, indicators, means: groupMeans)
    guard !directions.isEmpty, freedom > directions.count else { return nil }
  }

  /// Degrees of freedom of the images within their groups.
  private var freedom: Int { rows.count - groupEnds.count }

  /// Of the centred indicators X = ZΛ^½Uᵀ, the weights UΛ^-½ that give Z.
  private static func directions(
    _ groups: [[Row]], _ indicators: [[Int: Double]], means: [[Double]]
  ) throws -> [[Double]] {
    guard let count = means.first?.count else { return [] }
    var products = [Double](repeating: 0, count: count * count)
    for (group, means) in zip(groups, means) {
      for row in group {
        let own = indicators[Int(row.kind)]
        let centred = (0..<count).map { (own[$0] ?? 0) - means[$0] }
        for first in 0..<count {
          for second in 0..<count { products[first * count + second] += centred[first] * centred[second] }
        }
      }
    }
    let eigen = try SymmetricEigen(products, count: count)
    // Indicators of an image sum to one, so that one eigenvalue at least is 0 but for rounding.
    return zip(eigen.values, eigen.vectors).filter { $0.0 > 1e-9 * (eigen.values.first ?? 0) }.map { value, vector in
      vector.map { $0 / value.squareRoot() }
    }
  }
}

extension FactDesign {
  /// Sums over what one head writes, taken up group after group.
  fileprivate struct Tally {
    private let design: FactDesign
    private let width: Int
    private var groupMeans: [[Double]]  // [groups][C]
    private var sums: [[Double]]  // [g][C]
    private var total = 0.0
    private var group = 0
    /// The row of the design that comes next.
    private var next = 0

    init(_ design: FactDesign, width: Int) {
      self.design = design
      self.width = width
      groupMeans = design.groupEnds.map { _ in [Double](repeating: 0, count: width) }
      sums = design.values.map { _ in [Double](repeating: 0, count: width) }
    }

    /// Whether a group is left to be taken up, in a pass over all images.
    mutating func begin() -> Bool {
      while group < design.groupEnds.count, next == design.groupEnds[group] { group += 1 }
      return group < design.groupEnds.count
    }

    /// Whether some images have one of the present group.
    func wants(_ images: Range<Int>) -> Bool {
      group < design.groupEnds.count && next < design.groupEnds[group]
        && images.contains(Int(design.rows[next].image))
    }

    /// - Parameters:
    ///   - rows: what the head wrote for `images`, less its mean, `[n, C]`.
    ///   - squares: their squared lengths in the joint embedding.
    mutating func add(_ images: Range<Int>, _ rows: Tensor, _ squares: [Double]) {
      let size = Double(design.size(ofGroup: group))
      while wants(images) {
        let entry = design.rows[next]
        let place = Int(entry.image) - images.lowerBound
        let row = rows.row(place)
        for (column, value) in row.enumerated() { groupMeans[group][column] += Double(value) / size }
        for (value, weight) in design.indicators[Int(entry.kind)] {
          for (column, number) in row.enumerated() { sums[value][column] += weight * Double(number) }
        }
        total += squares[place]
        next += 1
      }
    }

    /// - Returns: nil where the head does not vary over the images.
    func share(of head: HeadVariation) -> ExplainedShare? {
      var (total, sums) = (total, sums)
      for group in design.groupEnds.indices {
        let size = Double(design.size(ofGroup: group))
        total -= size * head.square(groupMeans[group])
        for value in sums.indices {
          let weight = size * design.groupMeans[group][value]
          for column in 0..<width { sums[value][column] -= weight * groupMeans[group][column] }
        }
      }
      // Less is the rounding of float32 numbers that are all the same.
      guard total.isFinite, total > 1e-14 * Double(design.rows.count) * head.meanSquare else { return nil }
      let between = design.directions.reduce(0.0) { sum, direction in
        var projected = [Double](repeating: 0, count: width)
        for (weight, row) in zip(direction, sums) {
          for column in 0..<width { projected[column] += weight * row[column] }
        }
        return sum + head.square(projected)
      }
      let share = min(max(between / total, 0), 1)
      let freedom = design.freedom
      return ExplainedShare(
        share: share, corrected: 1 - (1 - share) * Double(freedom) / Double(freedom - design.directions.count),
        images: design.rows.count, values: design.values.count)
    }
  }

  private func size(ofGroup group: Int) -> Int { groupEnds[group] - (group > 0 ? groupEnds[group - 1] : 0) }
}

/// How much of a head's variance a fact explains.
public struct ExplainedShare: Sendable, Equatable {
  /// Explained over total sum of squares in the joint embedding (η², by traces), 0 to 1.
  public let share: Double
  /// The share without what chance gives a fact of p degrees of freedom over n of the images (ε², the adjusted R²): 1 −
  /// (1 − η²)n/(n − p).
  ///
  /// Among the corrections in use it is the one that is also a permutation baseline: if the fact's values are dealt out
  /// at random, η² is p/n on average whatever the head writes (exactly so over one group of images), and ε² is η² on
  /// the scale on which that is 0 and all is 1. So facts of many values have no start over facts of few.
  public let corrected: Double
  public let images: Int
  public let values: Int
}

/// What a head writes for N images, ready to be asked about facts; in head space, no vector is of size E.
package struct HeadVariation {
  /// Calls its argument with blocks of rows and their coordinates, `[n, C]`, in order.
  package typealias Rows = (_ body: (Range<Int>, Tensor) throws -> Void) throws -> Void

  private let rows: Rows
  /// An array of shape `[C]`.
  private let mean: [Double]
  /// The squared length of the mean.
  let meanSquare: Double
  /// The inner product of the joint embedding in coordinates, `[C, C]`.
  private let gram: Tensor

  /// - Parameters:
  ///   - count: N.
  ///   - gram: `[C, C]`, the inner product of the joint embedding in coordinates.
  ///   - rows: goes through the head's coordinates; called a few times.
  package init(count: Int, gram: Tensor, rows: @escaping Rows) throws {
    var mean = [Double](repeating: 0, count: gram.rows)
    try rows { _, block in
      precondition(gram.shape == [block.rowCount, block.rowCount], "gram \(gram.shape), rows \(block.shape)")
      for row in 0..<block.rows {
        for (column, value) in block.row(row).enumerated() { mean[column] += Double(value) / Double(count) }
      }
    }
    self.rows = rows
    self.mean = mean
    self.gram = gram
    meanSquare = Self.square(mean, gram)
  }

  /// How much of what the head varies each fact explains; nil where the head does not vary over the fact's images.
  ///
  /// Sums are taken group by group of images with as many objects, a pass over the rows for each.
  package func explained(by designs: [FactDesign]) throws -> [ExplainedShare?] {
    var tallies = designs.map { FactDesign.Tally($0, width: mean.count) }
    while tallies.indices.reduce(false, { tallies[$1].begin() || $0 }) {
      try rows { range, block in
        guard tallies.contains(where: { $0.wants(range) }) else { return }
        let (width, values) = (mean.count, block.values)
        let centred = Tensor(
          shape: block.shape, values: values.indices.map { Float(Double(values[$0]) - mean[$0 % width]) })
        let lowered = product(centred, gram)  // [n, C]
        let squares = (0..<range.count).map { row in
          zip(centred.row(row), lowered.row(row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        for place in tallies.indices { tallies[place].add(range, centred, squares) }
      }
    }
    return tallies.map { $0.share(of: self) }
  }

  /// The squared length of a vector in the joint embedding.
  func square(_ vector: [Double]) -> Double { Self.square(vector, gram) }

  private static func square(_ vector: [Double], _ gram: Tensor) -> Double {
    let width = vector.count
    var sum = 0.0
    for row in 0..<width where vector[row] != 0 {
      var inner = 0.0
      for column in 0..<width { inner += Double(gram.values[row * width + column]) * vector[column] }
      sum += vector[row] * inner
    }
    return sum
  }
}
