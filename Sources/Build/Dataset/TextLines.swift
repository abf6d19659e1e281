import Files
import Foundation

/// A curated text.
package struct TextEntry: Sendable {
  package let id: String
  package let text: String

  /// One text a line.
  ///
  /// - Throws: `FileError`, `InputProblems`.
  static func read(_ file: String) throws -> [TextEntry] {
    let problems = ProblemList()
    var seen: Set<String> = []
    let texts = try numberedLines(file).map { line in
      let id = uniqueSlug(line.text)
      if !seen.insert(id).inserted { problems.add(.duplicate(kind: "text", id: line.text), file, line.number) }
      return TextEntry(id: id, text: line.text)
    }
    try problems.check()
    return texts
  }
}

/// The lines of a text file, without empty ones and white space around them.
///
/// - Parameter pipes: whether the file may be a pipe.
/// - Throws: `FileError`, `InputProblems` where there is none.
package func readLines(_ file: String, pipes: Bool = false) throws -> [String] {
  try numberedLines(file, pipes: pipes).map(\.text)
}

private func numberedLines(_ file: String, pipes: Bool = false) throws -> [(number: Int, text: String)] {
  let lines = try readText(file, pipes: pipes).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  let numbered = lines.enumerated().map { (number: $0 + 1, text: stripped($1)) }
    .filter { !$0.text.isEmpty }
  guard !numbered.isEmpty else {
    throw InputProblems(problems: [InputProblem(file: file, line: nil, fact: .empty(expected: "one text a line"))])
  }
  return numbered
}
