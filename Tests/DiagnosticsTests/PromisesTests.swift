import Foundation
import TestSupport
import Testing

@Suite("docs/promises.md") struct PromisesTests {
  /// The text of every Swift file of the tests, by its path.
  private static func sources() throws -> [String: String] {
    let folder = Fixtures.root.path + "/Tests"
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return try Dictionary(
      uniqueKeysWithValues: names.filter { $0.hasSuffix(".swift") }.map {
        ($0, try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8))
      })
  }

  @Test("names tests that are there, for every promise") func tests() throws {
    let text = try String(contentsOfFile: Fixtures.root.path + "/docs/promises.md", encoding: .utf8)
    let sources = try Self.sources()
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| promise |") }
    #expect(rows.count > 20)
    for row in rows {
      let cells = row.split(separator: " | ")
      #expect(cells.count == 2, "\(row)")
      let witnesses = (cells.last ?? "").matches(of: /`(\w+\.swift)`((?: “[^”]+”)+)/)
      #expect(!witnesses.isEmpty, "\(row)")
      for witness in witnesses {
        let files = sources.filter { $0.key.hasSuffix("/\(witness.1)") }.map(\.value)
        #expect(!files.isEmpty, "no test file \(witness.1)")
        for name in witness.2.matches(of: /“([^”]+)”/).map(\.1) {
          #expect(
            files.contains { $0.contains("\"\(name)\"") || $0.contains("func `\(name)`") },
            "no test “\(name)” in \(witness.1)")
        }
      }
      for script in (cells.last ?? "").matches(of: /`(scripts\/\w+)`/).map(\.1) {
        #expect(FileManager.default.fileExists(atPath: "\(Fixtures.root.path)/\(script)"), "no \(script)")
      }
    }
  }
}
