import Build
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Rows that name images") struct ImageRowsTests {
  private func withRows(_ text: String, _ name: String = "set.csv", _ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(Array(text.utf8), to: "\(folder)/\(name)")
      try body("\(folder)/\(name)")
    }
  }

  private static let files =
    #"no file is named, expected its path under "file_name" or "filepath" or "file""#

  @Test(
    "that cannot be used are named with their lines, or counted by reason",
    arguments: [
      ("\"\",a", files, "without a file"), ("a.jpg", "1 field, expected 2 as in the first row", "of another length"),
      ("a.jpg,b,c", "3 fields, expected 2 as in the first row", "of another length"),
      ("a.jpg,\"b\"c", "text after the quote that closes a field", "with unmatched quotes"),
      ("../a.jpg,b", #""../a.jpg" is not in the folder"#, "with a path out of the folder"),
      ("x/../../a.jpg,b", #""x/../../a.jpg" is not in the folder"#, "with a path out of the folder"),
      ("x/../a.jpg,b", #""x/../a.jpg" is not in the folder"#, "with a path out of the folder"),
      ("/etc/passwd,b", #""/etc/passwd" is not in the folder"#, "with a path out of the folder"),
      (".,b", #""." is not in the folder"#, "with a path out of the folder"),
      ("a\u{0}.jpg,b", #""a\0.jpg" has a zero byte"#, "with a zero byte in a path"),
    ]) func faults(_ row: String, _ message: String, _ reason: String) throws
  {
    try withRows("filepath,title\nfirst.jpg,one\n\(row)\nlast.jpg,two\n") { path in
      let error = #expect(throws: InputProblems.self) { try ImageSet(images: path) }
      let words = "\(try #require(error))"
      #expect(words.hasPrefix("\(path):3: \(message)"), "\(words)")
      let set = try ImageSet(images: path, options: ImageSetOptions(unreadable: .skip))
      #expect(set.images.map(\.id) == ["first", "last"] && set.rowsLeftOut == 1)
      #expect(set.remark == "\(path): 2 images; left out 1 row \(reason) (3)")
    }
  }

  @Test("of JSON are objects, one a line") func objects() throws {
    let text =
      #"{"file_name": "a.jpg", "text": "one"}"# + "\n[1]\n{\n" + #"{"file_name": ["b"]}"# + "\n"
      + #"{"file_name": "c.jpg"}"# + "\n"
    try withRows(text, "set.jsonl") { path in
      let error = #expect(throws: InputProblems.self) { try ImageSet(images: path) }
      #expect(error?.problems.map(\.line) == [2, 3, 4])
      let set = try ImageSet(images: path, options: ImageSetOptions(unreadable: .skip))
      #expect(set.images.map(\.caption) == ["one", ""] && set.rowsLeftOut == 3)
      #expect(
        set.remark
          == "\(path): 2 images; left out 2 rows without a JSON object (first 2), left out 1 row without a file (4)")
    }
  }

  @Test("of COCO are named by their places, and what is no COCO is said to be none") func coco() throws {
    try withRows(#"{"images": [{"file_name": "a.jpg"}, {"id": 2}, 3, {"file_name": "../b.jpg"}]}"#, "set.json") {
      path in
      let error = #expect(throws: InputProblems.self) { try ImageSet(images: path) }
      let lines = "\(try #require(error))".split(separator: "\n")
      #expect(
        lines.count == 3
          && lines[0].hasPrefix(path + #": images[1]: no file is named, expected its path under "file_name""#))
      #expect(try ImageSet(images: path, options: ImageSetOptions(unreadable: .skip)).rowsLeftOut == 3)
    }
    for (text, expected) in [
      (#"{"annotations": []}"#, "found JSON whose list of images is missing or empty"),
      (#"{"images": [}"#, "not JSON: line 1: expected a value"),
      ("{\n", "not JSON: line 2: expected a key in quotes"),
      (#"{"images": []}"#, "found JSON whose list of images is missing or empty"),
    ] {
      try withRows(text, "set.json") { path in
        let error = #expect(throws: (any Error).self) { try ImageSet(images: path) }
        let errorWords = "\(try #require(error))"
        #expect(errorWords.contains(expected), "\(text)")
      }
    }
  }

  @Test("for one file are one image, with the text of the first") func repeated() throws {
    try withRows("file_name,text\na.jpg,one\na.jpg,two\n./a.jpg,three\nb.jpg,\n") { path in
      let set = try ImageSet(images: path)
      #expect(set.images.map(\.caption) == ["one", ""])
      #expect(
        set.remark == "\(path): 2 images; 2 rows for a file that an earlier row names (first 3), whose text is used")
    }
  }

  @Test("say what is known of images in columns that are named or usual") func columns() throws {
    try withRows("filepath;title;label;source;license;sky;sea\na.jpg;one;cat;Ada;MIT;blue;\n") { path in
      let image = try ImageSet(images: path).images[0]
      #expect(
        image.caption == "one" && image.credit == "Ada" && image.licence == "MIT" && image.scene == ["class": "cat"])
      var columns = ImageColumns()
      columns.chosen = [.caption: "sky", .credit: "title"]
      columns.facts = ["sky", "sea"]
      let other = try ImageSet(images: path, options: ImageSetOptions(columns: columns)).images[0]
      #expect(other.caption == "blue" && other.credit == "one" && other.scene == ["class": "cat", "sky": "blue"])
      columns.facts = ["skye"]
      let error = #expect(throws: BuildError.self) {
        try ImageSet(images: path, options: ImageSetOptions(columns: columns))
      }
      let errorWords = "\(try #require(error))"
      #expect(errorWords == "\(path): no column \"skye\", did you mean \"sky\"?")
    }
  }

  @Test("whose files are missing or damaged are named by row, and counted by reason where they are left out")
  func missing() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.write(
        "filepath\ttitle\n" + atlas.lines("probe") { "\($1)\ta" } + "none.jpg\tb\nempty.jpg\tc\n\td\n", to: "set.tsv")
      try atlas.write("", to: "probe/empty.jpg")
      try atlas.write("not an image", to: "probe/probe-003.jpg")
      try atlas.edit("{images: probe}", "{images: set.tsv, folder: probe}")
      let stopped = #expect(throws: InputProblems.self) { try atlas.build() }
      let stoppedWords = "\(try #require(stopped))"
      #expect(stoppedWords.hasPrefix("\(folder)/set.tsv:24: no file is named"))
      try atlas.write(
        String(contentsOfFile: folder + "/set.tsv", encoding: .utf8).replacingOccurrences(of: "\n\td\n", with: "\n"),
        to: "set.tsv")
      let unread = #expect(throws: BuildError.self) { try atlas.build() }
      let lines = "\(try #require(unread))".split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines[0].hasPrefix("\(folder)/set.tsv:5: \(folder)/probe/probe-003.jpg: found a file that starts with"))
      #expect(lines[1].hasPrefix("\(folder)/set.tsv:22: \(folder)/probe/none.jpg: cannot be read: no such file"))
      #expect(lines[2].hasPrefix("\(folder)/set.tsv:23: \(folder)/probe/empty.jpg: an empty file"))
      try atlas.write(
        String(contentsOfFile: folder + "/set.tsv", encoding: .utf8) + "\te\n", to: "set.tsv")
      try atlas.edit("textspan:", "on_unreadable: skip\ntextspan:")
      let remarks = KeptRemarks()
      try atlas.build(progress: remarks)
      #expect(
        remarks.all.last
          == "3 images left out because they cannot be read: 1 without a file that can be read, 1 empty, 1 of an unknown format"
      )
      #expect(remarks.all.contains("\(folder)/set.tsv: 22 images; left out 1 row without a file (24)"))
      let page = try String(contentsOfFile: atlas.site + "/method/index.html", encoding: .utf8)
      #expect(page.contains("4 of the 23 images of the probe set"), "\(page)")
    }
  }

  @Test("may be a million to a set, and are read in seconds") func many() throws {
    let count = 200_000
    try withRows(
      "filepath\ttitle\n" + (0..<count).map { "\($0 % 100)/image-\($0).jpg\ta caption of number \($0)\n" }.joined(),
      "set.tsv"
    ) { path in
      let set = try ImageSet(images: path)
      #expect(set.images.count == count && set.images[count - 1].id == "99-image-199999")
    }
  }
}

/// Remembers what is said.
final class KeptRemarks: ProgressReporter {
  private let lines = Mutex<[String]>([])

  func report(stage: String, done: Int, total: Int?) {}
  func remark(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
