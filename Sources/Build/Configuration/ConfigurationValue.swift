import Diagnostics
import Files
import Site
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
      guard let root = try composeYAML(readText(file)) else { return nil }
      self.init(root, line: 1)
    } catch let problem as YAMLProblem {
      throw InputProblems(problems: [InputProblem(file: file, line: problem.line, fact: .notYAML(problem.text))])
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
}

extension ConfigurationValue {
  /// A value of JSON on one line of a file.
  init(_ value: JSONValue, line: Int) {
    self.line = line
    switch value {
    case .null: kind = .null
    case .boolean(let value): kind = .text("\(value)")
    case .number(let text):
      let number = Double(text) ?? .nan
      kind = .text((Int(text) ?? Int(exactly: number)).map { "\($0)" } ?? "\(number)")
    case .text(let text): kind = .text(text)
    case .list(let values): kind = .list(values.map { ConfigurationValue($0, line: line) })
    case .object(let members):
      kind = .mapping(
        members.map { Entry(key: $0.key, line: line, value: ConfigurationValue($0.value, line: line)) })
    }
  }
}
