import Analysis
import Attribution
import Tensors
import TestSupport
import Testing

@Suite struct ExtremesTests {
  static let head = Head(layer: 1, head: 0)
  /// How far each image is put out along one direction; image 5 lies farthest, on the negative side.
  static let positions: [Float] = [0.5, -0.7, 0.2, 1.4, -0.1, -2, 0.9, 0.05]

  /// Coordinates on a line, off the origin, with a little noise beside it.
  static func planted(sign: Float = 1) -> HeadContributions {
    var noise = Noise(21)
    let line = (0..<6).map { _ in noise.next() }
    let values = positions.flatMap { position in
      line.indices.map { 0.3 + sign * position * line[$0] + 0.001 * noise.next() }
    }
    return contributions(count: positions.count, coordinates: Tensor(shape: [positions.count, 6], values: values))
  }

  @Test(arguments: [1, -1] as [Float])
  func `a planted direction is found, the image farthest out on top`(sign: Float) throws {
    let extremes = try #require(
      try NeighbourIndex(head: Self.head, of: Self.planted(sign: sign)).extremes(count: 3))
    #expect(extremes.top.map(\.row) == [5, 1, 4])
    #expect(extremes.bottom.map(\.row) == [3, 6, 0])
    #expect(extremes.varianceShare > 0.99 && extremes.varianceShare <= 1)
  }

  @Test func `projections have the lengths of the joint embedding`() throws {
    let planted = Self.planted()
    let extremes = try #require(try NeighbourIndex(head: Self.head, of: planted).extremes(count: 8))
    let brute = BruteForce(Self.head, planted)
    let mean = brute.mean
    // On a line, the projection is the whole distance from the mean, but for the noise.
    let expected = extremes.top.map { item in
      let vector = difference(brute.vectors[item.row], mean)
      return dot(vector, vector).squareRoot()
    }
    let worst = WorstDifference(extremes.top.map { abs($0.projection) }, expected)
    #expect(worst.value < 0.01, "\(worst)")
  }

  @Test func `the first direction has more variance than any of a thousand others`() throws {
    let database = contributions(count: 37)
    let extremes = try #require(try NeighbourIndex(head: Self.head, of: database).extremes(count: 37))
    let variance = extremes.top.reduce(0) { $0 + $1.projection * $1.projection } / 37
    let brute = BruteForce(Self.head, database)
    let index = try NeighbourIndex(head: Self.head, of: database)
    var noise = Noise(77)
    for _ in 0..<1000 {
      let direction = (0..<tinyShape.embeddingWidth).map { _ in Double(noise.next()) }
      let spread = standardDeviation(brute.scores(text: direction, .dot)) / dot(direction, direction).squareRoot()
      #expect(spread * spread <= variance + 1e-6)
    }
    #expect(abs(variance / (index.spread * index.spread) - extremes.varianceShare) < 1e-5)
  }

  @Test func `directions are found among vectors of the joint embedding too`() throws {
    let vectors = Tensor(shape: [4, 3], values: [0, 1, 0, 0, 2, 0, 0, 4, 0.1, 0, 3, 0])
    let extremes = try #require(try NeighbourIndex(vectors: vectors, name: "rows").extremes(count: 1))
    #expect([extremes.top[0].row, extremes.bottom[0].row].sorted() == [0, 2])
  }
}
