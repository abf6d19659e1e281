import Attribution
import LanguageModels

/// What the replies in a file say of the heads of one model, and which questions are still to be asked: three rounds, of which
/// each follows from the answers of those before.
struct LabelReplay {
  let questions: LabelQuestions
  private let reply: (String) -> StoredReply?
  private let reading: ReplyReading
  /// Of each head with lines, in the order of the heads; nil for others.
  let verdicts: [HeadVerdict?]
  /// The same of what the model answered, without correction, where answers are corrected.
  let uncorrected: [HeadVerdict?]?
  let controls: [LabelQuestions.Control: [HeadVerdict?]]
  /// The labels that tell heads of one label apart.
  let contrasted: [Outcome<LabelAnswer>?]

  /// - Parameters:
  ///   - known: titles of the properties, whose form labels take.
  ///   - reply: the reply to the request with a key.
  init(_ questions: LabelQuestions, known: [String], reply: @escaping (String) -> StoredReply?) {
    self.questions = questions
    self.reply = reply
    let reading = ReplyReading(questions: questions, reply: reply)
    self.reading = reading
    let seeds = questions.labeller.seeds
    let described = Set(questions.subject.described)
    typealias Answers = [(answered: Outcome<LabelAnswer>, corrected: Outcome<LabelAnswer>)]
    func answers(_ asked: (Int) -> [Question]) -> [Answers?] {
      questions.subject.heads.indices.map { described.contains($0) ? asked($0).map(reading.label) : nil }
    }
    func verdicts(_ answers: [Answers?], isCorrected: Bool = true) -> [HeadVerdict?] {
      let read = answers.map { answers in
        answers.map { ReplyReading.verdict($0.map { isCorrected ? $0.corrected : $0.answered }) }
      }
      let labels = LabelText.unified(read.map { $0?.label }, known: known)
      return zip(read, labels).map { verdict, label in verdict.map { $0.relabelled(label) } }
    }
    let own = answers { head in seeds.map { questions.label(head, seed: $0) } }
    self.verdicts = verdicts(own)
    uncorrected = questions.labeller.isCalibrated ? verdicts(own, isCorrected: false) : nil
    controls = LabelQuestions.Control.allCases.reduce(into: [:]) { controls, control in
      controls[control] = verdicts(answers { [questions.control(control, $0)] })
    }
    let found = self.verdicts
    contrasted = questions.subject.heads.indices.map { head in
      Self.contrast(head, found, questions).map { reading.label($0).answered }
    }
  }

  // MARK: Rounds

  /// Labels of all heads by all seeds, those of controls, and what the model says of nothing.
  static func firstRound(_ questions: LabelQuestions) -> [Question] {
    let (heads, seeds) = (questions.subject.described, questions.labeller.seeds)
    return heads.flatMap { head in seeds.map { questions.label(head, seed: $0) } }
      + LabelQuestions.Control.allCases.flatMap { control in heads.map { questions.control(control, $0) } }
      + (questions.labeller.isCalibrated ? seeds.map { questions.contentFree(seed: $0) } : [])
  }

  /// What tells heads of one label apart.
  var secondRound: [Question] {
    questions.subject.heads.indices.compactMap { Self.contrast($0, verdicts, questions) }
  }

  /// Whether labels fit lines: the labels of heads, of their contrast and of controls.
  var thirdRound: [Question] {
    guard questions.labeller.judges else { return [] }
    let heads = questions.subject.heads.indices
    return heads.flatMap { judgements(verdicts[$0]?.label, questions.subject.shown($0)) }
      + heads.flatMap { judgements(otherLabel($0), questions.subject.shown($0)) }
      + heads.flatMap { judgements(controls[.random]?[$0]?.label, questions.lines(.random, $0)) }
  }

  /// All questions, as far as the answers that are there lead.
  var allQuestions: [Question] {
    distinct(Self.firstRound(questions) + (isWhole(Self.firstRound(questions)) ? secondRound + thirdRound : []))
  }

  /// Whether none of some questions lacks a reply.
  private func isWhole(_ asked: [Question]) -> Bool {
    asked.allSatisfy {
      Dialogue(questions.labeller.endpoint, $0).missing(questions.labeller.endpoint.firstFormat, reply) == nil
    }
  }

  private func judgements(_ label: String?, _ lines: [String]) -> [Question] {
    label.map { label in lines.map { questions.judgement(label, line: $0) } } ?? []
  }

  /// The heads that a head with this label is told from: the nearest that have it too, at most three.
  private static func contrast(
    _ head: Int, _ verdicts: [HeadVerdict?], _ questions: LabelQuestions
  ) -> Question? {
    guard questions.labeller.contrasts, let label = verdicts[head]?.label else { return nil }
    let others = verdicts.indices.filter { $0 != head && verdicts[$0]?.label == label }
    guard !others.isEmpty else { return nil }
    let nearest = others.sorted { (abs($0 - head), $0) < (abs($1 - head), $1) }.prefix(3).sorted()
    return questions.contrast(head, label: label, others: nearest)
  }

  // MARK: What is found

  /// The label of another head, half of all heads away.
  func otherLabel(_ head: Int) -> String? {
    let heads = questions.subject.described
    guard heads.count > 1, let place = heads.firstIndex(of: head) else { return nil }
    return verdicts[heads[(place + heads.count / 2) % heads.count]]?.label
  }

  /// Whether a label fits some lines, by the model itself; empty where it did not judge all of them.
  func fits(_ label: String?, _ lines: [String]) -> [Bool] {
    guard questions.labeller.judges, let label else { return [] }
    let found = lines.map { reading.judgement(questions.judgement(label, line: $0)) }
    return found.contains { $0 == nil } ? [] : found.compactMap { $0 }
  }
}

/// Each question once: those with the same request are one.
func distinct(_ questions: [Question]) -> [Question] {
  var known: Set<String> = []
  return questions.filter { known.insert("\($0.seed) \($0.form) \($0.prompt)").inserted }
}
