import Foundation
import Metrics
import Pipeline
import TestSupport
import Testing

@Suite("A large set of pictures") struct PictureSetTests {
  private static let count = 3000

  private func withSet(_ line: (Int) -> String, _ body: (() throws -> PictureSet) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/pictures", withIntermediateDirectories: true)
      for index in 0..<Self.count {
        try Data().write(to: URL(fileURLWithPath: "\(folder)/pictures/\(name(index)).jpg"))
      }
      let captions = (0..<Self.count).map(line).joined()
      // Files of captions are read in pieces of 256 KB.
      #expect(captions.utf8.count > 500_000)
      try Data(captions.utf8).write(to: URL(fileURLWithPath: folder + "/captions.yml"))
      try body { try PictureSet(folder: folder + "/pictures", captions: folder + "/captions.yml") }
    }
  }

  private func name(_ index: Int) -> String { "picture-\(10_000 + index)" }

  private func entry(_ index: Int) -> String {
    """
    - file: \(name(index)).jpg
      caption: "a caption of its own, number \(index), – with a dash\(index % 7 == 0 ? "\\n- and a list" : "")"
      credit: \(index % 2 == 0 ? "Ada" : "Grace")
      scene: {setting: "s\(index % 5)", time: day}
      objects:
        - {text: "a thing", scene: {kind: "k\(index % 3)"}}

    """
  }

  @Test("knows of each what its captions say, however long they are") func whole() throws {
    try withSet {
      $0 == 17 ? "# nothing is said of picture 17\n" : entry($0)
    } _: { read in
      let set = try read()
      #expect(set.pictures.count == Self.count)
      for index in stride(from: 0, to: Self.count, by: 97) {
        let picture = set.pictures[index]
        #expect(picture.id == name(index) && picture.path.hasSuffix("/\(name(index)).jpg"))
        #expect(picture.caption.hasPrefix("a caption of its own, number \(index), – with a dash"))
        #expect(picture.caption.hasSuffix("- and a list") == (index % 7 == 0))
        #expect(picture.credit == (index % 2 == 0 ? "Ada" : "Grace") && picture.licence == nil)
        #expect(picture.scene == ["setting": "s\(index % 5)", "time": "day"])
        #expect(picture.objects.map(\.text) == ["a thing"] && picture.objects[0].mask == nil)
        #expect(picture.objects[0].facts == ["kind": "k\(index % 3)"])
        #expect(set.facts[index].values(of: "kind") == ["k\(index % 3)"])
      }
      #expect(set.pictures[17].caption == "" && set.facts[17].objects.isEmpty)
    }
  }

  @Test(
    "says on which line its captions are wrong",
    arguments: [
      ("- {file: nothing.jpg}\n", "captions.yml:17401: no picture \"nothing.jpg\""),
      ("- {file: picture-10001.jpg}\n", "captions.yml:17401: picture \"picture-10001.jpg\" stands there twice"),
      ("- {file: picture-12900.jpg, capton: a}\n", "captions.yml:17401: unknown key \"capton\" in entry 2901"),
      ("- {file: picture-12900.jpg\n", "captions.yml:17402: not YAML"),
    ])
  func wrong(_ line: String, _ expected: String) throws {
    try withSet {
      $0 == 2900 ? line : entry($0)
    } _: { read in
      do {
        _ = try read()
        Issue.record("no error")
      } catch {
        #expect("\(error)".contains(expected), "\(error)")
      }
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
        #expect(try readLines("\(folder)/\(file)") == ["a red circle", "a blue square"], "\(file)")
      }
    }
  }

  @Test(
    "come from nothing else",
    arguments: [("/", "it is a folder"), ("/dev/null", "it is a device"), ("/nothing", "no such file")])
  func others(_ file: String, _ reason: String) throws {
    let error = #expect(throws: PipelineError.self) { try readLines(file) }
    #expect("\(try #require(error))".contains("\(file): cannot be read: \(reason)"))
  }
}
