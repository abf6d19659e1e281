import Analysis
import Attribution

/// Label sets of heads held against what the heads truly follow.
public struct LabelSetTruth: Sendable, Equatable {
  /// Heads that follow a property, and have a set.
  public let heads: Int
  /// The share of them whose set holds what they follow.
  public let coverage: Double
  /// The share expected if the sets were permuted among these heads: exact, the mean over all permutations.
  public let permuted: Double
  /// The mean number of properties in a set.
  public let size: Double
  /// The share of heads whose most frequent property alone is what they follow.
  public let first: Double

  /// - Parameters:
  ///   - sets: of each head, the most frequent first; a head whose set is empty is left out.
  ///   - truths: what each head follows; nil leaves the head out.
  /// - Returns: nil where no head is left.
  package init?(sets: [[String]], truths: [String?]) {
    precondition(sets.count == truths.count, "\(sets.count) sets, \(truths.count) truths")
    let pairs = zip(sets, truths).compactMap { set, truth in
      set.isEmpty ? nil : truth.map { (set: set, truth: $0) }
    }
    guard !pairs.isEmpty else { return nil }
    let number = Double(pairs.count)
    heads = pairs.count
    coverage = Double(pairs.count { $0.set.contains($0.truth) }) / number
    first = Double(pairs.count { $0.set.first == $0.truth }) / number
    size = Double(pairs.reduce(0) { $0 + $1.set.count }) / number
    let expected = pairs.reduce(0) { sum, pair in sum + pairs.count { $0.set.contains(pair.truth) } }
    permuted = Double(expected) / (number * number)
  }
}
