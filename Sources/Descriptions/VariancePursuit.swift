import LinearAlgebra

/// The greedy choice of TextSpan, in an orthonormal frame of width r.
struct VariancePursuit {
  struct Choice {
    let index: Int
    /// The standard deviation along the remainder of the text.
    let score: Double
    let lead: Double
    /// The variance along the text's unit direction, which its choice removes.
    let variance: Double
  }

  /// The texts as projected, `[M, r]`; their remainders are never stored, since only their inner products are needed.
  private let texts: DoubleRows
  /// The covariance in the same frame, `[r, r]`.
  private let covariance: RowMatrix
  /// The score rᵀSr of the remainder r of each text; negative infinity for a text that was chosen.
  private(set) var scores: [Double]
  /// The unit directions chosen so far.
  private var chosen: [[Double]] = []
  /// The score below which only rounding error is left.
  private let floor: Double

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
