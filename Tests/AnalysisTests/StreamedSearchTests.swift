import Analysis
import Attribution
import Tensors
import TestSupport
import Testing

@Suite struct StreamedSearchTests {
  /// Many rows are equal, so that ties fall across blocks; 600 rows are more than one chunk of the search.
  static let database: HeadContributions = {
    var noise = Noise(31)
    let distinct = noise.tensor([150, tinyShape.headSpaceWidth])
    let order = (0..<600).map { ($0 * 7 + $0 / 50) % 150 }
    return contributions(
      count: 600,
      coordinates: Tensor(shape: [600, tinyShape.headSpaceWidth], values: order.flatMap { distinct.row($0) }))
  }()

  static let splits = [[600], [1], [64], [599, 1], [100, 3, 256, 257]]

  @Test(arguments: splits) func `an index over blocks answers as one over all rows does, to the last bit`(
    sizes: [Int]
  ) throws {
    let head = Head(layer: 1, head: 0)
    let whole = try NeighbourIndex(head: head, of: Self.database)
    let index = try NeighbourIndex(head: head, of: InBlocks(Self.database, sizes: sizes))
    #expect(index.centre == whole.centre)
    #expect(index.centredNorms == whole.centredNorms)
    #expect(index.spread == whole.spread)
    let strangers = contributions(count: 9, seed: 5)
    let queries = (0..<9).map { index.query(image: strangers.coordinates[2].row($0)) }
    let found = try index.nearest(to: queries, count: 20)
    #expect(try found == whole.nearest(to: queries, count: 20))
    for score in NeighbourScore.allCases {
      #expect(try index.nearest(to: queries, by: score, count: 20) == found.map { $0[score] })
      let farthest = try index.farthest(from: queries[3], by: score, count: 20)
      #expect(try farthest == whole.farthest(from: queries[3], by: score, count: 20))
    }
    #expect(try index.standardDeviations(of: queries) == whole.standardDeviations(of: queries))
    #expect(try index.extremes(count: 12) == whole.extremes(count: 12))
  }

  @Test(arguments: NeighbourScore.allCases) func `streamed neighbours are those of looking at every row`(
    score: NeighbourScore
  ) throws {
    let head = Head(layer: 0, head: 1)
    let index = try NeighbourIndex(head: head, of: InBlocks(Self.database, sizes: [77]))
    let stranger = contributions(count: 1, seed: 99).coordinates[1].row(0)
    let found = try index.nearest(to: index.query(image: stranger), by: score, count: 600)
    #expect(found.map(\.row).sorted() == Array(0..<600))
    for (first, second) in zip(found, found.dropFirst()) {
      #expect(
        first.score(score) > second.score(score)
          || (first.score(score) == second.score(score) && first.row < second.row))
    }
    let few = try index.nearest(to: index.query(image: stranger), by: score, count: 31)
    #expect(few == Array(found.prefix(31)))
  }

  @Test func `means of heads and whole embeddings are searched in blocks too`() throws {
    var noise = Noise(8)
    let database = contributions(count: 90, seed: 3)
    let parts = HeadContributions(
      shape: database.shape, spaces: database.spaces, coordinates: database.coordinates, mlp: database.mlp,
      embeddings: noise.tensor([90, tinyShape.embeddingWidth]))
    let heads = [Head(layer: 0, head: 1), Head(layer: 1, head: 1)]
    let text = noise.tensor([1, tinyShape.embeddingWidth]).values
    let blocks = InBlocks(parts, sizes: [40])
    let byMean = try NeighbourIndex(meanOf: heads, of: blocks, name: "heads")
    let mean = try NeighbourIndex(vectors: parts.meanContributions(of: heads, block: 0), name: "heads")
    let byWhole = try NeighbourIndex(embeddingsOf: blocks)
    let whole = try NeighbourIndex(vectors: parts.embeddings, name: "embeddings")
    for (streamed, expected) in [(byMean, mean), (byWhole, whole)] {
      let found = try streamed.nearest(to: streamed.query(text: text), by: .centredCosine, count: 5)
      let wanted = try expected.nearest(to: expected.query(text: text), by: .centredCosine, count: 5)
      #expect(found.map(\.row) == wanted.map(\.row))
      let worst = WorstDifference(found.map(\.cosine), wanted.map(\.cosine))
      #expect(worst.value < 1e-6, "\(worst)")
    }
  }
}

@Suite struct BestRowsTests {
  /// Ranks with many ties, and some that are none.
  static func ranks(_ seed: UInt64) -> [Double] {
    var noise = Noise(seed)
    return (0..<200).map { $0 % 41 == 7 ? .nan : Double((noise.next() * 12).rounded()) }
  }

  @Test(arguments: 1...40) func `parts merge to what one pass gives, however the rows are split`(seed: UInt64) {
    let ranks = Self.ranks(seed)
    var noise = Noise(seed &+ 1000)
    let count = [0, 1, 3, 17, 250][Int(seed % 5)]
    var whole = BestRows(count: count)
    for (row, rank) in ranks.enumerated() { whole.insert(row, rank: rank) }
    let expected = ranks.indices.filter { !ranks[$0].isNaN }
      .sorted { (-ranks[$0], $0) < (-ranks[$1], $1) }.prefix(count)
    #expect(whole.entries.map(\.row) == Array(expected))
    // Every row in one of a few parts, the parts merged in another order.
    var parts = (0..<6).map { _ in BestRows(count: count) }
    for row in ranks.indices.reversed() { parts[Int(abs(noise.next()) * 5.99)].insert(row, rank: ranks[row]) }
    var merged = BestRows(count: count)
    for part in [3, 0, 5, 1, 4, 2] { merged.merge(parts[part]) }
    #expect(merged == whole)
  }

  @Test func `the threshold is the rank that a row must reach`() {
    var best = BestRows(count: 2)
    #expect(best.threshold == -.infinity)
    best.insert(0, rank: 1)
    best.insert(1, rank: 3)
    #expect(best.threshold == 1)
    best.insert(2, rank: 2)
    #expect(best.threshold == 2)
    #expect(BestRows(count: 0).threshold == .infinity)
  }
}
