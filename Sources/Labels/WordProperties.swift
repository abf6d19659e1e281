import Tensors

/// Which property each word speaks of, learnt from labelled examples.
struct WordProperties {
  private let space: WordSpace
  private let vocabulary: Set<String>
  private let propertyOf: [String: Int]

  /// A word that no example is as near as this, or that is not nearer to one property than to the next, speaks of
  /// none.
  ///
  /// Chosen on picture-world, where words that the examples do not have lie at .58 and lead by .26 (medians) if they
  /// are read rightly, and lead by .02 if not. Another model may want others.
  private static let nearness = 0.2
  private static let lead = 0.02
  private static let framesPerProperty = 2
  private static let frames = 16

  /// - Parameters:
  ///   - examples: of at least two properties.
  ///   - lines: all lines whose words will be asked for.
  ///   - extraWords: words that may be in no line, such as labels.
  init(
    examples: [(property: String, lines: [LineWords])], lines: [LineWords], extraWords: [String] = [],
    embed: ([String]) throws -> Tensor
  ) throws {
    let exampleLines = examples.flatMap(\.lines)
    let all = Set((exampleLines + lines).flatMap(\.content) + extraWords)
    vocabulary = all
    func types(_ line: LineWords) -> [String] { line.content.map { LineWords.singular($0, among: all) } }
    let exampleTypes = examples.map { $0.lines.map(types) }
    let words = Set(all.map { LineWords.singular($0, among: all) }).sorted()
    let space = try WordSpace(
      words: words, lines: exampleLines + lines, frames: Self.frames(of: examples), embed: embed)
    self.space = space
    let likeness = WordLikeness(Set(exampleTypes.joined().joined()), space)
    let seeds = exampleTypes.enumerated().map { index, lines in
      let others = exampleTypes.indices.filter { $0 != index }.flatMap { exampleTypes[$0].map(likeness.places) }
      var seeds: [String] = []
      for line in lines {
        // How usual a word, or one like it, is in lines of other properties.
        let usual = likeness.places(line).map { word in
          others.reduce(0) { sum, other in sum + other.reduce(0) { max($0, likeness[word, $1]) } }
        }
        guard let best = usual.indices.min(by: { usual[$0] < usual[$1] }) else { continue }
        if !seeds.contains(line[best]) { seeds.append(line[best]) }
      }
      return seeds
    }
    propertyOf = words.reduce(into: [:]) { $0[$1] = Self.property(of: $1, seeds: seeds, space) }
  }

  /// Gaps in the first example lines of each property.
  private static func frames(
    of examples: [(property: String, lines: [LineWords])]
  ) -> [(line: LineWords, gap: String)] {
    let perProperty = max(min(framesPerProperty, frames / max(examples.count, 1)), 1)
    var seen: Set<String> = []
    return examples.flatMap { example in
      example.lines.flatMap { line in line.content.map { (line: line, gap: $0) } }
        .filter { seen.insert($0.line.replacing($0.gap, with: "_")).inserted }.prefix(perProperty)
    }
  }

  /// The index of the property that a word speaks of, or nil.
  func property(of word: String) -> Int? { propertyOf[LineWords.singular(word, among: vocabulary)] }

  /// - Parameter seeds: by property, the words that carry it in its examples.
  private static func property(of word: String, seeds: [[String]], _ space: WordSpace) -> Int? {
    let nearness = seeds.map { $0.reduce(-1) { max($0, space.similarity(word, $1)) } }
    let order = nearness.indices.sorted { (nearness[$0], $1) > (nearness[$1], $0) }
    guard order.count >= 2, nearness[order[0]] >= Self.nearness, nearness[order[0]] - nearness[order[1]] >= lead else {
      return nil
    }
    return order[0]
  }

  /// Whether two words are as near as a word and an example of its property.
  func isNear(_ word: String, to other: String) -> Bool {
    let types = [word, other].map { LineWords.singular($0, among: vocabulary) }
    return space.similarity(types[0], types[1]) >= Self.nearness
  }
}

/// How near some words are to each other, each pair looked up once: those of examples are compared over and over.
private struct WordLikeness {
  private let placeOf: [String: Int]
  /// `[words, words]`, row by row.
  private let values: [Double]

  init(_ words: Set<String>, _ space: WordSpace) {
    let words = words.sorted()
    placeOf = Dictionary(uniqueKeysWithValues: zip(words, words.indices))
    values = words.flatMap { word in words.map { space.similarity(word, $0) } }
  }

  func places(_ words: [String]) -> [Int] { words.compactMap { placeOf[$0] } }

  subscript(word: Int, other: Int) -> Double { values[word * placeOf.count + other] }
}
