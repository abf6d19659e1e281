/// What is to be asked next of a question, and what the replies say: the same in a run, in a replay and in a batch.
///
/// A reply from which no answer can be read is followed by a request that says what was wrong with it, at most twice.
package struct Dialogue: Sendable {
  package let endpoint: ModelEndpoint
  package let question: Question

  package static let repairs = 2

  package init(_ endpoint: ModelEndpoint, _ question: Question) {
    (self.endpoint, self.question) = (endpoint, question)
  }

  /// What the question is asked with first.
  package func firstRequest(_ format: AnswerFormat) -> ModelRequest { ModelRequest(question, to: endpoint, format) }

  package enum Step<Answer: Sendable & Equatable>: Sendable, Equatable {
    /// The request whose reply is missing.
    case ask(ModelRequest)
    case answered(Answer, StoredReply)
    case failed(String, StoredReply)
  }

  /// Where the dialogue stands.
  ///
  /// - Parameter format: in which a question is asked that has no reply in any.
  package func label(_ format: AnswerFormat, _ reply: (String) -> StoredReply?) -> Step<LabelAnswer> {
    guard case .label(let choices) = question.form else { preconditionFailure("\(question.name) asks for no label") }
    return step(format, reply) { reply throws(AnswerFault) in
      try AnswerReading.label(reply.reply, of: choices, endpoint.interface, reply.format)
    }
  }

  package func judgement(_ format: AnswerFormat, _ reply: (String) -> StoredReply?) -> Step<Bool> {
    step(format, reply) { reply throws(AnswerFault) in
      try AnswerReading.judgement(reply.reply, endpoint.interface)
    }
  }

  /// The request whose reply is missing; nil where the question is answered or failed.
  package func missing(_ format: AnswerFormat, _ reply: (String) -> StoredReply?) -> ModelRequest? {
    switch question.form {
    case .label: if case .ask(let request) = label(format, reply) { request } else { nil }
    case .judgement: if case .ask(let request) = judgement(format, reply) { request } else { nil }
    }
  }

  private func step<Answer>(
    _ format: AnswerFormat, _ reply: (String) -> StoredReply?,
    _ read: (StoredReply) throws(AnswerFault) -> Answer
  ) -> Step<Answer> {
    var before: [(answer: String, problem: String)] = []
    var format = format
    while true {
      // The first reply decides in which format the question was asked.
      let formats = before.isEmpty ? [format] + AnswerFormat.allCases.filter { $0 != format } : [format]
      let requests = formats.map { ModelRequest(question, to: endpoint, $0, before: before) }
      guard let (found, stored) = zip(requests, requests.map { reply($0.key) }).first(where: { $0.1 != nil }),
        let stored
      else { return .ask(requests[0]) }
      format = found.format
      do {
        return .answered(try read(stored), stored)
      } catch {
        guard before.count < Self.repairs else { return .failed("\(error)", stored) }
        before.append((answer: stored.reply.text, problem: "\(error)"))
      }
    }
  }
}
