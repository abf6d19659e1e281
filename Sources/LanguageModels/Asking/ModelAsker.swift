import Diagnostics
import Files
import Foundation
import HTTP
import Parallel
import Synchronization

/// Asks a model over the network, several requests at a time, and keeps every reply before anything else is done with it.
package struct ModelAsker: Sendable {
  private let endpoint: ModelEndpoint
  /// Sent with every request and written nowhere.
  private let secret: String?
  private let settings: Settings
  private let policy: RetryPolicy

  package struct Settings: Sendable, Equatable {
    /// Requests at a time.
    package var parallel: Int
    /// Seconds until an answer must be there, whole.
    package var timeout: Double
    /// How often a server is asked that does not answer.
    package var attempts: Int
    /// Seconds before the second attempt; twice as many before the third, and so on.
    package var pause: Double

    package init(parallel: Int = 4, timeout: Double = 120, attempts: Int = 8, pause: Double = 1) {
      (self.parallel, self.timeout, self.attempts, self.pause) = (parallel, timeout, attempts, pause)
    }
  }

  package init(_ endpoint: ModelEndpoint, secret: String?, _ settings: Settings) {
    self.endpoint = endpoint
    self.secret = secret
    self.settings = settings
    policy = RetryPolicy(attempts: settings.attempts, first: settings.pause, jitter: { Double.random(in: 0.5...1) })
  }

  /// Asks all questions that have no answer in the file.
  ///
  /// - Parameters:
  ///   - tick: called now and then; what it throws ends the work.
  ///   - progress: called after each question, from several threads.
  /// - Returns: what was asked, and the questions that stay open.
  /// - Throws: `AskFault` where asking on is of no use, `FileError`, what `tick` throws.
  package func ask(
    _ questions: [Question], into file: ReplyFile, tick: @escaping @Sendable () throws -> Void,
    progress: @escaping @Sendable (AskReport) -> Void
  ) throws -> AskReport {
    let work = AskWork(endpoint, total: questions.count)
    let timeouts = HTTPTimeouts(connect: min(settings.timeout, 30), stall: settings.timeout)
    _ = try inParallel(questions.count, threads: settings.parallel, scratch: { HTTPSession(timeouts: timeouts) }) {
      place, session in
      guard !work.isStopped else { return }
      do {
        try tick()
        try ask(questions[place], into: file, work, session, tick)
      } catch {
        work.stop()
        throw error
      }
      progress(work.finish())
    }
    return work.report
  }

  /// Asks one question until it has an answer, has failed, or stays open.
  private func ask(
    _ question: Question, into file: ReplyFile, _ work: AskWork, _ session: HTTPSession, _ tick: () throws -> Void
  ) throws {
    let dialogue = Dialogue(endpoint, question)
    while let request = dialogue.missing(work.format, { file[$0] }) {
      var attempts = 0
      do {
        let reply = try policy.run("\(request.address)", tick: tick) {
          attempts += 1
          return try exchange(request, session, tick)
        }
        try file.append(StoredReply(request, reply, attempts: attempts))
        work.count(reply, attempts: attempts)
      } catch HTTPError.unreachable(_, let failure, let attempts) {
        return work.leaveOpen(question.name, "\(failure), \(counted(attempts, "attempt"))", attempts: attempts)
      } catch let rejection as Rejection {
        // A server that does not know a format says that the request is wrong.
        if [400, 415, 422].contains(rejection.status), endpoint.interface == .chat, work.giveUp(request.format) {
          continue
        }
        try work.reject(
          question.name, AskFault.rejected("\(request.address)", rejection.status, rejection.words),
          attempts: attempts)
        return
      }
    }
  }

  /// One request and its answer.
  ///
  /// - Throws: `TransientFailure` where another attempt may bring one, `AskFault`, `Rejection`.
  private func exchange(
    _ request: ModelRequest, _ session: HTTPSession, _ tick: () throws -> Void
  ) throws -> ModelReply {
    let end = ContinuousClock.now + .seconds(settings.timeout)
    let (head, body) = try session.send(
      HTTPRequest(
        .post, request.address, fields: ["Content-Type": "application/json", "Accept": "application/json"],
        secrets: secret.map { ["Authorization": "Bearer \($0)"] } ?? [:], body: request.bytes, limit: ModelReply.limit),
      tick: {
        try tick()
        // A server that sends a byte now and then is silent too.
        if ContinuousClock.now > end { throw TransientFailure.stalled(seconds: settings.timeout) }
      })
    if (200..<300).contains(head.status) {
      do {
        return try ModelReply(body: body, choices: request.form.choices, hiding: secret)
      } catch {
        throw TransientFailure.unusable("\(error)")
      }
    }
    let words = Rejection.words(body, hiding: secret)
    if [401, 402, 403].contains(head.status) { throw AskFault.refused("\(request.address)", head.status, words) }
    // Some routers say so with 400.
    let isRate = head.status == 400 && words.lowercased().contains("rate limit")
    if isRate || [409, 425].contains(head.status) {
      throw TransientFailure.status(head.status, retryAfter: head.retryAfter)
    }
    if let failure = head.transientFailure { throw failure }
    throw Rejection(status: head.status, words: words)
  }
}

/// An answer that says that the request is wrong.
private struct Rejection: Error {
  let status: Int
  let words: String

  static func words(_ body: [UInt8], hiding secret: String?) -> String {
    let text = (try? JSONValue(json: body)).map(serverWords) ?? String(decoding: body.prefix(400), as: UTF8.self)
    return oneLine(withoutSecret(text, secret))
  }
}

/// What the threads of a run share.
private final class AskWork: Sendable {
  private struct State {
    var report: AskReport
    var format: AnswerFormat
    var isStopped = false
    /// Requests in a row that the server found wrong.
    var rejections = 0
  }
  private let state: Mutex<State>

  /// How many requests a server may find wrong in a row before the others are not sent.
  private static let mostRejections = 4

  init(_ endpoint: ModelEndpoint, total: Int) {
    state = Mutex(State(report: AskReport(total: total), format: endpoint.firstFormat))
  }

  var report: AskReport { state.withLock { $0.report } }
  var format: AnswerFormat { state.withLock { $0.format } }
  var isStopped: Bool { state.withLock { $0.isStopped } }

  func stop() { state.withLock { $0.isStopped = true } }

  func count(_ reply: ModelReply, attempts: Int) {
    state.withLock { state in
      state.rejections = 0
      state.report.replies += 1
      state.report.attempts += attempts
      state.report.tokensIn += reply.tokensIn ?? 0
      state.report.tokensOut += reply.tokensOut ?? 0
    }
  }

  func finish() -> AskReport {
    state.withLock { state in
      state.report.done += 1
      return state.report
    }
  }

  func leaveOpen(_ name: String, _ reason: String, attempts: Int) {
    state.withLock { state in
      state.report.open.append(AskReport.Open(name: name, reason: reason))
      state.report.attempts += attempts
    }
  }

  /// Leaves a format that the server did not take, once for all.
  ///
  /// - Returns: whether there is another.
  func giveUp(_ format: AnswerFormat) -> Bool {
    state.withLock { state in
      guard state.format == format else { return true }
      guard let next = format.next else { return false }
      state.format = next
      return true
    }
  }

  /// - Throws: `fault` where several in a row are wrong.
  func reject(_ name: String, _ fault: AskFault, attempts: Int) throws {
    leaveOpen(name, fault.reason, attempts: attempts)
    let isLast = state.withLock { state in
      state.rejections += 1
      return state.rejections >= Self.mostRejections
    }
    if isLast { throw fault }
  }
}

extension ModelEndpoint {
  /// What is asked for first; a text that goes on has no format.
  package var firstFormat: AnswerFormat { interface == .chat ? .jsonSchema : .plain }
}
