import LinearAlgebra
import Tensors

/// A text that TextSpan chose for a head.
package struct SpanDescription: Sendable, Equatable, Codable {
  /// The place of the text among the candidates.
  package let index: Int
  /// The sample standard deviation (N − 1) over the images of contribution · projected text, when it was chosen.
  package let standardDeviation: Double
  /// The share of the head's centred variance in the joint embedding that lies along the directions chosen so far,
  /// this one included: 1 − ‖C − reconstruction‖² / ‖C − mean‖² of the reference's rank-1 reconstructions.
  package let explainedVariance: Double
  /// The lead of its standard deviation over that of the next best text, as a share of its own: 0 for a tie.
  ///
  /// With a lead near rounding error (1e-6) another machine could choose the other text.
  package let lead: Double

  package init(index: Int, standardDeviation: Double, explainedVariance: Double, lead: Double) {
    self.index = index
    self.standardDeviation = standardDeviation
    self.explainedVariance = explainedVariance
    self.lead = lead
  }
}

/// Describes a head by texts: greedy orthogonal matching pursuit on variance (arXiv 2310.05916, algorithm 1).
///
/// The texts are projected on the leading right singular vectors of the uncentred contributions; then, again and
/// again, the text along which the centred contributions vary most is taken, and its direction removed from all
/// texts. The covariance is all that is needed: with u the unit direction of the chosen text, S the covariance, and
/// texts r kept orthogonal to earlier choices, removing u changes a score rᵀSr by −2(r·u)(r·Su) + (r·u)²uᵀSu, so that
/// a step costs O(M·D), whatever the number of images.
///
/// - Parameters:
///   - statistics: those of the head's coordinates over the probe images.
///   - basis: the head's, `[D+3, E]`; it may be rank-deficient.
///   - texts: the candidate descriptions' embeddings, `[M, E]`.
///   - count: the number of texts to choose.
///   - rank: the maximum number of singular vectors to keep. Fewer are kept where the contributions span fewer
///     dimensions: singular values below a millionth of the largest are float32 rounding, and projecting texts on
///     such directions would only add chance to the choice. (The reference keeps 80 for heads that span 67.)
/// - Returns: `count` descriptions, fewer where there are fewer texts or nothing is left to describe. Texts that tie
///   are taken in their order.
/// - Throws: `TextSpanError`, `EigenFailure`.
package func textSpan(
  statistics: HeadStatistics, basis: Tensor, texts: Tensor, count: Int, rank: Int
) throws -> [SpanDescription] {
  guard count >= 1, rank >= 1 else { throw TextSpanError.numbers(count: count, rank: rank) }
  let frame = try HeadFrame(statistics: statistics, basis: basis)
  guard texts.shape.count == 2, texts.shape[1] == basis.rowCount else {
    throw TextSpanError.texts(shape: texts.shape, embeddingWidth: basis.rowCount)
  }
  guard texts.values.allSatisfy(\.isFinite) else { throw TextSpanError.notFinite("text embeddings") }
  let directions = try frame.principalDirections(rank: rank)
  guard directions.rows > 0, texts.rows > 0, frame.varies else { return [] }
  var pursuit = VariancePursuit(
    texts: DoubleRows(projected(texts, on: directions, of: frame)),
    covariance: congruence(directions, frame.covariance))
  var explained = 0.0
  var descriptions: [SpanDescription] = []
  while descriptions.count < count, let choice = pursuit.next() {
    explained += choice.variance
    descriptions.append(
      SpanDescription(
        index: choice.index, standardDeviation: choice.score,
        explainedVariance: min(explained / frame.totalVariance, 1),
        lead: choice.lead))
  }
  return descriptions
}

/// The texts in the coordinates of `directions`, `[M, r]`.
func projected(_ texts: Tensor, on directions: RowMatrix, of frame: HeadFrame) -> Tensor {
  // Orthonormal in the joint embedding, [r, E], so that float32 rounding is not blown up along weak directions.
  let axes = directions.times(frame.axes)
  let axisTensor = Tensor(shape: [axes.rows, axes.columns], values: axes.values.map(Float.init))
  return product(texts, .normal, axisTensor, .transposed)
}
