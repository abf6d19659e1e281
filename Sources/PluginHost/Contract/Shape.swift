import Diagnostics
import Files

/// What a JSON value of the contract has to be.
///
/// One description serves both ways: values from outside are held against it, and the published schema is written from it.
package indirect enum Shape: Sendable {
  case text
  /// A finite number between −1e38 and 1e38.
  case number
  case whole(ClosedRange<Int>)
  case boolean
  case null
  /// The path of a page.
  case subject
  /// The name of a file that a site can have.
  case fileName
  /// One of some words.
  case word([String])
  case list(Shape)
  /// Texts by any keys.
  case texts
  case object([Field])
  /// An object with one of these keys, which says what it is.
  case oneOf([Field])
  /// One of several; the words say which.
  case any(String, [Shape])
  /// A shape that the schema has under a name of its own.
  case named(String, Shape)

  package struct Field: Sendable {
    let key: String
    let shape: Shape
    /// An optional key may be absent or null.
    let isRequired: Bool
    let note: String

    init(_ key: String, _ shape: Shape, isRequired: Bool = true, _ note: String = "") {
      self.key = key
      self.shape = shape
      self.isRequired = isRequired
      self.note = note
    }

    static func optional(_ key: String, _ shape: Shape, _ note: String = "") -> Field {
      Field(key, shape, isRequired: false, note)
    }
  }
}

/// How a JSON value is not of the shape that it should have; `description` is one line.
package struct ShapeProblem: Error, Equatable, CustomStringConvertible {
  /// The place of the value, such as `blocks[0].table.rows[2]`; empty for the whole.
  package let path: String
  package let found: String
  package let expected: String

  package var description: String {
    (path.isEmpty ? "" : "\(oneLine(path)): ") + "found \(found), expected \(expected)"
  }
}

extension Shape {
  /// Holds a value against the shape; keys that the shape does not know are passed over.
  ///
  /// - Throws: the first problem, in the order of the value.
  package func check(_ value: JSONValue, at path: String = "") throws(ShapeProblem) {
    func refuse() -> ShapeProblem { ShapeProblem(path: path, found: value.words, expected: words) }
    switch self {
    case .text: guard value.string != nil else { throw refuse() }
    case .number: guard let number = value.double, abs(number) <= 1e38 else { throw refuse() }
    case .whole(let range): guard let number = value.whole, range.contains(number) else { throw refuse() }
    case .boolean: guard case .boolean = value else { throw refuse() }
    case .null: guard case .null = value else { throw refuse() }
    case .subject: guard value.subject != nil else { throw refuse() }
    case .fileName: guard let name = value.string, isFileName(name) else { throw refuse() }
    case .word(let words): guard let word = value.string, words.contains(word) else { throw refuse() }
    case .named(_, let shape): try shape.check(value, at: path)
    case .list(let shape):
      guard case .list(let values) = value else { throw refuse() }
      for (place, value) in values.enumerated() { try shape.check(value, at: "\(path)[\(place)]") }
    case .texts:
      guard case .object(let members) = value else { throw refuse() }
      for member in members { try Shape.text.check(member.value, at: Self.path(path, member.key)) }
    case .object(let fields):
      guard case .object = value else { throw refuse() }
      try check(fields, of: value, at: path)
    case .oneOf(let fields):
      guard case .object = value else { throw refuse() }
      let known = fields.filter { value.hasKey($0.key) }
      guard known.count == 1 else { throw refuse() }
      try check(known, of: value, at: path)
    case .any(_, let shapes):
      guard let shape = shapes.first(where: { $0.resembles(value) }) else { throw refuse() }
      try shape.check(value, at: path)
    }
  }

  private func check(_ fields: [Field], of value: JSONValue, at path: String) throws(ShapeProblem) {
    for field in fields {
      let place = Self.path(path, field.key)
      if let member = value[field.key] {
        try field.shape.check(member, at: place)
      } else if field.isRequired {
        throw ShapeProblem(
          path: place, found: value.hasKey(field.key) ? "null" : "nothing", expected: field.shape.words)
      }
    }
  }

  private static func path(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Whether a value can be meant to be of this shape: it is of the kind, and an object has the first key.
  private func resembles(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.named(_, let shape), _): shape.resembles(value)
    case (.object(let fields), .object): fields.first.map { value[$0.key] != nil } ?? true
    case (.texts, .object), (.oneOf, .object), (.list, .list), (.boolean, .boolean), (.null, .null): true
    case (.text, .text), (.subject, .text), (.fileName, .text), (.word, .text): true
    case (.number, .number), (.whole, .number): true
    default: false
    }
  }

  /// What is expected, in words.
  var words: String {
    switch self {
    case .text: "a text"
    case .number: "a finite number, or null where there may be none"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .boolean: "true or false"
    case .null: "null"
    case .subject: "the path of a page, such as model/ID/head/L05.H00"
    case .fileName: "a file name: \(fileNameRule)"
    case .word(let words): words.joined(separator: " or ")
    case .list(let shape): "a list, of which each is \(shape.words)"
    case .texts: "an object whose values are texts"
    case .object(let fields): "an object with \(fields.filter(\.isRequired).map(\.key).joined(separator: ", "))"
    case .oneOf(let fields): "an object with one of the keys \(fields.map(\.key).joined(separator: ", "))"
    case .any(let words, _): words
    case .named(_, let shape): shape.words
    }
  }
}
