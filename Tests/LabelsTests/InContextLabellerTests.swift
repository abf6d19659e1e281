import Attribution
import Labels
import Tensors
import Testing

/// A text tower that knows two kinds of words: fruits point one way, metals another, each word a little its own way.
private let kinds: [String: [Float]] = [
  "apple": [1, 0, 0.3, 0], "pear": [1, 0, 0, 0.3], "plum": [1, 0, -0.3, 0], "cherry": [1, 0, 0, -0.3],
  "iron": [0, 1, 0.3, 0], "gold": [0, 1, 0, 0.3], "zinc": [0, 1, -0.3, 0], "copper": [0, 1, 0, -0.3],
  "bowl": [0.1, 0.1, 0.7, 0.7],
]

@Sendable private func tower(_ texts: [String]) -> Tensor {
  let rows = texts.map { text -> [Float] in
    var sum: [Float] = [0, 0, 0, 0, 1]
    for word in text.split(separator: " ") {
      for (index, value) in (kinds[String(word)] ?? [0, 0, 0, 0]).enumerated() { sum[index] += value }
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return sum.map { $0 / length }
  }
  return Tensor(shape: [texts.count, 5], values: rows.flatMap { $0 })
}

/// As many lines of one kind as of the other.
private let fruitsAndMetals = ["an apple", "a pear", "a plum", "a cherry", "iron", "gold", "zinc", "copper"]

private func makeLabeller(
  _ examples: [LabelledExample] = examples, pool: [String] = fruitsAndMetals,
  embed: @escaping @Sendable ([String]) throws -> Tensor = tower
) throws -> InContextLabeller {
  try InContextLabeller(
    examples: examples, pool: pool, names: PropertyNames(declared: [], examples: examples), embed: embed)
}

private let examples = [
  LabelledExample(property: "Fruit", descriptions: ["an apple in a bowl", "a pear"]),
  LabelledExample(property: "Metal", descriptions: ["iron in a bowl", "a gold bowl"]),
]

@Suite struct `The in-context labeller` {
  private let labeller: InContextLabeller

  init() throws { labeller = try makeLabeller(examples) }

  @Test func `places words that its examples do not have`() throws {
    let fruits = ["a plum", "cherry", "a plum in a bowl", "a cherry"]
    let metals = ["zinc", "copper in a bowl", "a copper bowl", "zinc in a bowl"]
    let labels = try labeller.label(heads: [fruits, metals])
    #expect(labels.map(\.label) == [.property("Fruit"), .property("Metal")])
    #expect(labels.map(\.fits) == [[true, true, true, true], [true, true, true, true]])
    #expect(labels.map(\.consistency) == [4, 4])
  }

  @Test func `calls a head with lines of both kinds ambiguous, and lets nothing fit`() throws {
    let labels = try labeller.label(heads: [["a plum", "zinc", "copper", "a cherry"]])
    #expect(labels.map(\.label) == [.ambiguous])
    #expect(labels.map(\.fits) == [[false, false, false, false]])
  }

  @Test func `takes the property that is unusual, and the usual one where it stands alone`() throws {
    // Every line of the pool names a fruit; half of them also name a metal.
    let fruits = (0..<2).flatMap { _ in ["a plum", "a cherry", "a pear", "an apple", "a plum"] }
    let both = fruits.map { $0 + " of zinc" }
    let labels = try makeLabeller(examples, pool: fruits + both).label(heads: [
      fruits, both,
    ])
    #expect(labels.map(\.label) == [.property("Fruit"), .property("Metal")])
    #expect(labels[1].fits == [true, true, true, true, true])
  }

  @Test func `takes the property of all lines before those that only some carry besides`() throws {
    let fruits = ["a plum", "a cherry", "a pear of zinc", "an apple", "a plum of copper", "a cherry", "a pear"]
    let label = try #require(try labeller.label(heads: [fruits]).first)
    #expect(label.label == .property("Fruit") && label.margin ?? 0 > 0.9)
  }

  @Test func `passes over what frames a caption, unless an example is of nothing else`() throws {
    let plain = try #require(try labeller.label(heads: [["a photo of zinc", "a photo of a plum"]]).first)
    #expect(plain.label == .ambiguous)
    let kinds = [
      LabelledExample(property: "Thing", descriptions: ["iron", "a plum"]),
      LabelledExample(property: "Style", descriptions: ["a photo", "a photo of gold"]),
    ]
    let pool = ["zinc", "a pear", "iron", "a plum", "gold", "copper", "a photo of zinc", "an apple"]
    let labels = try makeLabeller(kinds, pool: pool).label(
      heads: [["a photo of zinc", "a photo of a plum", "a photo of copper", "a photo of a pear"]])
    #expect(labels.map(\.label) == [.property("Style")])
  }

  @Test func `does not take one line's word for it`() throws {
    let label = try #require(try labeller.label(heads: [["a plum"]]).first)
    #expect(label.label == .ambiguous)
  }

  @Test func `reads plurals, capitals and punctuation`() throws {
    let fruits = ["PLUMS, plums!", "a plum.", "“Cherry”", "(pears)"]
    let label = try #require(try labeller.label(heads: [fruits]).first)
    #expect(label.label == .property("Fruit") && label.fits == [true, true, true, true])
  }

  @Test(arguments: [[], [""], ["a", "of the", "   "], ["…", "🙂"]]) func `has no label for lines that say nothing`(
    lines: [String]
  ) throws {
    let label = try #require(try labeller.label(heads: [lines]).first)
    #expect(label.label == .ambiguous && label.margin == 0)
    #expect(label.fits == lines.map { _ in false })
    #expect(try labeller.label(heads: []) == [])
  }

  @Test func `takes examples of one property together`() throws {
    let split = [
      LabelledExample(property: "Fruit", descriptions: ["an apple in a bowl"]),
      LabelledExample(property: "Metal", descriptions: ["iron in a bowl"]),
      LabelledExample(property: "fruit", descriptions: ["a pear"]),
      LabelledExample(property: "Metal", descriptions: ["a gold bowl"]),
    ]
    let heads = [["a plum", "cherry"], ["zinc", "copper"]]
    #expect(
      try makeLabeller(split).label(heads: heads)
        == labeller.label(heads: heads))
  }
}

@Suite struct `The judge` {
  private let labeller: InContextLabeller

  init() throws { labeller = try makeLabeller(examples) }

  private let names = PropertyNames(declared: [], examples: examples)

  @Test(arguments: [
    ("Fruit", [true, false, true]), ("fruits", [true, false, true]), ("METAL", [false, true, false]),
    ("ambiguous", [false, false, false]), ("", [false, false, false]), ("Copper", [false, true, false]),
  ]) func `finds what fits a label given by hand`(label: String, fits: [Bool]) throws {
    #expect(
      try labeller.judge(labels: [names.label(label)], heads: [["a plum", "zinc", "a cherry in a bowl"]]) == [fits])
  }

  @Test func `judges the first five descriptions`() throws {
    let fits = try labeller.judge(labels: [.property("Fruit")], heads: [Array(repeating: "a plum", count: 9)])
    #expect(fits == [[true, true, true, true, true]])
  }

  @Test func `needs a label for every head`() {
    #expect(throws: LabelError.counts(labels: 1, heads: 2)) {
      try labeller.judge(labels: [.property("Fruit")], heads: [[], []])
    }
  }
}

@Suite struct `Labelled examples` {
  @Test func `of less than two properties are refused`() {
    #expect(throws: LabelError.tooFewProperties(found: [])) {
      try makeLabeller([])
    }
    #expect(throws: LabelError.tooFewProperties(found: ["Fruit"])) {
      try makeLabeller([examples[0], examples[0]])
    }
  }

  @Test(arguments: [[], ["a", "of the"]]) func `without a word that means something are refused`(lines: [String]) {
    let empty = LabelledExample(property: "Nothing", descriptions: lines)
    #expect(throws: LabelError.noDescriptions(property: "Nothing")) {
      try makeLabeller(examples + [empty])
    }
  }

  @Test func `with a text tower that returns nonsense are refused`() throws {
    let short = try makeLabeller(examples, pool: []) { _ in Tensor(zeros: [1, 5]) }
    #expect(throws: LabelError.self) { try short.label(heads: [["a plum"]]) }
    let broken = try makeLabeller(examples, pool: []) { texts in
      Tensor(shape: [texts.count, 1], values: texts.map { _ in .nan })
    }
    #expect(throws: LabelError.self) { try broken.label(heads: [["a plum"]]) }
  }
}
