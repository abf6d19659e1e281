import Analysis
import LanguageModels

/// What a language model makes of one head, over all seeds.
struct HeadVerdict: Sendable, Equatable {
  let state: GivenLabel.State
  /// Nil where none is given.
  let label: String?
  let reason: String?
  let confidence: Double?
  /// Of the answers how many are the label, or decline one where it is declined.
  let same: Int
  let answers: Int

  func relabelled(_ label: String?) -> HeadVerdict {
    HeadVerdict(
      state: state, label: label, reason: reason, confidence: confidence, same: same, answers: answers)
  }
}

/// Reads the answers to questions from replies.
struct ReplyReading {
  private let questions: LabelQuestions
  private let reply: (String) -> StoredReply?
  /// By seed, how likely the model finds each label for lines that say nothing; none where answers are not corrected.
  private let usual: [Int: [String: Double]]

  init(questions: LabelQuestions, reply: @escaping (String) -> StoredReply?) {
    self.questions = questions
    self.reply = reply
    let (labeller, answers) = (questions.labeller, questions.answers)
    usual = (labeller.isCalibrated ? labeller.seeds : []).reduce(into: [:]) { usual, seed in
      let step = Dialogue(labeller.endpoint, questions.contentFree(seed: seed)).label(
        labeller.endpoint.firstFormat, reply)
      usual[seed] = Self.reply(of: step)?.scores(of: answers)
    }
  }

  private var endpoint: ModelEndpoint { questions.labeller.endpoint }

  /// What the model answered, and the same corrected by its answers to lines that say nothing, where answers are corrected.
  func label(_ question: Question) -> (answered: Outcome<LabelAnswer>, corrected: Outcome<LabelAnswer>) {
    let step = Dialogue(endpoint, question).label(endpoint.firstFormat, reply)
    let answered: Outcome<LabelAnswer> =
      switch step {
      case .ask: .open
      case .answered(let answer, _): .answered(answer)
      case .failed(let reason, _): .failed(reason)
      }
    guard questions.labeller.isCalibrated else { return (answered, answered) }
    guard let reply = Self.reply(of: step), let usual = usual[question.seed] else { return (answered, .open) }
    let best = corrected(reply.scores(of: questions.answers), usual)
    return (answered, best.map { .answered(LabelAnswer(label: $0)) } ?? answered)
  }

  private static func reply(of step: Dialogue.Step<LabelAnswer>) -> ModelReply? {
    switch step {
    case .ask: nil
    case .answered(_, let stored), .failed(_, let stored): stored.reply
    }
  }

  /// The label whose probability is most above the usual; nil where one of both is not known.
  private func corrected(_ found: [String: Double], _ usual: [String: Double]) -> String? {
    // An answer that is not among the likeliest is at most as likely as the last of them.
    guard let least = found.values.min(), let usualLeast = usual.values.min() else { return nil }
    func gain(_ choice: String) -> Double { (found[choice] ?? least) - (usual[choice] ?? usualLeast) }
    return questions.answers.max { gain($0) < gain($1) }
  }

  /// Nil where there is no answer.
  func judgement(_ question: Question) -> Bool? {
    if case .answered(let fits, _) = Dialogue(endpoint, question).judgement(endpoint.firstFormat, reply) {
      fits
    } else {
      nil
    }
  }

  /// What the answers to some questions of one head come to: the label that most of them give, the first among equals.
  ///
  /// A failed answer counts for nothing; where there is no other the head is failed.
  static func verdict(_ outcomes: [Outcome<LabelAnswer>]) -> HeadVerdict {
    var answers: [LabelAnswer] = []
    var failure: String?
    for outcome in outcomes {
      switch outcome {
      case .open: break
      case .failed(let reason): failure = failure ?? reason
      case .answered(let answer): answers.append(answer)
      }
    }
    guard let first = answers.first else {
      return HeadVerdict(
        state: failure == nil ? .missing : .failed, label: nil, reason: failure, confidence: nil, same: 0, answers: 0)
    }
    func count(_ answer: LabelAnswer) -> Int { answers.count { key($0) == key(answer) } }
    let best = answers.dropFirst().reduce(first) { count($1) > count($0) ? $1 : $0 }
    let confidences = answers.filter { key($0) == key(best) }.compactMap(\.confidence)
    return HeadVerdict(
      state: best.label == nil ? .declined : .given, label: best.label, reason: best.reason,
      confidence: confidences.isEmpty ? nil : confidences.reduce(0, +) / Double(confidences.count),
      same: count(best), answers: answers.count)
  }

  private static func key(_ answer: LabelAnswer) -> String? { answer.label.map(LabelText.key) }
}
