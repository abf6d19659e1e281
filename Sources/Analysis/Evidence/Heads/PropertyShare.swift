/// How much of a head's variance lies along the words of a property, beside what other texts give.
///
/// It needs neither labels nor truth. The directions are those in which the embeddings of the property's words differ from each
/// other, the first few of them; chance are as many directions of as many candidate descriptions, drawn at random.
public struct PropertyShare: Sendable, Codable, Equatable {
  /// The share of the head's variance over the probe images along the directions of the property's words, 0 to 1.
  public let share: Double
  /// The mean of the same over random subsets of the candidate descriptions.
  public let chance: Double
  /// Between these lie 95 % of the random subsets.
  public let lowest: Double
  public let highest: Double

  package init(share: Double, chance: Double, lowest: Double, highest: Double) {
    (self.share, self.chance, self.lowest, self.highest) = (share, chance, lowest, highest)
  }

  /// (share − chance) / (1 − chance): 0 by chance, 1 for a head that writes along nothing else.
  public var excess: Double { beyondChance(share) }

  /// The excess that 2.5 % of the random subsets pass.
  public var highestByChance: Double { beyondChance(highest) }

  /// Whether the share is higher than 97.5 % of the random subsets give.
  public var isBeyondChance: Bool { share > highest }

  private func beyondChance(_ share: Double) -> Double { chance < 1 ? (share - chance) / (1 - chance) : 0 }
}

extension ModelEvidence {
  /// The property of the highest excess, by its place in `properties`; it may be within chance.
  public func strongestProperty(of head: HeadEvidence) -> (place: Int, share: PropertyShare)? {
    let known = head.properties.enumerated().compactMap { place, share in share.map { (place: place, share: $0) } }
    return known.max { ($0.share.excess, $1.place) < ($1.share.excess, $0.place) }
  }
}

extension HeadEvidence {
  /// How often the probe images of a head, and the words of each property, are drawn anew.
  public static let propertyDraws = 100

  /// The fewest properties, by their places and most frequent first, of which one has the highest excess in at least 90 % of the draws of images
  /// and words; empty where nothing was drawn.
  public var propertySet: [Int] {
    let order = propertyLeads.indices.sorted { (propertyLeads[$1], $0) < (propertyLeads[$0], $1) }
    let all = propertyLeads.reduce(0, +)
    var (found, sum) = ([Int](), 0)
    for place in order where Double(sum) < HeadStability.coverage * Double(all) {
      found.append(place)
      sum += propertyLeads[place]
    }
    return found
  }
}
