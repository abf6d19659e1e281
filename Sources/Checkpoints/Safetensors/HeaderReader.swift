import Diagnostics

/// Reads the JSON that a safetensors header may hold, and no other: an object of tensors with an optional object of
/// strings.
///
/// There is no recursion, so that no header can be nested too deep.
struct HeaderReader {
  private let path: String
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  /// The limit of tensors and of metadata's keys, ten times what any model has.
  static let maximumMemberCount = 1 << 16
  static let maximumDimensionCount = 64

  /// The header's description of one tensor, of which only the form has been checked.
  struct Entry {
    var name: String
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  init(path: String, bytes: UnsafeRawBufferPointer) {
    self.path = path
    self.bytes = bytes
  }

  /// Reads the whole header.
  mutating func read() throws(CheckpointError) -> (metadata: [String: String], entries: [Entry]) {
    guard bytes.first == UInt8(ascii: "{") else { throw malformed("\"{\" as the first byte") }
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    // As strings, so that two names that differ only in how they compose a letter are refused too.
    var keys: Set<String> = []
    try object { (reader, key) throws(CheckpointError) in
      guard keys.insert(key).inserted else { throw .duplicateKey(path: reader.path, key: key) }
      if key == "__metadata__" {
        metadata = try reader.strings()
      } else {
        entries.append(try reader.entry(key))
      }
    }
    skipSpace()
    guard offset == bytes.count else { throw malformed("spaces up to the end of the header") }
    return (metadata, entries)
  }

  private mutating func strings() throws(CheckpointError) -> [String: String] {
    var values: [String: String] = [:]
    try object { (reader, key) throws(CheckpointError) in
      let value = try reader.string()
      guard values.updateValue(value, forKey: key) == nil else { throw .duplicateKey(path: reader.path, key: key) }
    }
    return values
  }

  private mutating func entry(_ name: String) throws(CheckpointError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { (reader, key) throws(CheckpointError) in
      let isNew: Bool
      switch key {
      case "dtype":
        isNew = type == nil
        type = try reader.string()
      case "shape":
        isNew = shape == nil
        shape = try reader.integers()
      case "data_offsets":
        isNew = offsets == nil
        offsets = try reader.integers()
      default:
        throw reader.malformed("dtype, shape or data_offsets", found: "the key \(quoted(key)) of \(quoted(name))")
      }
      guard isNew else { throw .duplicateKey(path: reader.path, key: key) }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw malformed(
        "dtype, shape and two data_offsets", found: "tensor \(quoted(name)) without all of them")
    }
    return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  // MARK: JSON

  private mutating func object(
    _ member: (inout HeaderReader, String) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    try expect("{")
    if take("}") { return }
    var count = 0
    repeat {
      count += 1
      guard count <= Self.maximumMemberCount else {
        throw .tooLarge(
          path: path, part: "the members of a header's object", found: count, limit: Self.maximumMemberCount)
      }
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  private mutating func integers() throws(CheckpointError) -> [Int] {
    try expect("[")
    var values: [Int] = []
    if take("]") { return values }
    repeat {
      values.append(try integer())
      guard values.count <= Self.maximumDimensionCount else {
        throw .tooLarge(
          path: path, part: "the dimensions of a tensor", found: values.count, limit: Self.maximumDimensionCount)
      }
    } while take(",")
    try expect("]")
    return values
  }

  /// A number without sign, fraction, exponent or leading zero, as sizes are.
  private mutating func integer() throws(CheckpointError) -> Int {
    skipSpace()
    let start = offset
    var value = 0
    while offset < bytes.count, let digit = digit(at: offset) {
      let (tens, overflow1) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(digit)
      guard !overflow1, !overflow2 else { throw malformed("a size below 2^63", found: "a larger number") }
      value = sum
      offset += 1
    }
    guard offset > start else { throw malformed("a size") }
    guard offset == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw malformed("a size", found: "a leading zero")
    }
    return value
  }

  private func digit(at offset: Int) -> Int? {
    let byte = bytes[offset]
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
  }

  private mutating func string() throws(CheckpointError) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while true {
      guard offset < bytes.count else { throw malformed("the end of a string") }
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw malformed("valid UTF-8", found: "a string that is not")
        }
        return valid
      case UInt8(ascii: "\\"):
        offset += 1
        text.append(contentsOf: Unicode.UTF8.encode(try escape())!)
      case 0..<0x20: throw malformed("an escaped control character")
      default:
        text.append(byte)
        offset += 1
      }
    }
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
    guard offset < bytes.count else { throw malformed("an escape") }
    let simple: Unicode.Scalar? =
      switch bytes[offset] {
      case UInt8(ascii: "\""): "\""
      case UInt8(ascii: "\\"): "\\"
      case UInt8(ascii: "/"): "/"
      case UInt8(ascii: "b"): "\u{8}"
      case UInt8(ascii: "f"): "\u{C}"
      case UInt8(ascii: "n"): "\n"
      case UInt8(ascii: "r"): "\r"
      case UInt8(ascii: "t"): "\t"
      case UInt8(ascii: "u"): nil
      default: throw malformed("an escape")
      }
    offset += 1
    if let simple { return simple }
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    // A high surrogate, which stands only before a low one.
    guard (0xD800..<0xDC00).contains(unit), take(exactly: "\\"), take(exactly: "u") else {
      throw malformed("a pair of surrogates")
    }
    let low = try codeUnit()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
    else { throw malformed("a pair of surrogates") }
    return scalar
  }

  private mutating func codeUnit() throws(CheckpointError) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw malformed("four hexadecimal digits") }
    var unit: UInt16 = 0
    for byte in bytes[offset..<offset + 4] {
      guard let digit = hexadecimalDigit(byte) else { throw malformed("four hexadecimal digits") }
      unit = unit << 4 | digit
    }
    offset += 4
    return unit
  }

  private func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  // MARK: Bytes

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
  }

  private mutating func take(exactly scalar: Unicode.Scalar) -> Bool {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: scalar) else { return false }
    offset += 1
    return true
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    return take(exactly: scalar)
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(CheckpointError) {
    guard take(scalar) else { throw malformed("\"\(scalar)\"") }
  }

  private func malformed(_ expected: String, found: String? = nil) -> CheckpointError {
    let here = offset < bytes.count ? "byte 0x" + String(bytes[offset], radix: 16) : "its end"
    return .malformedHeader(path: path, offset: offset, found: found ?? here, expected: expected)
  }
}
