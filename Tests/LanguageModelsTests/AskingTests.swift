import Files
import Foundation
import HTTP
import LanguageModels
import Synchronization
import TestSupport
import Testing

@Suite("A language model") struct AskingTests {
  static let quick = ModelAsker.Settings(parallel: 4, timeout: 5, attempts: 12, pause: 0.001)

  static func endpoint(_ url: String, _ interface: ModelInterface = .chat) throws -> ModelEndpoint {
    try ModelEndpoint(url: url, model: "scripted", interface: interface)
  }

  static func questions(_ count: Int) -> [Question] {
    (0..<count).map { Question(name: "tiny L\($0)", prompt: "lines \($0)", seed: 1, form: .label(of: [])) }
  }

  static let good: @Sendable (String, Int) -> String = { prompt, _ in
    #"{"label": "Label \#(prompt.split(separator: " ").last ?? "")", "reason": "It is so.", "confidence": 0.5}"#
  }

  private func ask(
    _ questions: [Question], _ endpoint: ModelEndpoint, into path: String, secret: String? = nil,
    _ settings: ModelAsker.Settings = AskingTests.quick
  ) throws -> AskReport {
    try ModelAsker(endpoint, secret: secret, settings).ask(
      questions, into: try ReplyFile(path), tick: {}, progress: { _ in })
  }

  @Test("behind a server that fails in every way gets every answer, and nothing that it answered is asked twice")
  func faults() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(Self.good)
      let endpoint = try Self.endpoint(server.endpoint)
      let (path, questions) = (folder + "/replies.jsonl", Self.questions(40))
      let report = try ask(questions, endpoint, into: path)
      #expect(report.open.isEmpty && report.replies == 40 && report.attempts > 40)
      let again = try ask(questions, endpoint, into: path)
      #expect(again.replies == 0 && again.attempts == 0)
      #expect(server.answered.count == 40 && server.answered.values.allSatisfy { $0 == 1 })
      let file = try ReplyFile(path)
      for (place, question) in questions.enumerated() {
        guard case .answered(let answer, let reply) = Dialogue(endpoint, question).label(.jsonSchema, { file[$0] })
        else {
          Issue.record("\(question.name) has no answer")
          continue
        }
        #expect(answer == LabelAnswer(label: "Label \(place)", reason: "It is so.", confidence: 0.5))
        #expect(reply.reply.model == "scripted" && reply.reply.tokensIn == 10)
      }
    }
  }

  @Test("that answers in no order leaves one file") func order() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0, Self.good)
      let endpoint = try Self.endpoint(server.endpoint)
      for (name, questions) in [("a", Self.questions(12)), ("b", Self.questions(12).reversed())] {
        _ = try ask(Array(questions), endpoint, into: "\(folder)/\(name)")
        try ReplyFile("\(folder)/\(name)").sort()
      }
      #expect(try readFile(folder + "/a") == readFile(folder + "/b"))
    }
  }

  @Test(
    "is asked again with what was wrong, at most twice",
    arguments: [(0, "answered"), (1, "answered"), (2, "answered"), (3, "failed")])
  func repairs(bad: Int, ending: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0) { prompt, messages in
        messages / 2 < bad ? "I think it is a colour {" : Self.good(prompt, messages)
      }
      let endpoint = try Self.endpoint(server.endpoint)
      let question = Self.questions(1)[0]
      _ = try ask([question], endpoint, into: folder + "/replies")
      #expect(server.requests.count == min(bad, 2) + 1)
      let file = try ReplyFile(folder + "/replies")
      switch Dialogue(endpoint, question).label(.jsonSchema, { file[$0] }) {
      case .answered: #expect(ending == "answered")
      case .failed(let reason, _): #expect(ending == "failed" && reason.contains("JSON"))
      case .ask: Issue.record("still open")
      }
      if bad > 0 {
        #expect(String(decoding: server.requests[1].body, as: UTF8.self).contains("is not a JSON object"))
      }
    }
  }

  @Test("that takes no schema is asked for an object, and then for anything, once for all", arguments: [0, 1, 2])
  func formats(refused: Int) throws {
    try Fixtures.withTemporaryFolder { folder in
      let names = ["json_schema", "json_object"]
      let server = try RawServer { request in
        let body = String(decoding: request.body, as: UTF8.self)
        if names.prefix(refused).contains(where: { body.contains("\"\($0)\"") }) {
          return Reply(status: 400, body: Array(#"{"error": {"message": "no such format"}}"#.utf8))
        }
        return .text(FaultServer.envelope(request.body, Self.good))
      }
      var settings = Self.quick
      settings.parallel = 1
      let endpoint = try Self.endpoint(server.address)
      let report = try ask(Self.questions(5), endpoint, into: folder + "/replies", settings)
      #expect(report.open.isEmpty && server.requests.count == 5 + refused)
      let formats = Set(try ReplyFile(folder + "/replies").replies.map(\.format))
      #expect(formats == [AnswerFormat.allCases[refused]])
    }
  }

  @Test("whose account is refused is not asked on", arguments: [401, 402, 403]) func refused(status: Int) throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try RawServer { _ in
        Reply(status: status, body: Array(#"{"error": {"message": "Incorrect key sk-very-secret given"}}"#.utf8))
      }
      var settings = Self.quick
      settings.parallel = 1
      let endpoint = try Self.endpoint(server.address)
      let error = #expect(throws: AskFault.self) {
        _ = try ask(Self.questions(9), endpoint, into: folder + "/replies", secret: "sk-very-secret", settings)
      }
      #expect(server.requests.count == 1)
      #expect(server.requests[0].fields["authorization"] == "Bearer sk-very-secret")
      let words = error.map { "\($0)" } ?? ""
      #expect(words.contains("status \(status)") && words.contains("[key]") && !words.contains("very-secret"))
    }
  }

  @Test("that repeats the key finds it in no file") func secret() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0) { _, _ in #"{"label": "sk-very-secret", "reason": "sk-very-secret"}"# }
      _ = try ask(
        Self.questions(2), try Self.endpoint(server.endpoint), into: folder + "/replies", secret: "sk-very-secret")
      let text = try readText(folder + "/replies")
      #expect(!text.contains("very-secret") && text.contains("[key]"))
    }
  }

  @Test("that never answers leaves its questions open, by name") func unreachable() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try RawServer { _ in Reply(status: 503) }
      var settings = Self.quick
      settings.attempts = 3
      let report = try ask(Self.questions(2), try Self.endpoint(server.address), into: folder + "/replies", settings)
      #expect(report.open.map(\.name).sorted() == ["tiny L0", "tiny L1"])
      #expect(report.attempts == 6 && server.requests.count == 6)
      #expect(report.open[0].reason == "status 503, 3 attempts")
    }
  }

  @Test("that sends without end is given up at the limit of bytes and of time") func endless() throws {
    try Fixtures.withTemporaryFolder { folder in
      let long = try RawServer { _ in Reply(body: Array(repeating: 32, count: ModelReply.limit + 1)) }
      #expect(throws: HTTPError.self) {
        _ = try ask(Self.questions(1), try Self.endpoint(long.address), into: folder + "/long")
      }
      let silent = try RawServer { _ in .silence }
      var settings = Self.quick
      (settings.timeout, settings.attempts) = (1, 1)
      let report = try ask(Self.questions(1), try Self.endpoint(silent.address), into: folder + "/silent", settings)
      #expect(report.open.count == 1)
    }
  }

  @Test(
    "has an address without secrets", arguments: ["http://user:pass@host/v1", "http://host/v1?key=a", "ftp://host"])
  func addresses(url: String) {
    #expect(throws: EndpointFault.self) { try Self.endpoint(url) }
  }
}
