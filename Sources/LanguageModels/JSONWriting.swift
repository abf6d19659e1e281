import Files

/// What bodies of requests and lines of replies are made of: an object keeps the order it is written in, so that the same
/// values are the same bytes.
extension JSONValue {
  /// An object of the members that have a value.
  static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
  }

  static func number(_ value: Int) -> JSONValue { .number("\(value)") }

  /// A finite number; a whole one without a fraction.
  static func number(_ value: Double) -> JSONValue { .number(Int(exactly: value).map { "\($0)" } ?? "\(value)") }

  /// The value on one line.
  package var line: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += "\(value)"
    case .number(let number): text += number
    case .text(let value): Self.write(value, to: &text)
    case .list(let values):
      text += "["
      for (place, value) in values.enumerated() {
        if place > 0 { text += ", " }
        value.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (place, member) in members.enumerated() {
        if place > 0 { text += ", " }
        Self.write(member.key, to: &text)
        text += ": "
        member.value.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // What ends a line for some readers would cut one of a file of lines.
      case let other where other.value < 0x20 || [0x7F, 0x85, 0x2028, 0x2029].contains(other.value):
        let digits = String(other.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case let other: text.unicodeScalars.append(other)
      }
    }
    text += "\""
  }
}

/// Reads what servers and files say, of which nothing is certain.
extension JSONValue {
  /// The value of a key of an object, the last where it comes twice; nil where it is absent or null.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self, let member = members.last(where: { $0.key == key }), member.value != .null
    else { return nil }
    return member.value
  }

  var members: [Member] { if case .object(let members) = self { members } else { [] } }

  var items: [JSONValue] { if case .list(let values) = self { values } else { [] } }

  package var string: String? { if case .text(let text) = self { text } else { nil } }

  /// Nil for what is no finite number.
  var double: Double? {
    guard case .number(let text) = self, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// A number that is whole and not negative.
  var count: Int? { double.flatMap { Int(exactly: $0) }.flatMap { $0 >= 0 ? $0 : nil } }
}
