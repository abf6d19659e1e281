import Files
import Foundation
import TestSupport
import Testing

@Suite("What files look like") struct StampsTests {
  @Test("is another after every change, whatever it is, and the same without one") func changes() throws {
    try Fixtures.withTemporaryFolder { folder in
      for name in ["images/a.png", "images/deep/b.png", "site/index.html", "atlas.yml", "real/c.png"] {
        try makeFolder(Files.folder(of: "\(folder)/\(name)"))
        try writeFile("1".utf8, to: "\(folder)/\(name)")
      }
      symlink("images", folder + "/linked")
      symlink("../real/c.png", folder + "/images/c.png")
      let site = try #require(realPath(folder + "/site"))
      func look() -> FileStamps {
        FileStamps(of: [folder + "/linked", folder + "/atlas.yml", folder + "/none", folder], without: site)
      }
      var last = look()
      #expect(look() == last && look().firstDifference(from: last) == nil)
      func changed(_ name: String, _ change: (String) throws -> Void) throws -> Bool {
        try change("\(folder)/\(name)")
        let now = look()
        defer { last = now }
        return now != last && now.firstDifference(from: last) != nil
      }
      let write: (String) throws -> Void = { try writeFile("2".utf8, to: $0) }
      for name in ["images/a.png", "images/deep/b.png", "atlas.yml", "real/c.png", "new.txt", "none"] {
        #expect(try changed(name, write), "\(name)")
      }
      #expect(try changed("images/a.png") { unlink($0) })
      for name in ["site/index.html", "images/.hidden", "atlas.yml~", ".git"] {
        #expect(try !changed(name, write), "\(name)")
      }
    }
  }
}
