import Analysis
import Diagnostics

/// Comma-separated values as in RFC 4180, with lines ending in a line feed.
struct CommaSeparated {
  private(set) var text = ""

  mutating func add(_ fields: [String]) {
    text += fields.map(quoted).joined(separator: ",") + "\n"
  }

  private func quoted(_ field: String) -> String {
    guard field.utf8.contains(where: Self.isSpecial), field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
    else { return field }
    var quoted: [UInt8] = [Self.mark]
    for byte in field.utf8 {
      if byte == Self.mark { quoted.append(Self.mark) }
      quoted.append(byte)
    }
    quoted.append(Self.mark)
    return String(decoding: quoted, as: UTF8.self)
  }

  private static let mark = UInt8(ascii: "\"")

  /// Most fields are numbers, and going through them character by character takes ten times as long.
  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: ",") || byte == mark
  }

  /// A text as a field.
  ///
  /// One that starts like a formula gets an apostrophe, because a spreadsheet would run it.
  static func field(_ text: String) -> String {
    guard let first = text.first, "=+-@\t\r".contains(first) else { return text }
    return "'" + text
  }
}

extension CommaSeparated {
  init(_ table: Table) {
    add(table.columns.map { Self.field($0.title) })
    for row in table.rows { add(row.map(Self.field)) }
  }

  /// A cell as a field; numbers with all their digits.
  private static func field(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): field(text)
    case .number(let number, _): "\(number)"
    case .link(let text, _): field(text)
    case .image(let reference): "\(reference.set.rawValue)/\(reference.id)"
    case .empty: ""
    }
  }
}
