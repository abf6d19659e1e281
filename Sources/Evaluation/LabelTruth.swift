/// Labels of heads held against what the heads truly follow.
public struct LabelTruth: Sendable, Equatable {
  /// Labelled heads.
  public let heads: Int
  /// The share of them whose label is what they follow.
  public let agreeing: Double
  /// The share expected if the same labels were permuted among these heads: exact, the mean over all permutations.
  public let shuffled: Double

  /// - Parameters:
  ///   - labels: a head each; nil leaves the head out.
  ///   - truths: what each head follows; nil where it follows nothing that is known, which agrees with no label.
  /// - Returns: nil where no head is labelled.
  package init?(labels: [String?], truths: [String?]) {
    precondition(labels.count == truths.count, "\(labels.count) labels, \(truths.count) truths")
    let pairs = zip(labels, truths).compactMap { label, truth in label.map { (label: $0, truth: truth) } }
    guard !pairs.isEmpty else { return nil }
    heads = pairs.count
    agreeing = Double(pairs.count { $0.label == $0.truth }) / Double(pairs.count)
    let expected = pairs.reduce(0) { sum, pair in sum + pairs.count { $0.label == pair.truth } }
    shuffled = Double(expected) / Double(pairs.count * pairs.count)
  }
}

/// How often each label meets each truth.
public struct ConfusionTable: Sendable, Equatable {
  /// Labels, sorted.
  public let labels: [String]
  /// Truths, sorted.
  public let truths: [String]
  /// Heads, `[labels][truths]`.
  public let counts: [[Int]]

  package init(_ pairs: [(label: String, truth: String)]) {
    let labels = Set(pairs.map(\.label)).sorted()
    let truths = Set(pairs.map(\.truth)).sorted()
    self.labels = labels
    self.truths = truths
    counts = labels.map { label in truths.map { truth in pairs.count { $0.label == label && $0.truth == truth } } }
  }
}

/// A property by its names and the words for its values, as an atlas describes it.
package struct NamedProperty: Sendable {
  /// Any of which is the property's name, lower case.
  package let names: Set<String>
  /// Lower case.
  package let words: Set<String>

  package init(names: Set<String>, words: Set<String>) {
    self.names = names
    self.words = words
  }

  /// Which of some properties a fact of scenes is: the one that has its name, or else the one that has words for most
  /// of its values, and for more than half of them (`kind: cat` is the property Object, whose words are cat, boat, …).
  package static func index(ofFact fact: String, values: Set<String>, in properties: [NamedProperty]) -> Int? {
    if let named = properties.firstIndex(where: { $0.names.contains(fact.lowercased()) }) { return named }
    let known = properties.map { property in values.count { property.words.contains($0.lowercased()) } }
    guard let most = known.max(), 2 * most > values.count else { return nil }
    return known.firstIndex(of: most)
  }
}
