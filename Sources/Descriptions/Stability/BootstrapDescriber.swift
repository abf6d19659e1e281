import LinearAlgebra
import Tensors

/// A text that TextSpan chose in a bootstrap.
package struct ChosenText: Sendable, Equatable {
  /// The place of the text among the candidates.
  package let index: Int
  /// The variance of the head's contributions along what the text adds to those before it.
  package let variance: Double
}

/// Describes a head by TextSpan again and again, with blocks of its images or the candidate descriptions drawn anew.
///
/// All of it is worked out in the directions that the head's images span, from moments of blocks (`BlockMoments`) and by products of matrices
/// (`BootstrapPursuit`): no image is read again.
///
/// TextSpan projects texts on the directions of the images at hand; here they are those of all images in every bootstrap, which are the
/// same wherever a bootstrap's images span what all do.
package struct BootstrapDescriber: Sendable {
  private let pursuit: BootstrapPursuit
  /// The places of the texts that may be chosen, ascending.
  private let candidates: [Int]
  /// Of all images, `[r, r]`.
  private let covariance: RowMatrix
  private let blocks: BlockMoments

  /// The most texts that may be chosen: of more, those that come nearest to the best.
  package static let mostTexts = 1200

  /// - Parameters:
  ///   - blocks: the statistics of the head's coordinates over blocks of images, in their order.
  ///   - basis: the head's, `[D+3, E]`.
  ///   - texts: the candidate descriptions' embeddings, `[M, E]`.
  ///   - rank: of TextSpan, at least 1.
  ///   - count: how many texts a bootstrap chooses, at least 1.
  ///   - most: how many of the texts may be chosen, at most: those whose score is the largest share of the best's in any of the first 2·`count`
  ///     steps over all images.
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package init(
    blocks: [HeadStatistics], basis: Tensor, texts: Tensor, rank: Int, count: Int, most: Int = Self.mostTexts
  ) throws {
    guard count >= 1, rank >= 1 else { throw TextSpanError.numbers(count: count, rank: rank) }
    guard texts.shape.count == 2, texts.shape[1] == basis.rowCount else {
      throw TextSpanError.texts(shape: texts.shape, embeddingWidth: basis.rowCount)
    }
    var whole = HeadStatistics(width: basis.rows)
    for block in blocks { whole.merge(block) }
    let frame = try HeadFrame(statistics: whole, basis: basis)
    let directions = try frame.principalDirections(rank: frame.varies ? rank : 0)
    let rows = projected(texts, on: directions, of: frame)
    covariance = congruence(directions, frame.covariance)
    candidates =
      directions.rows == 0
      ? [] : rows.rows <= most ? Array(0..<rows.rows) : Self.nearest(most, of: rows, covariance, steps: 2 * count)
    pursuit = BootstrapPursuit(
      Tensor(shape: [candidates.count, rows.rowCount], values: candidates.flatMap { rows.row($0) }), count: count)
    self.blocks = BlockMoments(blocks, mean: whole.mean, in: directions.times(frame.toFrame))
  }

  /// The texts that come nearest to the best of any of the first steps, ascending.
  private static func nearest(_ most: Int, of rows: Tensor, _ covariance: RowMatrix, steps: Int) -> [Int] {
    var pursuit = VariancePursuit(texts: DoubleRows(rows), covariance: covariance)
    var shares = [Double](repeating: 0, count: rows.rows)
    for _ in 0..<steps {
      let scores = pursuit.scores
      guard let choice = pursuit.next() else { break }
      let best = choice.score * choice.score
      for place in shares.indices { shares[place] = max(shares[place], scores[place] / best) }
    }
    return shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(most).sorted()
  }

  /// The texts chosen with the blocks drawn anew, bootstrap by bootstrap; fewer than `count` where nothing is left to describe.
  ///
  /// - Parameter draws: how often each bootstrap has each block.
  package func describe(images draws: [[Int]]) -> [[ChosenText]] {
    guard !candidates.isEmpty, !draws.isEmpty else { return draws.map { _ in [] } }
    let drawn = blocks.drawn(draws)
    let (covariances, scores) = (blocks.covariances(drawn), blocks.scores(drawn, of: pursuit))
    return named(
      pursuit.choose(draws.count) { place in
        .init(
          covariance: blocks.square(covariances, place),
          scores: Array(scores.values[scores.range(of: place)]))
      })
  }

  /// The texts chosen from some of the candidates over all images, bootstrap by bootstrap.
  ///
  /// - Parameter draws: whether each bootstrap has each text, `[M]` each.
  package func describe(pools draws: [[Bool]]) -> [[ChosenText]] {
    guard !candidates.isEmpty else { return draws.map { _ in [] } }
    let scores = pursuit.scores(by: covariance)
    return named(
      pursuit.choose(draws.count) { place in
        .init(
          covariance: covariance, scores: zip(candidates, scores).map { draws[place][$0] ? $1 : -.infinity })
      })
  }

  private func named(_ bootstraps: [[ChosenText]]) -> [[ChosenText]] {
    bootstraps.map { $0.map { ChosenText(index: candidates[$0.index], variance: $0.variance) } }
  }
}
