import Diagnostics

/// Markdown that may contain claims: `{{value KEY}}`, which the page replaces by the value of that key.
struct Prose {
  /// The file it came from, for messages.
  let file: String
  let text: String

  /// The HTML of the text.
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

  /// The Markdown with the values of its claims.
  /// - Throws: `SiteError.unknownValue`, `.malformedClaim`.
  func plain(values: [String: String]) throws -> String {
    let (marked, printed) = try marked(values)
    return printed.enumerated().reduce(marked) { $0.replacing(Self.mark($1.offset), with: $1.element.text) }
  }

  /// The text with a mark in place of every claim.
  ///
  /// The Markdown reader leaves marks unchanged, so that no character of a value can be read as Markdown.
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

  /// A number between two characters of Unicode's private use area, which no text needs.
  private static func mark(_ number: Int) -> String { "\u{E000}\(number)\u{E001}" }
}
