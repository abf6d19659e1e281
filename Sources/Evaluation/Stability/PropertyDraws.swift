import Analysis
import Descriptions
import LinearAlgebra
import Tensors

/// Which property a head varies with most where its images, and the words of the properties, are drawn anew.
///
/// That a property has the highest excess may be owed to the probe images or to which of its words somebody thought of. Blocks of images are
/// drawn as for descriptions (`BootstrapDraws`), and of the words of each property as many as there are, with replacement.
package struct PropertyDraws: Sendable {
  /// The directions of some words of a property, as rows of `directions`, and what random texts have along as many of all words' directions.
  private struct Span: Sendable {
    let rows: Range<Int>
    /// How many directions there are for one of all words.
    let part: Double
  }
  /// By draw and property; nil where the words that are drawn do not differ.
  private let spans: [[Span?]]
  /// `[R, E]`, those of a draw together.
  private let directions: Tensor

  /// - Parameters:
  ///   - words: the embeddings of the words of each property, `[n, E]`.
  ///   - width: E.
  /// - Throws: `EigenFailure`.
  package init(words: [Tensor], width: Int) throws {
    var values: [Float] = []
    let whole = try words.map { try Self.directions(of: $0, Array(0..<$0.rows)).count }
    spans = try (0..<HeadEvidence.propertyDraws).map { draw in
      try words.indices.map { property in
        guard whole[property] > 0 else { return nil }
        let drawn = Self.drawn(words[property].rows, draw: draw, property: property)
        let rows = try Self.directions(of: words[property], drawn)
        let start = values.count / width
        values += rows.joined().map(Float.init)
        return rows.isEmpty
          ? nil : Span(rows: start..<start + rows.count, part: Double(rows.count) / Double(whole[property]))
      }
    }
    directions = Tensor(shape: [values.count / max(width, 1), width], values: values)
  }

  private static func directions(of words: Tensor, _ places: [Int]) throws -> [[Double]] {
    try leadingDirections(of: places.map(words.row), rank: PropertySpans.rank)
  }

  /// The places of the words of a draw, each once: of two words or more at least two.
  private static func drawn(_ count: Int, draw: Int, property: Int) -> [Int] {
    var numbers = SeededNumbers(seed: UInt64(property) << 32 | UInt64(draw))
    while true {
      let found = Set((0..<count).map { _ in numbers.nextPlace(below: count) })
      if found.count > 1 || count < 2 { return found.sorted() }
    }
  }

  /// In how many draws each property has the highest excess, ties to the first; empty for a head that does not vary.
  ///
  /// What random texts have along the directions of all words is taken in proportion for fewer.
  ///
  /// - Parameters:
  ///   - blocks: the statistics of the head's coordinates over blocks of images; of fewer than four none are drawn, and words alone.
  ///   - shares: of the head, by property.
  ///   - place: the head's among all of its model.
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func leads(
    of blocks: [HeadStatistics], basis: Tensor, shares: [PropertyShare?], head place: Int
  ) throws -> [Int] {
    var whole = HeadStatistics(width: basis.rows)
    for block in blocks { whole.merge(block) }
    let frame = try HeadFrame(statistics: whole, basis: basis)
    guard frame.varies, directions.rows > 0 else { return [] }
    let axes = Tensor(shape: [frame.axes.rows, frame.axes.columns], values: frame.axes.values.map(Float.init))
    let projected = product(directions, .normal, axes, .transposed)  // [R, k]
    let moments = BlockMoments(blocks, mean: whole.mean, in: frame.toFrame)
    let images = BootstrapDraws(head: place, blocks: blocks.count, texts: 0).images
    let covariances = images.isEmpty ? nil : moments.covariances(moments.drawn(images))
    var leads = [Int](repeating: 0, count: shares.count)
    for draw in spans.indices {
      let covariance = covariances.map { moments.square($0, draw) } ?? frame.covariance
      // One image, however often it is drawn, does not vary: what is left then is rounding.
      guard Self.trace(covariance) > 1e-12 * frame.totalVariance else { continue }
      if let best = Self.best(spans[draw], shares, projected, covariance) { leads[best] += 1 }
    }
    return leads
  }

  private static func trace(_ covariance: RowMatrix) -> Double {
    (0..<covariance.rows).reduce(0) { $0 + max(covariance.values[$1 * covariance.columns + $1], 0) }
  }

  private static func best(
    _ spans: [Span?], _ shares: [PropertyShare?], _ projected: Tensor, _ covariance: RowMatrix
  ) -> Int? {
    guard let first = spans.lazy.compactMap({ $0?.rows.lowerBound }).first,
      let last = spans.lazy.compactMap({ $0?.rows.upperBound }).last
    else { return nil }
    let rows = Tensor(shape: [last - first, projected.rowCount], values: (first..<last).flatMap { projected.row($0) })
    let variances = DoubleRows(rows).quadraticForms(covariance.values)
    let total = trace(covariance)
    var (best, highest) = (Int?.none, -Double.infinity)
    for (place, pair) in zip(spans, shares).enumerated() {
      guard let span = pair.0, let known = pair.1 else { continue }
      let own = span.rows.reduce(0) { $0 + variances[$1 - first] } / total
      let drawn = PropertyShare(share: min(max(own, 0), 1), chance: known.chance * span.part, lowest: 0, highest: 0)
      if drawn.excess > highest { (best, highest) = (place, drawn.excess) }
    }
    return best
  }
}
