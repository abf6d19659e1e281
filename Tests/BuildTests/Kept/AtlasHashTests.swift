import Files
import Foundation
import PluginHost
import TestSupport
import Testing

/// What `atlas.json` of a built atlas says, and when it changes.
@Suite("The hash of an atlas") struct AtlasHashTests {
  private static func hash(_ atlas: SmallAtlas) throws -> String {
    let bytes = try readFile(atlas.site + "/atlas.json")
    try Shape.atlas.check(try JSONValue(json: bytes))
    let atlas = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    return try #require(atlas["hash"] as? String)
  }

  @Test("is of what the atlas is made from, and not of where it is and what it is called") func inputs() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder + "/a")
      try atlas.build(always: false)
      let first = try Self.hash(atlas)
      #expect(first.count == 64)
      let page = try readText(atlas.site + "/model/small/head/L00.H00/index.html")
      #expect(page.contains("Atlas sha256 \(first.prefix(12))") && !page.contains("url = {"))

      try FileManager.default.moveItem(atPath: folder + "/a", toPath: folder + "/b")
      let moved = SmallAtlas(copyIn: folder + "/b")
      try moved.edit("title: Small", "title: Other\nurl: https://example.org/other/\nfigure_files: false")
      try moved.build(always: false)
      try #expect(Self.hash(moved) == first)
      try #expect(
        readText(moved.site + "/index.html").contains("url = {https://example.org/other/index.html}"))
      let files = FileManager.default.subpaths(atPath: moved.site) ?? []
      #expect(files.contains { $0.hasSuffix(".csv") } && files.filter { $0.hasSuffix(".svg") } == ["assets/icon.svg"])

      try moved.write("a red house\na blue boat\na green cat\n", to: "texts.txt")
      try moved.build(always: false)
      try #expect(Self.hash(moved) != first)
    }
  }
}
