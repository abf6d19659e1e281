import Build
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Images that cannot be read") struct UnreadableImagesTests {
  /// A small atlas of whose images some are cut short.
  private func withDamaged(_ names: [String], _ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      for name in names {
        let file = URL(fileURLWithPath: folder + "/" + name)
        try Data(try Data(contentsOf: file).dropLast(300)).write(to: file)
      }
      try body(atlas)
    }
  }

  private let damaged = ["probe/probe-003.jpg", "probe/probe-007.jpg", "gallery/gallery-001.jpg"]

  @Test("are all named before the work starts") func all() throws {
    try withDamaged(damaged) { atlas in
      let error = #expect(throws: BuildError.self) { try atlas.build() }
      let lines = "\(try #require(error))".split(separator: "\n")
      #expect(lines.count == 4)
      for (line, name) in zip(lines, damaged.reversed().sorted()) {
        #expect(line.contains("/\(name): a damaged JPEG: "), "\(line)")
      }
      #expect(lines.last?.hasPrefix("3 images cannot be read; replace or remove them") == true)
      let findings = diagnose(configuration: atlas.configuration, output: atlas.site, plugins: allPlugins)
      #expect(findings.filter { $0.subject == "image" && !$0.isFine }.count == 3)
      #expect(findings.contains { $0.subject == "images" && !$0.isFine && $0.detail.hasPrefix("3 of 23 images") })
    }
  }

  @Test("are left out where the atlas says so, and counted on the method page") func skipped() throws {
    try withDamaged(damaged) { atlas in
      try atlas.edit("textspan:", "on_unreadable: skip\ntextspan:")
      let remarks = Remarks()
      try atlas.build(progress: remarks)
      #expect(remarks.all.last == "3 images left out because they cannot be read: 3 damaged")
      let page = try String(contentsOfFile: atlas.site + "/method/index.html", encoding: .utf8)
      #expect(page.contains("2 of the 20 images of the probe set and 1 of the 3 images of the gallery"))
      #expect(!FileManager.default.fileExists(atPath: atlas.site + "/image/gallery-001"))
      #expect(FileManager.default.fileExists(atPath: atlas.site + "/image/gallery-002"))
      // Whole again, it is looked at again.
      for name in damaged {
        let source = Fixtures.root.path + "/content/images/" + name
        try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: atlas.folder + "/" + name))
      }
      try atlas.build()
      #expect(FileManager.default.fileExists(atPath: atlas.site + "/image/gallery-001"))
    }
  }

  @Test("stop a build whose gallery has no other") func none() throws {
    try withDamaged((0..<3).map { "gallery/gallery-00\($0).jpg" }) { atlas in
      try atlas.edit("textspan:", "on_unreadable: skip\ntextspan:")
      #expect(throws: BuildError.self) { try atlas.build() }
    }
  }

  /// What a mask is replaced by, and words of what is said.
  static let brokenMasks: [(replacement: String, words: String)] = [
    ("half of itself", "/mask.png: a damaged PNG: "),
    ("Tests/Goldens/images/originals/wide.png", "/gallery/gallery-000.jpg, expected the same proportions"),
    ("a text", "/mask.png: found a file that starts with the bytes"),
  ]

  @Test("have masks that cannot be used beside them", arguments: brokenMasks)
  func masks(_ replacement: String, _ words: String) throws {
    try withDamaged(["gallery/gallery-001.jpg"]) { atlas in
      let mask = URL(fileURLWithPath: atlas.folder + "/mask.png")
      let whole = try Data(contentsOf: mask)
      switch replacement {
      case "half of itself": try whole.prefix(whole.count / 2).write(to: mask)
      case "a text": try Data("# A mask".utf8).write(to: mask)
      default: try Data(contentsOf: Fixtures.root.appendingPathComponent(replacement)).write(to: mask)
      }
      let error = #expect(throws: BuildError.self) { try atlas.build() }
      let lines = "\(try #require(error))".split(separator: "\n")
      #expect(lines.count == 3 && lines[0].contains(words), "\(lines)")
      #expect(lines.last?.hasPrefix("1 image and 1 mask cannot be used; replace or remove them, or write") == true)
      let findings = diagnose(configuration: atlas.configuration, output: atlas.site, plugins: allPlugins)
      #expect(findings.contains { $0.subject == "mask" && !$0.isFine && $0.detail.contains(words) })
      try atlas.edit("textspan:", "on_unreadable: skip\ntextspan:")
      let remarks = Remarks()
      try atlas.build(progress: remarks)
      #expect(remarks.all.last == "1 image and 1 mask left out because they cannot be used: 1 damaged")
      #expect(FileManager.default.fileExists(atPath: atlas.site + "/image/gallery-000"))
      // A mask that is whole again is looked at again.
      try whole.write(to: mask)
      let again = Remarks()
      try atlas.build(progress: again)
      #expect(again.all.last == "1 image left out because they cannot be read: 1 damaged")
    }
  }

  @Test("are dealt with in one of two ways") func configuration() throws {
    try withDamaged([]) { atlas in
      try atlas.edit("textspan:", "on_unreadable: ignore\ntextspan:")
      let error = #expect(throws: InputProblems.self) { try atlas.build() }
      let message = "\(try #require(error))"
      #expect(message.contains("on_unreadable is \"ignore\", expected stop or skip"))
    }
  }
}

/// Remembers what is said.
final class Remarks: ProgressReporter {
  private let lines = Mutex<[String]>([])

  func report(stage: String, done: Int, total: Int?) {}
  func remark(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
