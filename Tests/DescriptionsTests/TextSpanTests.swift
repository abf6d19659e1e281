import Descriptions
import Foundation
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// A synthetic head and what the reference's algorithm finds in it; written by `scripts/goldens/textspan.py`.
private struct Golden: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let recipe: SyntheticHead.Recipe
  let count: Int
  let rank: Int
  let totalVariance: Double
  let effectiveRank: Double
  let descriptions: [SpanDescription]

  private enum Key: String, CodingKey { case name, count, rank, totalVariance, effectiveRank, descriptions }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    name = try values.decode(String.self, forKey: .name)
    recipe = try SyntheticHead.Recipe(from: decoder)
    (count, rank) = (try values.decode(Int.self, forKey: .count), try values.decode(Int.self, forKey: .rank))
    totalVariance = try values.decode(Double.self, forKey: .totalVariance)
    effectiveRank = try values.decode(Double.self, forKey: .effectiveRank)
    descriptions = try values.decode([SpanDescription].self, forKey: .descriptions)
  }

  var testDescription: String { name }

  static func all() throws -> [Golden] {
    try JSONDecoder().decode(
      [Golden].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("textspan/goldens.json"))))
  }
}

extension SyntheticHead {
  fileprivate func statistics(_ batches: [Range<Int>]? = nil) -> HeadStatistics {
    var statistics = HeadStatistics(width: coordinates.rowCount)
    for batch in batches ?? [0..<coordinates.rows] { statistics.add(rows(batch)) }
    return statistics
  }

  fileprivate func rows(_ range: Range<Int>) -> Tensor {
    let width = coordinates.rowCount
    return Tensor(
      shape: [range.count, width],
      values: Array(coordinates.values[range.lowerBound * width..<range.upperBound * width]))
  }
}

@Suite struct `TextSpan from a covariance` {
  @Test(arguments: try Golden.all()) private func `finds what the reference finds by deflating`(golden: Golden) throws {
    let head = SyntheticHead(golden.recipe)
    let found = try textSpan(
      statistics: head.statistics(), basis: head.basis, texts: head.texts, count: golden.count, rank: golden.rank)
    #expect(found.count == golden.descriptions.count)
    // Every choice of these heads leads by more than rounding can make up for.
    #expect(golden.descriptions.allSatisfy { $0.lead > 1e-5 })
    #expect(found.map(\.index) == golden.descriptions.map(\.index))
    let scores = WorstDifference(
      zip(found, golden.descriptions).map { $0.standardDeviation / $1.standardDeviation },
      golden.descriptions.map { _ in 1.0 })
    #expect(scores.value < 1e-4, "\(scores)")
    let shares = WorstDifference(found.map(\.explainedVariance), golden.descriptions.map(\.explainedVariance))
    #expect(shares.value < 1e-6, "\(shares)")
    let leads = WorstDifference(found.map(\.lead), golden.descriptions.map(\.lead))
    #expect(leads.value < 1e-4, "\(leads)")
  }

  @Test(arguments: try Golden.all()) private func `knows the variance and the effective rank`(golden: Golden) throws {
    let head = SyntheticHead(golden.recipe)
    let variance = try head.statistics().totalVariance(basis: head.basis)
    #expect(abs(variance / golden.totalVariance - 1) < 1e-6)
    #expect(abs(try head.statistics().effectiveRank(basis: head.basis) / golden.effectiveRank - 1) < 1e-6)
  }

  @Test func `finds planted texts first`() throws {
    let golden = try #require(try Golden.all().first { $0.name == "planted" })
    let head = SyntheticHead(golden.recipe)
    let found = try textSpan(
      statistics: head.statistics(), basis: head.basis, texts: head.texts, count: 3, rank: 80)
    #expect(found.allSatisfy { $0.index % 3 == 0 && $0.index / 3 < golden.recipe.planted })
  }

  @Test func `explains a head wholly once its rank is used up, and then stops`() throws {
    let golden = try #require(try Golden.all().first { $0.name == "dependent" })
    let head = SyntheticHead(golden.recipe)
    let found = try textSpan(statistics: head.statistics(), basis: head.basis, texts: head.texts, count: 60, rank: 80)
    #expect(found.count == golden.recipe.width - golden.recipe.dependent)
    #expect(abs((found.last?.explainedVariance ?? 0) - 1) < 1e-9)
    #expect(found.map(\.explainedVariance) == found.map(\.explainedVariance).sorted())
    #expect(Set(found.map(\.index)).count == found.count)
  }
}

/// Heads that truly write five texts of a pool, the first most and each next one less, and even noise.
private struct PlantedHead {
  static let width = 19  // C
  static let embedding = 64  // E
  static let poolSize = 60  // M
  static let planted = 5

  let texts: Tensor  // [M, E], unit norm; the first five are planted
  let basis: Tensor  // [C, E]
  let statistics: HeadStatistics

  /// - Parameter noise: its standard deviation in each coordinate, beside 5, 4, 3, 2, 1 along the planted texts.
  init(seed: UInt64, noise: Float) {
    var numbers = Noise(seed)
    let basis = numbers.tensor([Self.width, Self.embedding])
    // All texts lie in what the head can write, so that no other is passed over for its length.
    let directions = numbers.tensor([Self.poolSize, Self.width])
    let vectors = product(directions, basis)
    let lengths = (0..<Self.poolSize).map { row in vectors.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    texts = Tensor(
      shape: vectors.shape, values: vectors.values.enumerated().map { $1 / lengths[$0 / Self.embedding] })
    var coordinates = numbers.tensor([400, Self.width], scale: noise * Float(3).squareRoot())
    for row in 0..<coordinates.rows {
      for text in 0..<Self.planted {
        let amount = Float(Self.planted - text) * Float(3).squareRoot() * numbers.next() / lengths[text]
        for column in 0..<Self.width {
          coordinates.values[row * Self.width + column] += amount * directions.row(text)[text * Self.width + column]
        }
      }
    }
    self.basis = basis
    var statistics = HeadStatistics(width: Self.width)
    statistics.add(coordinates)
    self.statistics = statistics
  }

  /// The share of the planted texts among as many first descriptions.
  func found() throws -> Double {
    let found = try textSpan(
      statistics: statistics, basis: basis, texts: texts, count: Self.planted, rank: Self.width)
    return Double(found.count { $0.index < Self.planted }) / Double(Self.planted)
  }
}

@Suite struct `TextSpan of planted texts` {
  /// Drawn at random, 5 of 60 texts are a share of 0.083.
  @Test(arguments: [(0, 0.95), (0.02, 0.95), (0.1, 0.9)] as [(Float, Double)])
  func `finds most of them among its first five lines`(noise: Float, least: Double) throws {
    let shares = try (1...40).map { try PlantedHead(seed: $0, noise: noise).found() }
    let mean = shares.reduce(0, +) / 40
    #expect(mean > least)
  }

  @Test func `finds no more than chance gives of texts that another head writes`() throws {
    let shares = try (UInt64(1)...40).map { seed in
      let (head, other) = (PlantedHead(seed: seed, noise: 0.02), PlantedHead(seed: seed + 100, noise: 0.02))
      let found = try textSpan(
        statistics: head.statistics, basis: head.basis, texts: other.texts, count: 5, rank: PlantedHead.width)
      return Double(found.count { $0.index < PlantedHead.planted }) / 5
    }
    #expect(shares.reduce(0, +) / 40 < 0.17)
  }
}

@Suite struct `Statistics of a head` {
  @Test(arguments: [[0..<100, 100..<200], [0..<1, 1..<200], [0..<199, 199..<200], [0..<0, 0..<37, 37..<200]])
  func `are the same however the images are split`(batches: [Range<Int>]) throws {
    let head = SyntheticHead(try #require(try Golden.all().first).recipe)
    let whole = head.statistics()
    var merged = HeadStatistics(width: head.coordinates.rowCount)
    for batch in batches {
      var part = HeadStatistics(width: head.coordinates.rowCount)
      part.add(head.rows(batch))
      merged.merge(part)
    }
    #expect(merged.count == whole.count)
    #expect(WorstDifference(merged.mean, whole.mean).value < 1e-14)
    #expect(WorstDifference(merged.coMoment, whole.coMoment).value < 1e-11)
    #expect(head.statistics(batches) == merged)
  }

  @Test func `do not lose a small variance beside a large mean`() throws {
    var statistics = HeadStatistics(width: 1)
    for _ in 0..<1000 { statistics.add(Tensor(shape: [2, 1], values: [4096, 4096.5])) }
    let basis = Tensor(shape: [1, 1], values: [1])
    #expect(abs(try statistics.totalVariance(basis: basis) - 0.0625 * 2000 / 1999) < 1e-10)
  }
}

@Suite struct `Degenerate heads` {
  private let basis = Tensor(shape: [2, 3], values: [1, 0, 0, 0, 1, 0])
  private let texts = Tensor(shape: [3, 3], values: [1, 0, 0, 0, 1, 0, 0.6, 0.8, 0])

  private func statistics(_ rows: [[Float]]) -> HeadStatistics {
    var statistics = HeadStatistics(width: 2)
    statistics.add(Tensor(shape: [rows.count, 2], values: Array(rows.joined())))
    return statistics
  }

  @Test(arguments: [[], [[0.1, 0.2]], Array(repeating: [0.1, 0.2], count: 7), [[0, 0], [0, 0]]] as [[[Float]]])
  func `that do not vary have no descriptions, no variance and no rank`(rows: [[Float]]) throws {
    let statistics = statistics(rows)
    #expect(try textSpan(statistics: statistics, basis: basis, texts: texts, count: 5, rank: 80) == [])
    #expect(try statistics.totalVariance(basis: basis) < 1e-15)
    #expect(try statistics.effectiveRank(basis: basis) == 0)
  }

  @Test func `with one text said thrice get it once, the first`() throws {
    let same = Tensor(shape: [3, 3], values: [0.6, 0.8, 0, 0.6, 0.8, 0, 0.6, 0.8, 0])
    let found = try textSpan(
      statistics: statistics([[1, 0], [0, 1], [1, 1]]), basis: basis, texts: same, count: 5, rank: 80)
    #expect(found.map(\.index) == [0])
    #expect(found.first?.lead == 0)
  }

  @Test func `asked for more than there is give what there is`() throws {
    let found = try textSpan(
      statistics: statistics([[1, 0], [0, 2], [1, 1], [3, 1]]), basis: basis, texts: texts, count: 500, rank: 500)
    #expect(found.count == 2)
    #expect(
      try textSpan(
        statistics: statistics([[1, 0], [0, 2]]), basis: basis, texts: Tensor(zeros: [0, 3]), count: 5, rank: 5) == [])
    let nothing = Tensor(zeros: [2, 3])
    #expect(
      try textSpan(
        statistics: statistics([[1, 0], [0, 2]]), basis: nothing, texts: texts, count: 5, rank: 5) == [])
  }

  @Test func `with numbers that do not fit or are not numbers are refused`() {
    let good = statistics([[1, 0], [0, 2]])
    #expect(throws: TextSpanError.texts(shape: [3, 2], embeddingWidth: 3)) {
      try textSpan(statistics: good, basis: basis, texts: Tensor(zeros: [3, 2]), count: 5, rank: 5)
    }
    #expect(throws: TextSpanError.basis(shape: [3, 3], width: 2)) {
      try textSpan(statistics: good, basis: Tensor(zeros: [3, 3]), texts: texts, count: 5, rank: 5)
    }
    #expect(throws: TextSpanError.numbers(count: 0, rank: 5)) {
      try textSpan(statistics: good, basis: basis, texts: texts, count: 0, rank: 5)
    }
    #expect(throws: TextSpanError.notFinite("text embeddings")) {
      try textSpan(
        statistics: good, basis: basis, texts: Tensor(shape: [1, 3], values: [.nan, 0, 0]), count: 5, rank: 5)
    }
    #expect(throws: EigenFailure.notFinite) {
      try textSpan(statistics: statistics([[.infinity, 0], [0, 2]]), basis: basis, texts: texts, count: 5, rank: 5)
    }
  }
}

@Suite struct `Statistics of shards` {
  @Test func `come back from half of their co-moment as they were, also after merging`() {
    var noise = Noise(8)
    var sum = HeadStatistics(width: 9)
    for rows in [20, 3, 50] {
      var part = HeadStatistics(width: 9)
      part.add(noise.tensor([rows, 9]))
      sum.merge(part)
      for statistics in [part, sum] {
        let kept = HeadStatistics(
          count: statistics.count, mean: statistics.mean, lowerTriangle: statistics.lowerTriangle)
        #expect(kept == statistics)
      }
    }
  }

  /// Sums as their definition reads, row after row.
  private func naive(_ rows: Tensor) -> (mean: [Double], coMoment: [Double]) {
    let width = rows.rowCount
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<rows.rows { for (index, value) in rows.row(row).enumerated() { mean[index] += Double(value) } }
    mean = mean.map { $0 / Double(rows.rows) }
    var moment = [Double](repeating: 0, count: width * width)
    for row in 0..<rows.rows {
      let centred = zip(rows.row(row), mean).map { Double($0) - $1 }
      for i in 0..<width { for j in 0..<width { moment[i * width + j] += centred[i] * centred[j] } }
    }
    return (mean, moment)
  }

  @Test(arguments: [(1, 5), (63, 67), (64, 8), (65, 1), (200, 13)])
  func `are those of the definition, to the last bit`(rows: Int, width: Int) {
    var noise = Noise(UInt64(rows))
    let coordinates = noise.tensor([rows, width])
    var found = HeadStatistics(width: width)
    found.add(coordinates)
    let expected = naive(coordinates)
    #expect(found.count == rows)
    #expect(found.coMoment == expected.coMoment)
    #expect(found.mean == expected.mean)
  }

  @Test func `computed apart and in any order merge to those of one run, to the last bit`() throws {
    var noise = Noise(4)
    let shards = [130, 1, 64, 99, 7].map { noise.tensor([$0, 9]) }
    var run = HeadStatistics(width: 9)
    for shard in shards { run.add(shard) }
    var parts: [Int: HeadStatistics] = [:]
    for place in [3, 0, 4, 2, 1] {
      var part = HeadStatistics(width: 9)
      part.add(shards[place])
      parts[place] = try JSONDecoder().decode(HeadStatistics.self, from: JSONEncoder().encode(part))
    }
    var merged = HeadStatistics(width: 9)
    for place in parts.keys.sorted() { merged.merge(try #require(parts[place])) }
    #expect(merged == run)
    let basis = noise.tensor([9, 16])
    let texts = noise.tensor([40, 16])
    func span(_ statistics: HeadStatistics) throws -> [SpanDescription] {
      try textSpan(statistics: statistics, basis: basis, texts: texts, count: 8, rank: 9)
    }
    #expect(try span(merged) == span(run))
  }
}
