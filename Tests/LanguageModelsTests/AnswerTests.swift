import Files
import Foundation
import LanguageModels
import TestSupport
import Testing

@Suite("An answer") struct AnswerTests {
  /// What becomes of a reply's text.
  private func step(
    _ text: String, _ interface: ModelInterface, of choices: [String] = []
  ) throws -> Dialogue.Step<LabelAnswer> {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0) { _, _ in text }
      let endpoint = try AskingTests.endpoint(server.endpoint, interface)
      let question = Question(name: "a", prompt: "lines", seed: 1, form: .label(of: choices))
      let file = try ReplyFile(folder + "/replies")
      _ = try ModelAsker(endpoint, secret: nil, AskingTests.quick).ask(
        [question], into: file, tick: {}, progress: { _ in })
      return Dialogue(endpoint, question).label(endpoint.firstFormat) { file[$0] }
    }
  }

  @Test(
    "is read from what models write",
    arguments: [
      (#"{"label": "Colour", "reason": "r", "confidence": 2}"#, "Colour"),
      ("```json\n{\"label\": \"Colour\"}\n```", "Colour"), (#"{"label": null, "reason": ""}"#, nil),
      (#"{"label": "None."}"#, nil), (#"{"label": "**Night-scenes.**"}"#, "Night-scenes"),
    ] as [(String, String?)])
  func chats(text: String, label: String?) throws {
    guard case .answered(let answer, _) = try step(text, .chat) else {
      Issue.record("\(text) is no answer")
      return
    }
    #expect(answer.label == label && answer.confidence == nil)
  }

  @Test("that is limited is one of the choices, whatever its form", arguments: ["colour", " Colors.", "\"COLOUR\""])
  func limited(text: String) throws {
    guard case .answered(let answer, _) = try step(text, .completions, of: ["Setting", "Colour"]) else {
      Issue.record("\(text) is no answer")
      return
    }
    #expect(answer.label == "Colour")
  }

  @Test("of a base model that goes on with another word is the choice that its first token makes likeliest")
  func likeliest() throws {
    let body = #"""
      {"choices": [{"text": " Space", "logprobs": {"top_logprobs": [{" Space": -0.2, " Col": -2.5, " Set": -1.5, "se": -9}]}}]}
      """#
    try Fixtures.withTemporaryFolder { folder in
      let server = try RawServer { _ in .text(body) }
      let endpoint = try AskingTests.endpoint(server.address + "/v1", .completions)
      let question = Question(name: "a", prompt: "lines", seed: 1, form: .label(of: ["Colour", "Setting"]))
      let file = try ReplyFile(folder + "/replies")
      _ = try ModelAsker(endpoint, secret: nil, AskingTests.quick).ask(
        [question], into: file, tick: {}, progress: { _ in })
      guard case .answered(let answer, _) = Dialogue(endpoint, question).label(endpoint.firstFormat, { file[$0] })
      else {
        Issue.record("no answer")
        return
      }
      #expect(answer.label == "Setting" && server.requests.count == 1)
    }
  }

  @Test(
    "that is none fails with what was wrong",
    arguments: [("Texture", "none of Setting, Colour"), ("", "empty"), ("...", "empty")])
  func failed(text: String, reason: String) throws {
    guard case .failed(let found, _) = try step(text, .completions, of: ["Setting", "Colour"]) else {
      Issue.record("\(text) is an answer")
      return
    }
    #expect(found.contains(reason))
  }

  @Test("takes the form of the property, or else that which most answers have") func unified() {
    let answers = ["colors", "Color", "night-scenes.", "Night scenes", "Night scenes", "ANIMALS", nil, "Glass"]
    #expect(
      LabelText.unified(answers, known: ["Colour", "Setting"]) == [
        "Colour", "Colour", "Night scenes", "Night scenes", "Night scenes", "Animals", nil, "Glass",
      ])
  }

  @Test("asks with the same bytes for the same question, and with others for another seed or form") func keys() throws {
    let endpoint = try AskingTests.endpoint("http://127.0.0.1:8080/v1/")
    func key(_ seed: Int, _ form: AnswerForm, _ format: AnswerFormat = .jsonSchema) -> String {
      Dialogue(endpoint, Question(name: "\(UUID())", prompt: "p \u{2028}\"\\", seed: seed, form: form))
        .firstRequest(format).key
    }
    let keys = [
      key(1, .label(of: [])), key(2, .label(of: [])), key(1, .label(of: ["A"])), key(1, .judgement),
      key(1, .label(of: []), .plain),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(keys[0] == key(1, .label(of: [])))
    let request = Dialogue(endpoint, Question(name: "a", prompt: "p", seed: 1, form: .judgement)).firstRequest(.plain)
    #expect("\(request.address)" == "http://127.0.0.1:8080/v1/chat/completions")
    #expect(request.key == hexDigest(of: Array("\(request.address)\n".utf8) + request.bytes))
  }

  @Test("a prompt has no other places than those it may have") func templates() throws {
    #expect(
      try PromptTemplate("{{#lines}}- {{.}}\n{{/lines}}<b> \n").filled(["lines": ["a & b", "{{c}}"]])
        == "- a & b\n- {{c}}\n<b>")
    let fault = #expect(throws: PromptFault.self) { try PromptTemplate("{{lins}}") }
    #expect(fault == .unknownName("lins", nearest: "line"))
    let open = #expect(throws: PromptFault.self) { try PromptTemplate("one\n{{#lines}}") }
    #expect(open?.description.hasPrefix("no mustache template: line 2: a tag or section that is not closed") == true)
    #expect(throws: PromptFault.tooLong) { try PromptTemplate(String(repeating: "{{.}}", count: 10_000)) }
    let deep = String(repeating: "{{#lines}}", count: 1500) + String(repeating: "{{/lines}}", count: 1500)
    #expect(throws: PromptFault.nested("lines")) { try PromptTemplate(deep) }
    #expect(throws: PromptFault.delimiters) { try PromptTemplate("{{=<% %>=}}<%lines%>") }
    let twice = "{{#lines}}{{/lines}}{{^lines}}{{#chat}}{{#lines}}{{/lines}}{{/chat}}{{/lines}}"
    #expect(throws: PromptFault.nested("lines")) { try PromptTemplate(twice) }
  }
}
