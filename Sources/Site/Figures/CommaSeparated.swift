import Analysis
import Diagnostics

/// Comma-separated values as in RFC 4180, with lines ending in a line feed.
struct CommaSeparated {
  private(set) var text = ""

  mutating func add(_ fields: [String]) {
    text += fields.map(quoted).joined(separator: ",") + "\n"
  }

  private func quoted(_ field: String) -> String {
    // Most fields are numbers, and going through them character by character takes ten times as long.
    let isPlain = field.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"")
    }
    guard !isPlain, field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
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
