import Analysis
import Evaluation
import Metrics
import Tensors
import TestSupport
import Testing

/// A scene with one object per colour.
private func scene(_ colours: String..., setting: String? = nil) -> SceneFacts {
  SceneFacts(scene: setting.map { ["setting": $0] } ?? [:], objects: colours.map { ["colour": $0] })
}

@Suite struct `Facts of scenes` {
  @Test func `are the scene's own, or else those of its objects`() {
    let facts = SceneFacts(
      scene: ["setting": "beach", "size": "all"], objects: [["colour": "red", "size": "small"], ["colour": "blue"]])
    #expect(facts.values(of: "setting") == ["beach"])
    #expect(facts.values(of: "colour") == ["red", "blue"])
    #expect(facts.values(of: "size") == ["all"])
    #expect(facts.values(of: "weather") == [])
    #expect(SceneFacts.names(in: [facts, SceneFacts()]) == ["colour", "setting", "size"])
  }

  @Test func `are shared by images with any value in common`() throws {
    let sharing = try #require(
      FactSharing(
        fact: "colour", queries: [scene("red"), scene(setting: "sea"), scene("blue", "green")],
        database: [scene("red", "blue"), scene("green"), scene(setting: "sea"), scene("pink")]))
    #expect(sharing.queries == [0, 2])
    // The first query shares its colour with one of four, the third with two.
    #expect(sharing.chance == 0.375)
    #expect(sharing.precision([[0, 1], [2], [0, 1]]) == 0.75)
    #expect(sharing.precision([[2, 3], [2], [3]]) == 0)
    #expect(sharing.precision([[0], [], []]) == 0.5)
  }

  @Test func `have a chance that is what random neighbours get on average`() throws {
    let database = [scene("red"), scene("red", "blue"), scene("blue"), scene("green"), scene()]
    let sharing = try #require(FactSharing(fact: "colour", queries: [scene("red")], database: database))
    let pairs = (0..<5).flatMap { first in (0..<5).filter { $0 != first }.map { [first, $0] } }
    let mean = pairs.reduce(0.0) { $0 + sharing.precision([$1]) } / Double(pairs.count)
    #expect(abs(mean - sharing.chance) < 1e-12)
  }

  @Test func `have a best by chance that is chance for one head, and more the more heads there are`() throws {
    let database = (0..<100).map { scene($0 % 4 == 0 ? "red" : "blue") }
    let sharing = try #require(
      FactSharing(fact: "colour", queries: Array(repeating: scene("red"), count: 25), database: database))
    // A head's precision over 100 draws has a standard deviation of 0.043; 1000 heads reach over three of them.
    #expect(abs(sharing.bestByChance(heads: 1, count: 4) - 0.25) < 0.04)
    #expect(abs(sharing.bestByChance(heads: 1000, count: 4) - 0.39) < 0.03)
  }

  @Test func `that nobody has are not shared`() {
    #expect(FactSharing(fact: "colour", queries: [scene()], database: [scene("red")]) == nil)
    #expect(FactSharing(fact: "colour", queries: [scene("red")], database: [scene()]) == nil)
    #expect(FactSharing(fact: "colour", queries: [], database: []) == nil)
  }

  @Test(
    arguments: [
      ("colour", ["red"], 1), ("Colour", [], 1), ("kind", ["cat", "dog", "car"], 0),
      ("kind", ["cat", "dog", "ship", "car"], nil),
      ("hue", ["red", "blue"], 1), ("weather", ["rain"], nil), ("weather", [], nil),
    ] as [(String, Set<String>, Int?)])
  func `are the property of their name, or of most of their values`(fact: String, values: Set<String>, index: Int?) {
    let properties = [
      NamedProperty(names: ["object"], words: ["cat", "dog"]),
      NamedProperty(names: ["colour"], words: ["red", "blue", "green"]),
    ]
    #expect(NamedProperty.index(ofFact: fact, values: values, in: properties) == index)
  }
}

@Suite struct `Variance that a fact explains` {
  private let identity = Tensor(shape: [2, 2], values: [1, 0, 0, 1])

  private func explained(
    _ rows: [[Float]], _ images: [SceneFacts], fact: String = "colour", gram: Tensor? = nil
  ) throws -> ExplainedShare? {
    let coordinates = Tensor(shape: [rows.count, 2], values: rows.flatMap { $0 })
    guard let design = try FactDesign(fact: fact, images: images) else { return nil }
    return try HeadVariation(count: rows.count, gram: gram ?? identity) { try $0(0..<rows.count, coordinates) }
      .explained(by: [design])[0]
  }

  @Test func `is all of a head that follows it`() throws {
    let found = try #require(
      try explained(
        [[1, 0], [1, 0], [0, 1], [0, 1], [5, 5], [5, 5]],
        [scene("a"), scene("a"), scene("b"), scene("b"), scene("c"), scene("c")]))
    #expect(abs(found.share - 1) < 1e-12 && abs(found.corrected - 1) < 1e-12)
    #expect(found.images == 6 && found.values == 3)
  }

  @Test func `is weighed by the inner product of the joint embedding`() throws {
    let found = try #require(
      try explained(
        [[0, 0], [0, 2], [3, 0], [3, 2]], [scene("a"), scene("a"), scene("b"), scene("b")],
        gram: Tensor(shape: [2, 2], values: [4, 0, 0, 1])))
    // Between: 4·1.5²·4 = 36; within: 4·1²·1 = 4.
    #expect(abs(found.share - 0.9) < 1e-12)
    #expect(abs(found.corrected - (1 - 0.1 * 3 / 2)) < 1e-12)
  }

  @Test func `is 0 on average over all ways to deal out the values, whatever the head writes`() throws {
    let rows: [[Float]] = [[0, 3], [1, 1], [4, 1], [-5, 9], [2, 6], [100, 0]]
    var (plain, corrected) = (0.0, 0.0)
    let ways = permutations(["a", "a", "b", "b", "b", "c"])
    for values in ways {
      let found = try #require(try explained(rows, values.map { scene($0) }))
      plain += found.share / Double(ways.count)
      corrected += found.corrected / Double(ways.count)
    }
    #expect(abs(plain - 2.0 / 5) < 1e-9)
    #expect(abs(corrected) < 1e-9)
  }

  /// Images with one or two of four colours, and a head that adds a vector for each, halved where there are two.
  private func mixture(images: Int, noise: Float, perObject: Float = 0) -> (rows: [[Float]], scenes: [SceneFacts]) {
    var numbers = Noise(7)
    let colours = ["a", "b", "c", "d"]
    let written: [[Float]] = [[3, 1], [-2, 0], [0, 4], [-1, -5]]
    var (rows, scenes): ([[Float]], [SceneFacts]) = ([], [])
    for image in 0..<images {
      let own = image % 2 == 0 ? [image / 2 % 4] : [image % 4, (image + 1 + image / 4 % 3) % 4]
      scenes.append(SceneFacts(objects: own.map { ["colour": colours[$0]] }))
      let offset = perObject * Float(own.count)
      rows.append(
        (0..<2).map { column in
          own.reduce(0) { $0 + written[$1][column] } / Float(own.count) + noise * numbers.next() + offset
        })
    }
    return (rows, scenes)
  }

  @Test func `is all of a head that adds up what it writes for each object`() throws {
    let (rows, scenes) = mixture(images: 48, noise: 0)
    let found = try #require(try explained(rows, scenes))
    #expect(abs(found.share - 1) < 1e-6)
    #expect(found.images == 48)
  }

  @Test func `does not hang on how many objects there are`() throws {
    let (rows, scenes) = mixture(images: 48, noise: 1)
    let (shifted, _) = mixture(images: 48, noise: 1, perObject: 50)
    let (found, other) = (try #require(try explained(rows, scenes)), try #require(try explained(shifted, scenes)))
    #expect(abs(found.share - other.share) < 1e-5)
    #expect(found.share > 0.5 && found.share < 0.99)
    // A head that follows the number of objects and nothing else follows no colour: it does not vary at equal numbers.
    #expect(try explained(scenes.map { [Float($0.objects.count), 0] }, scenes) == nil)
  }

  @Test func `is a planted share, to sampling error`() throws {
    var numbers = Noise(11)
    // Values at −1 and 1 have variance 1; numbers even between −1 and 1, in two columns, have 2/3.
    let rows = (0..<4000).map { [Float($0 % 2) * 2 - 1 + numbers.next(), numbers.next()] }
    let found = try #require(try explained(rows, (0..<4000).map { scene($0 % 2 == 0 ? "a" : "b") }))
    #expect(abs(found.corrected - 0.6) < 0.01)
  }

  @Test func `counts scene facts as facts of objects, and images without the fact not at all`() throws {
    let rows: [[Float]] = [[1, 0], [1, 0.5], [0, 1], [0, 1.5], [9, 9]]
    let ofScene = try explained(
      rows, ["sea", "sea", "room", "room"].map { scene("red", setting: $0) } + [scene("red")], fact: "setting")
    let ofObject = try explained(rows, ["sea", "sea", "room", "room"].map { scene($0) } + [scene()])
    #expect(ofScene != nil && ofScene == ofObject)
    #expect(ofScene?.images == 4)
  }

  @Test func `is compared among as many objects where they differ in the fact, and nowhere else`() throws {
    // Both images with two objects show the same two colours: they say nothing of colour.
    let rows: [[Float]] = [[1, 0], [1, 0.5], [0, 1], [0, 1.5], [7, 0], [0, 7]]
    let singles = ["a", "a", "b", "b"].map { scene($0) }
    let found = try #require(try explained(rows, singles + [scene("a", "b"), scene("b", "a")]))
    let alone = try #require(try explained(Array(rows.prefix(4)), singles))
    #expect(found.images == 4 && abs(found.corrected - alone.corrected) < 1e-6)
  }

  @Test func `has no answer for one value, values of one image each, or a head that stands still`() throws {
    let rows: [[Float]] = [[1, 2], [3, 4], [5, 6]]
    #expect(try explained(rows, [scene("a"), scene("a"), scene("a")]) == nil)
    #expect(try explained(rows, [scene("a"), scene("b"), scene("c")]) == nil)
    #expect(try explained(rows, [scene(), scene(), scene()]) == nil)
    #expect(try explained(rows.map { _ in [0.1, 0.7] }, [scene("a"), scene("b"), scene("b")]) == nil)
  }
}

@Suite struct `Labels against the truth` {
  @Test func `agree where they name what the head follows, among labelled heads`() throws {
    let found = try #require(
      LabelTruth(labels: ["a", "a", "b", "b", nil], truths: ["a", "b", "b", nil, "a"]))
    #expect(found.heads == 4)
    #expect(found.agreeing == 0.5)
    #expect(LabelTruth(labels: [nil, nil], truths: ["a", nil]) == nil)
  }

  @Test func `have as control the mean over all ways to deal out the labels`() throws {
    let truths = ["a", "a", "b", nil, "c"]
    let ways = permutations(["a", "b", "b", "a", "a"])
    let mean = try ways.reduce(0.0) { sum, labels in
      sum + (try #require(LabelTruth(labels: labels, truths: truths)).agreeing) / Double(ways.count)
    }
    let control = try #require(LabelTruth(labels: ways[0], truths: truths)).shuffled
    #expect(abs(mean - control) < 1e-12)
    #expect(control > 0 && control < 1)
  }

  @Test func `are counted against each other`() {
    let table = ConfusionTable([("b", "x"), ("a", "y"), ("b", "x"), ("b", "y")])
    #expect(table.labels == ["a", "b"] && table.truths == ["x", "y"])
    #expect(table.counts == [[0, 1], [2, 1]])
  }
}

/// All orders of some items, n! of them.
private func permutations<Item>(_ items: [Item]) -> [[Item]] {
  guard items.count > 1 else { return [items] }
  return items.indices.flatMap { index in
    var rest = items
    let first = rest.remove(at: index)
    return permutations(rest).map { [first] + $0 }
  }
}
