import Diagnostics
import Mustache

/// The text of a prompt with places for what changes: a mustache template, in which nothing is escaped.
package struct PromptTemplate: Sendable {
  /// As it stands in its file.
  package let text: String
  private let template: MustacheTemplate

  /// What a template may name.
  package static let names = [
    "answers", "chat", "completion", "examples", "label", "limited", "line", "lines", "others",
  ]

  /// Bytes that a template may have.
  ///
  /// The library takes time by the square of the tags in a line: a third of a second for as many as fit.
  private static let longest = 32 << 10

  /// - Throws: `PromptFault`.
  package init(_ text: String) throws(PromptFault) {
    self.text = text
    guard text.utf8.count <= Self.longest else { throw .tooLong }
    try Self.checkTags(of: text)
    do {
      template = try MustacheTemplate(string: Self.unescaped + text)
    } catch {
      throw .notMustache(Self.reason(error))
    }
  }

  /// Proves that the template can be read and filled in: the library reads and fills sections in sections by recursion, and a list
  /// within itself has as many lines as its number to the power of its depth.
  private static func checkTags(of text: String) throws(PromptFault) {
    if text.contains(/\{\{\s*+=/) { throw .delimiters }
    var open: [String] = []
    // Possessive, since what stands before a name could be divided in as many ways as there are spaces.
    for match in text.matches(of: /\{\{\{?\s*+([#^\/]?)\s*+([^{}\s#^\/!>&%=]++)\s*+\}\}/) {
      let name = String(match.2)
      guard name == "." || names.contains(name) else {
        throw .unknownName(name, nearest: nearestName(to: name, in: names))
      }
      switch match.1 {
      case "#", "^":
        guard !open.contains(name) else { throw .nested(name) }
        open.append(name)
      case "/": if open.last == name { open.removeLast() }
      default: break
      }
    }
  }

  /// The content type TEXT.
  private static let unescaped = "{{% CONTENT_TYPE: TEXT}}"

  /// What is wrong with a template, with its line.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? MustacheTemplate.ParserError else { return "\(error)" }
    let line = error.context.line.replacing(unescaped, with: "", maxReplacements: 1)
    return "line \(error.context.lineNumber): a tag or section that is not closed, or not known, in \(quoted(line))"
  }

  /// The template filled in, without white space at its end: where a model goes on writing, a space more is another token.
  package func filled(_ values: [String: Any]) -> String {
    var filled = template.render(values)
    while let last = filled.last, last.isWhitespace { filled.removeLast() }
    return filled
  }
}

/// Why a text is no template of a prompt.
package enum PromptFault: Error, Equatable, CustomStringConvertible {
  case notMustache(String)
  case unknownName(String, nearest: String?)
  /// A section within one of its own name.
  case nested(String)
  /// A tag that puts others in the place of the braces.
  case delimiters
  case tooLong

  package var description: String {
    switch self {
    case .notMustache(let reason): "no mustache template: \(oneLine(reason))"
    case .unknownName(let name, let nearest):
      "{{\(oneLine(name))}} is nothing that a prompt has"
        + (nearest.map { ", did you mean {{\($0)}}?" }
          ?? ", expected one of \(PromptTemplate.names.joined(separator: ", "))")
    case .nested(let name): "{{#\(oneLine(name))}} stands within itself; close the first with {{/\(oneLine(name))}}"
    case .delimiters: "{{= changes the delimiters, expected tags in {{ and }}"
    case .tooLong: "more than 32 KiB, expected less"
    }
  }
}
