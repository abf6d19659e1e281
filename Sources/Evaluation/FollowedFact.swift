import Analysis
import Attribution

/// A fact of scenes, such as their setting, and how much of a head's variance it explains.
public struct FollowedFact: Sendable {
  public let name: String
  public let explained: ExplainedShare

  /// Per head, the facts of the probe images' scenes, those that explain most of its variance first.
  static func measure(_ evidence: ModelEvidence) throws -> [[FollowedFact]] {
    try evidence.memo.value("followed facts") { try measured(evidence) }
  }

  private static func measured(_ evidence: ModelEvidence) throws -> [[FollowedFact]] {
    let facts = evidence.probe.items.lazy.map(\.facts)
    let designs = try SceneFacts.names(in: facts).compactMap { try FactDesign(fact: $0, images: facts) }
    let features = evidence.probe.features
    guard !designs.isEmpty else { return evidence.heads.map { _ in [] } }
    return try evidence.mapHeads { head in
      let variation = try HeadVariation(count: features.count, gram: features.space(of: head).gram) { body in
        try features.forEachBlock(of: head, body)
      }
      return try zip(designs, variation.explained(by: designs)).compactMap { design, explained in
        explained.map { FollowedFact(name: design.fact, explained: $0) }
      }.sorted { ($1.explained.corrected, $0.name) < ($0.explained.corrected, $1.name) }
    }
  }
}
