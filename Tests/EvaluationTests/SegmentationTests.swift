import Analysis
import Attribution
import Evaluation
import Foundation
import Tensors
import TestSupport
import Testing

/// What `scripts/goldens/segmentation.py` works out.
private struct SegmentationGolden: Decodable {
  struct Case: Decodable {
    let side: Int
    let height: Int
    let width: Int
    let text: Int
    let maps: [Float]
    let mask: [Int]
    let correct: Int
    let intersections: [Int]
    let unions: [Int]
    let averagePrecision: Double

    /// The tally of the case alone.
    func add(to tally: inout SegmentationTally) throws {
      let patches = side * side
      let shape = TowerShape(layers: 1, heads: 1, headWidth: 1, width: 1, embeddingWidth: 1, gridSide: side)
      let scores = (0..<maps.count / patches).map { text in
        PatchScores(
          shape: shape,
          values: Tensor(shape: [1, patches], values: Array(maps[text * patches..<(text + 1) * patches])))
      }
      let mean = try #require(PatchScores.mean(scores))
      let isTaken = tally.add(
        map: scores[text].subtracting(mean).sum(), mask: mask.map { $0 == 1 }, width: width, height: height)
      #expect(isTaken)
    }
  }
  let cases: [Case]
  let pixelAccuracy: Double
  let meanIntersectionOverUnion: Double
  let meanAveragePrecision: Double

  static let read = Result {
    try JSONDecoder().decode(
      SegmentationGolden.self,
      from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("segmentation/goldens.json"))))
  }
}

@Suite struct `Zero-shot segmentation` {
  @Test(arguments: 0..<7) func `agrees with the definitions worked out in float64, mask by mask`(place: Int) throws {
    let expected = try SegmentationGolden.read.get().cases[place]
    var tally = SegmentationTally()
    try expected.add(to: &tally)
    #expect(tally.correct == expected.correct && tally.pixels == expected.mask.count)
    #expect(tally.intersections == expected.intersections && tally.unions == expected.unions)
    #expect(
      abs(tally.precisions[0] - expected.averagePrecision) < 1e-9, "\(tally.precisions) \(expected.averagePrecision)")
  }

  @Test func `sums pixels over all masks, and takes the mean of average precisions`() throws {
    let golden = try SegmentationGolden.read.get()
    #expect(golden.cases.count == 7)
    var (all, first, rest) = (SegmentationTally(), SegmentationTally(), SegmentationTally())
    for (place, one) in golden.cases.enumerated() {
      try one.add(to: &all)
      if place < 3 { try one.add(to: &first) } else { try one.add(to: &rest) }
    }
    let score = try #require(all.score)
    #expect(abs(score.pixelAccuracy - golden.pixelAccuracy) < 1e-12)
    #expect(abs(score.meanIntersectionOverUnion - golden.meanIntersectionOverUnion) < 1e-12)
    #expect(abs(score.meanAveragePrecision - golden.meanAveragePrecision) < 1e-9)
    #expect(score.masks == 7)
    first.add(rest)
    #expect(first == all)
  }

  @Test func `has no score without a mask, and takes in nothing that does not fit`() {
    var tally = SegmentationTally()
    #expect(tally.score == nil && PatchScores.mean([]) == nil)
    let taken = [
      tally.add(map: [0, 1, 2], mask: [true], width: 1, height: 1),
      tally.add(map: [.nan], mask: [true], width: 1, height: 1),
    ]
    #expect(taken == [false, false] && tally == SegmentationTally())
  }

  @Test func `of a map that is the object is 1, and of one that is all else is 0 but for ties`() throws {
    let mask = (0..<16).map { $0 % 4 < 2 }
    var (right, wrong) = (SegmentationTally(), SegmentationTally())
    right.add(map: mask.map { $0 ? 1 : 0 }, mask: mask, width: 4, height: 4)
    wrong.add(map: mask.map { $0 ? 0 : 1 }, mask: mask, width: 4, height: 4)
    #expect(right.score?.pixelAccuracy == 1 && right.score?.meanIntersectionOverUnion == 1)
    #expect(right.score?.meanAveragePrecision == 1)
    #expect(wrong.score?.pixelAccuracy == 0 && wrong.score?.meanIntersectionOverUnion == 0)
    // All that is wrong is ranked first, and half of all decisions are right.
    #expect(wrong.score?.meanAveragePrecision == 0.5)
  }
}
