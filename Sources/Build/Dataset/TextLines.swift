import Files

/// A curated text.
package struct TextEntry: Sendable {
  /// Names its page.
  package let id: String
  package let text: String

  /// Texts with their identifiers.
  ///
  /// - Parameter texts: no two of them equal.
  static func entries(_ texts: [String]) -> [TextEntry] { zip(textIdentifiers(texts), texts).map(TextEntry.init) }

  /// One text a line, no two of them equal.
  ///
  /// - Throws: `FileError`, `InputProblems`.
  static func read(_ file: String) throws -> [String] {
    let problems = ProblemList()
    var lines: [String: Int] = [:]
    let texts = try numberedTexts(file).compactMap { line -> String? in
      if let first = lines[line.text] {
        problems.add(.repeatedText(line.text, firstLine: first), file, line.number)
        return nil
      }
      lines[line.text] = line.number
      return line.text
    }
    try problems.check()
    return texts
  }
}

/// The lines of a text file without white space around them, one for every line of the file: those without text are empty.
///
/// - Parameter pipes: whether the file may be a pipe.
/// - Throws: `FileError`, `InputProblems` where there is none.
package func readLines(_ file: String, pipes: Bool = false) throws -> [String] {
  var lines = splitLines(try readText(file, pipes: pipes))
  // What ends with a new line has no further one.
  if lines.last?.isEmpty == true { lines.removeLast() }
  guard !lines.isEmpty else { throw InputProblems(problems: [emptyFile(file)]) }
  return lines.map(strippedLine)
}

/// A line without white space at its ends, but for what may be a byte of a garbled letter: a no-break space or U+0085 beside
/// another character outside ASCII.
///
/// UTF-8 read as Latin-1 ends in them where the letter's last byte is A0 or 85, as those of `à` and `Å` are; by them the tokenizer
/// tells which letter it was. A space that stays for nothing is no token.
private func strippedLine(_ line: Substring) -> String {
  let scalars = line.unicodeScalars
  let text = stripped(line).unicodeScalars
  guard let first = text.first, let last = text.last else { return "" }
  let before = scalars.prefix { isWhiteSpace($0) }
  let after = scalars.reversed().prefix { isWhiteSpace($0) }
  var whole = String.UnicodeScalarView()
  if let space = before.last, isByteOfLetter(space), !first.isASCII { whole.append(space) }
  whole.append(contentsOf: text)
  if let space = after.last, isByteOfLetter(space), !last.isASCII { whole.append(space) }
  return String(whole)
}

private func isByteOfLetter(_ space: Unicode.Scalar) -> Bool { space == "\u{A0}" || space == "\u{85}" }

/// The same of a file in which every line has a text.
///
/// - Throws: `FileError`, `InputProblems` with the numbers of the lines that have none.
package func readTexts(_ file: String, pipes: Bool = false) throws -> [String] {
  try numberedTexts(file, pipes: pipes).map(\.text)
}

private func numberedTexts(_ file: String, pipes: Bool = false) throws -> [(number: Int, text: String)] {
  let lines = try readLines(file, pipes: pipes).enumerated().map { (number: $0 + 1, text: $1) }
  let empty = lines.filter(\.text.isEmpty)
  if empty.count == lines.count { throw InputProblems(problems: [emptyFile(file)]) }
  guard empty.isEmpty else {
    // Ten tell what is wrong with it.
    throw InputProblems(
      problems: empty.prefix(10).map { InputProblem(file: file, line: $0.number, fact: .emptyLine(expected: "a text")) }
    )
  }
  return lines
}

private func emptyFile(_ file: String) -> InputProblem {
  InputProblem(file: file, line: nil, fact: .empty(expected: "one text a line"))
}
