import Descriptions
import Foundation
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// What several methods find in a synthetic head, in float64; written by `scripts/goldens/methods.py`.
private struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  struct Method: Decodable, Sendable {
    let texts: [Int]
    let lead: Double
    let explained: [Double]
    let heldOut: [Double]
  }
  struct Pole: Decodable, Sendable {
    let direction: Int
    let share: Double
    let texts: [Int]
    let weights: [Double]
    let fidelity: Double
  }
  struct Poles: Decodable, Sendable {
    let poles: [Pole]
    let lead: Double
  }
  let name: String
  let recipe: SyntheticHead.Recipe
  let blocks: Int
  let methods: [String: Method]
  let poles: [String: Poles]

  var testDescription: String { name }

  static func all() throws -> [Golden] {
    try JSONDecoder().decode(
      [Golden].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("methods/goldens.json"))))
  }
}

/// The statistics of a head over runs of its images, as numpy's `array_split` cuts them.
private func halves(_ head: SyntheticHead, blocks count: Int) -> HalvedStatistics {
  let (images, width) = (head.coordinates.rows, head.coordinates.rowCount)
  var halves = HalvedStatistics(width: width)
  var first = 0
  for block in 0..<count {
    let size = images / count + (block < images % count ? 1 : 0)
    defer { first += size }
    var statistics = HeadStatistics(width: width)
    statistics.add(
      Tensor(
        shape: [size, width], values: Array(head.coordinates.values[first * width..<(first + size) * width])))
    halves.add(statistics)
  }
  return halves
}

/// No covariance between coordinates.
private func white(_ head: SyntheticHead) -> Tensor {
  let width = head.coordinates.rowCount
  return Tensor(
    shape: [width, width], values: (0..<width * width).map { $0 % (width + 1) == 0 ? 1 : 0 })
}

@Suite struct `Methods that describe a head` {
  @Test(arguments: try Golden.all()) private func `choose the texts, and explain as much, as from all images`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let describer = HeadDescriber(texts: head.texts, count: 8, rank: 80)
    let found = try describer.describe(halves(head, blocks: golden.blocks), basis: head.basis, white: white(head))
      .methods
    #expect(found.map(\.method) == DescriptionMethod.allCases)
    for (name, expected) in golden.methods {
      let own = try #require(found.first { $0.method.rawValue == name })
      try #require(expected.lead > 1e-5, "\(name): a choice that rounding decides says nothing")
      #expect(own.texts == expected.texts, "\(name)")
      let worst = WorstDifference(own.explained, expected.explained)
      #expect(worst.value < 1e-6, "\(name): \(worst)")
      let unseen = WorstDifference(try #require(own.heldOut), expected.heldOut)
      #expect(unseen.value < 1e-6, "\(name): \(unseen)")
    }
  }

  @Test(arguments: try Golden.all())
  private func `say of both ends of a direction what least squares without negative weights says`(
    golden: Golden
  ) throws {
    let head = SyntheticHead(golden.recipe)
    let describer = HeadDescriber(texts: head.texts, count: 8, rank: 80)
    var statistics = HeadStatistics(width: head.coordinates.rowCount)
    statistics.add(head.coordinates)
    for method in [DescriptionMethod.nnomp, .comp] {
      let expected = try #require(golden.poles[method.rawValue])
      try #require(expected.lead > 1e-5, "\(method): a choice that rounding decides says nothing")
      let found = try describer.directions(of: statistics, basis: head.basis, by: method)
      #expect(2 * found.count == expected.poles.count)
      for (place, direction) in found.enumerated() {
        // Which end is the high one is a matter of signs.
        let own = [direction.high, direction.low].sorted { $0.texts.lexicographicallyPrecedes($1.texts) }
        let others = expected.poles.filter { $0.direction == place }.sorted {
          $0.texts.lexicographicallyPrecedes($1.texts)
        }
        for (own, other) in zip(own, others) {
          #expect(own.texts == other.texts, "\(method), direction \(place)")
          let worst = WorstDifference(
            own.weights + [direction.share, own.fidelity], other.weights + [other.share, other.fidelity])
          #expect(worst.value < 1e-6, "\(method), direction \(place): \(worst)")
        }
      }
    }
  }

  @Test(arguments: try Golden.all()) private func `measure what images have along a direction`(golden: Golden) throws {
    let head = SyntheticHead(golden.recipe)
    let describer = HeadDescriber(texts: head.texts, count: 8, rank: 80)
    let statistics = halves(head, blocks: 1).whole
    let total = try statistics.totalVariance(basis: head.basis)
    for direction in try describer.directions(of: statistics, basis: head.basis, by: .comp) {
      let projections = (0..<head.coordinates.rows).map { row in
        zip(head.coordinates.row(row), direction.axis).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      let mean = projections.reduce(0, +) / Double(projections.count)
      let variance = projections.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(projections.count - 1)
      #expect(abs(variance / total - direction.share) < 1e-5)
    }
  }

  @Test func `by directions give each end texts by its share of the variance`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let parts = halves(head, blocks: 1)
    func found(_ count: Int) throws -> MethodDescriptions {
      try HeadDescriber(texts: head.texts, count: count, rank: 80).describe(
        parts, basis: head.basis, white: white(head), by: [.comp]
      ).methods[0]
    }
    let all = try found(50).texts
    let directions = try HeadDescriber(texts: head.texts, count: 1, rank: 80).directions(
      of: parts.whole, basis: head.basis, by: .comp)
    // All quotients of d'Hondt, the largest first.
    let seats = directions.enumerated().flatMap { place, direction in
      [direction.high.texts, direction.low.texts].enumerated().flatMap { end, texts in
        texts.enumerated().map { turn, text in (-direction.share / Double(turn + 1), 2 * place + end, text) }
      }
    }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    #expect(all == seats.map(\.2).reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    #expect(try found(4).texts == Array(all.prefix(4)))
    // One block has no other to be held against.
    #expect(try found(4).heldOut == nil)
  }

  @Test func `of weights alone are those of the covariance that weights give`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let describer = HeadDescriber(texts: head.texts, count: 10, rank: 80)
    let found = try describer.describe(
      halves(head, blocks: 4), basis: head.basis, white: white(head), by: [.weights]
    ).methods[0]
    let poles = try describer.directions(
      of: HeadStatistics(covariance: white(head)), basis: head.basis, by: .comp
    )
    .flatMap { [$0.high.texts, $0.low.texts] }
    #expect(!found.texts.isEmpty && Set(found.texts).isSubset(of: poles.joined()))
    #expect(found.texts.first == poles.first?.first)
    // The same texts are judged on all images and on half of them.
    #expect(found.heldOut?.count == found.explained.count && found.heldOut != found.explained)
  }

  @Test func `explain no less with more texts, and nothing of a head that does not vary`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let describer = HeadDescriber(texts: head.texts, count: 30, rank: 80)
    for found in try describer.describe(halves(head, blocks: 4), basis: head.basis, white: white(head)).methods {
      for shares in [found.explained, try #require(found.heldOut)] {
        #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 }, "\(found.method)")
        #expect(shares.allSatisfy { (0...1).contains($0) }, "\(found.method)")
      }
    }
    let still = HalvedStatistics(width: head.coordinates.rowCount)
    for found in try describer.describe(still, basis: head.basis, white: white(head)).methods {
      #expect(found.texts.isEmpty && found.explained.isEmpty)
    }
    #expect(try describer.directions(of: still.whole, basis: head.basis, by: .nnomp).isEmpty)
  }

  @Test func `refuse texts of another model`() throws {
    let head = SyntheticHead(try Golden.all()[0].recipe)
    let describer = HeadDescriber(texts: Tensor(shape: [2, 3], values: [1, 0, 0, 0, 1, 0]), count: 3, rank: 80)
    #expect(throws: TextSpanError.texts(shape: [2, 3], embeddingWidth: head.basis.rowCount)) {
      try describer.describe(halves(head, blocks: 2), basis: head.basis, white: white(head))
    }
  }
}
