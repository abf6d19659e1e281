import Analysis
import Attribution
import ContrastiveSegmentation
import Synchronization
import Tensors
import TestSupport
import Testing
import TopicSegmentation

@Suite struct TopicSegmentationTests {
  static let options: [String: OptionValue] = ["count": 3, "heads": 2, "images": 2, "examples": 4]
  static func sections(_ world: World = World()) throws -> [Section] {
    try TopicSegmentationPlugin().sections(for: world.evidence(), options: options)
  }

  static func similarity(_ evidence: ModelEvidence, _ image: Int, _ text: Int) -> Double {
    dot(
      evidence.gallery.contributions.embeddings.row(image).map(Double.init),
      evidence.texts.embeddings.row(text).map(Double.init))
  }

  private static func scores(_ evidence: ModelEvidence, _ image: Int, _ texts: [Int]) throws -> [PatchScores] {
    try evidence.patches.scores(
      image: GalleryIndex(image), texts: evidence.texts.embeddings(of: texts.map { TextIndex($0) }))
  }

  @Test(arguments: 0..<5) func `an image is segmented by the texts most similar to it, all heads summed`(
    image: Int
  ) throws {
    let evidence = World().evidence()
    let section = try #require(try Self.sections().about(.image("gallery-\(image)")).first)
    let texts = indicesOfLargest((0..<7).map { Self.similarity(evidence, image, $0) }, count: 3)
    let summed = try #require(section.heatMaps.first)
    #expect(summed.maps.map(\.link) == texts.map { .text("text-\($0)") })
    #expect(summed.isDiverging && summed.sharesScale && summed.gridSide == 3)
    let scores = try Self.scores(evidence, image, texts)
    for (map, score) in zip(summed.maps, scores) {
      let expected = (0..<9).map { patch in
        World.shape.allHeads.reduce(0.0) { $0 + Double(score.map(of: $1)[patch]) }
      }
      let worst = WorstDifference(map.values, expected)
      #expect(worst.value < 1e-6, "\(worst)")
    }
  }

  @Test func `the head that draws most on the map stands first, with its share`() throws {
    var world = World()
    let loud = Head(layer: 0, head: 1)
    world.plantPatches = { $0.amplify(loud, 100) }
    let sections = try Self.sections(world)
    for image in 0..<5 {
      let section = try #require(sections.about(.image("gallery-\(image)")).first)
      #expect(section.heatMaps.count == 4)
      for maps in section.heatMaps.dropFirst() {
        #expect(maps.maps.count == 2)
        #expect(maps.maps[0].link == .head(model: "tiny", head: loud))
        let share = Int(maps.maps[0].title.dropFirst("L0.H1 (Label01), ".count).dropLast(2)) ?? 0
        #expect(share > 90 && share <= 100, "\(maps.maps[0].title)")
      }
    }
    let series = try #require(sections.about(.model("tiny")).first?.series.first)
    #expect(series.lines[0].values[0] > 20 * series.lines[0].values[1])
  }

  @Test(arguments: World.shape.allHeads) func `a head's page shows the pairs it draws most on`(head: Head) throws {
    let evidence = World().evidence()
    let section = try #require(try Self.sections().about(.head(model: "tiny", head: head)).first)
    let maps = try #require(section.heatMaps.first)
    #expect(section.heatMaps.count == 1 && maps.maps.count == 4)
    var candidates: [[Float]] = []
    for image in 0..<5 {
      let texts = indicesOfLargest((0..<7).map { Self.similarity(evidence, image, $0) }, count: 3)
      let scores = try Self.scores(evidence, image, texts)
      candidates += scores.map { $0.map(of: head) }
    }
    let strengths = candidates.map { $0.reduce(0.0) { $0 + Double(abs($1)) } }
    #expect(maps.maps.map(\.values) == indicesOfLargest(strengths, count: 4).map { candidates[$0] })
  }

  @Test(arguments: 0..<7) func `a text's page shows the images most similar to it`(text: Int) throws {
    let evidence = World().evidence()
    let section = try #require(try Self.sections().about(.text("text-\(text)")).first)
    let images = indicesOfLargest((0..<5).map { Self.similarity(evidence, $0, text) }, count: 2)
    let maps = try #require(section.heatMaps.first).maps
    #expect(maps.map(\.image.id) == images.map { "gallery-\($0)" })
    for (map, image) in zip(maps, images) {
      let score = try Self.scores(evidence, image, [text])[0]
      #expect(map.values == score.sum())
    }
  }

  @Test func `every image runs through the model once, with each of its texts once`() throws {
    let evidence = World().evidence()
    let counting = CountingPatches(evidence.patches)
    _ = try TopicSegmentationPlugin().sections(for: evidence.with(patches: counting), options: Self.options)
    let asked = counting.asked.withLock { $0 }
    #expect(asked.map(\.image) == [0, 1, 2, 3, 4])
    for question in asked { #expect(Set(question.texts).count == question.texts.count) }
  }
}

@Suite struct ContrastiveSegmentationTests {
  static let options: [String: OptionValue] = ["heads": 2, "examples": 4]
  static func sections(_ world: World = World()) throws -> [Section] {
    try ContrastiveSegmentationPlugin().sections(for: world.evidence(), options: options)
  }

  @Test(arguments: World().contrasts.map(\.id)) func `one map is signed and says which text has more`(
    id: String
  ) throws {
    let section = try #require(try Self.sections().about(.contrast(id)).first)
    let maps = try #require(section.heatMaps.first)
    #expect(maps.isDiverging && maps.sharesScale && maps.maps.count == 1)
    #expect(maps.maps[0].values.contains { abs($0) > 1e-3 })
    let total = maps.maps[0].values.reduce(0.0) { $0 + Double($1) }
    let words = try #require(section.markdown.first)
    #expect(words.contains("the \(total < 0 ? "second" : "first") text has"))
  }

  @Test func `texts the other way about give the same heads with negated maps`() throws {
    var world = World()
    world.contrasts = [Contrast(id: "first", image: 1, first: 4, second: 0)]
    let plain = try Self.sections().about(.contrast("first")).flatMap(\.heatMaps)
    let turned = try Self.sections(world).about(.contrast("first")).flatMap(\.heatMaps)
    #expect(plain[0].maps.map(\.values) == turned[0].maps.map { $0.values.map { -$0 } })
    #expect(plain[1].maps.map(\.title) == turned[1].maps.map(\.title))
    #expect(plain[1].maps.map(\.values) == turned[1].maps.map { $0.values.map { -$0 } })
  }

  @Test(arguments: World().contrasts.map(\.id)) func `the map is the difference summed over all heads`(
    id: String
  ) throws {
    let evidence = World().evidence()
    let contrast = try #require(evidence.contrasts.first { $0.id == id })
    let section = try #require(try Self.sections().about(.contrast(id)).first)
    let scores = try evidence.patches.scores(
      image: contrast.image, texts: evidence.texts.embeddings(of: [contrast.first, contrast.second]))
    let expected = zip(scores[0].sum(), scores[1].sum()).map { $0 - $1 }
    let worst = WorstDifference(section.heatMaps[0].maps[0].values, expected)
    #expect(worst.value < 1e-6, "\(worst)")
    let totals = World.shape.allHeads.map { head in
      zip(scores[0].map(of: head), scores[1].map(of: head)).reduce(0.0) { $0 + Double($1.0) - Double($1.1) }
    }
    let grid = try #require(try Self.sections().about(.contrast(id)).flatMap(\.grids).first)
    #expect(grid.isDiverging)
    #expect(zip(grid.values, totals).allSatisfy { abs(($0 ?? .infinity) - $1) < 1e-5 })
  }

  /// The reference tool's summed maps show the last head alone, by a slip of types.
  @Test(arguments: World.shape.allHeads) func `a difference in any one head alone shows on the summed map`(
    head: Head
  ) throws {
    var world = World()
    world.plantPatches = { $0.silenceAll(but: head) }
    let sections = try Self.sections(world)
    let maps = sections.about(.contrast("second")).flatMap(\.heatMaps)
    try #require(maps.count == 2)
    #expect(maps[0].maps[0].values.contains { abs($0) > 1e-3 })
    #expect(maps[1].maps[0].values == maps[0].maps[0].values)
    #expect(maps[1].maps[0].title == "\(head) (Label\(head.layer)\(head.head)), 100 %")
    let page = try #require(sections.about(.head(model: "tiny", head: head)).first)
    #expect(page.heatMaps[0].maps.count == 3)
    #expect(page.heatMaps[0].maps.contains { $0.values == maps[0].maps[0].values })
  }

  @Test func `a head that decides no contrast has no section`() throws {
    var world = World()
    world.plantPatches = {
      $0.amplify(Head(layer: 0, head: 0), 100)
      $0.amplify(Head(layer: 1, head: 1), 100)
    }
    let sections = try Self.sections(world)
    let subjects = World.shape.allHeads.map { sections.about(.head(model: "tiny", head: $0)).count }
    #expect(subjects == [1, 0, 0, 1])
  }

  @Test func `every image runs through the model once, whatever its contrasts`() throws {
    let evidence = World().evidence()
    let counting = CountingPatches(evidence.patches)
    _ = try ContrastiveSegmentationPlugin().sections(for: evidence.with(patches: counting), options: Self.options)
    #expect(counting.asked.withLock { $0.map(\.image) } == Set(evidence.contrasts.map(\.image)).sorted())
    #expect(evidence.contrasts.count > Set(evidence.contrasts.map(\.image)).count)
  }

  @Test func `an image's page has all its contrasts and links to them`() throws {
    let sections = try Self.sections()
    let section = try #require(sections.about(.image("gallery-1")).first)
    #expect(section.heatMaps.flatMap(\.maps).map(\.link) == [.contrast("first"), .contrast("third")])
    #expect(sections.about(.image("gallery-0")).isEmpty)
  }
}

@Suite struct PatchScoresInParallelTests {
  @Test(arguments: [1, 3, 20]) func `patch scores come in the order asked for, each asked for once`(threads: Int) throws
  {
    let world = World().evidence()
    let patches = CountingPatches(world.patches)
    let evidence = world.with(patches: patches, threads: threads)
    let asked = [4, 0, 3, 3, 1].map { PatchQuestion(image: GalleryIndex($0), texts: [TextIndex($0), 6, 2]) }
    var places: [Int] = []
    try evidence.forEachPatchScores(of: asked) { place, scores in
      places.append(place)
      let alone = try world.patches.scores(
        image: asked[place].image, texts: world.texts.embeddings(of: asked[place].texts))
      #expect(scores.map { $0.sum() } == alone.map { $0.sum() }, "place \(place)")
    }
    #expect(places == [0, 1, 2, 3, 4])
    #expect(patches.asked.withLock { $0.map(\.image).sorted() } == [0, 1, 3, 3, 4])
  }

  @Test func `what goes wrong with one image is told`() {
    struct Unreadable: PatchScoring, Error {
      func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] { throw self }
    }
    for threads in [1, 3] {
      #expect(throws: Unreadable.self) {
        try TopicSegmentationPlugin().sections(
          for: World().evidence().with(patches: Unreadable(), threads: threads), options: TopicSegmentationTests.options
        )
      }
    }
  }
}

/// Remembers what was asked of it.
final class CountingPatches: PatchScoring {
  struct Question: Sendable {
    let image: GalleryIndex
    let texts: [[Float]]
  }
  let asked = Mutex<[Question]>([])
  private let patches: any PatchScoring

  init(_ patches: any PatchScoring) { self.patches = patches }

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] {
    let question = Question(image: image, texts: (0..<texts.rows).map { Array(texts.row($0)) })
    asked.withLock { $0.append(question) }
    return try patches.scores(image: image, texts: texts)
  }
}

extension ModelEvidence {
  func with(patches: any PatchScoring, threads: Int = 1) -> ModelEvidence {
    ModelEvidence(
      model: model, title: title, shape: shape, card: card, residual: residual, heads: heads, probe: probe,
      gallery: gallery, texts: texts, pool: pool, properties: properties, contrasts: contrasts, names: names,
      patches: patches, encoder: encoder, deferred: deferred, threads: threads)
  }
}
