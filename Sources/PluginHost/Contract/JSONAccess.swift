import Analysis
import Diagnostics
import Files

/// Reads values that were held against a `Shape` before: what the shape says is there.
extension JSONValue {
  /// The value of a key of an object, the last where it comes twice, as Python reads it; nil where it is absent or null.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self, let member = members.last(where: { $0.key == key }), member.value != .null
    else { return nil }
    return member.value
  }

  func hasKey(_ key: String) -> Bool {
    if case .object(let members) = self { members.contains { $0.key == key } } else { false }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }

  /// Nil for what is no finite number.
  var double: Double? {
    guard case .number(let text) = self, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// A number without a fraction, however it is written.
  var whole: Int? { double.flatMap { Int(exactly: $0) } }

  var isTrue: Bool { self == .boolean(true) }

  var subject: Subject? { string.flatMap { Subject(path: $0) } }

  var items: [JSONValue] { if case .list(let values) = self { values } else { [] } }

  func text(_ key: String) -> String { self[key]?.string ?? "" }
  func number(_ key: String) -> Double { self[key]?.double ?? 0 }
  func whole(_ key: String, default usual: Int) -> Int { self[key]?.whole ?? usual }
  func isTrue(_ key: String, default usual: Bool = false) -> Bool { self[key].map(\.isTrue) ?? usual }
  func items(_ key: String) -> [JSONValue] { self[key]?.items ?? [] }

  /// What it is, for messages.
  var words: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let text): text == "nan" ? "NaN" : oneLine(text)
    case .text(let text): quoted(text)
    case .list(let values): "a list of \(values.count)"
    case .object(let members):
      members.isEmpty ? "an empty object" : "an object with \(oneLine(members.map(\.key).joined(separator: ", ")))"
    }
  }
}
