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
  let questions: LabelQuestions
  let reply: (String) -> StoredReply?

  private var endpoint: ModelEndpoint { questions.labeller.endpoint }

  func label(_ question: Question) -> Outcome<LabelAnswer> {
    switch Dialogue(endpoint, question).label(endpoint.firstFormat, reply) {
    case .ask: .open
    case .answered(let answer, _): .answered(answer)
    case .failed(let reason, _): .failed(reason)
    }
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
  func verdict(_ asked: [Question], isCalibrated: Bool) -> HeadVerdict {
    var answers: [LabelAnswer] = []
    var failure: String?
    for question in asked {
      switch isCalibrated ? calibrated(question) : label(question) {
      case .open: break
      case .failed(let reason): failure = failure ?? reason
      case .answered(let answer): answers.append(answer)
      }
    }
    guard let first = answers.first else {
      return HeadVerdict(
        state: failure == nil ? .missing : .failed, label: nil, reason: failure, confidence: nil, same: 0, answers: 0)
    }
    func count(_ answer: LabelAnswer) -> Int { answers.count { Self.key($0) == Self.key(answer) } }
    let best = answers.dropFirst().reduce(first) { count($1) > count($0) ? $1 : $0 }
    let confidences = answers.filter { Self.key($0) == Self.key(best) }.compactMap(\.confidence)
    return HeadVerdict(
      state: best.label == nil ? .declined : .given, label: best.label, reason: best.reason,
      confidence: confidences.isEmpty ? nil : confidences.reduce(0, +) / Double(confidences.count),
      same: count(best), answers: answers.count)
  }

  private static func key(_ answer: LabelAnswer) -> String? { answer.label.map(LabelText.key) }

  /// The answer whose probability is most above what it has for lines that say nothing.
  private func calibrated(_ question: Question) -> Outcome<LabelAnswer> {
    let choices = questions.answers
    func scores(_ question: Question) -> [String: Double]? {
      switch Dialogue(endpoint, question).label(endpoint.firstFormat, reply) {
      case .ask: nil
      case .answered(_, let stored), .failed(_, let stored): stored.reply.scores(of: choices)
      }
    }
    guard let found = scores(question) else { return .open }
    guard let usual = scores(questions.contentFree(seed: question.seed)) else { return .open }
    // An answer that is not among the likeliest is at most as likely as the last of them.
    guard let least = found.values.min(), let usualLeast = usual.values.min() else { return label(question) }
    func gain(_ choice: String) -> Double { (found[choice] ?? least) - (usual[choice] ?? usualLeast) }
    guard let best = choices.max(by: { gain($0) < gain($1) }) else { return label(question) }
    return .answered(LabelAnswer(label: best))
  }
}
