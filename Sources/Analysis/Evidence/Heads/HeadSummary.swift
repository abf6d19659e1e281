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

    package init(property: String, excess: Double, chance: Double) {
      (self.property, self.excess, self.chance) = (property, excess, chance)
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

  package init(evidence: [Evidence], ends: [String], variance: Double, effectiveRank: Double) {
    self.evidence = evidence
    self.ends = ends
    self.variance = variance
    self.effectiveRank = effectiveRank
  }

  /// The property that the head varies with most, where that is beyond chance.
  package var strongest: Evidence? { evidence.first.flatMap { $0.isBeyondChance ? $0 : nil } }
}

extension ModelEvidence {
  /// The summaries of all heads, in the order of `shape.allHeads`.
  package var summaries: [HeadSummary] {
    heads.map { head in
      let known = zip(properties, head.properties).compactMap { property, share in
        share.map {
          HeadSummary.Evidence(property: property.id, excess: $0.excess, chance: $0.highestByChance)
        }
      }
      let ends = head.directions.first.map { direction in
        [direction.high, direction.low].compactMap { $0.texts.first.map { pool.texts[$0] } }
      }
      return HeadSummary(
        evidence: known.sorted { ($1.excess, $0.property) < ($0.excess, $1.property) },
        ends: ends.flatMap { $0.count == 2 ? $0 : nil } ?? [], variance: head.variance,
        effectiveRank: head.effectiveRank)
    }
  }
}
