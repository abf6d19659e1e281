import Analysis
import Attribution
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
  let leads: [Int]

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

/// The statistics of so many runs of a head's images.
private func blocks(_ head: SyntheticHead, _ count: Int) -> [HeadStatistics] {
  let images = head.coordinates.rows
  return (0..<count).map { block in
    var statistics = HeadStatistics(width: head.coordinates.rowCount)
    statistics.add(rows((0..<images).filter { $0 * count / images == block }, of: head.coordinates))
    return statistics
  }
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

  @Test(arguments: try Golden.all())
  private func `leads in the draws that projecting the contributions of all drawn images gives`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let place = try #require(try Golden.all().firstIndex { $0.name == golden.name })
    let words = golden.words.map { rows($0, of: head.texts) }
    let shares = try PropertySpans(words: words, pool: head.texts).shares(
      statistics: statistics(head), basis: head.basis)
    let draws = try PropertyDraws(words: words, width: head.texts.rowCount)
    #expect(
      try draws.leads(of: blocks(head, min(16, head.coordinates.rows)), basis: head.basis, shares: shares, head: place)
        == golden.leads)
  }

  @Test func `without blocks draws words alone, and of what does not vary or differ nothing`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let words = [[0, 3, 6], [4], [], [5, 5, 5], [1, 5, 9]].map { rows($0, of: head.texts) }
    let shares = try PropertySpans(words: words, pool: head.texts).shares(
      statistics: statistics(head), basis: head.basis)
    let draws = try PropertyDraws(words: words, width: head.texts.rowCount)
    let found = try draws.leads(of: [statistics(head)], basis: head.basis, shares: shares, head: 0)
    #expect(found.reduce(0, +) == HeadEvidence.propertyDraws && found[1...3].allSatisfy { $0 == 0 })
    #expect(found[0] > 50)
    let still = HeadStatistics(width: head.coordinates.rowCount)
    #expect(try draws.leads(of: [still], basis: head.basis, shares: shares, head: 0) == [])
    let none = try PropertyDraws(words: [], width: head.texts.rowCount)
    #expect(try none.leads(of: [statistics(head)], basis: head.basis, shares: [], head: 0) == [])
  }

  @Test func `a set has the fewest properties that hold nine draws of ten, most frequent first`() {
    func set(_ leads: [Int]) -> [Int] {
      HeadEvidence(
        head: Head(layer: 0, head: 0), descriptions: [], label: .ambiguous, source: .unlabelled, labelMargin: nil,
        consistency: nil, variance: 1, effectiveRank: 1, properties: [], propertyLeads: leads
      ).propertySet
    }
    #expect(set([5, 90, 5]) == [1] && set([5, 89, 6]) == [1, 2] && set([50, 0, 50]) == [0, 2])
    #expect(set([]) == [] && set([0, 0]) == [])
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
