import Checkpoints
import Diagnostics
import Files
import Foundation

/// A JSON value of a configuration.
enum ConfigurationValue: Equatable, CustomStringConvertible {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case list([ConfigurationValue])
  case object([String: ConfigurationValue])

  /// Of keys that come twice the last counts, as in Python.
  init(_ value: JSONValue) {
    switch value {
    case .null: self = .null
    case .boolean(let value): self = .boolean(value)
    case .number(let text): self = .number(Double(text) ?? .nan)
    case .text(let text): self = .string(text)
    case .list(let values): self = .list(values.map(ConfigurationValue.init))
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.key, ConfigurationValue($0.value)) }) { $1 })
    }
  }

  var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .string(let value): quoted(value)
    case .list(let values): "a list of \(values.count)"
    case .object: "an object"
    }
  }
}

/// An object of a configuration, with its place for error messages.
struct ConfigurationNode {
  let file: String
  /// The path of keys to the object, such as `model_cfg.vision_cfg`; empty for the whole file.
  let place: String
  let values: [String: ConfigurationValue]

  /// The largest file that is parsed, in bytes, far above any configuration.
  static let sizeLimit = 1 << 20

  init(file: String) throws {
    do {
      // Python writes NaN and Infinity, and reads them.
      let value = try JSONValue(json: readFile(file, limit: Self.sizeLimit), readsNaN: true)
      guard case .object(let values) = ConfigurationValue(value) else {
        throw ConfigurationError.notJSON(file: file, found: "not a JSON object")
      }
      self.init(file: file, place: "", values: values)
    } catch let fault as JSONFault {
      throw ConfigurationError.notJSON(file: file, found: "\(fault)")
    } catch let error as FileError {
      throw ConfigurationError.file(error)
    }
  }

  private init(file: String, place: String, values: [String: ConfigurationValue]) {
    self.file = file
    self.place = place
    self.values = values
  }

  func path(_ key: String) -> String {
    let shown = key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    return (place.isEmpty ? "" : place + ".") + (shown ? String(key.prefix(60)) : quoted(key))
  }

  func wrong(_ key: String, _ found: String, expected: String) -> ConfigurationError {
    .wrongType(file: file, key: path(key), found: found, expected: expected)
  }

  /// The value of `key`; nil where it is absent or null.
  private func value(_ key: String) -> ConfigurationValue? {
    values[key].flatMap { $0 == .null ? nil : $0 }
  }

  func object(_ key: String) throws -> ConfigurationNode {
    guard let node = try optionalObject(key) else {
      throw ConfigurationError.missing(file: file, key: path(key), expected: "an object")
    }
    return node
  }

  func optionalObject(_ key: String) throws -> ConfigurationNode? {
    guard let value = value(key) else { return nil }
    guard case .object(let values) = value else { throw wrong(key, value.description, expected: "an object") }
    return ConfigurationNode(file: file, place: path(key), values: values)
  }

  /// The object at `key`, without a value where it is absent.
  func objectOrNone(_ key: String) throws -> ConfigurationNode {
    try optionalObject(key) ?? ConfigurationNode(file: file, place: path(key), values: [:])
  }

  /// This object with the values of another in place of its own; a null is no value.
  func overlaid(with other: ConfigurationNode) -> ConfigurationNode {
    let given = other.values.filter { $0.value != .null }
    return ConfigurationNode(file: file, place: place, values: values.merging(given) { $1 })
  }

  func number(_ key: String) throws -> Double? {
    guard let value = value(key) else { return nil }
    guard case .number(let number) = value, number.isFinite else {
      throw wrong(key, value.description, expected: "a number")
    }
    return number
  }

  func string(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw wrong(key, value.description, expected: "a text") }
    return text
  }

  func flag(_ key: String) throws -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .boolean(let flag) = value else { throw wrong(key, value.description, expected: "true or false") }
    return flag
  }

  /// A whole number from 1 to `limit`.
  func size(_ key: String, default defaultValue: Int? = nil, limit: Int = 1 << 20) throws -> Int {
    guard let value = value(key) else {
      if let defaultValue { return defaultValue }
      throw ConfigurationError.missing(file: file, key: path(key), expected: "a whole number")
    }
    guard case .number(let number) = value, let size = Int(exactly: number), (1...limit).contains(size) else {
      throw wrong(key, value.description, expected: "a whole number from 1 to \(limit)")
    }
    return size
  }

  /// A whole number, or two equal ones in a list: the side of a square.
  func side(_ key: String, default defaultValue: Int, limit: Int) throws -> Int {
    guard case .list(let list)? = value(key) else { return try size(key, default: defaultValue, limit: limit) }
    guard list.count == 2, list[0] == list[1] else {
      throw wrong(key, "a list of \(list.count) that are not two equal numbers", expected: "the side of a square")
    }
    return try ConfigurationNode(file: file, place: place, values: [key: list[0]]).size(key, limit: limit)
  }

  func threeNumbers(_ key: String) throws -> [Float]? {
    guard let value = value(key) else { return nil }
    let expected = "a list of three numbers"
    guard case .list(let list) = value, list.count == 3 else { throw wrong(key, value.description, expected: expected) }
    return try list.map { item in
      guard case .number(let number) = item, number.isFinite else {
        throw wrong(key, "a list with \(item)", expected: expected)
      }
      return Float(number)
    }
  }

  /// LayerNorm's ε, which must be above 0 and below 1.
  func epsilon(_ key: String) throws -> Float? {
    guard let epsilon = try number(key) else { return nil }
    guard epsilon > 0, epsilon < 1 else {
      throw wrong(key, "\(epsilon)", expected: "a number above 0 and below 1")
    }
    return Float(epsilon)
  }

  /// The value of `key`, which must be one of the names of `Choice`; nil where it is absent.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws -> Choice? where Choice.RawValue == String {
    guard let value = value(key) else { return nil }
    guard case .string(let name) = value, let choice = Choice(rawValue: name) else {
      throw ConfigurationError.unsupported(
        file: file, key: path(key), found: value.description,
        expected: Choice.allCases.map { quoted($0.rawValue) }.joined(separator: " or "))
    }
    return choice
  }

  /// Checks that every key is one of `known`.
  func allow(_ known: [String]) throws {
    for key in values.keys.sorted() where !known.contains(key) {
      throw ConfigurationError.unknown(file: file, key: path(key), nearest: nearestName(to: key, in: known))
    }
  }

  /// Checks that `key`, where it is given, has the one value that is supported.
  func expect(_ key: String, _ supported: ConfigurationValue) throws {
    guard let found = value(key), found != supported else { return }
    throw ConfigurationError.unsupported(
      file: file, key: path(key), found: found.description,
      expected: supported == .null ? "none" : supported.description)
  }
}
