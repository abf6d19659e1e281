import Diagnostics
import Yams

/// A commentary as the page shows it.
struct Note: Sendable {
  let title: String?
  /// Its place among the sections of the page; nil for before all of them.
  let order: Int?
  let body: Markup
  /// The words, for the search.
  let text: String
}

/// Prose that may hold claims: `{{value KEY}}`, where the number of that name stands in the finished page.
struct Prose {
  /// The file it came from, for messages.
  let file: String
  let text: String

  /// - Throws: `SiteError.unknownValue`, `.malformedClaim`.
  func markup(values: [String: String], headingLevel: Int, page: Address) throws -> Markup {
    let (marked, printed) = try marked(values)
    var html = markdown(marked, headingLevel: headingLevel, page: page).html
    for (number, value) in printed.enumerated() {
      let mark = Self.mark(number)
      guard html.contains(mark) else { throw SiteError.malformedClaim(file: file, found: value.claim) }
      html = html.replacing(mark, with: ("\(value.text)" as Markup).html)
    }
    return Markup(trusted: html)
  }

  /// The text with its claims filled in, as it was written otherwise.
  func plain(values: [String: String]) throws -> String {
    let (marked, printed) = try marked(values)
    return printed.enumerated().reduce(marked) { $0.replacing(Self.mark($1.offset), with: $1.element.text) }
  }

  /// The text with a mark for every claim. A mark passes the Markdown reader unchanged, so that no character of a
  /// value can be taken for Markdown.
  private func marked(_ values: [String: String]) throws -> (text: String, values: [(claim: String, text: String)]) {
    var rest = text.replacing("\u{E000}", with: "\u{FFFD}").replacing("\u{E001}", with: "\u{FFFD}")[...]
    var (result, printed): (String, [(claim: String, text: String)]) = ("", [])
    while let start = rest.firstRange(of: "{{value") {
      result += rest[..<start.lowerBound]
      let line = rest[start.lowerBound...].prefix { !$0.isNewline }
      guard let end = line.firstRange(of: "}}") else {
        throw SiteError.malformedClaim(file: file, found: String(line))
      }
      let claim = String(line[..<end.upperBound])
      let inside = line[start.upperBound..<end.lowerBound]
      guard inside.first == " " else { throw SiteError.malformedClaim(file: file, found: claim) }
      let key = inside.split(separator: " ").joined(separator: " ")
      guard let value = values[key] else {
        throw SiteError.unknownValue(file: file, key: key, nearest: nearestName(to: key, in: values.keys.sorted()))
      }
      result += Self.mark(printed.count)
      printed.append((claim, value))
      rest = rest[end.upperBound...]
    }
    return (result + rest, printed)
  }

  /// Two characters for private use, which no font and no language has.
  private static func mark(_ number: Int) -> String { "\u{E000}\(number)\u{E001}" }
}

/// A file of commentary: its front matter, where it has one, and its text.
struct CommentaryFile {
  private(set) var title: String?
  private(set) var order: Int?
  let prose: Prose

  /// - Throws: `SiteError.frontMatter`, `.unknownFrontMatterKey`.
  init(_ commentary: SiteContent.Commentary) throws {
    let lines = commentary.source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    func isFence(_ line: Substring) -> Bool { line.trimmingSuffix(while: \.isWhitespace) == "---" }
    guard let first = lines.first, isFence(first) else {
      prose = Prose(file: commentary.file, text: commentary.source)
      return
    }
    guard let end = lines.dropFirst().firstIndex(where: isFence) else {
      throw SiteError.frontMatter(
        file: commentary.file, line: 1, detail: "it starts with --- and never ends; close it with a line ---")
    }
    prose = Prose(file: commentary.file, text: lines[(end + 1)...].joined(separator: "\n"))
    try read(lines[1..<end].joined(separator: "\n"), file: commentary.file)
  }

  private mutating func read(_ matter: String, file: String) throws {
    let root: Node?
    do {
      root = try Yams.compose(yaml: matter)
    } catch let error as YamlError {
      throw SiteError.frontMatter(file: file, line: 2, detail: "\(error)")
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
        let name = name ?? "a key that is no text"
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
    func lines(_ text: String) -> [Substring] {
      text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }
    let text = lines(try CommentaryFile(self).prose.text)
    let before = lines(source).count - text.count
    return text.enumerated().flatMap { index, line in
      line.matches(of: /{{value +([^}]*)}}/).map { match in
        (before + index + 1, match.1.split(separator: " ").joined(separator: " "))
      }
    }
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isIn: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isIn(last) { rest.removeLast() }
    return rest
  }
}

/// All commentary, by the page it stands on.
/// - Throws: `SiteError.commentaryWithoutPage` and what is wrong inside the files.
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
