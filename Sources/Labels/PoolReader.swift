import Attribution

/// The lines of a pool as the in-context labeller reads them, to label heads by places in the pool.
package struct PoolReader: Sendable {
  private let labeller: InContextLabeller
  /// The properties that labels may name.
  package let properties: [Label]
  /// The properties that each line carries.
  private let carried: [Set<Int>]
  private let usual: [[Double]]

  /// What a head's lines say.
  package struct Reading: Sendable {
    package let label: Label
    /// How much the lines speak for each of `properties`, in nats.
    package let nats: [Double]
  }

  init(labeller: InContextLabeller, properties: [Label], carried: [Set<Int>], usual: [[Double]]) {
    (self.labeller, self.properties, self.carried, self.usual) = (labeller, properties, carried, usual)
  }

  /// Reads the lines of a head, the first ten of them.
  ///
  /// - Parameters:
  ///   - places: of the lines in the pool, best first.
  ///   - weights: how much of the head's variance each explains, in any unit.
  package func read(_ places: [Int], weights: [Double]) -> Reading {
    let lines = places.prefix(InContextLabeller.votingLines).map { carried[$0] }
    let found = labeller.evidence(lines, weights: weights.prefix(lines.count).map { max($0, 0) }, usual: usual)
    return Reading(label: labeller.label(found, lines).label, nats: found.map(\.nats))
  }
}
