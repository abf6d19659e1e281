import Diagnostics
package import Yams

/// What is wrong with a text as YAML, and in which of its lines, from 1.
package struct YAMLProblem: Error, Equatable {
  package let line: Int
  package let text: String

  package init(line: Int, text: String) {
    self.line = line
    self.text = text
  }
}

/// The root of a YAML document; nil where there is nothing in it.
///
/// Yams hashes every key with all that aliases in it stand for, and who visits a node visits the same again: a text of a few
/// lines can make both endless. So keys are no aliases, and all aliases together stand for a limited number of values.
///
/// - Throws: `YAMLProblem`.
package func composeYAML(_ text: String) throws(YAMLProblem) -> Node? {
  do {
    // Without both there is nothing that an alias could stand for.
    if text.utf8.contains(UInt8(ascii: "*")), text.utf8.contains(UInt8(ascii: "&")) { try checkAliases(of: text) }
    return try Yams.compose(yaml: text)
  } catch let problem as YAMLProblem {
    throw problem
  } catch {
    throw YAMLProblem(error)
  }
}

extension YAMLProblem {
  fileprivate init(_ error: any Error) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      self.init(line: mark.line, text: "\(problem); check indentation, quotes and colons")
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      self.init(line: context.mark.line, text: "key \(quoted(keys.min() ?? "?")) is duplicated; remove one of them")
    default:
      let first = "\(error)".split(whereSeparator: \.isNewline).first
      self.init(line: 1, text: first.map(String.init) ?? "it cannot be read")
    }
  }
}

/// Looks at the document with every `*` made another letter: what was an alias is then a plain text that begins with it,
/// and nothing else is a text of another kind or elsewhere.
private func checkAliases(of text: String) throws {
  let scalars = Set(text.unicodeScalars)
  let letters = (UInt32(0xE000)...0xF8FF).lazy.compactMap(Unicode.Scalar.init)
  let letter = letters.first { !scalars.contains($0) } ?? "\u{E000}"
  var plain = String.UnicodeScalarView()
  plain.append(contentsOf: text.unicodeScalars.lazy.map { $0 == "*" ? letter : $0 })
  let parser = try Parser(yaml: String(plain))
  // A node's anchor lives as long as the parser.
  try withExtendedLifetime(parser) {
    guard let root = try parser.singleRoot() else { return }
    var aliases = AliasCount(letter: letter)
    _ = try aliases.count(root)
  }
}

private struct AliasCount {
  /// The values that a document may have once its aliases are followed.
  static let limit = 100_000

  let letter: Unicode.Scalar
  /// The number of values under each anchor so far.
  private var anchored: [String: Int] = [:]

  init(letter: Unicode.Scalar) { self.letter = letter }

  /// The number of values that a node stands for.
  mutating func count(_ node: Node) throws -> Int {
    var total = 1
    switch node {
    case .scalar(let scalar):
      if let name = alias(scalar) { total = anchored[name] ?? 1 }
    case .sequence(let nodes):
      for item in nodes { total += try count(item) }
    case .mapping(let pairs):
      for (key, value) in pairs {
        guard let name = key.scalar else { throw refused(key, "a key that is a list or a mapping, expected a text") }
        if alias(name) != nil { throw refused(key, "a key that is an alias, expected a text; write it out") }
        total += try count(key) + count(value)
      }
    case .alias: break
    }
    guard total <= Self.limit else {
      throw refused(node, "aliases that stand for more than \(Self.limit) values; write out what is meant")
    }
    if let name = node.anchor?.rawValue { anchored[name] = total }
    return total
  }

  private func alias(_ scalar: Node.Scalar) -> String? {
    guard scalar.style == .plain, scalar.string.unicodeScalars.first == letter else { return nil }
    let name = scalar.string.unicodeScalars.dropFirst().prefix { letter in
      letter.isASCII && (letter.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains(letter))
    }
    return String(String.UnicodeScalarView(name))
  }

  private func refused(_ node: Node, _ text: String) -> YAMLProblem {
    YAMLProblem(line: node.mark?.line ?? 1, text: text)
  }
}
