/// A JSON value, read in one pass over the bytes, so that a file takes time in proportion to its size whatever is in it.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// As it is written; `Double` reads it.
  case number(String)
  case text(String)
  case list([JSONValue])
  /// In the order of the file, where a key may come twice.
  case object([Member])

  package struct Member: Sendable, Equatable {
    package let key: String
    package let value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// Lists and objects within each other that are read.
  package static let maximumDepth = 100

  /// Reads the one value that the bytes are; a byte-order mark before it is passed over.
  ///
  /// - Parameter readsNaN: whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python writes them.
  /// - Throws: `JSONFault`.
  package init(json bytes: UnsafeRawBufferPointer, readsNaN: Bool = false) throws(JSONFault) {
    var reader = JSONReader(bytes: bytes, readsNaN: readsNaN)
    self = try reader.whole()
  }

  /// The same.
  package init(json bytes: [UInt8], readsNaN: Bool = false) throws(JSONFault) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONFault) in try JSONValue(json: bytes, readsNaN: readsNaN) }
    }
    self = try result.get()
  }
}

extension JSONValue {
  /// Reads an object whose members may be long lists: calls `body` with every element of each, one in memory at a time, and
  /// passes over what is no list.
  ///
  /// - Parameter body: takes the key of the list, the place in it from 0 on, and the element.
  /// - Throws: `JSONFault`, where some elements may have been taken.
  package static func forEachElement(
    ofListsIn bytes: UnsafeRawBufferPointer, _ body: (_ key: String, _ place: Int, _ element: JSONValue) -> Void
  ) throws(JSONFault) {
    var reader = JSONReader(bytes: bytes, readsNaN: true)
    try reader.lists(body)
  }
}

/// Why bytes are not one JSON value; `description` words it for the end of a message.
package enum JSONFault: Error, Equatable, CustomStringConvertible {
  /// What should be in the line given, which counts from 1.
  case malformed(line: Int, expected: String)
  case tooDeep(line: Int)

  package var description: String {
    switch self {
    case .malformed(let line, let expected): "not JSON: line \(line): expected \(expected)"
    case .tooDeep(let line): "line \(line): more than \(JSONValue.maximumDepth) lists and objects within each other"
    }
  }
}

private struct JSONReader {
  let bytes: UnsafeRawBufferPointer
  let readsNaN: Bool
  private var place = 0
  private var depth = 0

  init(bytes: UnsafeRawBufferPointer, readsNaN: Bool) {
    self.bytes = bytes
    self.readsNaN = readsNaN
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  mutating func whole() throws(JSONFault) -> JSONValue {
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw fault("the end") }
    return value
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func fault(_ expected: String) -> JSONFault { .malformed(line: line, expected: expected) }

  private var line: Int { 1 + bytes[..<place].count { $0 == UInt8(ascii: "\n") } }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let word = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[place...].starts(with: word) else { return false }
    place += word.count
    return true
  }

  private mutating func value() throws(JSONFault) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "["): return try nested { reader throws(JSONFault) in try reader.list() }
    case UInt8(ascii: "{"): return try nested { reader throws(JSONFault) in try reader.object() }
    case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
    default: break
    }
    if take(word: "null") { return .null }
    if take(word: "true") { return .boolean(true) }
    if take(word: "false") { return .boolean(false) }
    if readsNaN, take(word: "NaN") { return .number("nan") }
    if readsNaN, take(word: "Infinity") { return .number("inf") }
    throw fault("a value")
  }

  private mutating func nested<Result>(
    _ read: (inout JSONReader) throws(JSONFault) -> Result
  ) throws(JSONFault) -> Result {
    guard depth < JSONValue.maximumDepth else { throw .tooDeep(line: line) }
    depth += 1
    place += 1
    let value = try read(&self)
    depth -= 1
    return value
  }

  private mutating func list() throws(JSONFault) -> JSONValue {
    var values: [JSONValue] = []
    try elements { reader throws(JSONFault) in values.append(try reader.value()) }
    return .list(values)
  }

  /// What is between the brackets of a list.
  private mutating func elements(_ read: (inout JSONReader) throws(JSONFault) -> Void) throws(JSONFault) {
    skipSpace()
    if take("]") { return }
    while true {
      try read(&self)
      skipSpace()
      if take("]") { return }
      guard take(",") else { throw fault("a comma or ]") }
    }
  }

  mutating func lists(_ body: (String, Int, JSONValue) -> Void) throws(JSONFault) {
    skipSpace()
    guard next == UInt8(ascii: "{") else { throw fault("an object") }
    try nested { reader throws(JSONFault) in
      try reader.members { key, reader throws(JSONFault) in
        reader.skipSpace()
        guard reader.next == UInt8(ascii: "[") else {
          _ = try reader.value()
          return
        }
        try reader.nested { reader throws(JSONFault) in
          var place = 0
          try reader.elements { reader throws(JSONFault) in
            body(key, place, try reader.value())
            place += 1
          }
        }
      }
    }
    skipSpace()
    guard place == bytes.count else { throw fault("the end") }
  }

  private mutating func object() throws(JSONFault) -> JSONValue {
    var members: [JSONValue.Member] = []
    try self.members { key, reader throws(JSONFault) in
      members.append(JSONValue.Member(key: key, value: try reader.value()))
    }
    return .object(members)
  }

  /// What is between the braces of an object.
  ///
  /// - Parameter read: reads the value of a key.
  private mutating func members(_ read: (String, inout JSONReader) throws(JSONFault) -> Void) throws(JSONFault) {
    skipSpace()
    if take("}") { return }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a key in quotes") }
      let key = try text()
      skipSpace()
      guard take(":") else { throw fault("a colon") }
      try read(key, &self)
      skipSpace()
      if take("}") { return }
      guard take(",") else { throw fault("a comma or }") }
    }
  }

  // MARK: Numbers

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = place
    let isNegative = take("-")
    if isNegative, readsNaN, take(word: "Infinity") { return .number("-inf") }
    if !take("0"), digits() == 0 { throw fault("a digit") }
    if take("."), digits() == 0 { throw fault("a digit") }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      if digits() == 0 { throw fault("a digit") }
    }
    return .number(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = place
    while let byte = next, isDigit(byte) { place += 1 }
    return place - start
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  // MARK: Texts

  private mutating func text() throws(JSONFault) -> String {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    if next == UInt8(ascii: "\"") {
      let text = try validated(bytes[start..<place])
      place += 1
      return text
    }
    // Escapes make other bytes.
    var content = Array(bytes[start..<place])
    while let byte = next, byte >= 0x20 {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return try validated(content)
      case UInt8(ascii: "\\"): content += Array(String(try escaped()).utf8)
      default: content.append(byte)
      }
    }
    throw fault("a quote that ends the text")
  }

  private func validated(_ content: some Sequence<UInt8>) throws(JSONFault) -> String {
    guard let text = String(validating: content, as: UTF8.self) else { throw fault("text in UTF-8") }
    return text
  }

  private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
    guard let byte = next else { throw fault("an escape") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw fault("an escape of JSON")
    }
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
    // The first of a surrogate pair, or a lone one, which is no text.
    guard unit < 0xDC00, take(word: "\\u") else { throw fault("a surrogate pair") }
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    else { throw fault("a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt16 {
    let digits = bytes[place..<min(place + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits") }
    place += 4
    return unit
  }
}
