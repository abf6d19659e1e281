import Analysis
import Descriptions
import LinearAlgebra
import Parallel
import Tensors

/// The directions of a model's joint embedding in which the words of each property differ, and those of random texts.
///
/// Of some texts' embeddings, less their own mean, the leading right singular vectors are taken. With S the covariance of a
/// head's contributions and V these directions, the head's share is tr(V·S·Vᵀ) / tr(S): the head's moments are all that it takes.
package struct PropertySpans: Sendable {
  /// The most directions that are taken.
  ///
  /// More would say less of properties with many words: on picture-world four to eight
  /// name the attribute that a head is selective for equally often, all of them less often.
  package static let rank = 5
  /// How many random subsets of the candidate descriptions there are for each number of words.
  package static let subsets = 200

  /// Rows of `directions`.
  private struct Span: Sendable {
    let own: Range<Int>
    let random: [Range<Int>]
  }
  /// By property; nil for one whose words do not differ.
  private let spans: [Span?]
  /// `[R, E]`.
  private let directions: Tensor

  /// - Parameters:
  ///   - words: the embeddings of the words of each property, `[n, E]`.
  ///   - pool: the candidate descriptions' embeddings, `[M, E]`.
  ///   - threads: how many there may be.
  /// - Throws: `EigenFailure`.
  package init(words: [Tensor], pool: Tensor, threads: Int = 1) throws {
    var values: [Float] = []
    let width = pool.rowCount
    func add(_ rows: [[Double]]) -> Range<Int> {
      let start = values.count / max(width, 1)
      values += rows.joined().map(Float.init)
      return start..<start + rows.count
    }
    var random: [Subsets: [Range<Int>]] = [:]
    spans = try words.map { words in
      let own = try leadingDirections(of: (0..<words.rows).map(words.row), rank: Self.rank)
      guard !own.isEmpty, words.rows <= pool.rows else { return nil }
      let kind = Subsets(size: words.rows, rank: own.count)
      let drawn = try random[kind] ?? kind.directions(of: pool, threads: threads).map(add)
      random[kind] = drawn
      return Span(own: add(own), random: drawn)
    }
    directions = Tensor(shape: [values.count / max(width, 1), width], values: values)
  }

  /// The shares of a head, one per property; nil for a property without directions, and all of them for a head that does not
  /// vary.
  ///
  /// - Parameters:
  ///   - statistics: those of the head's coordinates over the probe images.
  ///   - basis: the head's, `[D+3, E]`.
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func shares(statistics: HeadStatistics, basis: Tensor) throws -> [PropertyShare?] {
    let frame = try HeadFrame(statistics: statistics, basis: basis)
    guard frame.varies, directions.rows > 0 else { return spans.map { _ in nil } }
    let axes = Tensor(shape: [frame.axes.rows, frame.axes.columns], values: frame.axes.values.map(Float.init))
    let variances = DoubleRows(product(directions, .normal, axes, .transposed))
      .quadraticForms(frame.covariance.values)
    func share(_ rows: Range<Int>) -> Double { min(max(variances[rows].reduce(0, +) / frame.totalVariance, 0), 1) }
    return spans.map { span in
      guard let span else { return nil }
      let random = span.random.map(share).sorted()
      return PropertyShare(
        share: share(span.own), chance: mean(random), lowest: quantile(random, 0.025), highest: quantile(random, 0.975))
    }
  }
}

/// Random subsets of the pool: of how many texts, and how many of their directions count.
private struct Subsets: Hashable {
  let size: Int
  let rank: Int

  /// The directions of each subset, `[E]` each; the same in every run.
  func directions(of pool: Tensor, threads: Int) throws -> [[[Double]]] {
    let places = Array(0..<pool.rows)
    return try inParallel(PropertySpans.subsets, threads: threads) { number in
      let drawn = Control.draw(size, of: places, seed: UInt64(size) << 32 | UInt64(number))
      return try leadingDirections(of: drawn.map(pool.row), rank: rank)
    }
  }
}

/// The leading right singular vectors of rows less their mean, at most `rank`, none of them rounding noise.
func leadingDirections(of rows: [some Collection<Float>], rank: Int) throws -> [[Double]] {
  guard let width = rows.first?.count, rows.count > 1 else { return [] }
  var centre = [Double](repeating: 0, count: width)
  for row in rows {
    for (place, value) in row.enumerated() { centre[place] += Double(value) / Double(rows.count) }
  }
  let centred = RowMatrix(
    rows: rows.count, columns: width, values: rows.flatMap { row in zip(row, centre).map { Double($0) - $1 } })
  let eigen = try SymmetricEigen(centred.times(centred, .transposed).values, count: rows.count)
  // Squares of singular values: those of texts that are alike are rounding of float32 numbers of length 1.
  let noise = max((eigen.values.first ?? 0) * HeadFrame.noise * HeadFrame.noise, Double(rows.count) * 1e-13)
  let kept = eigen.values.prefix(rank).prefix { $0 > noise }.count
  var vectors = RowMatrix(rows: kept, columns: rows.count, values: Array(eigen.vectors.prefix(kept).joined()))
  vectors.scaleRows { 1 / eigen.values[$0].squareRoot() }
  let directions = vectors.times(centred)
  return (0..<kept).map { Array(directions.values[directions.range(of: $0)]) }
}

/// The value below which a share of sorted numbers lies, between neighbours in proportion; 0 of none.
func quantile(_ sorted: [Double], _ share: Double) -> Double {
  guard let last = sorted.indices.last else { return 0 }
  let place = share * Double(last)
  let (low, high) = (sorted[Int(place)], sorted[min(Int(place) + 1, last)])
  return low + (high - low) * (place - place.rounded(.down))
}
