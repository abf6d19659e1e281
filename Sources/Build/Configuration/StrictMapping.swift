import Diagnostics
import Files

/// A mapping of a YAML or JSON file in which only the keys asked for may stand.
///
/// What is wrong with it goes into a list of problems, and reading goes on as if the key were not there.
struct StrictMapping {
  let file: String
  let line: Int
  /// Its place in the file, such as `models[0]`; empty for the whole.
  private let path: String
  /// How messages name it.
  private let name: String
  private let values: [String: ConfigurationValue.Entry]
  /// Keys that another one was perhaps meant to be.
  private let misspelled: Set<String>
  private let problems: ProblemList

  /// Nil where the value is no mapping, which is a problem.
  ///
  /// - Parameters:
  ///   - name: how messages name the whole of a file.
  ///   - allowed: every key that may stand in it.
  init?(
    _ value: ConfigurationValue, file: String, path: String = "", name: String, allowed: [String],
    _ problems: ProblemList
  ) {
    guard case .mapping(let entries) = value.kind else {
      problems.add(
        .wrongValue(key: name, found: value.words, expected: "a mapping of \(allowed.joined(separator: ", "))"),
        file, value.line)
      return nil
    }
    var values: [String: ConfigurationValue.Entry] = [:]
    var misspelled: Set<String> = []
    for entry in entries {
      if !allowed.contains(entry.key) {
        let nearest = nearestName(to: entry.key, in: allowed)
        if let nearest { misspelled.insert(nearest) }
        problems.add(.unknownKey(entry.key, place: name, nearest: nearest), file, entry.line)
      } else if values.updateValue(entry, forKey: entry.key) != nil {
        problems.add(.duplicate(kind: "key", id: entry.key), file, entry.line)
      }
    }
    (self.file, line, self.path, self.name, self.problems) = (file, value.line, path, name, problems)
    (self.values, self.misspelled) = (values, misspelled)
  }

  func line(of key: String) -> Int { values[key]?.line ?? line }

  /// Where `key` stands in the file, for messages.
  func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Takes down that the value of `key` is not as it should be.
  func refuse(_ key: String, _ found: String, expected: String) {
    problems.add(.wrongValue(key: place(of: key), found: found, expected: expected), file, line(of: key))
  }

  /// Takes down that `key` is absent, unless that is known by another one's spelling.
  func miss(_ key: String, expected: String) {
    if !misspelled.contains(key) { problems.add(.missingKey(key, place: name, expected: expected), file, line) }
  }

  /// Nil where the key is absent or null.
  func value(_ key: String) -> ConfigurationValue? {
    values[key].flatMap { $0.value.kind == .null ? nil : $0.value }
  }

  /// Nil where it is absent or empty too.
  func optionalText(_ key: String, expected: String = "text") -> String? {
    guard let value = value(key) else { return nil }
    guard case .text(let text) = value.kind else {
      refuse(key, value.words, expected: expected)
      return nil
    }
    return text.isEmpty ? nil : text
  }

  func text(_ key: String, expected: String = "text") -> String? {
    let count = problems.count
    if let text = optionalText(key, expected: expected) { return text }
    if problems.count == count { miss(key, expected: expected) }
    return nil
  }

  /// The path that `key` gives, where there is something of the kind.
  ///
  /// - Parameter base: the folder that relative paths start from.
  func path(_ key: String, _ kind: FileKind, in base: String) -> String? {
    text(key, expected: "the path of \(kind.rawValue)").flatMap { existing($0, key, [kind], in: base) }
  }

  /// The same; nil where it is absent, too.
  func optionalPath(_ key: String, _ kind: FileKind, in base: String) -> String? {
    optionalText(key, expected: "the path of \(kind.rawValue)").flatMap { existing($0, key, [kind], in: base) }
  }

  /// The paths that `key` gives: one of a folder or a file, or some of files where it has braces; nil where not all are there.
  ///
  /// - Parameter base: the folder that relative paths start from.
  func paths(_ key: String, in base: String, expected: String) -> [String]? {
    guard let name = text(key, expected: expected) else { return nil }
    if FileKind(of: resolve(name, in: base)) != nil {
      return existing(name, key, [.folder, .file], in: base).map { [$0] }
    }
    guard let names = bracesExpanded(name) else {
      refuse(key, "\(quoted(name)), which stands for more than 100000 files", expected: "fewer")
      return nil
    }
    let count = problems.count
    var paths: [String] = []
    for name in names {
      guard problems.count < count + ImageSet.mostProblems else { return nil }
      if let path = existing(name, key, names.count > 1 ? [.file] : [.folder, .file], in: base) { paths.append(path) }
    }
    return problems.count == count ? paths : nil
  }

  private func existing(_ name: String, _ key: String, _ kinds: [FileKind], in base: String) -> String? {
    let path = resolve(name, in: base)
    switch FileKind(of: path) {
    case let kind? where kinds.contains(kind): return path
    case let other?:
      refuse(key, "\(quoted(name)), \(other.rawValue)", expected: kinds.map(\.rawValue).joined(separator: " or "))
    case nil:
      let kind = kinds.map { $0 == .folder ? "folder" : "file" }.joined(separator: " or ")
      problems.add(
        .noPath(key: place(of: key), kind: kind, path: name, nearest: nearestPath(to: name, in: base)), file,
        line(of: key))
    }
    return nil
  }

  func integer(_ key: String, range: ClosedRange<Int>) -> Int? {
    guard let value = value(key) else { return nil }
    if case .text(let text) = value.kind, let number = Int(text), range.contains(number) { return number }
    refuse(key, value.words, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  func flag(_ key: String) -> Bool? {
    guard let value = value(key) else { return nil }
    if case .text(let text) = value.kind, let flag = Bool(text) { return flag }
    refuse(key, value.words, expected: "true or false")
    return nil
  }

  func list(_ key: String) -> [ConfigurationValue] {
    guard let value = value(key) else { return [] }
    if case .list(let values) = value.kind { return values }
    refuse(key, value.words, expected: "a list")
    return []
  }

  func texts(_ key: String) -> [String] {
    list(key).compactMap { value in
      if case .text(let text) = value.kind { return text }
      refuse(key, "a list with \(value.words)", expected: "texts")
      return nil
    }
  }

  func mapping(_ key: String, allowed: [String]) -> StrictMapping? {
    value(key).flatMap { child($0, at: place(of: key), allowed) }
  }

  func mappings(_ key: String, allowed: [String]) -> [StrictMapping] {
    list(key).enumerated().compactMap { index, value in child(value, at: "\(place(of: key))[\(index)]", allowed) }
  }

  private func child(_ value: ConfigurationValue, at path: String, _ allowed: [String]) -> StrictMapping? {
    StrictMapping(value, file: file, path: path, name: path, allowed: allowed, problems)
  }
}
