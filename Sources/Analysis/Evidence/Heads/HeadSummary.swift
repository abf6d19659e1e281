import Attribution

/// What a head does in short, by its evidence alone.
///
/// The site makes its verdict of it, and says it in the same words wherever it names the head.
package struct HeadSummary: Sendable, Equatable {
  /// What of the head's variance lies along a property's words, beyond chance.
  package struct Evidence: Sendable, Equatable {
    /// The property's identifier.
    package let property: String
    /// 0 by chance, 1 for a head that writes along nothing else.
    package let excess: Double
    /// The excess that chance reaches.
    package let chance: Double
    /// What both are of: the share of the head's variance, and what chance gives; nil where it was not kept.
    package let share: PropertyShare?

    package init(property: String, excess: Double, chance: Double, share: PropertyShare? = nil) {
      (self.property, self.excess, self.chance, self.share) = (property, excess, chance, share)
    }

    package var isBeyondChance: Bool { excess > chance }
  }

  /// The strongest first.
  package let evidence: [Evidence]
  /// The first text of either end of its first principal direction, the high end first; empty where it has none.
  package let ends: [String]
  /// The share of all heads' variance that is this head's.
  package let variance: Double
  /// In about how many directions it varies.
  package let effectiveRank: Double
  /// What every labeller calls it, in the order of the model's labellers; nil where one gave no answer.
  package let labels: [String?]
  /// CCS, 0 to 5: how many of its first five descriptions fit the label that pages show; nil where they were not judged.
  package let consistency: Int?
  /// In which share of bootstraps its label in context comes back, 0 to 1; nil where that is ambiguous or not known.
  package let labelStability: Double?
  /// In which share of bootstraps its first description is among the first ones again, 0 to 1; nil where that is not known.
  package let descriptionStability: Double?

  package init(
    evidence: [Evidence], ends: [String], variance: Double, effectiveRank: Double, labels: [String?] = [],
    consistency: Int? = nil, labelStability: Double? = nil, descriptionStability: Double? = nil
  ) {
    self.evidence = evidence
    self.ends = ends
    self.variance = variance
    self.effectiveRank = effectiveRank
    self.labels = labels
    self.consistency = consistency
    self.labelStability = labelStability
    self.descriptionStability = descriptionStability
  }

  /// The property that the head varies with most, where that is beyond chance.
  package var strongest: Evidence? { evidence.first.flatMap { $0.isBeyondChance ? $0 : nil } }
}

extension ModelEvidence {
  /// The summaries of all heads, in the order of `shape.allHeads`.
  package var summaries: [HeadSummary] {
    heads.enumerated().map { place, head in
      let known = zip(properties, head.properties).compactMap { property, share in
        share.map {
          HeadSummary.Evidence(property: property.id, excess: $0.excess, chance: $0.highestByChance, share: $0)
        }
      }
      let ends = head.directions.first.map { direction in
        [direction.high, direction.low].compactMap { $0.texts.first.map { pool.texts[$0] } }
      }
      return HeadSummary(
        evidence: known.sorted { ($1.excess, $0.property) < ($0.excess, $1.property) },
        ends: ends.flatMap { $0.count == 2 ? $0 : nil } ?? [], variance: head.variance,
        effectiveRank: head.effectiveRank, labels: labellers.map { title(of: $0.labels[place]) },
        consistency: head.consistency,
        labelStability: head.stability.flatMap { $0.label == .ambiguous ? nil : $0.labelReturns?.share },
        descriptionStability: head.stability?.descriptions.first.flatMap(\.all.share))
    }
  }

  /// Nil where nothing was asked, or no answer could be read.
  private func title(of given: GivenLabel) -> String? {
    switch given.state {
    case .given, .declined: title(of: given.label)
    case .failed, .missing: nil
    }
  }
}
