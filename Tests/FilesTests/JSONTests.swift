import Files
import Foundation
import TestSupport
import Testing

@Suite struct `JSON` {
  private func read(_ text: String, readsNaN: Bool = false) throws -> JSONValue {
    try JSONValue(json: Array(text.utf8), readsNaN: readsNaN)
  }

  static let values: [(text: String, value: JSONValue)] = [
    ("null", .null), (" true ", .boolean(true)), ("false\n", .boolean(false)), ("[]", .list([])), ("{ }", .object([])),
    ("-0.50e+2", .number("-0.50e+2")), ("0", .number("0")),
    ("[1,2 , 3]", .list(["1", "2", "3"].map(JSONValue.number))),
    (#""a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00é😀""#, .text("a\"\\/\u{8}\u{C}\n\r\té😀é😀")), (#""""#, .text("")),
    ("\u{FEFF}1", .number("1")),
  ]

  @Test(arguments: values.indices) func `is read`(index: Int) throws {
    #expect(try read(Self.values[index].text) == Self.values[index].value)
  }

  @Test func `is read one element of its lists at a time`() throws {
    func elements(_ text: String) throws -> [String] {
      var found: [String] = []
      try Array(text.utf8).withUnsafeBytes { bytes in
        try JSONValue.forEachElement(ofListsIn: bytes) { found.append("\($0)[\($1)] \($2)") }
      }
      return found
    }
    #expect(
      try elements(#" {"a": [1, {"b": [2]}], "c": {"d": [3]}, "e": [], "a": [null], "f": 1} "#) == [
        "a[0] \(JSONValue.number("1"))",
        "a[1] \(try read(#"{"b": [2]}"#))", "a[0] \(JSONValue.null)",
      ])
    for text in ["[1]", "", "{", #"{"a": [1,]}"#, #"{"a": [1]} 2"#, #"{"a": [\#(String(repeating: "[", count: 100))"#] {
      #expect(throws: JSONFault.self) { try elements(text) }
    }
  }

  @Test func `keeps the order of keys, and those that come twice`() throws {
    guard case .object(let members) = try read(#"{"b": 1, "a": {"c": null}, "b": []}"#) else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.key) == ["b", "a", "b"])
    #expect(members[2].value == .list([]))
  }

  static let faults: [(text: String, line: Int, expected: String)] = [
    ("", 1, "a value"), ("[1,", 1, "a value"), ("[1\n2]", 2, "a comma or ]"), ("{\n\n\"a\" 1}", 3, "a colon"),
    ("{a: 1}", 1, "a key in quotes"), ("{\"a\": 1,}", 1, "a key in quotes"), ("{\"a\": 1 \"b\"}", 1, "a comma or }"),
    ("1 2", 1, "the end"), ("01", 1, "the end"), ("1.", 1, "a digit"), ("-", 1, "a digit"), ("1e", 1, "a digit"),
    ("nul", 1, "a value"), ("NaN", 1, "a value"), ("-Infinity", 1, "a digit"), ("+1", 1, "a value"),
    ("\"a", 1, "a quote that ends the text"), ("\"a\nb\"", 1, "a quote that ends the text"),
    (#""\x""#, 1, "an escape of JSON"), (#""\u12""#, 1, "four hexadecimal digits"),
    (#""\u-012""#, 1, "four hexadecimal digits"), (#""\uD800""#, 1, "a surrogate pair"),
    (#""\uDC00""#, 1, "a surrogate pair"), (#""\uD800\u0041""#, 1, "a surrogate pair"),
  ]

  @Test(arguments: faults.indices) func `that is none is said to be none, and where`(index: Int) throws {
    let (text, line, expected) = Self.faults[index]
    #expect(throws: JSONFault.malformed(line: line, expected: expected)) { try read(text) }
  }

  @Test func `is UTF-8`() throws {
    #expect(throws: JSONFault.malformed(line: 1, expected: "text in UTF-8")) {
      try JSONValue(json: [0x22, 0xFF, 0x22])
    }
    #expect(throws: JSONFault.malformed(line: 1, expected: "text in UTF-8")) {
      try JSONValue(json: [0x22, 0x5C, 0x6E, 0xFF, 0x22])
    }
  }

  @Test func `has Python's words for what is no number, where they are asked for`() throws {
    #expect(
      try read("[NaN, Infinity, -Infinity]", readsNaN: true) == .list(["nan", "inf", "-inf"].map(JSONValue.number)))
  }

  @Test func `is read to a hundred levels, whatever is asked`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[{\"a\":", count: depth / 2) + "1" + String(repeating: "}]", count: depth / 2)
    }
    #expect(throws: Never.self) { try read(nested(100)) }
    #expect(throws: JSONFault.tooDeep(line: 1)) { try read(nested(102)) }
    #expect(throws: JSONFault.tooDeep(line: 1)) { try read(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func `agrees with Foundation on every prefix of a file`() throws {
    let bytes = try readFile(Fixtures.golden("formats/hugging-face-safetensors/config.json"))
    for count in bytes.indices {
      let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes[..<count]), options: .fragmentsAllowed)) != nil
      #expect(((try? JSONValue(json: Array(bytes[..<count]))) != nil) == isJSON, "\(count) bytes")
    }
  }
}
