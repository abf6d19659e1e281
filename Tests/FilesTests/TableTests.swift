import Files
import Foundation
import TestSupport
import Testing

@Suite struct `A table` {
  /// Rows as `LINE: FIELD|FIELD`, or what is wrong with them.
  private func rows(_ text: some Sequence<UInt8>, separator: Character = ",", limit: Int = .max) throws -> [String] {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(Array(text), to: folder + "/t.csv")
      var rows: [String] = []
      try forEachRow(ofTable: folder + "/t.csv", separator: separator.asciiValue ?? 0) { line, row in
        switch row {
        case .success(let fields): rows.append("\(line): " + fields.joined(separator: "|"))
        case .failure(let fault): rows.append("\(line): \(fault)")
        }
        return rows.count < limit
      }
      return rows
    }
  }

  private static let open = "\(TableFault.openQuote)"
  private static let after = "\(TableFault.textAfterQuote)"

  @Test(arguments: [
    ("", []), ("\n\r\n\r", []), ("a,b\nc,d", ["1: a|b", "2: c|d"]), ("a,b\r\nc,\r,", ["1: a|b", "2: c|", "3: |"]),
    ("\u{FEFF}\"a\",b\n", ["1: a|b"]), ("\"a,b\",\"c\"\"d\"\n", ["1: a,b|c\"d"]), ("\"\",\"\"\"\"", ["1: |\""]),
    ("\"two\nlines\r\nor\rfour\",b\nc,d", ["1: two\nlines\r\nor\rfour|b", "5: c|d"]), ("a\"b\",c", ["1: a\"b\"|c"]),
    (" \"a\",b", ["1:  \"a\"|b"]), ("a\n\n\nb", ["1: a", "4: b"]), ("a,é,\u{2028}", ["1: a|é|\u{2028}"]),
    ("\"a\nb,c\nd", ["1: " + open, "2: b|c", "3: d"]), ("\"a\"b,c\nd", ["1: " + after, "2: d"]),
    ("\"a\n\"b\nc", ["1: " + after, "2: " + open, "3: c"]), ("\"", ["1: " + open]),
  ]) func `has rows as RFC 4180 writes them, and goes on after one that cannot be read`(
    text: String, expected: [String]
  ) throws {
    #expect(try rows(text.utf8) == expected)
  }

  @Test func `may have another separator, and is read as far as is wanted`() throws {
    #expect(try rows("a\tb,c\n\"d\te\"\tf\n".utf8, separator: "\t") == ["1: a|b,c", "2: d\te|f"])
    #expect(try rows("a;b\nc;d\n".utf8, separator: ";", limit: 1) == ["1: a|b"])
  }

  @Test func `has no row that is not text, and none of more than a megabyte`() throws {
    #expect(try rows([0x61, 0x0A, 0xFF, 0x0A, 0x62]) == ["1: a", "2: \(TableFault.notText)", "3: b"])
    let long = String(repeating: "x", count: 1 << 20)
    #expect(try rows((long + "x\n" + long).utf8) == ["1: \(TableFault.longField)", "2: " + long])
    // A quote that is never closed costs its own row alone.
    #expect(try rows(("\"" + long + "\nb,c\n").utf8) == ["1: " + Self.open, "2: b,c".replacing(",", with: "|")])
  }

  @Test func `is read in time by its length, whatever its quotes`() throws {
    let lines = String(repeating: "x\"\"y,\"a\"\"b\"\n", count: 100_000)
    #expect(try rows(("\"" + lines).utf8).count == 100_001 - 1)
    #expect(try rows(String(repeating: "\"\n", count: 100_001).utf8).count == 50_001)
  }

  @Test(arguments: [
    ("a", ["a"]), ("a{b}c", ["a{b}c"]), ("{00000..00002}.tar", ["00000.tar", "00001.tar", "00002.tar"]),
    ("{8..11}", ["8", "9", "10", "11"]), ("{08..11}", ["08", "09", "10", "11"]), ("{2..0}", ["2", "1", "0"]),
    ("a{b,c}{0..1}d", ["ab0d", "ab1d", "ac0d", "ac1d"]), ("{,x}y", ["y", "xy"]), ("}{", ["}{"]), ("{a..c}", ["{a..c}"]),
    ("{1..}", ["{1..}"]), ("{-1..1}", ["{-1..1}"]), ("é{0..1}", ["é0", "é1"]),
  ]) func `or archive may be one of several that braces stand for`(pattern: String, expected: [String]) {
    #expect(bracesExpanded(pattern) == expected)
  }

  @Test(arguments: ["{0..100000}", "{0..999}{0..999}", "{000000000000..999999999999}"])
  func `of too many is none`(pattern: String) {
    #expect(bracesExpanded(pattern) == nil)
  }
}
