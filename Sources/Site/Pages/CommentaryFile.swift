import Diagnostics
import Files
internal import Yams

/// A commentary as it is shown on its page.
struct Note: Sendable {
  let title: String?
  /// Its place among the sections of the page; nil where it precedes all of them.
  let order: Int?
  let body: Markup
  /// The text for the search.
  let text: String
}

/// A file of commentary: its front matter, if any, and its text.
struct CommentaryFile {
  private(set) var title: String?
  private(set) var order: Int?
  let prose: Prose

  /// - Throws: `SiteError.frontMatter`, `.unknownFrontMatterKey`.
  init(_ commentary: SiteContent.Commentary) throws {
    let lines = splitLines(commentary.source)
    func isFence(_ line: Substring) -> Bool { line.trimmingSuffix(while: \.isWhitespace) == "---" }
    guard let first = lines.first, isFence(first) else {
      prose = Prose(file: commentary.file, text: commentary.source)
      return
    }
    guard let end = lines.dropFirst().firstIndex(where: isFence) else {
      throw SiteError.frontMatter(
        file: commentary.file, line: 1, detail: "it starts with --- and has no end; close it with a line ---")
    }
    prose = Prose(file: commentary.file, text: lines[(end + 1)...].joined(separator: "\n"))
    try read(lines[1..<end].joined(separator: "\n"), file: commentary.file)
  }

  private mutating func read(_ matter: String, file: String) throws {
    let root: Node?
    do {
      root = try composeYAML(matter)
    } catch {
      throw SiteError.frontMatter(file: file, line: error.line + 1, detail: error.text)
    }
    guard let root else { return }
    guard let mapping = root.mapping else {
      throw SiteError.frontMatter(file: file, line: 2, detail: "expected keys and values, e.g. title: A remark")
    }
    for (key, value) in mapping {
      let line = (key.mark?.line ?? 1) + 1
      switch key.string {
      case "title":
        guard let text = value.string else {
          throw SiteError.frontMatter(file: file, line: line, detail: "title is not a text")
        }
        title = text
      case "order":
        guard let number = value.int else {
          throw SiteError.frontMatter(file: file, line: line, detail: "order is not a whole number")
        }
        order = number
      case let name:
        let name = name ?? "a key that is not a text"
        throw SiteError.unknownFrontMatterKey(
          file: file, line: line, key: name, nearest: nearestName(to: name, in: ["title", "order"]))
      }
    }
  }
}

extension SiteContent.Commentary {
  /// The keys of `{{value KEY}}` in the text, each with its line.
  ///
  /// - Throws: `SiteError.frontMatter`, `.unknownFrontMatterKey`.
  package func claims() throws -> [(line: Int, key: String)] {
    let text = splitLines(try CommentaryFile(self).prose.text)
    let before = splitLines(source).count - text.count
    return text.enumerated().flatMap { index, line in claimedKeys(in: line).map { (before + index + 1, $0) } }
  }

  /// The keys of `{{value KEY}}` in a line.
  ///
  /// No regular expression: Swift reads one anew wherever it is used, which takes longer than a line.
  private func claimedKeys(in line: Substring) -> [String] {
    var keys: [String] = []
    var rest = line
    while let start = rest.firstRange(of: "{{value ") {
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: "}") else { break }
      guard rest[end...].hasPrefix("}}") else { continue }
      keys.append(rest[..<end].split(separator: " ").joined(separator: " "))
      rest = rest[end...].dropFirst(2)
    }
    return keys
  }

  /// The HTML of the text, with headings from the second level on and the values of its claims.
  ///
  /// - Throws: `SiteError.frontMatter`, `.unknownFrontMatterKey`, `.unknownValue`, `.malformedClaim`.
  package func html(values: [String: String]) throws -> String {
    try CommentaryFile(self).prose.markup(values: values, headingLevel: 2, page: Address(subjectPath)).html
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isIn: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isIn(last) { rest.removeLast() }
    return rest
  }
}

/// The commentary of every page.
/// - Throws: `SiteError.commentaryWithoutPage`, and the errors of `CommentaryFile` and `Prose`.
func notes(in content: SiteContent, pages: PageIndex) throws -> [Address: [Note]] {
  var notes: [Address: [Note]] = [:]
  for commentary in content.commentary.sorted(by: { $0.file < $1.file }) {
    let address = Address(commentary.subjectPath)
    guard pages[address] != nil else {
      throw SiteError.commentaryWithoutPage(
        file: commentary.file, path: commentary.subjectPath,
        nearest: nearestName(to: commentary.subjectPath, in: pages.pages.map(\.address.path)))
    }
    let file = try CommentaryFile(commentary)
    let body = try file.prose.markup(
      values: content.values, headingLevel: file.title == nil ? 2 : 3, page: address)
    notes[address, default: []].append(
      Note(title: file.title, order: file.order, body: body, text: try file.prose.plain(values: content.values)))
  }
  return notes
}
