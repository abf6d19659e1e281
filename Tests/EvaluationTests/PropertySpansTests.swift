import Analysis
import Descriptions
import Evaluation
import Foundation
import Tensors
import TestSupport
import Testing

/// The shares of a synthetic head, in float64; written by `scripts/goldens/properties.py`.
private struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let recipe: SyntheticHead.Recipe
  /// Places in the texts.
  let words: [[Int]]
  let shares: [PropertyShare]

  var testDescription: String { name }

  static func all() throws -> [Golden] {
    try JSONDecoder().decode(
      [Golden].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("properties/goldens.json"))))
  }
}

private func rows(_ places: [Int], of tensor: Tensor) -> Tensor {
  Tensor(shape: [places.count, tensor.rowCount], values: places.flatMap { tensor.row($0) })
}

private func statistics(_ head: SyntheticHead) -> HeadStatistics {
  var statistics = HeadStatistics(width: head.coordinates.rowCount)
  statistics.add(head.coordinates)
  return statistics
}

@Suite struct `Evidence of properties` {
  @Test(arguments: try Golden.all()) private func `is what projecting the contributions of all images gives`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let spans = try PropertySpans(words: golden.words.map { rows($0, of: head.texts) }, pool: head.texts)
    let found = try spans.shares(statistics: statistics(head), basis: head.basis)
    #expect(found.count == golden.shares.count)
    for (found, golden) in zip(found, golden.shares) {
      let found = try #require(found)
      let worst = WorstDifference(
        [found.share, found.chance, found.lowest, found.highest],
        [golden.share, golden.chance, golden.lowest, golden.highest])
      #expect(worst.value < 1e-6, "\(worst)")
    }
  }

  @Test func `says nothing of words that do not differ, nor of a head that does not vary`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let words = [[0, 3, 6], [4], [], [5, 5, 5]].map { rows($0, of: head.texts) }
    let spans = try PropertySpans(words: words, pool: head.texts)
    #expect(
      try spans.shares(statistics: statistics(head), basis: head.basis).map { $0 != nil } == [
        true, false, false, false,
      ])
    let still = HeadStatistics(width: head.coordinates.rowCount)
    #expect(try spans.shares(statistics: still, basis: head.basis).allSatisfy { $0 == nil })
    // More words than candidate descriptions: there is no chance to compare them with.
    let few = try PropertySpans(words: words, pool: rows([1, 2], of: head.texts))
    #expect(try few.shares(statistics: statistics(head), basis: head.basis).allSatisfy { $0 == nil })
  }

  @Test func `is zero for what chance gives, and one for all`() {
    let share = PropertyShare(share: 0.6, chance: 0.2, lowest: 0.1, highest: 0.3)
    #expect(abs(share.excess - 0.5) < 1e-12)
    #expect(abs(share.highestByChance - 0.125) < 1e-12)
    #expect(share.isBeyondChance)
    let chance = PropertyShare(share: 0.2, chance: 0.2, lowest: 0.1, highest: 0.3)
    #expect(chance.excess == 0 && !chance.isBeyondChance)
  }
}
