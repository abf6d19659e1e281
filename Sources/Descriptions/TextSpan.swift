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
  var pursuit = Pursuit(
    texts: projected(texts, on: directions, of: frame), covariance: congruence(directions, frame.covariance))
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
private func projected(_ texts: Tensor, on directions: RowMatrix, of frame: HeadFrame) -> DoubleRows {
  // Orthonormal in the joint embedding, [r, E], so that float32 rounding is not blown up along weak directions.
  let axes = directions.times(frame.axes)
  let axisTensor = Tensor(shape: [axes.rows, axes.columns], values: axes.values.map(Float.init))
  return DoubleRows(product(texts, .normal, axisTensor, .transposed))
}

/// The greedy choice, in an orthonormal frame of width r.
private struct Pursuit {
  struct Choice {
    let index: Int
    /// The standard deviation along the remainder of the text.
    let score: Double
    let lead: Double
    /// The variance along the text's unit direction, which its choice removes.
    let variance: Double
  }

  /// The texts as projected, `[M, r]`; their remainders are never stored, since only their inner products are needed.
  let texts: DoubleRows
  /// The covariance in the same frame, `[r, r]`.
  let covariance: RowMatrix
  /// The score rᵀSr of the remainder r of each text; negative infinity for a text that was chosen.
  var scores: [Double]
  /// The unit directions chosen so far.
  var chosen: [[Double]] = []
  /// The score below which only rounding error is left.
  let floor: Double

  init(texts: DoubleRows, covariance: RowMatrix) {
    self.texts = texts
    self.covariance = covariance
    scores = texts.quadraticForms(covariance.values)
    floor = (scores.max() ?? 0) * HeadFrame.noise * HeadFrame.noise
  }

  /// Chooses the text that varies most, and removes its direction; nil where nothing is left.
  mutating func next() -> Choice? {
    guard let best = scores.indices.max(by: { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) }),
      scores[best] > floor
    else { return nil }
    let runnerUp = scores.indices.reduce(0.0) { $1 == best ? $0 : max($0, scores[$1]) }
    let score = scores[best].squareRoot()
    let text = remainder(of: best)
    let length = dot(text, text).squareRoot()
    guard length > 0 else { return nil }
    let variance = remove(text.map { $0 / length })
    scores[best] = -.infinity
    return Choice(index: best, score: score, lead: 1 - runnerUp.squareRoot() / score, variance: max(variance, 0))
  }

  /// The text without the directions chosen so far, which are removed twice so that rounding leaves it orthogonal.
  private func remainder(of index: Int) -> [Double] {
    var text = texts.row(index)
    for _ in 0..<2 {
      for direction in chosen { add(direction, times: -dot(text, direction), to: &text) }
    }
    return text
  }

  /// Removes `direction` from all texts' scores and returns the variance along it.
  private mutating func remove(_ direction: [Double]) -> Double {
    let image = covariance.times(direction)
    let variance = dot(direction, image)
    // r·Su for what is left of r equals (text as projected)·(Su without the directions chosen before).
    var cleaned = image
    for earlier in chosen { add(earlier, times: -dot(image, earlier), to: &cleaned) }
    let (along, across) = texts.products(direction, cleaned)
    for index in scores.indices { scores[index] += along[index] * (along[index] * variance - 2 * across[index]) }
    chosen.append(direction)
    return variance
  }
}
