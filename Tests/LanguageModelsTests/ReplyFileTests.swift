import Files
import Foundation
import LanguageModels
import TestSupport
import Testing

@Suite("A file of replies") struct ReplyFileTests {
  /// A file with three replies.
  private func file(in folder: String) throws -> String {
    let server = try FaultServer(share: 0, AskingTests.good)
    let path = folder + "/replies.jsonl"
    _ = try ModelAsker(try AskingTests.endpoint(server.endpoint), secret: nil, AskingTests.quick).ask(
      AskingTests.questions(3), into: try ReplyFile(path), tick: {}, progress: { _ in })
    return path
  }

  @Test("cut anywhere in its last line has the lines before it, and goes on behind them") func cut() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = try file(in: folder)
      let bytes = try readFile(path)
      let whole = try ReplyFile(path).replies
      let last = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      for end in stride(from: last, to: bytes.count, by: 37) {
        try writeFile(bytes[..<end], to: path)
        let cut = try ReplyFile(path)
        #expect(cut.replies.count == 2)
        guard let lost = whole.first(where: { cut[$0.key] == nil }) else {
          Issue.record("nothing is lost")
          return
        }
        try cut.append(lost)
        #expect(try ReplyFile(path).replies == whole)
      }
    }
  }

  @Test("may be named by a link, which stays one") func link() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = try file(in: folder)
      // Replies are kept in the order in which they come.
      try ReplyFile(path).sort()
      let lines = try readText(path).split(separator: "\n")
      let elsewhere = folder + "/elsewhere.jsonl"
      try writeFile((lines.reversed().joined(separator: "\n") + "\n").utf8, to: elsewhere)
      unlink(path)
      symlink("elsewhere.jsonl", path)
      try ReplyFile(path).sort()
      #expect(FileKind(of: path, followsLinks: false) == .link)
      #expect(try readText(elsewhere).split(separator: "\n") == lines)
    }
  }

  @Test("with another line is refused by its number", arguments: ["{}", "no JSON", #"{"for": "a", "key": "b"}"#])
  func otherLines(line: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = try file(in: folder)
      let lines = try readText(path).split(separator: "\n")
      try writeFile((lines[0] + "\n" + line + "\n" + lines[1] + "\n").utf8, to: path)
      let fault = #expect(throws: ReplyFileFault.self) { try ReplyFile(path) }
      #expect(fault?.line == 2)
    }
  }

  @Test("whose request was changed is refused: its key is not that of the request") func changed() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = try file(in: folder)
      try writeFile(try readText(path).replacing("lines 1", with: "lines 7").utf8, to: path)
      #expect(throws: ReplyFileFault.self) { try ReplyFile(path) }
    }
  }

  @Test("written and answered as a batch is that of a run") func batch() throws {
    try Fixtures.withTemporaryFolder { folder in
      let endpoint = try AskingTests.endpoint("http://127.0.0.1:9/v1")
      let requests = AskingTests.questions(4).map { Dialogue(endpoint, $0).firstRequest(.jsonSchema) }
      let answers = try requests.enumerated().map { place, request -> String in
        let line = try #require(
          try JSONSerialization.jsonObject(with: Data(BatchLines.line(request, endpoint).utf8)) as? [String: Any])
        #expect(line["method"] as? String == "POST" && line["url"] as? String == "/v1/chat/completions")
        let body = try JSONSerialization.data(withJSONObject: try #require(line["body"]))
        let id = try #require(line["custom_id"] as? String)
        #expect(id == request.key)
        let status = place == 3 ? 429 : 200
        return #"{"custom_id": "\#(id)", "response": {"status_code": \#(status), "body": "#
          + FaultServer.envelope(Array(body), AskingTests.good) + "}, \"error\": null}"
      }
      let file = try ReplyFile(folder + "/replies")
      let found = try BatchLines.read(
        answers + ["", "no JSON", #"{"custom_id": "x"}"#], of: requests, into: file)
      #expect(found.kept == 3 && found.known == 0 && found.unknown == 1)
      #expect(found.failed.map(\.line) == [4, 6])
      #expect(try BatchLines.read(answers, of: requests, into: file).known == 3)
      #expect(try ReplyFile(folder + "/replies").replies.count == 3)
    }
  }
}
