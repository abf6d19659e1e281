import Analysis
import Attribution
import LinearAlgebra
import Tensors
import TestSupport
import Testing

@Suite struct HeadSearchTests {
  static let database = contributions(count: 37)
  static let heads = tinyShape.allHeads

  @Test(arguments: heads, NeighbourScore.allCases)
  func `an image's neighbours in head space are those of the joint embedding`(
    head: Head, score: NeighbourScore
  ) throws {
    let stranger = contributions(count: 1, seed: 99)
    let index = try NeighbourIndex(head: head, of: Self.database)
    let place = tinyShape.index(of: head)
    let found = try index.nearest(
      to: index.query(image: stranger.coordinates[place].row(0)), by: score, count: Self.database.count)
    // The stranger's coordinates, written out in the database's own basis.
    let basis = Self.database.spaces[place].basis
    let vector = product(stranger.coordinates[place], basis).values.map(Double.init)
    let expected = BruteForce(head, Self.database).scores(image: vector, score)
    #expect(found.map(\.row) == indicesOfLargest(expected, count: expected.count))
    let worst = WorstDifference(found.map { $0.score(score) }, found.map { expected[$0.row] })
    #expect(worst.value < 1e-5, "\(worst)")
  }

  @Test(arguments: heads, NeighbourScore.allCases)
  func `a text's neighbours in head space are those of the joint embedding`(
    head: Head, score: NeighbourScore
  ) throws {
    var noise = Noise(5)
    let text = (0..<tinyShape.embeddingWidth).map { _ in noise.next() }
    let index = try NeighbourIndex(head: head, of: Self.database)
    let found = try index.nearest(to: index.query(text: text), by: score, count: Self.database.count)
    let expected = BruteForce(head, Self.database).scores(text: text.map(Double.init), score)
    #expect(found.map(\.row) == indicesOfLargest(expected, count: expected.count))
    let worst = WorstDifference(found.map { $0.score(score) }, found.map { expected[$0.row] })
    #expect(worst.value < 1e-5, "\(worst)")
  }

  @Test(arguments: 0..<37) func `an image of the database is its own nearest by centred cosine`(row: Int) throws {
    let index = try NeighbourIndex(head: Head(layer: 1, head: 0), of: Self.database)
    let query = index.query(image: Self.database.coordinates[2].row(row))
    let found = try index.nearest(to: query, by: .centredCosine, count: 2)
    #expect(found[0].row == row)
    #expect(found[0].cosine > 1 - 1e-9)
    #expect(found[1].cosine < 1 - 1e-6)
  }

  /// 259 rows and 67 queries: both off every block size of a matrix product.
  @Test(arguments: NeighbourScore.allCases)
  func `equal images tie exactly and the lower row comes first`(score: NeighbourScore) throws {
    var noise = Noise(3)
    var coordinates = noise.tensor([259, tinyShape.headSpaceWidth])
    let twins = [2, 64, 130, 257, 258]
    for twin in twins.dropFirst() {
      for column in 0..<tinyShape.headSpaceWidth {
        coordinates.values[twin * tinyShape.headSpaceWidth + column] =
          coordinates.values[twins[0] * tinyShape.headSpaceWidth + column]
      }
    }
    let database = contributions(count: 259, coordinates: coordinates)
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: database)
    let queries = (0..<67).map { index.query(image: coordinates.row($0)) }
    for found in try index.nearest(to: queries, by: score, count: 259) {
      let places = twins.compactMap { twin in found.firstIndex { $0.row == twin } }
      #expect(places == Array(places[0]..<places[0] + twins.count))
      #expect(Set(places.map { found[$0].score(score) }).count == 1)
    }
    let lowest = try index.farthest(from: queries[0], by: score, count: 259)
    #expect(lowest.map(\.row).filter(twins.contains) == twins)
  }

  @Test(arguments: NeighbourScore.allCases)
  func `the order of the rows does not matter`(score: NeighbourScore) throws {
    let order = (0..<37).map { ($0 * 10 + 3) % 37 }
    let head = Head(layer: 0, head: 1)
    let index = try NeighbourIndex(head: head, of: Self.database)
    let shuffled = try NeighbourIndex(head: head, of: Self.database.reordered(order))
    for image in 0..<37 {
      let coordinates = Self.database.coordinates[1].row(image)
      let plain = try index.nearest(to: index.query(image: coordinates), by: score, count: 5)
      let other = try shuffled.nearest(to: shuffled.query(image: coordinates), by: score, count: 5)
      #expect(plain.map(\.row) == other.map { order[$0.row] })
    }
  }

  @Test(arguments: NeighbourScore.allCases)
  func `many queries at once give what each gives alone`(score: NeighbourScore) throws {
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: Self.database)
    let other = contributions(count: 130, seed: 12)
    let queries = (0..<130).map { index.query(image: other.coordinates[0].row($0)) }
    let together = try index.nearest(to: queries, by: score, count: 4)
    #expect(try together == queries.map { try index.nearest(to: $0, by: score, count: 4) })
    #expect(Set(together.map { $0[0].row }).count > 5)
  }

  @Test(arguments: NeighbourScore.allCases)
  func `the farthest are the nearest read backwards`(score: NeighbourScore) throws {
    let index = try NeighbourIndex(head: Head(layer: 1, head: 1), of: Self.database)
    let query = index.query(image: Self.database.coordinates[3].row(4))
    let nearest = try index.nearest(to: query, by: score, count: 37)
    #expect(try index.farthest(from: query, by: score, count: 37) == nearest.reversed())
    #expect(try index.farthest(from: query, by: score, count: 3) == nearest.suffix(3).reversed())
  }

  /// Rows that differ by less than a float32 sum of them can tell: only sums in double order them.
  @Test func `rows closer than float32 can tell are ordered exactly`() throws {
    let vectors = Tensor(
      shape: [64, 4],
      values: (0..<64).flatMap { row -> [Float] in
        [30_000, 1 + Float((row * 37) % 64) * Float.ulpOfOne, -30_000, 0.5]
      })
    let index = try NeighbourIndex(vectors: vectors, name: "rows")
    let query = index.query(text: [1, 1, 1, 1] as [Float])
    let found = try index.nearest(to: query, by: .dot, count: 64).map(\.row)
    #expect(found == (0..<64).sorted { ($0 * 37) % 64 > ($1 * 37) % 64 })
    #expect(try index.nearest(to: query, by: .dot, count: 3).map(\.row) == Array(found.prefix(3)))
  }

  /// Even rows lose 0.0009 in a float32 sum, by way of 30,000, and seem to fall behind odd ones.
  @Test func `rows that float32 puts in the wrong order are put right`() throws {
    let vectors = Tensor(
      shape: [64, 4],
      values: (0..<64).flatMap { row -> [Float] in row % 2 == 0 ? [30_000, 1.0009, -30_000, 0] : [1.0005, 0, 0, 0] })
    let index = try NeighbourIndex(vectors: vectors, name: "rows")
    let query = index.query(text: [1, 1, 1, 1] as [Float])
    #expect(try index.nearest(to: query, by: .dot, count: 3).map(\.row) == [0, 2, 4])
    #expect(try index.farthest(from: query, by: .dot, count: 3).map(\.row) == [1, 3, 5])
  }

  @Test(arguments: [(0, 0), (1, 1), (37, 37), (100, 37)])
  func `it returns as many as there are`(asked: Int, expected: Int) throws {
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: Self.database)
    let query = index.query(image: Self.database.coordinates[0].row(0))
    #expect(try index.nearest(to: query, by: .dot, count: asked).count == expected)
    #expect(try index.farthest(from: query, by: .centredCosine, count: asked).count == expected)
  }

  @Test func `an empty database has no neighbours`() throws {
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: contributions(count: 0))
    #expect(try index.nearest(to: index.query(image: [1, 2, 3, 4, 5, 6] as [Float]), by: .dot, count: 3).isEmpty)
    #expect(index.spread == 0)
  }

  /// With no step the rows are equal; with one they differ by the last bit of their coordinates, which is noise.
  @Test(arguments: [0, 1]) func `a head that writes the same for all has no direction and no extremes`(
    step: Int
  ) throws {
    let row: [Float] = [0.1, 0.7, -0.3, 1.9, 0.01, 1e-3]
    let values = (0..<7).flatMap { image in
      row.enumerated().map { column, value in (image + column) % 3 == 0 && step == 1 ? value.nextUp : value }
    }
    let constant = Tensor(shape: [7, 6], values: values)
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: contributions(count: 7, coordinates: constant))
    let found = try index.nearest(to: index.query(image: row), by: .centredCosine, count: 7)
    #expect(found.map(\.cosine) == [0, 0, 0, 0, 0, 0, 0])
    #expect(found.map(\.row) == Array(0..<7))
    #expect(try index.extremes(count: 3) == nil)
  }

  @Test(arguments: [Float.nan, .infinity]) func `numbers that are not finite are refused`(value: Float) {
    var noise = Noise(1)
    var coordinates = noise.tensor([5, 6])
    coordinates.values[8] = value
    let broken = contributions(count: 5, coordinates: coordinates)
    let error = #expect(throws: HeadSearchError.self) {
      try NeighbourIndex(head: Head(layer: 1, head: 0), of: broken)
    }
    #expect(error == .notFinite("head L1.H0"))
    #expect("\(error, default: "")".hasPrefix("head L1.H0: its contributions to the probe set hold a number"))
  }

  @Test(arguments: heads) func `norms and spread are those of the joint embedding`(head: Head) throws {
    let index = try NeighbourIndex(head: head, of: Self.database)
    let brute = BruteForce(head, Self.database)
    let mean = brute.mean
    let norms = brute.vectors.map { vector in
      dot(difference(vector, mean), difference(vector, mean)).squareRoot()
    }
    let worst = WorstDifference(index.centredNorms, norms)
    #expect(worst.value < 1e-5, "\(worst)")
    #expect(abs(index.spread - (dot(norms, norms) / 37).squareRoot()) < 1e-5)
  }

  @Test(arguments: heads) func `standard deviations are those of the dot products`(head: Head) throws {
    var noise = Noise(8)
    let texts = noise.tensor([5, tinyShape.embeddingWidth])
    let index = try NeighbourIndex(head: head, of: Self.database)
    let found = try index.standardDeviations(of: (0..<5).map { index.query(text: texts.row($0)) })
    let brute = BruteForce(head, Self.database)
    let expected = (0..<5).map { text in
      standardDeviation(brute.scores(text: texts.row(text).map(Double.init), .dot))
    }
    let worst = WorstDifference(found, expected)
    #expect(worst.value < 1e-5, "\(worst)")
  }

  @Test func `the vector of a property is the mean of its heads' contributions`() throws {
    let heads = [Head(layer: 0, head: 1), Head(layer: 1, head: 0), Head(layer: 1, head: 1)]
    let found = try Self.database.meanContributions(of: heads, block: 0)
    let expected = (0..<37).flatMap { image -> [Float] in
      let vectors = heads.map { Self.database.contribution(of: $0, image: image) }
      return (0..<tinyShape.embeddingWidth).map { (vectors[0][$0] + vectors[1][$0] + vectors[2][$0]) / 3 }
    }
    let worst = WorstDifference(found.values, expected)
    #expect(worst.value < 1e-5, "\(worst)")
    #expect(found.shape == [37, tinyShape.embeddingWidth])
  }
}
