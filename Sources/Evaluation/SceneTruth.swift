import Analysis
import Attribution

/// What can be checked of one model where the truth of the images is known, each figure beside the control that it must
/// beat.
///
/// Parts for which nothing is known are nil.
public struct SceneTruth: Sendable {
  public let topic: MapTruths?
  public let contrast: MapTruths?
  public let neighbours: NeighbourTruths?
  public let descriptions: DescriptionTruth?
  public let planted: PlantedTexts?
  /// Per head, the facts of the probe images' scenes and how much of its variance follows them, most first.
  public let facts: [[FollowedFact]]
  /// The fact that each head follows most, in the order of all heads; nil below `floor`.
  public let followed: [String?]
  /// Labels compared with it: of heads whose label is a property that some fact of the scenes is.
  public let labels: LabelTruth?
  /// The property of the highest evidence compared with it: of heads that follow a fact that is a property; nil where there are
  /// none.
  public let evidence: LabelTruth?
  /// The same with evidence within chance counted as wrong.
  public let evidenceBeyondChance: LabelTruth?
  /// How often evidence is beyond chance though nothing is there.
  ///
  /// The share of the heads and properties of which a fact explains nothing (ε² below `nothingExplained`); nil where there are
  /// none. 0.025 is expected.
  public let falseEvidence: Double?
  /// The labels that descriptions by several methods give, compared with it: of heads that follow a fact that is a property, with a
  /// head without a label counted as wrong.
  public let methods: [(title: String, truth: LabelTruth)]
  /// The label sets that bootstraps give, compared with it: of heads that follow a fact that is a property.
  public let labelSets: LabelSetTruth?
  /// The sets of properties that heads vary with most in draws of images and words, held against the same.
  public let propertySets: LabelSetTruth?
  /// All heads, label against what they follow; nil where no fact is known.
  public let confusion: ConfusionTable?

  /// A head follows a fact if the fact explains at least this share of its variance (ε²), and more than any other.
  public static let floor = 0.1
  /// A fact that explains less than this share of a head's variance explains nothing.
  public static let nothingExplained = 0.01
  /// What the confusion table calls a head that follows nothing by that rule.
  public static let nothing = "nothing known"

  /// - Throws: what reading features and patch scores throws, and `EigenFailure`.
  public init(_ evidence: ModelEvidence) throws {
    let properties = FactProperties(evidence)
    (topic, contrast) = try MapTruths.measure(evidence)
    neighbours = try NeighbourTruths(evidence, properties)
    descriptions = try DescriptionTruth(evidence)
    planted = try PlantedTexts(evidence)
    facts = try FollowedFact.measure(evidence)
    followed = facts.map { facts in
      facts.first.flatMap { $0.explained.corrected >= Self.floor ? $0.name : nil }
    }
    let truths = followed.map { fact in fact.map { properties.title(of: $0) } }
    let known = Set(facts.joined().map { properties.title(of: $0.name) })
    let titles = evidence.labels
    labels = LabelTruth(labels: titles.map { known.contains($0) ? $0 : nil }, truths: truths)
    (self.evidence, evidenceBeyondChance) = (
      Self.propertyTruth(evidence, truths) { _ in true }, Self.propertyTruth(evidence, truths, where: \.isBeyondChance)
    )
    falseEvidence = Self.falseEvidence(evidence, properties, facts)
    methods = Self.methodTruths(evidence, truths)
    let followedProperties = truths.map { truth in
      truth.flatMap { title in evidence.properties.first { $0.title == title }?.title }
    }
    labelSets = LabelSetTruth(
      sets: evidence.heads.map { head in (head.stability?.labelSet ?? []).map { evidence.title(of: $0) } },
      truths: followedProperties)
    propertySets = LabelSetTruth(
      sets: evidence.heads.map { head in head.propertySet.map { evidence.properties[$0].title } },
      truths: followedProperties)
    confusion =
      known.isEmpty ? nil : ConfusionTable(zip(titles, truths).map { (label: $0, truth: $1 ?? Self.nothing) })
  }

  /// The property of the highest evidence against what heads follow.
  private static func propertyTruth(
    _ evidence: ModelEvidence, _ truths: [String?], where isEvidence: (PropertyShare) -> Bool
  ) -> LabelTruth? {
    let titles = evidence.properties.map(\.title)
    return propertyTruth(
      evidence, truths,
      found: evidence.heads.map { head in
        evidence.strongestProperty(of: head).flatMap { isEvidence($0.share) ? titles[$0.place] : nil } ?? nothing
      })
  }

  /// What was found of every head against what it follows, of those that follow a property.
  private static func propertyTruth(_ evidence: ModelEvidence, _ truths: [String?], found: [String]) -> LabelTruth? {
    let titles = evidence.properties.map(\.title)
    return LabelTruth(
      labels: zip(truths, found).map { truth, found in truth.flatMap { titles.contains($0) ? found : nil } },
      truths: truths)
  }

  private static func methodTruths(
    _ evidence: ModelEvidence, _ truths: [String?]
  ) -> [(title: String, truth: LabelTruth)] {
    let methods = evidence.heads.first?.methods ?? []
    return methods.indices.compactMap { place in
      let found = evidence.heads.map { head in
        (head.methods.indices.contains(place) ? head.methods[place].label : nil).map(evidence.title) ?? nothing
      }
      return propertyTruth(evidence, truths, found: found).map { (title: methods[place].title, truth: $0) }
    }
  }

  /// The share of heads and properties with evidence beyond chance among those of which no fact explains anything.
  private static func falseEvidence(
    _ evidence: ModelEvidence, _ properties: FactProperties, _ facts: [[FollowedFact]]
  ) -> Double? {
    let cells = zip(evidence.heads, facts).flatMap { head, facts in
      zip(evidence.properties, head.properties).compactMap { property, share -> Bool? in
        let own = facts.filter { properties.title(of: $0.name) == property.title }
        guard let share, !own.isEmpty, own.allSatisfy({ $0.explained.corrected < nothingExplained }) else { return nil }
        return share.isBeyondChance
      }
    }
    return cells.isEmpty ? nil : Double(cells.count { $0 }) / Double(cells.count)
  }

  /// The facts that any head was compared with, sorted.
  public var factNames: [String] { Set(facts.joined().map(\.name)).sorted() }
}
