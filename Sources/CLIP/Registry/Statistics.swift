/// Mean and standard deviation of the images that a model was trained on, of red, green and blue from 0 to 1.
package struct Statistics: Sendable, Equatable, CustomStringConvertible {
  package let mean: [Float]
  package let standardDeviation: [Float]

  package init(mean: [Float], standardDeviation: [Float]) {
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The default of open_clip and Hugging Face.
  package static let openAI = Statistics(
    mean: [0.48145466, 0.4578275, 0.40821073], standardDeviation: [0.26862954, 0.26130258, 0.27577711])
  package static let half = Statistics(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
  package static let imageNet = Statistics(mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

  /// The statistics that choices call by a name.
  package static let named: [(name: String, statistics: Statistics)] = [
    ("openai", openAI), ("half", half), ("imagenet", imageNet),
  ]

  /// A name of `named`, or the numbers as `0.5/0.5/0.5:0.2/0.2/0.2`; `init(choice:)` reads both.
  package var description: String {
    func joined(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: "/") }
    return Self.named.first { $0.statistics == self }?.name ?? joined(mean) + ":" + joined(standardDeviation)
  }

  /// Reads a choice; nil where it is neither a name nor three numbers, a colon and three numbers above 0.
  package init?(choice: String) {
    if let known = Self.named.first(where: { $0.name == choice }) {
      self = known.statistics
      return
    }
    let halves = choice.split(separator: ":").map { $0.split(separator: "/").compactMap { Float($0) } }
    guard halves.count == 2, halves.allSatisfy({ $0.count == 3 && $0.allSatisfy(\.isFinite) }),
      halves[1].allSatisfy({ $0 > 0 })
    else { return nil }
    self.init(mean: halves[0], standardDeviation: halves[1])
  }
}
