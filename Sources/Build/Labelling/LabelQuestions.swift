import Attribution
import Descriptions
import Evaluation
import LanguageModels

/// The lines of a model's heads, as labellers are shown them.
struct HeadLines: Sendable {
  /// The model's identifier in the atlas.
  let model: String
  let heads: [Head]
  /// Descriptions of each head, best first.
  let lines: [[String]]
  let pool: [String]

  /// How many lines of a head a language model is shown, as in the study.
  static let shown = 5

  func shown(_ head: Int) -> [String] { Array(lines[head].prefix(Self.shown)) }

  init(_ encoded: EncodedModel, _ described: [DescribedHead], _ configuration: AtlasConfiguration) {
    model = encoded.loaded.entry.id
    heads = encoded.moments.shape.allHeads
    lines = described.map { $0.descriptions.map { configuration.pool[$0.index] } }
    pool = configuration.pool
  }

  init(model: String, heads: [Head], lines: [[String]], pool: [String]) {
    (self.model, self.heads, self.lines, self.pool) = (model, heads, lines, pool)
  }

  /// The heads that have lines.
  var described: [Int] { heads.indices.filter { !lines[$0].isEmpty } }
}

/// What a language model is asked of the heads of one model: the same questions in every run.
struct LabelQuestions: Sendable {
  let labeller: LanguageLabeller
  let subject: HeadLines
  /// All labels that may be given; empty where any may.
  let answers: [String]

  init(_ labeller: LanguageLabeller, _ subject: HeadLines, titles: [String]) {
    self.labeller = labeller
    self.subject = subject
    answers = labeller.isLimited ? titles : []
  }

  /// What stands in the place of lines that say nothing.
  static let contentFree = Array(repeating: "N/A", count: HeadLines.shown)

  /// Which lines a control shows in the place of a head's own.
  enum Control: String, CaseIterable {
    case shuffled = "own lines, shuffled"
    case random = "lines drawn at random"
  }

  /// - Parameter seed: one of the labeller's.
  func label(_ head: Int, seed: Int) -> Question { label(subject.shown(head), name(head, "label"), seed) }

  /// Asks for the label of lines that say nothing, which shows what the model answers of itself.
  func contentFree(seed: Int) -> Question { label(Self.contentFree, "\(subject.model) content-free", seed) }

  /// The lines of a control, drawn by the head's place.
  func lines(_ control: Control, _ head: Int) -> [String] {
    var numbers = SeededNumbers(seed: UInt64(head) &* 2 &+ (control == .random ? 1 : 0))
    switch control {
    case .shuffled: return reordered(subject.shown(head), by: &numbers)
    case .random: return Array(reordered(subject.pool, by: &numbers).prefix(HeadLines.shown))
    }
  }

  func control(_ control: Control, _ head: Int) -> Question {
    label(lines(control, head), name(head, "control, \(control.rawValue)"), labeller.seeds[0])
  }

  func contrast(_ head: Int, label: String, others: [Int]) -> Question {
    Question(
      name: name(head, "contrast"),
      prompt: labeller.prompts.contrasting(
        subject.shown(head), label: label, others: others.map(subject.shown), labeller.endpoint.interface),
      seed: labeller.seeds[0], form: .label(of: []))
  }

  /// Asked once for all heads that have the label and the line.
  func judgement(_ label: String, line: String) -> Question {
    Question(
      name: "judge \(label): \(line)",
      prompt: labeller.prompts.judging(label, line: line, labeller.endpoint.interface), seed: labeller.seeds[0],
      form: .judgement)
  }

  private func name(_ head: Int, _ what: String) -> String {
    "\(subject.model) \(subject.heads[head].padded) \(what)"
  }

  private func label(_ lines: [String], _ name: String, _ seed: Int) -> Question {
    Question(
      name: "\(name), seed \(seed)",
      prompt: labeller.prompts.labelling(
        lines, examples: examples(seed), answers: answers, labeller.endpoint.interface),
      seed: seed, form: .label(of: answers))
  }

  /// As they are written for the first seed, and in an order of its own for every other.
  private func examples(_ seed: Int) -> [WorkedExample] {
    guard seed != labeller.seeds[0] else { return labeller.prompts.examples }
    var numbers = SeededNumbers(seed: UInt64(seed))
    return reordered(labeller.prompts.examples, by: &numbers)
  }
}

/// The items in a random order that is the same in every run.
private func reordered<Item>(_ items: [Item], by numbers: inout SeededNumbers) -> [Item] {
  items.enumerated().map { (number: numbers.next(), place: $0.offset, item: $0.element) }
    .sorted { ($0.number, $0.place) < ($1.number, $1.place) }.map(\.item)
}
