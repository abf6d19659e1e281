import Evaluation
import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// What `scripts/goldens/explanations.py` worked out.
private struct ExplanationGolden: Decodable {
  struct Expected: Decodable {
    let texts: [Int]
    let weights, correlations: [Double]
    let chance, highest, firstDescription: Double
  }
  struct Head: Decodable {
    let basis, coordinates: [[Float]]
    let axis: [Float]
    let expected: Expected
  }
  let images, texts: [[Float]]
  let isChoosing: [Bool]
  let count, described: Int
  let random: [[Int]]
  let heads: [Head]
}

private func tensor(_ rows: [[Float]]) -> Tensor {
  Tensor(shape: [rows.count, rows[0].count], values: Array(rows.joined()))
}

@Suite struct `A regression of what a head writes on what images show` {
  private let golden: ExplanationGolden
  private let regression: TextRegression

  init() throws {
    golden = try JSONDecoder().decode(
      ExplanationGolden.self, from: Data(readFile(Fixtures.golden("explanations/goldens.json"))))
    regression = TextRegression(
      texts: tensor(golden.texts), images: tensor(golden.images), isChoosing: golden.isChoosing)
  }

  private func explanation(_ head: ExplanationGolden.Head, described: Int? = nil) -> LinearExplanation? {
    regression.explanation(
      coordinates: tensor(head.coordinates), basis: tensor(head.basis), axis: head.axis, count: golden.count,
      random: golden.random, described: described)
  }

  @Test func `chooses the texts, weights and correlations of the long way in float64`() throws {
    for head in golden.heads {
      let found = try #require(explanation(head, described: golden.described))
      let expected = head.expected
      #expect(found.terms.map(\.text) == expected.texts)
      let numbers =
        found.terms.map(\.weight) + found.terms.map(\.correlation) + [found.chance.mean, found.chance.highest]
      let wanted = expected.weights + expected.correlations + [expected.chance, expected.highest]
      for (number, wanted) in zip(numbers, wanted) { #expect(abs(number - wanted) < 1e-5, "\(number), \(wanted)") }
      #expect(abs(try #require(found.firstDescription) - expected.firstDescription) < 1e-5)
      #expect(found.correlation == found.terms.last?.correlation)
    }
  }

  @Test func `has no explanation of a head that writes the same for every image`() {
    let head = golden.heads[0]
    let same = Tensor(
      shape: [golden.images.count, head.axis.count], values: golden.images.flatMap { _ in head.coordinates[0] })
    #expect(
      regression.explanation(
        coordinates: same, basis: tensor(head.basis), axis: head.axis, count: 5, random: [[0]], described: nil) == nil)
  }

  @Test func `ends where no text is left, and leaves out one that is a sum of others`() throws {
    let texts = Array(golden.texts.prefix(2)) + [golden.texts[1]]
    let few = TextRegression(texts: tensor(texts), images: tensor(golden.images), isChoosing: golden.isChoosing)
    let head = golden.heads[0]
    let found = try #require(
      few.explanation(
        coordinates: tensor(head.coordinates), basis: tensor(head.basis), axis: head.axis, count: 5, random: [[0, 1]],
        described: nil))
    #expect(Set(found.terms.map(\.text)) == [0, 1] && found.firstDescription == nil)
    // All that there is was drawn too.
    #expect(abs(found.correlation - found.chance.mean) < 1e-9)
  }
}
