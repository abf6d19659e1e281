import Build
import Files
import Foundation
import TestSupport
import Testing

@Suite("A folder of images") struct ImageFolderTests {
  private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0]
  private let webp = Array("RIFF....WEBPVP8L".utf8)

  private func withFolder(_ files: [(String, [UInt8])], _ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name)) }
      try body(folder)
    }
  }

  /// The names that are listed, and what is said of the others.
  private func listed(_ folder: String) throws -> (names: [String], remarks: [String]) {
    var remarks: [String] = []
    let images = try imageArguments([folder]) { remarks.append($0) }
    return (images.map(\.name), remarks)
  }

  @Test("is listed by content, whatever names files have") func content() throws {
    try withFolder([
      ("a.jfif", jpeg), ("b", jpeg), ("c.webp", webp), ("d.jpe", jpeg), ("e.txt", png), ("f.PNG", jpeg),
      ("g.jpg", []), ("h.png", Array("damaged".utf8)),
    ]) { folder in
      let (names, remarks) = try listed(folder)
      // What is named as an image and is none by its bytes is not passed over: reading it fails.
      #expect(names == ["a.jfif", "b", "c.webp", "d.jpe", "e.txt", "f.PNG", "g.jpg", "h.png"])
      #expect(remarks == [])
    }
  }

  @Test("says in one line what it leaves out and why") func leftOut() throws {
    try withFolder([
      ("a.jpg", jpeg), ("._a.jpg", Array("Mac OS X".utf8)), (".DS_Store", [0]), ("b.gif", Array("GIF89a".utf8)),
      ("c.jpg", Array("GIF89a".utf8)), ("d.jpg", Array("<!doctype html>".utf8)), ("e.json", Array("{}".utf8)),
      ("notes.txt", Array("notes".utf8)),
    ]) { folder in
      try FileManager.default.createDirectory(atPath: folder + "/cats", withIntermediateDirectories: true)
      #expect(mkfifo(folder + "/pipe.jpg", 0o600) == 0)
      #expect(symlink("/nowhere", folder + "/link.jpg") == 0)
      #expect(Fixtures.makeUndecodableFile(in: folder) == #"$'caf\xe9'"#)
      let (names, remarks) = try listed(folder)
      #expect(names == ["a.jpg"])
      #expect(
        remarks == [
          "\(folder): 1 image; left out 2 hidden files, 2 GIF images (b.gif, c.jpg; convert: mogrify -format png *.gif), "
            + "1 HTML page (d.jpg), 1 JSON file (e.json), 1 other file (notes.txt), 1 folder (cats), "
            + "1 pipe or device (pipe.jpg), 1 link to nothing (link.jpg), "
            + #"1 file whose name is not UTF-8 ($'caf\xe9'; rename: convmv -f latin1 -t utf8 --notest *)"#
        ])
      #expect(try ImageSet(images: folder).remark == remarks.first)
    }
  }

  @Test("without images says what is there instead") func noImages() throws {
    try Fixtures.withTemporaryFolder { folder in
      for name in ["cats", "dogs"] {
        try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
      }
      let error = #expect(throws: BuildError.self) { _ = try imageArguments([folder]) }
      let message = "\(try #require(error))"
      #expect(
        message == "\(folder): no images, expected PNG, JPEG or WebP files; found 2 folders without images (cats, dogs)"
      )
      let empty = #expect(throws: BuildError.self) { _ = try imageArguments([folder + "/cats"]) }
      let emptyMessage = "\(try #require(empty))"
      #expect(emptyMessage.hasSuffix("found an empty folder"))
      try writeFile("file_name,text\n".utf8, to: folder + "/table.csv")
      let table = #expect(throws: BuildError.self) { _ = try imageArguments([folder + "/table.csv"]) }
      #expect(table?.description.hasSuffix("found a table that names none") == true)
    }
  }

  @Test(
    "gives images identifiers of their own",
    arguments: [
      (["cat.jpg", "cat.png", "cat.webp"], ["cat", "cat-png", "cat-webp"]),
      (["cat.jpeg", "cat.jpg"], ["cat-jpeg", "cat"]),
      (["cat-png.jpg", "cat.jpg", "cat.png"], ["cat-png", "cat", "cat-b94f5c"]),
      (["Cat.jpg", "cat.jpg"], ["cat-351381", "cat"]),
      (["IMG-1.jpg", "IMG_1.jpg"], ["img-1", "img-1-255a93"]),
      (["a b.jpg", "c.jpg"], ["a-b", "c"]), (["a .jpg", "pw..jpg"], ["a", "pw"]),
      (["AUX.png", "con.jpg", "con.png"], ["aux-1898ed", "con-1143da", "con-1143da-115842"]),
    ])
  func identifiers(names: [String], expected: [String]) throws {
    try withFolder(names.map { ($0, jpeg) }) { folder in
      let set = try ImageSet(images: folder)
      let found = Dictionary(uniqueKeysWithValues: set.images.map { ($0.place.path, $0.id) })
      #expect(names.map { found[folder + "/" + $0] } == expected)
    }
  }

  @Test("has captions for its images alone, and says what else a file is") func captions() throws {
    try withFolder([
      ("a.jpg", jpeg), ("b.gif", Array("GIF89a".utf8)), ("captions.jsonl", Array("{\"file\": \"b.gif\"}\n".utf8)),
    ]) { folder in
      let error = #expect(throws: InputProblems.self) {
        _ = try ImageSet(images: folder, captions: folder + "/captions.jsonl")
      }
      let message = "\(try #require(error))"
      #expect(
        message.hasSuffix(
          "captions.jsonl:1: \"b.gif\" is a GIF image, expected a PNG, JPEG or WebP image; convert it or remove the line"
        ))
    }
  }
}
