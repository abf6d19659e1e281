import Tensors

/// How like each other the first texts of a description are: the mean cosine of their embeddings, beside that of texts drawn at
/// random from the candidate descriptions.
package struct Readability: Sendable {
  /// How many texts are compared.
  package static let texts = 5
  /// How many random sets there are.
  package static let draws = 200

  /// The mean over random sets.
  package let chance: Double
  /// Between these lie 95 % of the random sets.
  package let lowest: Double
  package let highest: Double
  private let embeddings: Tensor

  /// - Parameter pool: the candidate descriptions' embeddings, `[M, E]`, unit norm.
  /// - Returns: nil for fewer texts than are compared.
  package init?(pool: Tensor) {
    guard pool.rows >= Self.texts else { return nil }
    let places = Array(0..<pool.rows)
    let drawn = (0..<Self.draws).map { number in
      meanCosine(Control.draw(Self.texts, of: places, seed: UInt64(number)), in: pool)
    }.sorted()
    (chance, lowest, highest) = (mean(drawn), quantile(drawn, 0.025), quantile(drawn, 0.975))
    embeddings = pool
  }

  /// The mean cosine between the first texts of a description, by their places in the pool; nil where it has fewer than are
  /// compared.
  package func likeness(of places: [Int]) -> Double? { Self.likeness(of: places, in: embeddings) }

  /// The same for the first of some texts that need not be in the pool.
  ///
  /// - Parameter texts: their embeddings, `[K, E]`, unit norm.
  package static func likeness(of texts: Tensor) -> Double? { likeness(of: Array(0..<texts.rows), in: texts) }

  private static func likeness(of places: [Int], in embeddings: Tensor) -> Double? {
    places.count < Self.texts ? nil : meanCosine(Array(places.prefix(Self.texts)), in: embeddings)
  }
}

private func meanCosine(_ places: [Int], in embeddings: Tensor) -> Double {
  var sum = 0.0
  for (index, place) in places.enumerated() {
    for other in places[..<index] {
      sum += zip(embeddings.row(place), embeddings.row(other)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }
  return sum * 2 / Double(places.count * (places.count - 1))
}
