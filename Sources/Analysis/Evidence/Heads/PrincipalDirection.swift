import Attribution
import Tensors

/// A principal direction of what a head writes for the probe images, with the texts for its two ends.
public struct PrincipalDirection: Sendable, Equatable {
  /// A sum of texts with weights that are not negative.
  public struct End: Sendable, Equatable {
    /// Places in the pool of candidate descriptions, in the order of their choice.
    public let texts: [Int]
    public let weights: [Double]
    /// The cosine of the sum of texts with the direction.
    public let fidelity: Double

    package init(texts: [Int], weights: [Double], fidelity: Double) {
      (self.texts, self.weights, self.fidelity) = (texts, weights, fidelity)
    }
  }
  /// Its share of the head's variance, 0 to 1.
  public let share: Double
  /// What an image has along it, but for a constant: the weights of its coordinates, `[D+3]`.
  public let axis: [Float]
  /// Where images have much along it.
  public let high: End
  /// Where they have little.
  public let low: End

  package init(share: Double, axis: [Float], high: End, low: End) {
    (self.share, self.axis, self.high, self.low) = (share, axis, high, low)
  }
}

/// The probe images at the ends of a direction, and around its middle.
public struct DirectionImages: Sendable, Equatable {
  public struct Item: Sendable, Equatable {
    /// An index into the probe set.
    public let row: Int
    /// What the image has along the direction beyond the mean of all, in units of the joint embedding.
    public let projection: Double
  }
  /// Most along the direction first.
  public let high: [Item]
  /// Around the median, in ascending order.
  public let middle: [Item]
  /// Least along the direction first.
  public let low: [Item]
  /// The shares of all images in equal steps from the least along the direction to the most: 8 to 40, twice the root of the
  /// number of images.
  public let shares: [Double]
}

extension ModelEvidence {
  /// The probe images at the ends of a head's first principal directions, and around their medians.
  ///
  /// Goes through the head's features once. Ties go to the image that comes first.
  ///
  /// - Parameters:
  ///   - directions: how many of the head's.
  ///   - ends: how many images of each end.
  ///   - middle: how many around the median.
  /// - Throws: what reading features throws.
  public func images(
    along head: HeadEvidence, directions: Int, ends: Int, middle: Int
  ) throws -> [DirectionImages] {
    let axes = head.directions.prefix(max(directions, 0)).map(\.axis)
    guard !axes.isEmpty else { return [] }
    var projections = axes.map { _ in [Double]() }
    try probe.features.forEachBlock(of: head.head) { _, block in
      for row in 0..<block.rows {
        let coordinates = block.row(row)
        for (place, axis) in axes.enumerated() {
          projections[place].append(zip(coordinates, axis).reduce(0) { $0 + Double($1.0) * Double($1.1) })
        }
      }
    }
    return projections.map { DirectionImages($0, ends: ends, middle: middle) }
  }
}

extension DirectionImages {
  fileprivate init(_ projections: [Double], ends: Int, middle: Int) {
    let mean = projections.reduce(0, +) / Double(max(projections.count, 1))
    func items(_ rows: some Sequence<Int>) -> [Item] { rows.map { Item(row: $0, projection: projections[$0] - mean) } }
    let order = projections.indices.sorted { (projections[$0], $0) < (projections[$1], $1) }
    let middle = min(max(middle, 0), order.count)
    let first = (order.count - middle) / 2
    self.init(
      high: items(indicesOfLargest(projections, count: ends)),
      middle: items(order[first..<first + middle]), low: items(order.prefix(max(ends, 0))),
      shares: Self.shares(order.map { projections[$0] }))
  }

  /// - Parameter ascending: what each image has along a direction, the least first.
  private static func shares(_ ascending: [Double]) -> [Double] {
    guard let least = ascending.first, let most = ascending.last else { return [] }
    var counts = [Double](repeating: 0, count: min(40, max(8, Int(2 * Double(ascending.count).squareRoot()))))
    let scale = Double(counts.count) / (most - least)
    for value in ascending {
      let step = (value - least) * scale
      counts[step.isFinite ? min(max(Int(step), 0), counts.count - 1) : counts.count / 2] += 1
    }
    return counts.map { $0 / Double(ascending.count) }
  }
}
