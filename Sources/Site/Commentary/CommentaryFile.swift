import Diagnostics
import Files
internal import Yams

/// What is wrong in a file of commentary.
package struct CommentaryProblem: Sendable, Equatable, CustomStringConvertible {
  package let file: String
  /// From 1; nil for the file as a whole.
  package let line: Int?
  package let words: String

  package var description: String { line.map { "\(file):\($0): \(words)" } ?? "\(file): \(words)" }
}

/// A file of commentary as it is read, before anything is known of the atlas.
///
/// It has the front matter, the text as HTML with marks in place of claims, and what it needs. What cannot be read is among its
/// problems.
struct CommentaryFile {
  let file: String
  let page: Address
  private(set) var title: String?
  /// Its place among the sections of the page; nil where it precedes all of them.
  private(set) var order: Int?
  /// The name of the tour that it belongs to, and its number in it.
  private(set) var tour: String?
  private(set) var stop: Int?
  private(set) var claims: [Claim] = []
  /// The HTML, with marks in place of claims.
  private(set) var html = ""
  /// The words of the text, with marks in place of claims.
  private(set) var words = ""
  private(set) var links = CommentaryLinks()
  /// The tables of its claims by the number of the claim.
  private(set) var tables: [Int: CommentaryTable] = [:]
  private(set) var problems: [CommentaryProblem] = []

  /// - Parameter isFile: whether it lies in a file of its own, which may have front matter, and other files beside it.
  init(_ commentary: SiteContent.Commentary, isFile: Bool = true) {
    file = commentary.file
    page = Address(commentary.subjectPath)
    let lines = splitLines(commentary.source)
    let start = isFile ? readFrontMatter(lines) : 0
    let prose = MarkedProse(lines[start...].joined(separator: "\n")[...], firstLine: start + 1)
    claims = prose.claims
    for (line, words) in prose.problems { addProblem(line, words) }
    var links = CommentaryLinks()
    let reader = CommentaryLinkReader(page, folder: isFile ? folder(of: file) : nil, firstLine: start + 1)
    html = markdown(prose.text, headingLevel: title == nil ? 2 : 3, page: page) { reader.outcome(of: $0, &links) }.html
    words = plainWords(ofMarkdown: prose.text)
    self.links = links
    for (line, words) in links.problems { addProblem(line, words) }
    readTables(whereFound: checkMarks(), in: isFile ? folder(of: file) : nil)
  }

  mutating func addProblem(_ line: Int?, _ words: String) {
    problems.append(CommentaryProblem(file: file, line: line, words: words))
  }

  /// Holds the marks of the HTML against the claims: one in an address is gone, and a table stands in a paragraph of its own.
  /// - Returns: which claims stand where they can.
  private mutating func checkMarks() -> [Bool] {
    var isFound = [Bool](repeating: false, count: claims.count)
    for case .claim(let number, let isAlone) in markedParts(of: html, count: claims.count) {
      if case .table = claims[number].kind, !isAlone { continue }
      isFound[number] = true
    }
    for (claim, isFound) in zip(claims, isFound) where !isFound { addProblem(claim.line, notAClaim(claim.source)) }
    return isFound
  }

  private mutating func readTables(whereFound isFound: [Bool], in folder: String?) {
    for (number, claim) in claims.enumerated() where isFound[number] {
      guard case .table(let name, let caption) = claim.kind else { continue }
      guard let folder else {
        addProblem(
          claim.line, "\(claim.source): no file lies beside this text; put the table into a commentary on the atlas")
        continue
      }
      do {
        tables[number] = try CommentaryTable(name, in: folder, caption: caption)
      } catch {
        addProblem(claim.line, error.words)
      }
    }
  }
}

// MARK: Front matter

extension CommentaryFile {
  private static let keys = ["title", "order", "tour", "stop"]

  /// - Returns: the number of lines that the front matter takes.
  private mutating func readFrontMatter(_ lines: [Substring]) -> Int {
    func isFence(_ line: Substring) -> Bool { line.trimmingSuffix(while: \.isWhitespace) == "---" }
    guard let first = lines.first, isFence(first) else { return 0 }
    guard let end = lines.dropFirst().firstIndex(where: isFence) else {
      addMatterProblem(1, "it starts with --- and has no end; close it with a line ---")
      return 0
    }
    do {
      readKeys(try composeYAML(lines[1..<end].joined(separator: "\n")))
    } catch {
      addMatterProblem(error.line + 1, error.text)
    }
    if (tour == nil) != (stop == nil) {
      addMatterProblem(2, "a stop of a tour has both keys, e.g. tour: First steps and stop: 1")
    }
    return end + 1
  }

  private mutating func addMatterProblem(_ line: Int, _ detail: String) {
    addProblem(line, "the front matter cannot be read: \(oneLine(detail))")
  }

  private mutating func readKeys(_ root: Node?) {
    guard let root else { return }
    guard let mapping = root.mapping else {
      addMatterProblem(2, "expected keys and values, e.g. title: A remark")
      return
    }
    for (key, value) in mapping { read(key, value) }
  }

  private mutating func read(_ key: Node, _ value: Node) {
    let line = (key.mark?.line ?? 1) + 1
    switch key.string {
    case "title", "tour":
      guard let text = value.string, !text.isEmpty else {
        addMatterProblem(line, "\(key.string ?? "") is not a text")
        return
      }
      if key.string == "title" { title = text } else { tour = text }
    case "order", "stop":
      guard let number = value.int else {
        addMatterProblem(line, "\(key.string ?? "") is not a whole number")
        return
      }
      if key.string == "order" { order = number } else { stop = number }
    case let name:
      let name = name ?? "a key that is not a text"
      let near = nearestName(to: name, in: Self.keys).map { "; did you mean \(quoted($0))?" } ?? ""
      addProblem(
        line, "unknown key \(quoted(name)) in the front matter; expected title, order, tour or stop\(near)")
    }
  }
}

// MARK: What a build asks beforehand

extension SiteContent.Commentary {
  /// What the text needs of an atlas, and what is wrong with it whatever the atlas has.
  package func needs() -> CommentaryNeeds {
    let file = CommentaryFile(self)
    return CommentaryNeeds(
      keys: file.claims.flatMap { claim in claim.keys.map { (claim.line, $0) } },
      pages: file.links.pages.map { ($0.line, $0.target, $0.page.path) }, problems: file.problems)
  }

  /// The HTML of the text with the values of its claims, without its tables.
  ///
  /// - Throws: `SiteError.commentary`.
  package func html(values: [String: String]) throws -> String {
    var file = CommentaryFile(self)
    let parts = file.parts(values: values)
    guard file.problems.isEmpty else { throw SiteError.commentary(file.problems) }
    return parts.map { part in
      switch part {
      case .markup(let markup): markup.html
      case .table: ""
      }
    }.joined()
  }
}

/// What a commentary needs of an atlas.
package struct CommentaryNeeds {
  /// The keys of values, each with its line.
  package let keys: [(line: Int, key: String)]
  /// The pages that links lead to, each with its line and the link as it is written.
  package let pages: [(line: Int, target: String, path: String)]
  package let problems: [CommentaryProblem]
}

extension Substring {
  fileprivate func trimmingSuffix(while isIn: (Character) -> Bool) -> Substring {
    var rest = self
    while let last = rest.last, isIn(last) { rest.removeLast() }
    return rest
  }
}
