import Build
import Files
import Foundation
import LanguageModels
import Metrics
import Synchronization
import TestSupport
import Testing

@Suite("Labels by a language model") struct LabellerTests {
  static let key = "sk-very-secret-key"
  static let environment = ["TEST_LABEL_KEY": key]

  /// A small atlas with one labeller.
  static func atlas(in folder: String, url: String, _ settings: String = "") throws -> SmallAtlas {
    let atlas = try SmallAtlas(in: folder)
    try FileManager.default.copyItem(
      atPath: Fixtures.root.path + "/content/prompts", toPath: folder + "/prompts")
    try atlas.edit(
      "textspan: {count: 6}",
      """
      textspan: {count: 6}
      labeller:
        id: scripted
        title: Scripted model
        url: \(url)
        model: scripted-1
        key: TEST_LABEL_KEY
        contrast: true
        seeds: [1, 2]
        attempts: 20
        pause: 0.001
        timeout: 5
        replies: replies.jsonl
      \(settings.split(separator: "\n").map { "  \($0)\n" }.joined())
      """)
    return atlas
  }

  /// Answers labels by the number of letters of the lines, judgements by theirs, and one in nine so that nothing can be read.
  static let answers: @Sendable (String, Int) -> String = { prompt, _ in
    let number = prompt.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 9973 }
    if prompt.hasPrefix("Does the text") { return #"{"fits": \#(number % 2 == 0)}"# }
    if prompt.hasPrefix("Several parts") {
      return #"{"label": "kind \#(number % 50)", "reason": "r", "confidence": 1}"#
    }
    if number % 9 == 0 { return "no answer {" }
    let labels = ["colours", "Setting.", "Birds", "Bird", "none"]
    return #"{"label": "\#(labels[number % 5])", "reason": "They share it.", "confidence": 0.\#(number % 10)}"#
  }

  private func run(_ atlas: SmallAtlas) throws -> LabelRunReport {
    try runLabels(
      LabelOptions(configuration: atlas.configuration), plugins: allPlugins, progress: SilentProgress(),
      environment: Self.environment)[0]
  }

  @Test(
    "are asked for once through all faults, and replayed without a request into the same bytes, with no trace of the key"
  )
  func whole() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(Self.answers)
      let atlas = try Self.atlas(in: folder, url: server.endpoint)
      let report = try run(atlas)
      #expect(report.heads == 24 && report.missing == 0)
      #expect(report.labelled + report.declined + report.failed.count == 24)
      #expect(Set(report.labels.values).isSubset(of: ["Colour", "Setting", "Birds", "Bird"]))
      #expect(server.answered.values.allSatisfy { $0 == 1 })
      let (asked, replies) = (server.requests.count, try readFile(folder + "/replies.jsonl"))
      #expect(try run(atlas) == report)
      #expect(server.requests.count == asked, "a run that has all answers asks for none")
      #expect(try readFile(folder + "/replies.jsonl") == replies)

      try atlas.build()
      let first = try atlas.files()
      #expect(server.requests.count == asked, "a build makes no request")
      try FileManager.default.removeItem(atPath: folder + "/.headatlas")
      try atlas.build()
      #expect(try atlas.files() == first)
      let pages = try ["metrics", "method", "model/small/head/L00.H00"].map {
        try readText("\(atlas.site)/\($0)/index.html")
      }
      #expect(pages[0].contains("Scripted model") && pages[0].contains("lines drawn at random"))
      #expect(pages[1].contains("Below are lists of five texts"))
      #expect(pages[2].contains("Scripted model"))
      for (name, data) in first { #expect(data.range(of: Data(Self.key.utf8)) == nil, "\(name)") }
      for name in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
        guard let bytes = try? readFile(folder + "/" + name) else { continue }
        #expect(Data(bytes).range(of: Data(Self.key.utf8)) == nil, "\(name)")
      }
    }
  }

  @Test("are planned before a byte is sent, and the key is asked for by name alone") func plan() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0, Self.answers)
      let atlas = try Self.atlas(in: folder, url: server.endpoint)
      try atlas.write("scripted-1: {in: 1000000, out: 0, currency: EUR}", to: "prices.yml")
      let options = LabelOptions(configuration: atlas.configuration)
      let plan = try planLabels(
        options, prices: folder + "/prices.yml", plugins: allPlugins, progress: SilentProgress())[0]
      // 24 heads with two seeds and two controls.
      #expect(plan.requests == 96 && plan.heads == 24 && plan.kept == 0)
      #expect(plan.price == Double(plan.tokensIn + plan.laterTokensIn) && plan.currency == "EUR")
      #expect(server.requests.isEmpty)
      let error = #expect(throws: LabelCommandError.self) {
        try runLabels(options, plugins: allPlugins, progress: SilentProgress(), environment: [:])
      }
      #expect(error == .noKey(variable: "TEST_LABEL_KEY", labeller: "scripted"))
    }
  }

  @Test("by batches are those of a run") func batches() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0, Self.answers)
      let atlas = try Self.atlas(in: folder, url: server.endpoint)
      _ = try run(atlas)
      let expected = try ReplyFile(folder + "/replies.jsonl").replies
      try FileManager.default.removeItem(atPath: folder + "/replies.jsonl")
      let options = LabelOptions(configuration: atlas.configuration)
      let (requests, answers) = (folder + "/requests.jsonl", folder + "/answers.jsonl")
      var rounds = 0
      while rounds < 12 {
        do {
          _ = try exportLabels(options, to: requests, plugins: allPlugins, progress: SilentProgress())
        } catch LabelCommandError.nothingOpen {
          break
        }
        rounds += 1
        let lines = try readText(requests).split(separator: "\n").map { line -> String in
          let value = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
          let body = try JSONSerialization.data(withJSONObject: try #require(value["body"]))
          let id = try #require(value["custom_id"] as? String)
          return #"{"custom_id": "\#(id)", "response": {"status_code": 200, "body": "#
            + FaultServer.envelope(Array(body), Self.answers) + "}}\n"
        }
        // What is no answer is counted, and loses none of the others.
        try writeFile((lines.joined() + "{\n").utf8, to: answers)
        let found = try importLabels(options, from: answers, plugins: allPlugins, progress: SilentProgress())
        #expect(found.failed == 1 && found.lines.count == 2, "\(found.lines)")
      }
      #expect(rounds < 12)
      #expect(try ReplyFile(folder + "/replies.jsonl").replies == expected)
    }
  }

  @Test("stand where the atlas shows them, and labels from a file beside them") func shown() throws {
    try Fixtures.withTemporaryFolder { folder in
      let server = try FaultServer(share: 0, Self.answers)
      let atlas = try Self.atlas(in: folder, url: server.endpoint, "shown: true\njudge: false")
      let report = try run(atlas)
      try atlas.build()
      let (head, label) = try #require(report.labels.min { $0.key < $1.key })
      let place = "L0\(head.dropFirst().prefix(1)).H0\(head.suffix(1))"
      let page = try readText("\(atlas.site)/model/small/head/\(place)/index.html")
      #expect(page.contains("The label was given by a model.") && page.contains(label))
      try atlas.write(#"{"study": {"L0.H0": "Colors.", "L0.H1": "Objects"}}"#, to: "study.json")
      let text = try readText(atlas.configuration).replacing("shown: true", with: "shown: false")
      let end = text.range(of: "labeller:").map { $0.lowerBound } ?? text.endIndex
      try atlas.write(
        text[..<end] + "labeller:\n  - {id: study, title: The study, labels: study.json, names: {small: study}}\n",
        to: "atlas.yml")
      try atlas.build()
      #expect(try readText("\(atlas.site)/model/small/head/L00.H00/index.html").contains("The study"))
    }
  }

  @Test(
    "are described without mistakes",
    arguments: [
      ("url: SERVER", "url: http://me:pass@host/v1", "put the key into an environment variable"),
      ("key: TEST_LABEL_KEY", "key: sk-abc123", "expected one such as OPENAI_API_KEY"),
      ("model: scripted-1", "modell: x", "unknown key \"modell\""),
      ("seeds: [1, 2]", "seeds: [1, 1]", "different whole numbers"),
      ("timeout: 5", "timeout: soon", "expected a number from"), ("id: scripted", "id: offline", "are taken"),
      ("replies: replies.jsonl", "prompts: none", "where no folder is"),
    ])
  func mistakes(old: String, new: String, words: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try Self.atlas(in: folder, url: "http://127.0.0.1:9/v1")
      try atlas.edit(old.replacing("SERVER", with: "http://127.0.0.1:9/v1"), new)
      let error = #expect(throws: InputProblems.self) {
        try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      }
      let message = error.map { "\($0)" } ?? ""
      #expect(message.contains(words), "\(message)")
      #expect(!message.contains("pass@") && !message.contains("sk-abc123"))
    }
  }
}
