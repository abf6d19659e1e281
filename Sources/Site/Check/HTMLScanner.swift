/// A start or end tag of an HTML text.
struct HTMLTag: Equatable {
  struct Attribute: Equatable {
    let name: String
    let value: String
  }
  /// Lower case.
  let name: String
  let attributes: [Attribute]
  let isEnd: Bool

  /// The value of the first attribute of that name, as browsers take it.
  subscript(_ name: String) -> String? { attributes.first { $0.name == name }?.value }
}

/// Reads the tags of an HTML text, as browsers do: whatever is odd becomes text or is skipped, and nothing is an error.
///
/// What stands inside `<script>`, `<style>`, `<title>` and `<textarea>` is text. Comments are left out.
struct HTMLScanner: Sequence, IteratorProtocol {
  enum Token: Equatable {
    case tag(HTMLTag)
    case text(String)
  }

  private let bytes: [UInt8]
  private var place = 0
  /// The element whose text is running, which only its own end tag ends.
  private var rawElement: String?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Token? {
    while place < bytes.count {
      if let element = rawElement {
        rawElement = nil
        let end = endOfRawText(element)
        if end > place { return text(upTo: end) }
        continue
      }
      guard bytes[place] == UInt8(ascii: "<") else {
        return text(upTo: bytes[place...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count)
      }
      if skipCommentOrDeclaration() { continue }
      if let tag = readTag() { return .tag(tag) }
      place += 1
      return .text("<")
    }
    return nil
  }

  private mutating func text(upTo end: Int) -> Token {
    defer { place = end }
    return .text(decoded(String(decoding: bytes[place..<end], as: UTF8.self)))
  }

  private func has(_ text: StaticString, at start: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard start + count <= bytes.count else { return false }
    return text.withUTF8Buffer { wanted in (0..<count).allSatisfy { lowered(bytes[start + $0]) == wanted[$0] } }
  }

  private mutating func skipCommentOrDeclaration() -> Bool {
    if has("<!--", at: place) {
      var end = place + 4
      while end < bytes.count, !has("-->", at: end) { end += 1 }
      place = Swift.min(end + 3, bytes.count)
      return true
    }
    guard has("<!", at: place) || has("<?", at: place) else { return false }
    place = (bytes[place...].firstIndex(of: UInt8(ascii: ">")) ?? bytes.count - 1) + 1
    return true
  }

  /// The tag here, or nil where `<` starts none; then the place stays.
  private mutating func readTag() -> HTMLTag? {
    var at = place + 1
    let isEnd = at < bytes.count && bytes[at] == UInt8(ascii: "/")
    if isEnd { at += 1 }
    guard at < bytes.count, isLetter(bytes[at]) else { return nil }
    let start = at
    while at < bytes.count, !isSpace(bytes[at]), bytes[at] != UInt8(ascii: "/"), bytes[at] != UInt8(ascii: ">") {
      at += 1
    }
    let name = String(decoding: bytes[start..<at].map(lowered), as: UTF8.self)
    var attributes: [HTMLTag.Attribute] = []
    while let attribute = readAttribute(&at) { attributes.append(attribute) }
    place = at
    if !isEnd, ["script", "style", "title", "textarea"].contains(name) { rawElement = name }
    return HTMLTag(name: name, attributes: attributes, isEnd: isEnd)
  }

  /// The next attribute of a tag; nil at the tag's end, which is then behind `at`.
  private func readAttribute(_ at: inout Int) -> HTMLTag.Attribute? {
    while at < bytes.count, isSpace(bytes[at]) || bytes[at] == UInt8(ascii: "/") { at += 1 }
    guard at < bytes.count else { return nil }
    if bytes[at] == UInt8(ascii: ">") {
      at += 1
      return nil
    }
    let start = at
    at += 1
    while at < bytes.count, !isSpace(bytes[at]), !"=/>".utf8.contains(bytes[at]) { at += 1 }
    let name = String(decoding: bytes[start..<at].map(lowered), as: UTF8.self)
    var equals = at
    while equals < bytes.count, isSpace(bytes[equals]) { equals += 1 }
    guard equals < bytes.count, bytes[equals] == UInt8(ascii: "=") else { return .init(name: name, value: "") }
    at = equals + 1
    while at < bytes.count, isSpace(bytes[at]) { at += 1 }
    return .init(name: name, value: decoded(readValue(&at)))
  }

  private func readValue(_ at: inout Int) -> String {
    guard at < bytes.count else { return "" }
    let quote = bytes[at]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let end = bytes[(at + 1)...].firstIndex(of: quote) ?? bytes.count
      defer { at = Swift.min(end + 1, bytes.count) }
      return String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
    }
    let start = at
    while at < bytes.count, !isSpace(bytes[at]), bytes[at] != UInt8(ascii: ">") { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private func endOfRawText(_ element: String) -> Int {
    let end = Array("</\(element)".utf8)
    var at = place
    while at < bytes.count {
      if at + end.count <= bytes.count, end.indices.allSatisfy({ lowered(bytes[at + $0]) == end[$0] }) { return at }
      at += 1
    }
    return bytes.count
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) && byte != 0x0B }

private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowered(byte)) }

private func lowered(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
}

/// A text with its character references replaced; unknown ones stay as they are.
private func decoded(_ text: String) -> String {
  guard text.contains("&") else { return text }
  var (result, rest) = ("", text[...])
  while let start = rest.firstIndex(of: "&") {
    result += rest[..<start]
    rest = rest[start...]
    let name = rest.dropFirst().prefix(10).prefix { $0 != ";" }
    if let character = character(named: name), rest.dropFirst(name.count + 1).first == ";" {
      result += character
      rest = rest.dropFirst(name.count + 2)
    } else {
      result += "&"
      rest = rest.dropFirst()
    }
  }
  return result + rest
}

private func character(named name: Substring) -> String? {
  if name.first == "#" {
    let digits = name.dropFirst()
    let isHex = digits.first == "x" || digits.first == "X"
    guard let value = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits), let scalar = Unicode.Scalar(value)
    else { return nil }
    return String(Character(scalar))
  }
  return ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"][String(name)]
}
