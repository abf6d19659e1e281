import Analysis
import Build
import Evaluation
import Files
import Foundation
import Metrics
import TestSupport
import Testing

@Suite("A large set of images") struct ImageSetTests {
  private static let count = 3000

  private func withSet(_ line: (Int) -> String, _ body: (() throws -> ImageSet) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/images", withIntermediateDirectories: true)
      for index in 0..<Self.count {
        try Data().write(to: URL(fileURLWithPath: "\(folder)/images/\(name(index)).jpg"))
      }
      try Data((0..<Self.count).map(line).joined().utf8).write(to: URL(fileURLWithPath: folder + "/captions.jsonl"))
      try body { try ImageSet(images: folder + "/images", captions: folder + "/captions.jsonl") }
    }
  }

  private func name(_ index: Int) -> String { "image-\(10_000 + index)" }

  private func entry(_ index: Int) -> String {
    let licence = index % 3 == 0 ? "licence" : "license"
    return """
      {"file": "\(name(index)).jpg", "caption": "a caption of its own, number \(index), \u{2013} \\u2013 \\ud83d\\ude00\\n- in two lines", \
      "\(index % 2 == 0 ? "credit" : "source")": "\(index % 2 == 0 ? "Ada" : "Grace")", "\(licence)": "CC0-1.0", \
      "scene": {"setting": "s\(index % 5)", "time": null, "known": true, "hour": 7, "light": 0.5}, \
      "objects": [{"text": "a thing", "scene": {"kind": "k\(index % 3)"}}]}\(index % 4 == 0 ? "\r" : "")

      """
  }

  @Test("knows of each what its captions say") func whole() throws {
    try withSet {
      // An empty line, and a mark of byte order before all.
      $0 == 17 ? " \n" : ($0 == 0 ? "\u{FEFF}" : "") + entry($0)
    } _: { read in
      let set = try read()
      #expect(set.images.count == Self.count)
      for index in stride(from: 0, to: Self.count, by: 97) {
        let image = set.images[index]
        #expect(image.id == name(index) && image.place.path.hasSuffix("/\(name(index)).jpg"))
        #expect(image.caption == "a caption of its own, number \(index), – – 😀\n- in two lines")
        #expect(image.credit == (index % 2 == 0 ? "Ada" : "Grace") && image.licence == "CC0-1.0")
        #expect(image.scene == ["setting": "s\(index % 5)", "known": "true", "hour": "7", "light": "0.5"])
        #expect(image.objects.map(\.text) == ["a thing"] && image.objects[0].mask == nil)
        #expect(image.objects[0].facts == ["kind": "k\(index % 3)"])
        #expect(image.facts.values(of: "kind") == ["k\(index % 3)"])
      }
      #expect(set.images[17].caption == "" && set.images[17].facts.objects.isEmpty)
    }
  }

  private static let notCaptions =
    #"captions are JSON Lines, expected one JSON object on every line, such as {"file": "photo.jpg", "caption": "a cat"}"#

  @Test(
    "says on which line its captions are wrong",
    arguments: [
      (#"{"file": "nothing.jpg"}"#, #"no image "nothing.jpg""#),
      (#"{"file": "image-1000.jpg"}"#, #"no image "image-1000.jpg", did you mean "image-10000.jpg"?"#),
      (#"{"file": "image-10001.jpg"}"#, #"image "image-10001.jpg" is described twice; remove one of the two"#),
      (#"{"file": "image-12900.jpg", "capton": "a"}"#, #"unknown key "capton" in the image, did you mean "caption"?"#),
      (#"{"caption": "a"}"#, #"the image has no "file", expected the name of an image file"#),
      (#"{"file": "image-12900.jpg", "caption": ["a"]}"#, "caption is a list, expected text"),
      (
        #"{"file": "image-12900.jpg", "objects": [{"txt": "a"}]}"#,
        #"unknown key "txt" in objects[0], did you mean "text"?"#
      ),
      (
        #"{"file": "image-12900.jpg", "objects": [{"text": "a", "mask": "image-1000.jpg"}]}"#,
        #"objects[0].mask is "image-1000.jpg": no such file, did you mean "image-10000.jpg"?"#
      ),
      (
        #"{"file": "image-12900.jpg", "scene": {"setting": ["a"]}}"#,
        "scene is a mapping with a list, expected texts and numbers"
      ),
      (#"{"file": "image-12900.jpg", "scene": "beach"}"#, #"scene is "beach", expected a mapping of facts"#),
      (#"{"file": "image-12900.jpg""#, notCaptions), ("- file: image-12900.jpg", notCaptions),
      ("image-12900.jpg,a cat", notCaptions), ("[1]", notCaptions), ("\"a\"", notCaptions),
    ])
  func wrong(_ line: String, _ expected: String) throws {
    try withSet {
      $0 == 2900 ? line + "\n" : entry($0)
    } _: { read in
      let error = #expect(throws: InputProblems.self) { _ = try read() }
      let message = "\(try #require(error))"
      #expect(message.contains("captions.jsonl:2901: \(expected)"), "\(message)")
    }
  }

  @Test("is read no further where much is wrong, or a line is not text") func muchWrong() throws {
    try withSet { _ in
      "{}\n"
    } _: { read in
      let error = #expect(throws: InputProblems.self) { _ = try read() }
      #expect(error?.problems.count == 10)
    }
    try Fixtures.withTemporaryFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/a.jpg"))
      try Data([0x7B, 0x7D, 0x0A, 0x22, 0xFF, 0x22]).write(to: URL(fileURLWithPath: folder + "/captions.jsonl"))
      let error = #expect(throws: InputProblems.self) {
        _ = try ImageSet(images: folder, captions: folder + "/captions.jsonl")
      }
      #expect("\(try #require(error))".contains("captions.jsonl:2: bytes that are not UTF-8"))
    }
  }
}

@Suite("Lines of text") struct TextLinesTests {
  @Test("come from a file or through a pipe, without white space around them") func sources() throws {
    let text = "a red circle\r\n\n  a blue square \n"
    try Fixtures.withTemporaryFolder { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      // Both ends of it are open before it is read, so that nothing here waits for ever.
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      let pipe = try #require(FileHandle(forUpdatingAtPath: folder + "/pipe"))
      try pipe.write(contentsOf: Data(text.utf8))
      let closing = Thread {
        usleep(100_000)
        try? pipe.close()
      }
      closing.start()
      for file in ["lines.txt", "pipe"] {
        #expect(try readLines("\(folder)/\(file)", pipes: true) == ["a red circle", "", "a blue square"], "\(file)")
      }
    }
  }

  @Test("keep a zero-width space at an end, which is a token, and lose what Python calls white space") func ends()
    throws
  {
    try Fixtures.withTemporaryFolder { folder in
      try Data("\u{200B}a cat\u{200B}\n\u{A0}\u{3000}a dog\u{1F}\t\n\u{200B}\n".utf8)
        .write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      #expect(try readLines(folder + "/lines.txt") == ["\u{200B}a cat\u{200B}", "a dog", "\u{200B}"])
    }
  }

  /// UTF-8 read as Latin-1, where the white space is a byte of a letter, and what only looks like it.
  @Test(
    "keep white space at an end that is a byte of a garbled letter",
    arguments: [
      ("voil\u{C3}\u{A0} ", "voil\u{C3}\u{A0}"), ("caf\u{C3}\u{85}", "caf\u{C3}\u{85}"), ("a cat\u{A0}\u{85}", "a cat"),
      (" \u{A0}\u{BA}a", "\u{A0}\u{BA}a"), ("\u{C3}\u{2003}", "\u{C3}"), ("\u{A0}\u{85}", ""),
    ])
  func garbledEnds(line: String, text: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(("one\n" + line + "\n").utf8, to: folder + "/lines.txt")
      let found = try readLines(folder + "/lines.txt")[1]
      #expect(Array(found.unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test("end where Python ends them, and nowhere else") func separators() throws {
    let line = "one\u{2028}two\u{2029}three\u{85}four\u{0B}five\u{0C}six"
    try Fixtures.withTemporaryFolder { folder in
      try Data("\u{FEFF}\(line)\n\nend\r\rlast".utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      #expect(try readLines(folder + "/lines.txt") == [line, "", "end", "", "last"])
      try Data("\(line)\r\nend\r\n".utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      #expect(try readTexts(folder + "/lines.txt") == [line, "end"])
      try Data("\n".utf8).write(to: URL(fileURLWithPath: folder + "/lines.txt"))
      #expect(try readLines(folder + "/lines.txt") == [""])
    }
  }

  @Test("that are empty are named where every line has a text") func empty() throws {
    try Fixtures.withTemporaryFolder { folder in
      let file = folder + "/lines.txt"
      try Data("a\n\nb\r \u{2028}\n".utf8).write(to: URL(fileURLWithPath: file))
      let error = #expect(throws: InputProblems.self) { try readTexts(file) }
      #expect(
        error?.description == """
          \(file):2: an empty line, expected a text; remove the line
          \(file):4: an empty line, expected a text; remove the line
          """)
    }
  }

  @Test("of captions end likewise") func captions() throws {
    try Fixtures.withTemporaryFolder { folder in
      for name in ["a", "b", "c"] { try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name).jpg")) }
      let lines = [("a", "x\u{2028}y\u{85}"), ("b", "")].map { #"{"file": "\#($0).jpg", "caption": "\#($1)"}"# }
      try Data("\u{FEFF}\(lines[0])\r\r\n\(lines[1])\r\nno".utf8).write(to: URL(fileURLWithPath: folder + "/c.jsonl"))
      let error = #expect(throws: InputProblems.self) {
        _ = try ImageSet(images: folder, captions: folder + "/c.jsonl")
      }
      #expect(error?.problems.map(\.line) == [4])
      try Data("\(lines[0])\r\(lines[1])\r".utf8).write(to: URL(fileURLWithPath: folder + "/c.jsonl"))
      let images = try ImageSet(images: folder, captions: folder + "/c.jsonl").images
      #expect(images.map(\.caption) == ["x\u{2028}y\u{85}", "", ""])
    }
  }

  @Test(
    "come from nothing else",
    arguments: [("/", "it is a folder"), ("/dev/null", "it is a device"), ("/nothing", "no such file or directory")])
  func others(_ file: String, _ reason: String) throws {
    let error = #expect(throws: FileError.self) { try readLines(file) }
    #expect("\(try #require(error))".contains("\(file): cannot be read: \(reason)"))
  }
}
