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
    let heads = Control.randomHeads(5, of: Array(0..<24), seed: 1)
    #expect(heads == Control.randomHeads(5, of: Array(0..<24).reversed(), seed: 1))
    #expect(Set(heads).count == 5 && heads == heads.sorted())
    #expect(Control.randomHeads(99, of: [3, 1, 2], seed: 1) == [1, 2, 3])
  }
}

@Suite struct `Scene attributes` {
  @Test func `among the first images are counted, ties in their order`() {
    let found = topPrecision(scores: [1, 3, 3, 2], attribute: [true, true, false, true], count: 2)
    #expect(found == TopPrecision(precision: 0.5, baseRate: 0.75))
    #expect(topPrecision(scores: [1], attribute: [true], count: 5)?.precision == 1)
    #expect(topPrecision(scores: [], attribute: [], count: 5) == nil)
  }

  private let identity = Tensor(shape: [2, 2], values: [1, 0, 0, 1])

  @Test func `explain all of a head that follows them`() throws {
    let rows = Tensor(shape: [6, 2], values: [1, 0, 1, 0, 0, 1, 0, 1, 5, 5, 5, 5])
    let found = try #require(
      VarianceByProperty(coordinates: rows, gram: identity, groups: ["a", "a", "b", "b", "c", "c"]))
    #expect(found.share == 1 && found.corrected == 1 && found.images == 6 && found.groups == 3)
  }

  @Test func `explain on average nothing of a head that ignores them`() throws {
    var numbers = SeededNumbers(seed: 5)
    var (plain, corrected) = (0.0, 0.0)
    for _ in 0..<200 {
      let values = (0..<80).map { _ in Float(numbers.next() >> 40) }
      let groups = (0..<40).map { "\($0 % 8)" }
      let found = try #require(
        VarianceByProperty(coordinates: Tensor(shape: [40, 2], values: values), gram: identity, groups: groups))
      plain += found.share / 200
      corrected += found.corrected / 200
    }
    #expect(abs(plain - 7.0 / 39) < 0.02)
    #expect(abs(corrected) < 0.02)
  }

  @Test func `are weighed by the inner product of the joint embedding`() throws {
    let rows = Tensor(shape: [4, 2], values: [0, 0, 0, 2, 3, 0, 3, 2])
    let gram = Tensor(shape: [2, 2], values: [4, 0, 0, 1])
    let found = try #require(VarianceByProperty(coordinates: rows, gram: gram, groups: ["a", "a", "b", "b"]))
    // Between: 4·1.5²·4 = 36; within: 4·1²·1 = 4.
    #expect(abs(found.share - 0.9) < 1e-12)
    #expect(abs(found.corrected - (1 - 0.1 * 3 / 2)) < 1e-12)
  }

  @Test func `have no answer for one group, groups of one, or a head that stands still`() {
    let rows = Tensor(shape: [3, 2], values: [1, 2, 3, 4, 5, 6])
    #expect(VarianceByProperty(coordinates: rows, gram: identity, groups: ["a", "a", "a"]) == nil)
    #expect(VarianceByProperty(coordinates: rows, gram: identity, groups: ["a", "b", "c"]) == nil)
    #expect(VarianceByProperty(coordinates: rows, gram: identity, groups: [nil, nil, nil]) == nil)
    let still = Tensor(shape: [3, 2], values: [0.1, 0.7, 0.1, 0.7, 0.1, 0.7])
    #expect(VarianceByProperty(coordinates: still, gram: identity, groups: ["a", "b", "b"]) == nil)
  }
}
