import Evaluation
import Metrics
import Tensors
import TestSupport
import Testing

@Suite struct `A map held against a mask` {
  /// A 4×4 map and the left half of it as mask.
  private let left = (0..<16).map { $0 % 4 < 2 }

  @Test func `that marks the object exactly has both scores at one`() throws {
    let truth = try #require(MapTruth(map: left.map { $0 ? 1 : 0 }, mask: left, width: 4, height: 4))
    #expect(truth.intersectionOverUnion(.mean) == 1)
    #expect(truth.intersectionOverUnion(.area) == 1)
    #expect(truth.averagePrecision() == 1)
  }

  @Test func `that marks all but the object has none`() throws {
    let truth = try #require(MapTruth(map: left.map { $0 ? 0 : 1 }, mask: left, width: 4, height: 4))
    #expect(truth.intersectionOverUnion(.mean) == 0)
    #expect(truth.intersectionOverUnion(.area) == 0)
    // The eight wrong pixels come first, then the eight right ones together.
    #expect(truth.averagePrecision() == 0.5)
  }

  @Test func `that says nothing scores what chance gives`() throws {
    let truth = try #require(MapTruth(map: Array(repeating: 3, count: 16), mask: left, width: 4, height: 4))
    #expect(truth.intersectionOverUnion(.mean) == 0)
    // Half of eight drawn pixels hit: 4 / (8 + 8 − 4).
    #expect(abs(try #require(truth.intersectionOverUnion(.area)) - 1.0 / 3) < 1e-12)
    #expect(truth.averagePrecision() == 0.5)
  }

  @Test func `does not depend on the map's scale`() throws {
    let map = (0..<16).map { Float(($0 * 7) % 16) }
    let scaled = map.map { $0 * 1000 - 8 }
    for threshold in [MapThreshold.mean, .area] {
      let plain = MapTruth(map: map, mask: left, width: 4, height: 4)?.intersectionOverUnion(threshold)
      #expect(plain != nil)
      #expect(MapTruth(map: scaled, mask: left, width: 4, height: 4)?.intersectionOverUnion(threshold) == plain)
    }
  }

  @Test func `is bilinear between patch centres, as torch interpolates`() throws {
    let truth = try #require(
      MapTruth(map: [0, 1, 2, 3], mask: Array(repeating: true, count: 16), width: 4, height: 4))
    let expected: [Float] = [0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5, 1.5, 1.75, 2.25, 2.5, 2, 2.25, 2.75, 3]
    #expect(WorstDifference(truth.pixels, expected).value < 1e-6)
  }

  @Test func `averages precision as scikit-learn does`() throws {
    // sklearn.metrics.average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) is 0.8333…
    let truth = try #require(
      MapTruth(map: [0.1, 0.4, 0.35, 0.8], mask: [false, false, true, true], width: 2, height: 2))
    #expect(abs(try #require(truth.averagePrecision()) - 5.0 / 6) < 1e-12)
  }

  @Test func `takes zeros of both signs and numbers of any size for what they are`() throws {
    let map: [Float] = [-0.0, 0, -3e38, 3e38]
    let truth = try #require(MapTruth(map: map, mask: [true, false, false, true], width: 2, height: 2))
    // 3e38 hits alone, then the two zeros tie: 1/2·1 + 1/2·2/3.
    #expect(abs(try #require(truth.averagePrecision()) - 5.0 / 6) < 1e-12)
  }

  @Test func `is scored with others by the mean, and not at all without an object`() throws {
    let right = try #require(MapScore(map: left.map { $0 ? 1 : 0 }, mask: left, side: 4))
    let wrong = try #require(MapScore(map: left.map { $0 ? 0 : 1 }, mask: left, side: 4))
    #expect(MapScore.mean([right, wrong]) == MapScore(overlap: 0.5, precision: 0.75))
    #expect(MapScore.mean([]) == nil)
    #expect(MapScore(map: [0, 1, 2, 3], mask: [false, false, false, false], side: 2) == nil)
  }

  @Test func `has no score without an object, and is refused where sizes do not fit`() throws {
    let empty = try #require(MapTruth(map: [0, 1, 2, 3], mask: [false, false], width: 2, height: 1))
    #expect(empty.intersectionOverUnion() == nil && empty.averagePrecision() == nil)
    #expect(MapTruth(map: [0, 1, 2], mask: [true], width: 1, height: 1) == nil)
    #expect(MapTruth(map: [0], mask: [true, true], width: 1, height: 1) == nil)
    #expect(MapTruth(map: [.nan], mask: [true], width: 1, height: 1) == nil)
    #expect(MapTruth(map: [], mask: [], width: 0, height: 0) == nil)
  }
}

@Suite struct `Controls` {
  @Test func `of place are highest in the middle and even around it`() {
    let map = Control.centrePrior(gridSide: 5)
    #expect(map.max() == map[12] && map[12] == 1)
    #expect(map[0] == map[24] && map[0] == map[4] && map[0] < map[6])
  }

  @Test func `of chance are the same for the same seed, and others for others`() {
    #expect(Control.randomMap(gridSide: 8, seed: 7) == Control.randomMap(gridSide: 8, seed: 7))
    #expect(Control.randomMap(gridSide: 8, seed: 7) != Control.randomMap(gridSide: 8, seed: 8))
    let heads = Control.draw(5, of: Array(0..<24), seed: 1)
    #expect(heads == Control.draw(5, of: Array(0..<24).reversed(), seed: 1))
    #expect(Set(heads).count == 5 && heads == heads.sorted())
    for many in [99, .max] { #expect(Control.draw(many, of: [3, 1, 2], seed: 1) == [1, 2, 3]) }
    for none in [0, -1, .min] { #expect(Control.draw(none, of: [3, 1, 2], seed: 1) == []) }
  }

  @Test(arguments: [(0, 1000), (1, 1000), (8, 1000), (50, 1000), (400, 1000), (999, 1000), (3, 3), (20, 60)])
  func `are the items of the lowest numbers, however few of how many`(count: Int, all: Int) {
    for seed in 0..<40 as Range<UInt64> {
      var numbers = SeededNumbers(seed: seed)
      let order = (0..<all).map { (number: numbers.next(), item: $0) }.sorted { $0.number < $1.number }
      #expect(Control.draw(count, of: Array(0..<all), seed: seed) == order.prefix(count).map(\.item).sorted())
    }
  }

  @Test func `of bells have mean 0 and standard deviation 1`() {
    var numbers = SeededNumbers(seed: 3)
    let bells = (0..<20_000).map { _ in numbers.nextGaussian() }
    let mean = bells.reduce(0, +) / 20_000
    let variance = bells.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.02 && abs(variance - 1) < 0.03)
  }
}
