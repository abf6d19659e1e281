import Attribution

/// A property, shown by descriptions of a head that is known to carry it.
package struct LabelledExample: Sendable, Equatable, Codable {
  package let property: String
  /// Usually five, as they stand in a description pool.
  package let descriptions: [String]

  package init(property: String, descriptions: [String]) {
    self.property = property
    self.descriptions = descriptions
  }
}

extension PropertyNames {
  /// The declared properties and, behind them, those that labelled examples name besides.
  package init(declared: [(id: String, title: String)], examples: [LabelledExample]) {
    self.init(declared + examples.map { (id: $0.property, title: $0.property) })
  }
}

/// What a head is said to respond to, and how far that can be trusted.
package struct HeadLabel: Sendable, Equatable, Codable {
  /// A label is not hidden because it is weak: a head without a clear property is `ambiguous`.
  package let label: Label
  /// How far the property leads the runner-up, 0 to 1; nil for labels by hand.
  package let margin: Double?
  /// Whether each of the head's first five descriptions fits the label.
  package let fits: [Bool]
  package let source: LabelSource

  package init(label: Label, margin: Double?, fits: [Bool], source: LabelSource) {
    self.label = label
    self.margin = margin
    self.fits = fits
    self.source = source
  }

  /// CCS: how many of the first five descriptions fit.
  package var consistency: Int { fits.count { $0 } }
}

/// Gives heads their labels.
///
/// This is the seam for a language model behind an HTTP endpoint: such a labeller shows it the examples and one head's
/// lines at a time and asks for one word, as the study did. It would be a second conformer, whose `label` waits for its
/// answers; callers already treat labelling as slow and as something that can fail.
package protocol HeadLabeller: Sendable {
  /// - Parameters:
  ///   - heads: the descriptions of every head, best first.
  ///   - shares: how much of the head's variance each of them explains, 0 to 1, or other weights.
  /// - Returns: one label per head, in the same order.
  func label(heads: [[String]], shares: [[Double]]) throws -> [HeadLabel]
}

extension HeadLabeller {
  /// Labels heads of which only the order of the descriptions is known: the i-th counts 1/√i.
  package func label(heads: [[String]]) throws -> [HeadLabel] {
    try label(heads: heads, shares: heads.map { $0.indices.map { 1 / Double($0 + 1).squareRoot() } })
  }
}

/// Why heads could not be labelled.
package enum LabelError: Error, Equatable, CustomStringConvertible {
  case tooFewProperties(found: [String])
  case noDescriptions(property: String)
  case embeddings(shape: [Int], texts: Int)
  case notFinite(text: String)
  case counts(labels: Int, heads: Int)
  case shares(heads: [Int], shares: [Int])

  package var description: String {
    switch self {
    case .tooFewProperties(let found):
      "labelled examples of \(found.isEmpty ? "no property" : found.joined(separator: ", ")), expected at least two "
        + "properties, to tell one from another; add some to the examples file"
    case .noDescriptions(let property):
      "the example of \(property) has no description with a word that means something; give it a few lines of the pool"
    case .embeddings(let shape, let texts):
      "text embeddings have shape \(shape), expected [\(texts), E]"
    case .notFinite(let text):
      "the embedding of \"\(text)\" holds a number that is not finite; the checkpoint is damaged"
    case .counts(let labels, let heads):
      "\(labels) labels for \(heads) heads, expected one each"
    case .shares(let heads, let shares):
      "heads with \(heads) descriptions and \(shares) shares of variance, expected as many"
    }
  }
}
