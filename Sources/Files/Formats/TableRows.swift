/// Why a row of a table cannot be read; `description` words it for the end of a message.
package enum TableFault: Error, Hashable, CustomStringConvertible {
  case openQuote
  case textAfterQuote
  case longField
  case notText

  /// More bytes than this no field has.
  package static let mostBytes = 1 << 20

  package var description: String {
    switch self {
    case .openQuote: "a quote that is not closed, expected another one at the end of the field"
    case .textAfterQuote:
      "text after the quote that closes a field, expected the next field; double a quote inside a field"
    case .longField: "a field of more than \(Self.mostBytes >> 20) MiB, expected less"
    case .notText: "bytes that are not UTF-8, expected UTF-8 text"
    }
  }
}

/// Calls `body` with every row of a table that is not an empty line: the number of the line that it begins on, and its
/// fields.
///
/// Fields are separated and quoted as RFC 4180 has it: in quotes a field may hold separators, new lines, and quotes that
/// are doubled. Lines end with `\n`, `\r\n` or `\r`; a byte-order mark is passed over. After a row that cannot be read it
/// goes on with the line after the one that the row began on. One row is in memory at a time.
///
/// - Parameters:
///   - separator: a byte of ASCII.
///   - body: returns whether it wants more.
/// - Throws: `FileError`.
package func forEachRow(
  ofTable file: String, separator: UInt8, _ body: (_ line: Int, _ row: Result<[String], TableFault>) -> Bool
) throws(FileError) {
  let mapping = try FileMapping(path: file)
  var reader = TableReader(bytes: mapping.bytes, separator: separator)
  var released = 0
  while let (line, row) = reader.next() {
    guard body(line, row) else { return }
    if reader.place - released > 1 << 22 {
      mapping.release(released..<reader.place)
      released = reader.place
    }
  }
}

private struct TableReader {
  private let bytes: UnsafeRawBufferPointer
  private let separator: UInt8
  private(set) var place = 0
  private var line = 1

  private static let quote = UInt8(ascii: "\"")

  init(bytes: UnsafeRawBufferPointer, separator: UInt8) {
    self.bytes = bytes
    self.separator = separator
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  mutating func next() -> (line: Int, row: Result<[String], TableFault>)? {
    while place < bytes.count, isLineEnd(bytes[place]) { passLineEnd() }
    guard place < bytes.count else { return nil }
    let (start, first) = (place, line)
    do {
      let fields = try row()
      passLineEnd()
      return (first, .success(fields))
    } catch {
      (place, line) = (start, first)
      while place < bytes.count, !isLineEnd(bytes[place]) { place += 1 }
      passLineEnd()
      return (first, .failure(error))
    }
  }

  private mutating func passLineEnd() {
    guard place < bytes.count else { return }
    let isReturn = bytes[place] == UInt8(ascii: "\r")
    place += 1
    if isReturn, place < bytes.count, bytes[place] == UInt8(ascii: "\n") { place += 1 }
    line += 1
  }

  private mutating func row() throws(TableFault) -> [String] {
    var fields = [try field()]
    while place < bytes.count, bytes[place] == separator {
      place += 1
      fields.append(try field())
    }
    return fields
  }

  /// Up to the separator or the end of the line that follows it.
  private mutating func field() throws(TableFault) -> String {
    if place < bytes.count, bytes[place] == Self.quote { return try quotedField() }
    let start = place
    while place < bytes.count, bytes[place] != separator, !isLineEnd(bytes[place]) { place += 1 }
    return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<place]))
  }

  private mutating func quotedField() throws(TableFault) -> String {
    place += 1
    let start = place
    var content: [UInt8] = []
    while true {
      guard place < bytes.count else { throw .openQuote }
      guard place - start <= TableFault.mostBytes else { throw .openQuote }
      let byte = bytes[place]
      if byte == Self.quote {
        place += 1
        guard place < bytes.count, bytes[place] == Self.quote else { break }
        content.append(byte)
        place += 1
      } else if isLineEnd(byte) {
        let first = place
        passLineEnd()
        content.append(contentsOf: bytes[first..<place])
      } else {
        content.append(byte)
        place += 1
      }
    }
    guard place == bytes.count || bytes[place] == separator || isLineEnd(bytes[place]) else { throw .textAfterQuote }
    let result = content.withUnsafeBytes { bytes in Result { () throws(TableFault) in try text(bytes) } }
    return try result.get()
  }

  private func text(_ content: UnsafeRawBufferPointer) throws(TableFault) -> String {
    guard content.count <= TableFault.mostBytes else { throw .longField }
    guard let text = String(validating: content, as: UTF8.self) else { throw .notText }
    return text
  }
}
