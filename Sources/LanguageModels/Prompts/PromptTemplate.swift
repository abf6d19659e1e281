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

  /// - Throws: `PromptFault`.
  package init(_ text: String) throws(PromptFault) {
    self.text = text
    do {
      template = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}" + text)
    } catch {
      throw .notMustache("\(error)")
    }
    for match in text.matches(of: /\{\{\{?\s*[#^\/]?\s*([^{}\s#^\/!>&%=]+)\s*\}\}/) {
      let name = String(match.1)
      guard name == "." || Self.names.contains(name) else {
        throw .unknownName(name, nearest: nearestName(to: name, in: Self.names))
      }
    }
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

  package var description: String {
    switch self {
    case .notMustache(let reason): "no mustache template: \(oneLine(reason))"
    case .unknownName(let name, let nearest):
      "{{\(oneLine(name))}} is nothing that a prompt has"
        + (nearest.map { ", did you mean {{\($0)}}?" }
          ?? ", expected one of \(PromptTemplate.names.joined(separator: ", "))")
    }
  }
}
