import Analysis
import Attribution
import Evaluation
import Files
import Foundation
import LinearAlgebra
import Synchronization
import Tensors
import TestSupport
import Testing

/// What `scripts/goldens/twins.py` worked out.
private struct TwinGolden: Decodable, Sendable {
  struct Model: Decodable, Sendable {
    let layers, heads, headWidth, embeddingWidth: Int
    let basis, coordinates, embeddings: [Float]
  }
  struct Pair: Decodable, Sendable {
    let first, second: Int
    let similarity: [[Double]]
    let halves: [[[Double]]]
    let embeddings: Double
    let chance: [Double]
  }
  let images, drawn: Int
  let models: [Model]
  let pairs: [Pair]

  static func read() throws -> TwinGolden {
    try JSONDecoder().decode(TwinGolden.self, from: Data(readFile(Fixtures.golden("twins/goldens.json"))))
  }

  func tower(_ place: Int) -> TwinTower {
    let model = models[place]
    let shape = TowerShape(
      layers: model.layers, heads: model.heads, headWidth: model.headWidth, width: model.heads * model.headWidth,
      embeddingWidth: model.embeddingWidth, gridSide: 1)
    func parts(_ values: [Float], _ rows: Int, _ columns: Int) -> [Tensor] {
      (0..<shape.headCount).map {
        Tensor(shape: [rows, columns], values: Array(values[$0 * rows * columns..<($0 + 1) * rows * columns]))
      }
    }
    return TwinTower(
      shape: shape, bases: parts(model.basis, shape.headSpaceWidth, shape.embeddingWidth),
      coordinates: parts(model.coordinates, images, shape.headSpaceWidth),
      embeddings: Tensor(shape: [images, shape.embeddingWidth], values: model.embeddings))
  }
}

/// What the heads of a small model wrote.
private struct TwinTower {
  let shape: TowerShape
  var bases: [Tensor]
  var coordinates: [Tensor]
  var embeddings: Tensor

  init(shape: TowerShape, bases: [Tensor], coordinates: [Tensor], embeddings: Tensor) {
    (self.shape, self.bases, self.coordinates, self.embeddings) = (shape, bases, coordinates, embeddings)
  }

  /// Heads of noise.
  init(heads: Int, headWidth: Int, embeddingWidth: Int, images: Int, seed: UInt64) {
    var noise = Noise(seed)
    shape = TowerShape(
      layers: 2, heads: heads / 2, headWidth: headWidth, width: heads / 2 * headWidth, embeddingWidth: embeddingWidth,
      gridSide: 1)
    let width = shape.headSpaceWidth
    bases = (0..<heads).map { _ in noise.tensor([width, embeddingWidth]) }
    coordinates = (0..<heads).map { _ in noise.tensor([images, width]) }
    embeddings = noise.tensor([images, embeddingWidth])
  }

  var count: Int { embeddings.rows }

  private var contributions: HeadContributions {
    HeadContributions(
      shape: shape,
      spaces: bases.map { HeadSpace(basis: $0, gram: product($0, .normal, $0, .transposed)) }, coordinates: coordinates,
      mlp: Tensor(zeros: [count, shape.layers + 1, shape.embeddingWidth]), embeddings: embeddings)
  }

  /// What a head wrote, `[N, E]`.
  func written(_ head: Int) -> Tensor { product(coordinates[head], bases[head]) }

  /// - Parameters:
  ///   - sizes: images are read so many at a time.
  ///   - ids: of the images.
  func evidence(
    _ name: String = "m", sizes: [Int] = [1000], ids: [String]? = nil, threads: Int = 1,
    kept: KeptTwins? = nil
  ) -> ModelEvidence {
    let whole = contributions
    let ids = ids ?? (0..<count).map { "\($0)" }
    let empty = Tensor(zeros: [0, shape.embeddingWidth])
    return ModelEvidence(
      model: name, title: name, shape: shape,
      card: ModelCard(imageSize: 1, activation: "GELU", tensorCount: 0, parameterCount: 0),
      residual: ReconstructionResidual(largest: 0, image: 0, images: 0), heads: [],
      probe: ProbeSet(
        items: .init(count: count) { .init(reference: .init(set: .probe, id: ids[$0]), caption: nil) },
        features: InBlocks(whole, sizes: sizes)),
      gallery: ImageCollection(
        items: [],
        contributions: HeadContributions(
          shape: shape, spaces: whole.spaces,
          coordinates: coordinates.map { Tensor(zeros: [0, $0.rowCount]) },
          mlp: Tensor(zeros: [0, shape.layers + 1, shape.embeddingWidth]), embeddings: empty), captionEmbeddings: empty),
      texts: TextCollection(items: [], embeddings: empty), pool: DescriptionPool(texts: [], embeddings: empty),
      properties: [], contrasts: [], names: PropertyNames([]), patches: NoScores(), encoder: NoScores(),
      deferred: Stored(features: "features of \(name)", kept: kept), threads: threads)
  }
}

private struct NoScores: PatchScoring, TextEncoding, Error {
  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] { throw self }
  func embeddings(of texts: [String]) throws -> Tensor { throw self }
}

/// A cache of comparisons in memory.
private final class KeptTwins: Sendable {
  private struct State {
    var kept: [[String]: [Tensor]] = [:]
    var reports = 0
  }
  private let state = Mutex(State())

  var reports: Int { state.withLock { $0.reports } }
  var count: Int { state.withLock { $0.kept.count } }
  func report() { state.withLock { $0.reports += 1 } }
  subscript(inputs: [String]) -> [Tensor]? { state.withLock { $0.kept[inputs] } }
  func keep(_ tensors: [Tensor], _ inputs: [String]) { state.withLock { $0.kept[inputs] = tensors } }
}

private struct Stored: DeferredEvidence {
  let features: String
  let kept: KeptTwins?

  var keys: (gallery: String, probe: String) { ("", "") }
  func moments(of head: Head) throws -> HeadMoments { throw NoScores() }
  func attention(image: GalleryIndex) throws -> Tensor { throw NoScores() }
  func mlps(block: Int) throws -> Tensor { throw NoScores() }
  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { throw NoScores() }
  var probeKeys: (images: String, features: String)? { kept == nil ? nil : ("images", features) }
  func keptTwins(inputs: [String], names: [String]) -> [Tensor]? { kept?[inputs] }
  func keep(twins: [Tensor], inputs: [String], names: [String]) { kept?.keep(twins, inputs) }
  func report(stage: String, done: Int, total: Int) throws {
    #expect(stage == "twins" && done > 0 && done <= total)
    kept?.report()
  }
}

/// The cosine of two U-centred Gram matrices by their definition, in double.
private func cosineOfGrams(_ first: Tensor, _ second: Tensor) -> Double {
  func centred(_ written: Tensor) -> [[Double]] {
    let rows = (0..<written.rows).map { written.row($0).map(Double.init) }
    let count = rows.count
    var gram = rows.map { one in rows.map { other in zip(one, other).reduce(0) { $0 + $1.0 * $1.1 } } }
    for place in 0..<count { gram[place][place] = 0 }
    let sums = gram.map { $0.reduce(0, +) }
    let (inner, total) = (Double(count - 2), sums.reduce(0, +) / Double((count - 1) * (count - 2)))
    for row in 0..<count {
      for column in 0..<count where row != column {
        gram[row][column] += total - sums[row] / inner - sums[column] / inner
      }
    }
    return gram
  }
  let (one, other) = (centred(first).flatMap { $0 }, centred(second).flatMap { $0 })
  return cosine(one, other)
}

@Suite struct `Twins of heads` {
  @Test(arguments: [[27], [4, 3, 1]], [1, 3]) func `agree with the definition in float64`(sizes: [Int], threads: Int)
    throws
  {
    let golden = try TwinGolden.read()
    let models = ["a", "b"].enumerated().map { golden.tower($0).evidence($1, sizes: sizes, threads: threads) }
    let study = try TwinStudy(models, images: golden.drawn)
    for expected in golden.pairs {
      let found = try #require(study.pair(expected.first, expected.second))
      #expect(found.images == golden.drawn && study.sharedImages(expected.first, expected.second) == golden.images)
      let lists: [(String, Tensor, [[Double]])] =
        [("all images", found.similarity, expected.similarity)]
        + zip(found.halves, expected.halves).map { ("a half", $0, $1) }
      for (name, tensor, numbers) in lists {
        let worst = WorstDifference(tensor.values, numbers.flatMap { $0 })
        #expect(worst.value < 1e-6, "\(expected.first), \(expected.second), \(name): \(worst)")
      }
      #expect(found.halves.count == 2 && abs(found.embeddings - expected.embeddings) < 1e-6)
      let chance = WorstDifference(found.chance, expected.chance)
      #expect(chance.value < 1e-6, "\(expected.first), \(expected.second), permuted: \(chance)")
    }
    let (there, back) = (try #require(study.pair(0, 1)), try #require(study.pair(1, 0)))
    #expect(back.similarity.shape == [3, 4] && back.similarity.values[1] == there.similarity.values[3])
    #expect(back.chance.count == 129 && there.chance.count == 128)
  }

  @Test func `are as alike by tiles as by the definition, also where tiles are not full`() throws {
    let (one, other) = (
      TwinTower(heads: 4, headWidth: 3, embeddingWidth: 9, images: 150, seed: 1),
      TwinTower(heads: 2, headWidth: 5, embeddingWidth: 12, images: 150, seed: 2)
    )
    let pair = try #require(try TwinStudy([one.evidence("a"), other.evidence("b")], images: 150).pair(0, 1))
    for (head, twin) in [(0, 0), (3, 1)] {
      let expected = cosineOfGrams(one.written(head), other.written(twin))
      #expect(abs(Double(pair.similarity.values[head * 2 + twin]) - expected) < 1e-6)
    }
  }

  @Test func `have a mean of 0 over all orders of the images, and the variance that is stated`() throws {
    var noise = Noise(5)
    // One that writes in a single direction, and one that writes in all.
    let parts = try [1, 4].map { width in
      try PartFactor(coordinates: noise.tensor([7, width]), basis: nil)
    }
    let own = try GramProducts([parts]).sums(of: [.init(rows: 0, columns: 0)], threads: 1)[0].whole
    let scale = (own[0] * own[3]).squareRoot()
    var (order, sum, squares, count) = (Array(0..<7), 0.0, 0.0, 0)
    func visit(_ size: Int) throws {
      guard size > 1 else {
        let found =
          try GramProducts([[parts[0]]], with: [[parts[1]]], order: order)
          .sums(of: [.init(rows: 0, columns: 0)], threads: 1)[0].whole[0] / scale
        (sum, squares, count) = (sum + found, squares + found * found, count + 1)
        return
      }
      for place in 0..<size {
        try visit(size - 1)
        order.swapAt(size % 2 == 0 ? place : 0, size - 1)
      }
    }
    try visit(7)
    #expect(count == 5040 && abs(sum / 5040) < 1e-7)
    #expect(abs(squares / 5040 - 2 / (7.0 * 4)) < 1e-7)
    let pair = try #require(
      try TwinStudy([TwinTower(heads: 2, headWidth: 3, embeddingWidth: 8, images: 30, seed: 1).evidence()], images: 30)
        .pair(0, 0))
    #expect(abs(pair.deviation * pair.deviation - 2 / (30.0 * 27)) < 1e-15)
  }

  /// A model of a wider embedding whose heads write what those of another do, turned, scaled, moved and in another order.
  private func copy(_ tower: TwinTower, order: [Int], noise amount: Float) -> TwinTower {
    var noise = Noise(77)
    let (width, embedding) = (tower.shape.headSpaceWidth, tower.shape.embeddingWidth)
    let wide = 2 * embedding
    /// Rows of a reflection: orthogonal, and of other numbers for each head.
    func turn() -> Tensor {
      let axis = noise.tensor([wide]).values
      let square = axis.reduce(0) { $0 + $1 * $1 }
      return Tensor(
        shape: [embedding, wide],
        values: (0..<embedding * wide).map { place in
          let (row, column) = (place / wide, place % wide)
          return (row == column ? 1 : 0) - 2 * axis[row] * axis[column] / square
        })
    }
    var bases: [Tensor] = []
    var coordinates: [Tensor] = []
    for head in order {
      // Coordinates are mixed, and the basis the other way round: x · a and a⁻¹ · b with a = 1 + u vᵀ.
      let (u, v) = (noise.tensor([width, 1]), noise.tensor([1, width]))
      let inverse = 1 / (1 + product(v, u).values[0])
      let x = tower.coordinates[head]
      let moved = zip(x.values, product(product(x, u), v).values).map { $0 + $1 + amount * noise.next() + 0.5 }
      coordinates.append(Tensor(shape: x.shape, values: moved))
      let b = tower.bases[head]
      let unmixed = zip(b.values, product(u, product(v, b)).values).map { 3 * ($0 - inverse * $1) }
      bases.append(product(Tensor(shape: b.shape, values: unmixed), turn()))
    }
    let shape = TowerShape(
      layers: tower.shape.layers, heads: tower.shape.heads, headWidth: tower.shape.headWidth, width: tower.shape.width,
      embeddingWidth: wide, gridSide: 1)
    return TwinTower(
      shape: shape, bases: bases, coordinates: coordinates, embeddings: product(tower.embeddings, turn()))
  }

  @Test func `that are planted in a model of another width are all found, and none where its images are permuted`()
    throws
  {
    let tower = TwinTower(heads: 24, headWidth: 5, embeddingWidth: 12, images: 120, seed: 3)
    let order = (0..<24).map { ($0 * 7 + 3) % 24 }
    var other = copy(tower, order: order, noise: 0.005)
    let found = try #require(try TwinStudy([tower.evidence("a"), other.evidence("b")], images: 120).pair(1, 0))
    #expect(found.best.map { $0?.place } == order)
    #expect(found.best.allSatisfy { ($0?.similarity ?? 0) > 0.99 })
    #expect(found.mutual == 1 && found.beyondChance(0.99) == 1 && found.returning?.share == 1)
    #expect(found.embeddings > 0.9999)
    let permuted = Tensor.inOrder((0..<120).map { ($0 * 37 + 11) % 120 })
    other.coordinates = other.coordinates.map(permuted)
    let lost = try #require(try TwinStudy([tower.evidence("a"), other.evidence("b")], images: 120).pair(1, 0))
    // Of 24 heads 1.2 are expected above what 95 % stay below.
    #expect(lost.beyondChance(0.95).map { $0 <= 3.0 / 24 } == true, "\(lost.beyondChance(0.95) ?? -1)")
    #expect((lost.returning?.share ?? 1) < 0.2)
    #expect(lost.best.compactMap { $0?.place } != order)
  }

  @Test func `do not depend on threads, on blocks, or on the order of models`() throws {
    let towers = [(4, UInt64(1)), (6, UInt64(2))].map {
      TwinTower(heads: $0, headWidth: 3, embeddingWidth: 9, images: 140, seed: $1)
    }
    func study(_ order: [Int], _ threads: Int, _ sizes: [Int]) throws -> TwinStudy {
      try TwinStudy(
        order.map { towers[$0].evidence("\($0)", sizes: sizes, threads: threads, kept: KeptTwins()) }, images: 133)
    }
    let plain = try #require(try study([0, 1], 1, [140]).pair(0, 1))
    let others = [
      try study([0, 1], 2, [140]).pair(0, 1), try study([0, 1], 3, [13, 50]).pair(0, 1),
      try study([1, 0], 1, [140]).pair(1, 0),
    ]
    for other in others {
      #expect(other?.similarity == plain.similarity && other?.halves == plain.halves && other?.chance == plain.chance)
      #expect(other?.embeddings == plain.embeddings)
    }
  }

  @Test func `are compared over the images that two sets share, and not where they share too few`() throws {
    let tower = TwinTower(heads: 4, headWidth: 3, embeddingWidth: 9, images: 30, seed: 6)
    let other = copy(tower, order: [2, 3, 0, 1], noise: 0)
    // The second set has the first's images 10 to 29 in another order, and ten others.
    let rows = (0..<30).map { $0 < 20 ? 29 - $0 : $0 }
    var shuffled = other
    shuffled.coordinates = other.coordinates.map(Tensor.inOrder(rows))
    shuffled.embeddings = Tensor.inOrder(rows)(other.embeddings)
    let ids = rows.enumerated().map { $0 < 20 ? "\($1)" : "another \($0)" }
    let study = try TwinStudy([tower.evidence("a"), shuffled.evidence("b", ids: ids)], images: 100)
    let pair = try #require(study.pair(0, 1))
    #expect(pair.images == 20 && study.sharedImages(1, 0) == 20)
    #expect(pair.best.map { $0?.place } == [2, 3, 0, 1] && pair.best.allSatisfy { ($0?.similarity ?? 0) > 0.9999 })
    #expect(study.pair(0, 0)?.images == 30 && study.pair(1, 1)?.images == 30)
    let apart = try TwinStudy(
      [tower.evidence("a"), shuffled.evidence("b", ids: (0..<30).map { "\($0 < 7 ? $0 : $0 + 100)" })], images: 100)
    #expect(apart.pair(0, 1) == nil && apart.pair(1, 0) == nil && apart.sharedImages(0, 1) == 7)
    #expect(apart.pair(1, 1) != nil)
  }

  @Test func `are computed once, and again where one of both models is another`() throws {
    let tower = TwinTower(heads: 4, headWidth: 3, embeddingWidth: 9, images: 30, seed: 6)
    let kept = KeptTwins()
    func study(_ names: [String]) throws -> TwinStudy {
      try TwinStudy(names.map { tower.evidence($0, kept: kept) }, images: 30)
    }
    let first = try study(["a", "b"])
    let (reports, count) = (kept.reports, kept.count)
    #expect(reports > 0 && count == 3)
    let again = try study(["b", "a"])
    #expect(kept.reports == reports && kept.count == 3)
    #expect(
      again.pair(0, 1)?.similarity == first.pair(1, 0)?.similarity
        && again.pair(0, 1)?.chance == first.pair(1, 0)?.chance)
    _ = try study(["a", "c"])
    #expect(kept.reports > reports && kept.count == 5)
  }

  @Test func `are none where a head writes nothing, and a head of damaged numbers is an error`() throws {
    var tower = TwinTower(heads: 4, headWidth: 3, embeddingWidth: 9, images: 30, seed: 6)
    // The same for every image but for rounding.
    for place in tower.coordinates[2].values.indices {
      tower.coordinates[2].values[place] = place * place % 7 < 3 ? 0.25 : Float(0.25).nextUp
    }
    let pair = try #require(try TwinStudy([tower.evidence()], images: 30).pair(0, 0))
    #expect((0..<4).allSatisfy { pair.similarity.values[8 + $0] == 0 && pair.similarity.values[$0 * 4 + 2] == 0 })
    #expect(pair.isWithin && pair.best.enumerated().allSatisfy { $0 != $1?.place })
    tower.coordinates[1].values[5] = .nan
    #expect(throws: EigenFailure.self) { try TwinStudy([tower.evidence()], images: 30) }
    let none = try TwinStudy(
      [TwinTower(heads: 4, headWidth: 3, embeddingWidth: 9, images: 7, seed: 6).evidence()], images: 30)
    #expect(none.pair(0, 0) == nil && none.sharedImages(0, 0) == 7)
  }

  @Test(
    arguments: [
      ([1, 0, 3, nil], ["x", "x", "x", nil], 1 / 3.0 * 2, 2 / 3.0, true),
      ([1, 2, 1], ["x", "x", nil], 0.5, 0.5, true),
      ([0, 0], ["x", "y"], 0.5, 0.5, false),
    ] as [([Int?], [String?], Double, Double, Bool)])
  func `are held against what heads follow`(
    twins: [Int?], facts: [String?], agreeing: Double, permuted: Double, isWithin: Bool
  ) throws {
    let truth = try #require(TwinTruth(twins: twins, followed: facts, others: facts, isWithin: isWithin))
    #expect(abs(truth.agreeing - agreeing) < 1e-12 && abs(truth.permuted - permuted) < 1e-12, "\(truth)")
    #expect(TwinTruth(twins: [nil, 0], followed: ["x", nil], others: ["x", nil], isWithin: isWithin) == nil)
  }
}

extension Tensor {
  /// Takes rows in an order.
  fileprivate static func inOrder(_ order: [Int]) -> (Tensor) -> Tensor {
    { tensor in Tensor(shape: tensor.shape, values: order.flatMap { tensor.row($0) }) }
  }
}
