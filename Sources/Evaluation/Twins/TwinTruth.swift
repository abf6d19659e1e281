import Analysis
import Attribution

/// Twins of heads held against what the heads truly follow.
public struct TwinTruth: Sendable, Equatable {
  /// Heads that follow a fact of the scenes and have a twin.
  public let heads: Int
  /// The share of them whose best twin follows the same fact.
  public let agreeing: Double
  /// The share expected if what the twins' model follows were permuted among its heads: exact, the mean over all permutations.
  public let permuted: Double

  /// - Parameters:
  ///   - twins: the best twin of each head, a place among `others`; nil leaves the head out.
  ///   - followed: the fact that each head follows; nil leaves the head out.
  ///   - others: what each head of the twins' model follows.
  ///   - isWithin: whether that is the same model, where both sides are permuted together.
  /// - Returns: nil where no head is left.
  package init?(twins: [Int?], followed: [String?], others: [String?], isWithin: Bool) {
    precondition(twins.count == followed.count, "\(twins.count) twins, \(followed.count) truths")
    let pairs = zip(twins, followed).compactMap { twin, fact in
      twin.flatMap { twin in fact.map { (twin: twin, fact: $0) } }
    }
    // Within a model one head less can be the twin: not the head itself.
    let others = (facts: others.compactMap { $0 }, count: others.count - (isWithin ? 1 : 0), all: others)
    guard !pairs.isEmpty, others.count > 0 else { return nil }
    heads = pairs.count
    agreeing = Double(pairs.count { others.all[$0.twin] == $0.fact }) / Double(pairs.count)
    let counts = Dictionary(others.facts.map { ($0, 1) }, uniquingKeysWith: +)
    let expected = pairs.reduce(0) { $0 + (counts[$1.fact] ?? 0) - (isWithin ? 1 : 0) }
    permuted = Double(expected) / Double(pairs.count * others.count)
  }
}

extension TwinTruth {
  /// The fact that each head of a model follows, in the order of `shape.allHeads`; nil for a head that follows none, by `SceneTruth.floor`.
  ///
  /// - Throws: what reading features throws, and `EigenFailure`.
  public static func followed(_ evidence: ModelEvidence) throws -> [String?] {
    try FollowedFact.measure(evidence).map { facts in
      facts.first.flatMap { $0.explained.corrected >= SceneTruth.floor ? $0.name : nil }
    }
  }

  /// The best twins of a pair.
  ///
  /// - Parameters:
  ///   - followed: of the first model.
  ///   - others: of the second.
  public init?(_ pair: TwinPair, followed: [String?], others: [String?]) {
    self.init(
      twins: pair.best.map { $0?.place }, followed: followed, others: others, isWithin: pair.isWithin)
  }
}
