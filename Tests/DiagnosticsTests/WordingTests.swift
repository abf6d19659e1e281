import Diagnostics
import Foundation
import Testing

@Suite struct `Text from outside` {
  @Test(arguments: [
    ("abc", "\"abc\""), ("", "\"\""), ("a\nb", "\"a\\nb\""), ("a\tb\u{0}", "\"a\\tb\\0\""), ("a\"b", "\"a\\\"b\""),
    ("a\\b", "\"a\\\\b\""), ("ü日", "\"ü日\""), ("\u{1B}[31m", "\"\\u{1B}[31m\""), ("a\u{2028}b", "\"a\\u{2028}b\""),
    ("\u{85}", "\"\\u{0085}\""), (String(repeating: "a", count: 120), "\"" + String(repeating: "a", count: 120) + "\""),
    (String(repeating: "a", count: 121), "\"" + String(repeating: "a", count: 120) + "…\""),
  ])
  func `is quoted on one line`(text: String, expected: String) { #expect(quoted(text) == expected) }

  @Test(arguments: [
    ("abc", "abc"), ("", ""), ("a\nb\r\nc", "a b  c"), ("say \"x\" \\", "say \"x\" \\"), ("a\u{2029}b", "a b"),
    (String(repeating: "é", count: 121), String(repeating: "é", count: 120) + "…"),
  ])
  func `is put on one line`(text: String, expected: String) { #expect(oneLine(text) == expected) }

  @Test(arguments: [
    ("a: b", "a: b"), ("a\nb", "a\\nb"), ("\u{1B}[31ma", "\\u{1B}[31ma"), ("\"ü\"\\", "\"ü\"\\"),
    ("a\u{2028}b", "a\\u{2028}b"),
    (String(repeating: "é", count: 300), String(repeating: "é", count: 300)),
  ])
  func `leaves a message whole and on one line`(text: String, expected: String) { #expect(onOneLine(text) == expected) }
}

@Suite struct `The nearest name` {
  static let names = ["textspan", "segmentation", "neighbours", "Label", "ab"]

  @Test(
    arguments: [
      ("textspan", "textspan"), ("textpsan", "textspan"), ("TEXTSPAN", "textspan"), ("label", "Label"),
      ("lable", "Label"),
      ("neighbors", "neighbours"), ("segmantasion", "segmentation"), ("xyz", nil), ("texts", nil), ("", "ab"),
      ("abcd", "ab"), ("abcde", nil),
    ] as [(String, String?)])
  func `is within a slip of the hand`(name: String, expected: String?) {
    #expect(nearestName(to: name, in: Self.names) == expected)
  }

  @Test func `is the first in the alphabet among equals, in any order`() {
    #expect(nearestName(to: "bat", in: ["rat", "cat"]) == "cat")
    #expect(nearestName(to: "bat", in: ["cat", "rat"]) == "cat")
    #expect(nearestName(to: "bat", in: []) == nil)
    #expect(nearestName(to: "", in: [""]) == nil)
  }

  @Test func `is found in long texts by their start`() {
    let long = String(repeating: "a", count: 100_000)
    #expect(nearestName(to: long, in: [long + "b"]) == long + "b")
  }
}

@Suite struct `A number` {
  @Test(
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1.0e0"), (1.25e-7, "1.2e-7"), (9.96e3, "1.0e4"), (-3.14e15, "-3.1e15"),
      (1e100, "1.0e100"), (.leastNonzeroMagnitude, "4.9e-324"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
    ] as [(Double, String)])
  func `is written in scientific notation`(number: Double, expected: String) { #expect(scientific(number) == expected) }

  @Test(
    arguments: [
      (0, 2, "0.00"), (1.125, 2, "1.13"), (1.005, 2, "1.00"), (1.5, 0, "2"), (2.5, 0, "3"), (-1.25, 1, "−1.3"),
      (-0.001, 2, "0.00"),
      (-0.0, 1, "0.0"), (0.05, 1, "0.1"), (123.456, 3, "123.456"), (0.999, 2, "1.00"), (9.9999, 3, "10.000"),
      (0.012, 3, "0.012"), (.infinity, 2, "inf"), (.nan, 2, "nan"), (1e300, 2, "1e+300"), (1234, -1, "1234"),
      (9_007_199_254_740_992, 0, "9007199254740992.0"),
    ] as [(Double, Int, String)])
  func `is written with so many decimals`(number: Double, decimals: Int, expected: String) {
    #expect(fixed(number, decimals: decimals) == expected)
  }

  @Test(
    arguments: [
      ([], 3), ([0], 3), ([1], 2), ([100, 0.001], 2), ([0.5], 3), ([-0.05], 4), ([1e-20], 8), ([.infinity], 3),
      ([.nan], 3),
    ] as [([Double], Int)])
  func `shows three digits of the largest`(numbers: [Double], expected: Int) {
    #expect(decimals(for: numbers) == expected)
  }

  @Test func `comes with its noun or its unit`() {
    #expect(counted(1, "head") == "1 head")
    #expect(counted(0, "head") == "0 heads")
    #expect(percent(0.125) == "13 %")
    #expect(megabytes(12_345_678) == "12.3")
  }
}

@Suite struct `What the system says` {
  @Test func `is a part of a sentence`() {
    #expect(systemReason(ENOENT) == "no such file or directory")
    #expect(systemReason(EACCES) == "permission denied")
    #expect(systemReason(CocoaError(.fileReadNoSuchFile)) == "no such file or directory")
    #expect(systemReason(POSIXError(.ENOSPC)) == "no space left on device")
    #expect(systemReason(CocoaError(.fileWriteOutOfSpace)) == "no space left on device")
    #expect(systemReason(CocoaError(.fileWriteNoPermission)) == "permission denied")
    #expect(systemReason(CocoaError(.fileWriteUnknown)) == "the system does not say why")
  }
}
