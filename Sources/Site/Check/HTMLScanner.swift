/// A start tag of an HTML text.
struct HTMLTag: Sendable {
  /// In lower case.
  let name: String
  /// In the order of the text, names in lower case, values without character references.
  let attributes: [(name: String, value: String)]
  /// What follows up to the end tag, for elements that hold text only; empty for others.
  let text: String

  /// The value of the first attribute of that name, as browsers take it.
  subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
}

/// Reads the start tags of an HTML text, as browsers do: malformed markup is text or is skipped, and nothing is an error.
///
/// The content of `<script>`, `<style>`, `<title>` and `<textarea>` is text, and comments are left out. Takes time in
/// proportion to the length of the text.
struct HTMLScanner: Sequence, IteratorProtocol {
  private static let textElements: Set<String> = ["script", "style", "title", "textarea"]

  private let bytes: [UInt8]
  /// The same in lower case, for names.
  private let lower: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lower = bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
  }

  mutating func next() -> HTMLTag? {
    while let start = lower[place...].firstIndex(of: UInt8(ascii: "<")) {
      place = start + 1
      if lower[place...].starts(with: "!--".utf8) {
        skip(past: "-->")
      } else if isNext("!") || isNext("?") {
        skip(past: ">")
      } else {
        let isEnd = skip("/")
        guard place < lower.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower[place]) else { continue }
        let tag = readTag(isEnd: isEnd)
        if !isEnd { return tag }
      }
    }
    return nil
  }

  private func isNext(_ character: Unicode.Scalar) -> Bool {
    place < lower.count && lower[place] == UInt8(ascii: character)
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard isNext(character) else { return false }
    place += 1
    return true
  }

  private mutating func skip(past end: String) {
    place = lower[place...].firstRange(of: end.utf8)?.upperBound ?? lower.count
  }

  /// Goes on to the first byte that `ends` holds for.
  /// - Returns: the place of what was passed.
  @discardableResult
  private mutating func read(until ends: (UInt8) -> Bool) -> Range<Int> {
    let start = place
    place = lower[place...].firstIndex(where: ends) ?? lower.count
    return start..<place
  }

  private mutating func readTag(isEnd: Bool) -> HTMLTag {
    let name = String(decoding: lower[read { isSpace($0) || "/>".utf8.contains($0) }], as: UTF8.self)
    var attributes: [(name: String, value: String)] = []
    while true {
      read { !isSpace($0) && $0 != UInt8(ascii: "/") }
      guard place < lower.count, !skip(">") else { break }
      attributes.append(readAttribute())
    }
    guard !isEnd, Self.textElements.contains(name) else { return HTMLTag(name: name, attributes: attributes, text: "") }
    let start = place
    place = lower[start...].firstRange(of: "</\(name)".utf8)?.lowerBound ?? lower.count
    return HTMLTag(name: name, attributes: attributes, text: String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func readAttribute() -> (name: String, value: String) {
    let start = place
    // A name may begin with "=".
    place += 1
    read { isSpace($0) || "=/>".utf8.contains($0) }
    let name = String(decoding: lower[start..<place], as: UTF8.self)
    read { !isSpace($0) }
    guard skip("=") else { return (name, "") }
    read { !isSpace($0) }
    return (name, unescaped(String(decoding: bytes[readValue()], as: UTF8.self)))
  }

  private mutating func readValue() -> Range<Int> {
    guard isNext("\"") || isNext("'") else { return read { isSpace($0) || $0 == UInt8(ascii: ">") } }
    let quote = lower[place]
    place += 1
    defer { place = Swift.min(place + 1, lower.count) }
    return read { $0 == quote }
  }
}

private func isSpace(_ byte: UInt8) -> Bool { " \t\n\u{C}\r".utf8.contains(byte) }

/// A text with its character references replaced; unknown ones stay as they are.
private func unescaped(_ text: String) -> String {
  let parts = text.split(separator: "&", omittingEmptySubsequences: false)
  return parts.dropFirst().reduce(String(parts[0])) { result, part in
    guard let end = part.prefix(10).firstIndex(of: ";"), let character = character(named: part[..<end]) else {
      return result + "&" + part
    }
    return result + character + part[part.index(after: end)...]
  }
}

private func character(named name: Substring) -> String? {
  guard name.first == "#" else { return ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][String(name)] }
  let digits = name.dropFirst()
  let number = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
  return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
}
