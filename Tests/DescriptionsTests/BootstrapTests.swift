import Descriptions
import Evaluation
import Foundation
import Tensors
import TestSupport
import Testing

/// How many bootstraps of a synthetic head choose each text, in float64; written by `scripts/goldens/bootstraps.py`.
private struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let place: Int
  let blocks: Int
  let recipe: SyntheticHead.Recipe
  let whole: [Int]
  let lead: Double
  let images: [String: Int]
  let pools: [String: Int]

  var testDescription: String { name }

  static func all() throws -> [Golden] {
    try JSONDecoder().decode(
      [Golden].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("stability/goldens.json"))))
  }
}

/// The statistics of a head over runs of its images, as numpy's `array_split` cuts them.
private func blocks(_ head: SyntheticHead, _ count: Int) -> [HeadStatistics] {
  let (images, width) = (head.coordinates.rows, head.coordinates.rowCount)
  var first = 0
  return (0..<count).map { block in
    let size = images / count + (block < images % count ? 1 : 0)
    defer { first += size }
    var statistics = HeadStatistics(width: width)
    statistics.add(
      Tensor(
        shape: [size, width], values: Array(head.coordinates.values[first * width..<(first + size) * width])))
    return statistics
  }
}

private func counts(_ bootstraps: [[ChosenText]]) -> [String: Int] {
  bootstraps.joined().reduce(into: [:]) { $0["\($1.index)", default: 0] += 1 }
}

private func describer(
  _ golden: Golden, _ head: SyntheticHead, most: Int = BootstrapDescriber.mostTexts
) throws -> BootstrapDescriber {
  try BootstrapDescriber(
    blocks: blocks(head, golden.blocks), basis: head.basis, texts: head.texts, rank: 80, count: 10,
    most: most)
}

@Suite struct `Bootstraps of a head` {
  @Test(arguments: try Golden.all()) private func `choose the texts that the images and texts drawn give themselves`(
    golden: Golden
  ) throws {
    try #require(golden.lead > 1e-6, "a choice that rounding decides says nothing")
    let head = SyntheticHead(golden.recipe)
    let draws = BootstrapDraws(head: golden.place, blocks: golden.blocks, texts: head.texts.rows)
    let describer = try describer(golden, head)
    #expect(counts(describer.describe(images: draws.images)) == golden.images)
    #expect(counts(describer.describe(pools: draws.pools)) == golden.pools)
  }

  @Test(arguments: try Golden.all()) private func `of all blocks and all texts once are TextSpan's own choice`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let parts = blocks(head, golden.blocks)
    let describer = try describer(golden, head)
    var whole = HeadStatistics(width: head.coordinates.rowCount)
    for part in parts { whole.merge(part) }
    let expected = try textSpan(statistics: whole, basis: head.basis, texts: head.texts, count: 10, rank: 80)
    for found in [
      describer.describe(images: [parts.map { _ in 1 }])[0],
      describer.describe(pools: [[Bool](repeating: true, count: head.texts.rows)])[0],
    ] {
      #expect(found.map(\.index) == expected.map(\.index))
      let sums = expected.map { $0.explainedVariance * (try? whole.totalVariance(basis: head.basis))! }
      let worst = WorstDifference(found.map(\.variance), zip(sums, [0] + sums).map { $0 - $1 })
      #expect(worst.value < 1e-9 * sums.last!, "\(worst)")
    }
  }

  @Test(arguments: try Golden.all()) private func `of one block three times and another once are of these images`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let parts = blocks(head, golden.blocks)
    var weights = parts.map { _ in 0 }
    (weights[2], weights[5]) = (3, 1)
    var drawn = HeadStatistics(width: head.coordinates.rowCount)
    for part in [parts[2], parts[5], parts[2], parts[2]] { drawn.merge(part) }
    let expected = try textSpan(statistics: drawn, basis: head.basis, texts: head.texts, count: 5, rank: 80)
    let found = try describer(golden, head).describe(images: [weights])[0]
    // Where the images span less than all do, TextSpan projects on less.
    let isWhole = golden.recipe.images / 4 > golden.recipe.width
    #expect(!isWhole || found.prefix(5).map(\.index) == expected.map(\.index))
  }

  @Test func `of texts that are equal have the first that is there`() throws {
    let golden = try Golden.all()[0]
    var head = SyntheticHead(golden.recipe)
    let best = golden.whole[0]
    let other = (best + 7) % head.texts.rows
    head = SyntheticHead(head, replacing: other, with: best)
    let (first, second) = (min(best, other), max(best, other))
    let describer = try describer(golden, head)
    let all = describer.describe(images: [[Int](repeating: 1, count: golden.blocks)])[0].map(\.index)
    #expect(all.contains(first) && !all.contains(second))
    var isThere = [Bool](repeating: true, count: head.texts.rows)
    isThere[first] = false
    let rest = describer.describe(pools: [isThere])[0].map(\.index)
    #expect(rest[0] == second)
  }

  @Test func `of a head that does not vary choose nothing`() throws {
    let golden = try Golden.all()[0]
    let head = SyntheticHead(golden.recipe)
    let still = HeadStatistics(width: head.coordinates.rowCount)
    let describer = try BootstrapDescriber(
      blocks: [still, still, still, still], basis: head.basis, texts: head.texts, rank: 80, count: 10)
    #expect(describer.describe(images: [[1, 1, 1, 1], [4, 0, 0, 0]]) == [[], []])
    #expect(describer.describe(pools: [[Bool](repeating: true, count: head.texts.rows)]) == [[]])
    #expect(throws: TextSpanError.numbers(count: 0, rank: 80)) {
      try BootstrapDescriber(blocks: [still], basis: head.basis, texts: head.texts, rank: 80, count: 0)
    }
  }

  @Test func `draw the same in every run, and other things for every head`() {
    let draws = BootstrapDraws(head: 3, blocks: 8, texts: 50)
    #expect(draws.images == BootstrapDraws(head: 3, blocks: 8, texts: 50).images)
    #expect(draws.pools == BootstrapDraws(head: 3, blocks: 8, texts: 50).pools)
    #expect(draws.images != BootstrapDraws(head: 4, blocks: 8, texts: 50).images)
    #expect(draws.images.count == 100 && draws.images.allSatisfy { $0.reduce(0, +) == 8 && $0.count == 8 })
    // 1 − (1 − 1/50)^50 of the texts, 63.6 %, are in a draw.
    let share = Double(draws.pools.joined().count { $0 }) / 5000
    #expect(abs(share - 0.636) < 0.02)
    // With fewer blocks too few bootstraps would differ.
    #expect(BootstrapDraws(head: 3, blocks: 3, texts: 50).images.isEmpty)
  }
}
