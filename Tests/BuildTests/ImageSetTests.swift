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
      let captions = (0..<Self.count).map(line).joined()
      // Files of captions are read in pieces of 256 KB.
      #expect(captions.utf8.count > 500_000)
      try Data(captions.utf8).write(to: URL(fileURLWithPath: folder + "/captions.yml"))
      try body { try ImageSet(folder: folder + "/images", captions: folder + "/captions.yml") }
    }
  }

  private func name(_ index: Int) -> String { "image-\(10_000 + index)" }

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
      $0 == 17 ? "# nothing is said of image 17\n" : entry($0)
    } _: { read in
      let set = try read()
      #expect(set.images.count == Self.count)
      for index in stride(from: 0, to: Self.count, by: 97) {
        let image = set.images[index]
        #expect(image.id == name(index) && image.path.hasSuffix("/\(name(index)).jpg"))
        #expect(image.caption.hasPrefix("a caption of its own, number \(index), – with a dash"))
        #expect(image.caption.hasSuffix("- and a list") == (index % 7 == 0))
        #expect(image.credit == (index % 2 == 0 ? "Ada" : "Grace") && image.licence == nil)
        #expect(image.scene == ["setting": "s\(index % 5)", "time": "day"])
        #expect(image.objects.map(\.text) == ["a thing"] && image.objects[0].mask == nil)
        #expect(image.objects[0].facts == ["kind": "k\(index % 3)"])
      }
      #expect(set.images[17].caption == "" && set.images[17].objects.isEmpty)
    }
  }

  @Test(
    "says on which line its captions are wrong",
    arguments: [
      ("- {file: nothing.jpg}\n", "captions.yml:17401: no image \"nothing.jpg\""),
      ("- {file: image-10001.jpg}\n", "captions.yml:17401: image \"image-10001.jpg\" stands there twice"),
      ("- {file: image-12900.jpg, capton: a}\n", "captions.yml:17401: unknown key \"capton\" in entry 2901"),
      ("- {file: image-12900.jpg\n", "captions.yml:17402: not YAML"),
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
    arguments: [("/", "it is a folder"), ("/dev/null", "it is a device"), ("/nothing", "no such file or directory")])
  func others(_ file: String, _ reason: String) throws {
    let error = #expect(throws: FileError.self) { try readLines(file) }
    #expect("\(try #require(error))".contains("\(file): cannot be read: \(reason)"))
  }
}
