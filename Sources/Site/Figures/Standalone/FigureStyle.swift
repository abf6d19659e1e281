import Files

/// The style that a figure's file carries: of `figure.css` the rules for what the figure has.
///
/// It is light wherever the file is opened, and without variables, which drawing programs do not know.
struct FigureStyle: Sendable {
  private struct Rule: Sendable {
    /// The classes that an element and those around it must have.
    let classes: [String]
    let text: String
  }
  private let rules: [Rule]

  /// - Parameter css: a rule a line, with one selector; other lines are left out.
  init(css: String) {
    rules = css.split(whereSeparator: \.isNewline).compactMap { line in
      guard let brace = line.firstIndex(of: "{"), line.last == "}", !line.hasPrefix("/*") else { return nil }
      let selector = line[..<brace]
      let classes = selector.matches(of: /\.([A-Za-z][A-Za-z0-9_-]*)/).map { String($0.1) }
      return Rule(classes: classes, text: String(line))
    }
  }

  /// - Throws: `FileError` where neither folder of templates has `figure.css`.
  init(_ options: SiteOptions) throws {
    let own = options.overrides.map { $0 + "/figure.css" }.flatMap { FileKind(of: $0) == .file ? $0 : nil }
    self.init(css: try readText(own ?? options.templates + "/figure.css"))
  }

  /// The rules whose classes all occur in a drawing.
  func rules(for drawing: Markup) -> String {
    let classes = Self.classes(in: drawing)
    return rules.filter { $0.classes.allSatisfy { classes.contains($0) } }.map(\.text).joined(separator: "\n")
  }

  /// All classes of a drawing's elements: bytes are looked at and no characters, since drawings are long.
  private static func classes(in drawing: Markup) -> Set<String> {
    let (bytes, mark) = (drawing.html.utf8, Array("class=\"".utf8))
    var found: Set<String> = []
    var rest = bytes[...]
    while let equals = rest.firstIndex(of: mark[5]) {
      let before = rest[..<equals].suffix(5)
      rest = rest[bytes.index(after: equals)...]
      guard rest.first == mark[6], before.elementsEqual(mark[..<5]) else { continue }
      let names = rest.dropFirst().prefix { $0 != mark[6] }
      for name in names.split(separator: UInt8(ascii: " ")) { found.insert(String(Substring(name))) }
      rest = rest[names.endIndex...]
    }
    return found
  }
}
