import Analysis
import Attribution

/// The property that each head follows most by the facts of the scenes, for labels to be held against.
public struct FollowedTitles: Sendable {
  /// Nil for a head that follows none, by `SceneTruth.floor`.
  public let titles: [String?]
  private let known: Set<String>

  /// - Returns: nil where no fact is known.
  /// - Throws: what reading features throws.
  public init?(_ evidence: ModelEvidence) throws {
    let properties = FactProperties(evidence)
    let facts = try FollowedFact.measure(evidence)
    known = Set(facts.joined().map { properties.title(of: $0.name) })
    guard !known.isEmpty else { return nil }
    titles = facts.map { facts in
      facts.first.flatMap { $0.explained.corrected >= SceneTruth.floor ? properties.title(of: $0.name) : nil }
    }
  }

  /// Labels that are properties of the scenes compared with what heads follow; nil where there are none.
  public func truth(of labels: [String?]) -> LabelTruth? {
    LabelTruth(labels: labels.map { $0.flatMap { known.contains($0) ? $0 : nil } }, truths: titles)
  }
}
