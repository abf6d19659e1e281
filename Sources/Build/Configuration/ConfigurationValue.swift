import Diagnostics
import Files
import Foundation
import Yams

/// A value of a YAML or JSON file with the line it stands on.
struct ConfigurationValue: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case null
    /// A text, or a number or truth value as it is written.
    case text(String)
    case list([ConfigurationValue])
    case mapping([Entry])
  }
  struct Entry: Sendable, Equatable {
    let key: String
    let line: Int
    let value: ConfigurationValue
  }

  let line: Int
  let kind: Kind

  /// What it is, for messages.
  var words: String {
    switch kind {
    case .null: "empty"
    case .text(let text): text.isEmpty ? "empty" : quoted(text)
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension ConfigurationValue {
  /// The root of a YAML file; nil where there is nothing in it.
  ///
  /// - Throws: `FileError`, `InputProblems`.
  init?(yamlFile file: String) throws {
    do {
      guard let root = try Yams.compose(yaml: try readText(file)) else { return nil }
      self.init(root, line: 1)
    } catch let error as YamlError {
      let (line, problem) = Self.describe(error)
      throw InputProblems(problems: [InputProblem(file: file, line: line, fact: .notYAML(problem))])
    }
  }

  /// - Parameter line: where the node does not say its own.
  private init(_ node: Node, line: Int) {
    let line = node.mark?.line ?? line
    self.line = line
    kind =
      switch node {
      case .scalar(let scalar): node.null != nil ? .null : .text(scalar.string)
      case .sequence(let nodes): .list(nodes.map { ConfigurationValue($0, line: line) })
      case .mapping(let pairs):
        .mapping(
          pairs.map { key, value in
            Entry(
              key: key.string ?? "?", line: key.mark?.line ?? line, value: ConfigurationValue(value, line: line))
          })
      case .alias(let alias): .text("*\(alias.anchor)")
      }
  }

  private static func describe(_ error: YamlError) -> (line: Int, problem: String) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "\(problem); check indentation, quotes and colons")
    case .duplicatedKeysInMapping(let keys, let context):
      (context.mark.line, "key \(quoted(keys.min() ?? "?")) is duplicated; remove one of them")
    default: (1, "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "it cannot be read")
    }
  }
}

/// JSON; the line comes from the decoder's `lineKey`.
extension ConfigurationValue: Decodable {
  static let lineKey = CodingUserInfoKey(rawValue: "line")!

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let line = decoder.userInfo[Self.lineKey] as? Int ?? 1
    self.line = line
    let scalar = try decoder.singleValueContainer()
    if let text = try? scalar.decode(String.self) {
      kind = .text(text)
    } else if let object = try? decoder.container(keyedBy: Key.self) {
      kind = .mapping(
        try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
          Entry(key: $0.stringValue, line: line, value: try object.decode(ConfigurationValue.self, forKey: $0))
        })
    } else if var list = try? decoder.unkeyedContainer() {
      var values: [ConfigurationValue] = []
      while !list.isAtEnd { values.append(try list.decode(ConfigurationValue.self)) }
      kind = .list(values)
    } else if let number = try? scalar.decode(Int.self) {
      kind = .text("\(number)")
    } else if let number = try? scalar.decode(Double.self) {
      kind = .text("\(number)")
    } else {
      kind = scalar.decodeNil() ? .null : .text("\(try scalar.decode(Bool.self))")
    }
  }
}
