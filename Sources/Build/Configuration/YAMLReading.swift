import Checkpoints
import Diagnostics
import Files
import Foundation
import Yams

/// A mapping of a YAML file, with its place, so that errors can say it. Only the keys asked for are allowed.
struct YAMLMapping {
  let file: String
  /// What the mapping is, e.g. `models[0]`, or the file's own name.
  let place: String
  let line: Int
  private let nodes: [String: Node]
  private let keyLines: [String: Int]

  /// - Parameter allowed: every key that may stand in it.
  /// - Throws: `BuildError`.
  init(_ node: Node, file: String, place: String, allowed: [String]) throws {
    line = node.mark?.line ?? 1
    self.file = file
    self.place = place
    guard let mapping = node.mapping else {
      throw BuildError.wrongValue(
        file: file, line: line, key: place, found: yamlKind(node),
        expected: "a mapping of \(allowed.joined(separator: ", "))")
    }
    var nodes: [String: Node] = [:]
    var keyLines: [String: Int] = [:]
    for (key, value) in mapping {
      let keyLine = key.mark?.line ?? line
      guard let name = key.string, allowed.contains(name) else {
        throw BuildError.unknownKey(
          file: file, line: keyLine, key: key.string ?? "?", place: place,
          nearest: nearestName(to: key.string ?? "", in: allowed))
      }
      guard nodes[name] == nil else {
        throw BuildError.duplicate(file: file, line: keyLine, kind: "key", id: name)
      }
      nodes[name] = value
      keyLines[name] = keyLine
    }
    self.nodes = nodes
    self.keyLines = keyLines
  }

  func line(of key: String) -> Int { keyLines[key] ?? line }

  func wrong(_ key: String, _ found: String, expected: String) -> BuildError {
    .wrongValue(file: file, line: line(of: key), key: "\(place).\(key)", found: found, expected: expected)
  }

  /// The node of `key`; nil where it is absent or null.
  func node(_ key: String) -> Node? {
    nodes[key].flatMap { $0.null != nil ? nil : $0 }
  }

  func optionalString(_ key: String) throws -> String? {
    guard let node = node(key) else { return nil }
    guard let string = node.scalar?.string else { throw wrong(key, yamlKind(node), expected: "text") }
    return string
  }

  func string(_ key: String, expected: String = "text") throws -> String {
    guard let string = try optionalString(key), !string.isEmpty else {
      throw BuildError.missingKey(file: file, line: line, key: key, place: place, expected: expected)
    }
    return string
  }

  func integer(_ key: String, default standard: Int, range: ClosedRange<Int>) throws -> Int {
    guard let node = node(key) else { return standard }
    guard let value = node.int, range.contains(value) else {
      throw wrong(
        key, node.scalar.map { quoted($0.string) } ?? yamlKind(node),
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func list(_ key: String) throws -> [Node] {
    guard let node = node(key) else { return [] }
    guard let sequence = node.sequence else { throw wrong(key, yamlKind(node), expected: "a list") }
    return Array(sequence)
  }

  func strings(_ key: String) throws -> [String] {
    try list(key).map { node in
      guard let string = node.scalar?.string else {
        throw wrong(key, "a list with \(yamlKind(node))", expected: "texts")
      }
      return string
    }
  }

  func mapping(_ key: String, allowed: [String]) throws -> YAMLMapping? {
    try node(key).map { try YAMLMapping($0, file: file, place: "\(place).\(key)", allowed: allowed) }
  }

  func mappings(_ key: String, allowed: [String]) throws -> [YAMLMapping] {
    try list(key).enumerated().map { index, node in
      try YAMLMapping(node, file: file, place: "\(place).\(key)[\(index)]", allowed: allowed)
    }
  }
}

func yamlKind(_ node: Node) -> String {
  switch node {
  case .mapping: "a mapping"
  case .sequence: "a list"
  case .scalar(let scalar): scalar.string.isEmpty ? "empty" : quoted(scalar.string)
  case .alias: "an alias"
  }
}

/// The root of a YAML file; nil for an empty one.
func readYAML(_ file: String) throws -> Node? {
  let source = try readText(file)
  do {
    return try Yams.compose(yaml: source)
  } catch let error as YamlError {
    let (line, problem) = describe(error)
    throw BuildError.notYAML(file: file, line: line, problem: problem)
  }
}

private func describe(_ error: YamlError) -> (line: Int, problem: String) {
  switch error {
  case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
    .composer(_, let problem, let mark, _):
    (mark.line, "\(problem); check indentation, quotes and colons")
  case .duplicatedKeysInMapping(let keys, _):
    (1, "key \(keys.map { "\($0)" }.sorted().first.map(quoted) ?? "") stands twice in one mapping; keep one of them")
  default: (1, "the file cannot be read as YAML; check indentation, quotes and colons")
  }
}

/// A list of mappings that makes up a whole file; an empty file is an empty list.
func readYAMLList(_ file: String, allowed: [String]) throws -> [YAMLMapping] {
  guard let root = try readYAML(file) else { return [] }
  guard let sequence = root.sequence else {
    throw BuildError.wrongValue(
      file: file, line: root.mark?.line ?? 1, key: "the file", found: yamlKind(root), expected: "a list")
  }
  return try sequence.enumerated().map { index, node in
    try YAMLMapping(node, file: file, place: "entry \(index + 1)", allowed: allowed)
  }
}

/// Calls `body` with every mapping of a list that makes up a whole file, in order.
///
/// A list that stands at the margin is read in pieces of a few hundred entries, since the nodes of a large file take
/// many times its size. Where a piece is no list by itself the file is read as one.
/// - Throws: `BuildError`, and what `body` throws.
func forEachYAMLMapping(_ file: String, allowed: [String], _ body: (YAMLMapping) throws -> Void) throws {
  var done = 0
  var pieces = try ListPieces(file)
  while let piece = try pieces.next() {
    guard let entries = piece.entries else {
      for mapping in try readYAMLList(file, allowed: allowed).dropFirst(done) { try body(mapping) }
      return
    }
    for node in entries {
      try body(YAMLMapping(node, file: file, place: "entry \(done + 1)", allowed: allowed))
      done += 1
    }
  }
}

/// The bytes of a file, cut before lines that begin with a hyphen.
private struct ListPieces {
  struct Piece {
    let bytes: Data
    /// Lines of the file before it.
    let line: Int

    /// The entries of the list that it is; nil where it is none.
    var entries: [Node]? {
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      do {
        // Empty lines in place of those before, so that places in the file are right.
        guard let root = try Yams.compose(yaml: String(repeating: "\n", count: line) + text) else { return [] }
        return root.sequence.map(Array.init)
      } catch {
        return nil
      }
    }
  }
  private let file: String
  private let handle: FileHandle
  private var rest = Data()
  private var line = 0
  private var isAtEnd = false

  private static let size = 1 << 18

  init(_ file: String) throws {
    guard let handle = FileHandle(forReadingAtPath: file) else {
      throw FileError.unreadable(path: file, reason: "no such file, or not yours to read")
    }
    self.file = file
    self.handle = handle
  }

  mutating func next() throws -> Piece? {
    while !isAtEnd {
      let bytes: Data
      do {
        bytes = try handle.read(upToCount: Self.size) ?? Data()
      } catch {
        throw FileError.unreadable(path: file, reason: systemReason(error))
      }
      isAtEnd = bytes.isEmpty
      rest.append(bytes)
      if !isAtEnd, let end = rest.range(of: Data("\n- ".utf8), options: .backwards)?.lowerBound {
        return take(rest[...end])
      }
    }
    return rest.isEmpty ? nil : take(rest)
  }

  private mutating func take(_ bytes: Data) -> Piece {
    let piece = Piece(bytes: bytes, line: line)
    line += bytes.count { $0 == UInt8(ascii: "\n") }
    rest = Data(rest[bytes.endIndex...])
    return piece
  }
}
