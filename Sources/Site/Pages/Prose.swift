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
    let html = markdown(marked, headingLevel: headingLevel, page: page).html
    let (filled, absent) = Self.filled(html, with: printed.map { ("\($0.text)" as Markup).html })
    if let absent { throw SiteError.malformedClaim(file: file, found: printed[absent].claim) }
    return Markup(trusted: filled)
  }

  /// The Markdown with the values of its claims.
  /// - Throws: `SiteError.unknownValue`, `.malformedClaim`.
  func plain(values: [String: String]) throws -> String {
    let (marked, printed) = try marked(values)
    return Self.filled(marked, with: printed.map(\.text)).text
  }

  /// The text with a mark in place of every claim.
  ///
  /// The Markdown reader leaves marks unchanged, so that no character of a value can be read as Markdown.
  private func marked(_ values: [String: String]) throws -> (text: String, values: [(claim: String, text: String)]) {
    var rest = text.replacing("\u{E000}", with: "\u{FFFD}").replacing("\u{E001}", with: "\u{FFFD}")[...]
    var (result, printed): (String, [(claim: String, text: String)]) = ("", [])
    while let start = rest.firstRange(of: "{{value") {
      result += rest[..<start.lowerBound]
      guard let end = Self.endOfClaim(rest[start.upperBound...]) else {
        let line = rest[start.lowerBound...].prefix { !$0.isNewline }
        throw SiteError.malformedClaim(file: file, found: String(line))
      }
      let claim = String(rest[start.lowerBound..<end.upperBound])
      let inside = rest[start.upperBound..<end.lowerBound]
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

  /// The first `}}` on the line that `text` begins in; nothing after it is looked at.
  private static func endOfClaim(_ text: Substring) -> Range<Substring.Index>? {
    var place = text.startIndex
    while place < text.endIndex, !text[place].isNewline {
      let next = text.index(after: place)
      if text[place] == "}", next < text.endIndex, text[next] == "}" { return place..<text.index(after: next) }
      place = next
    }
    return nil
  }

  /// The text with values in place of their marks, and the first value that has no mark in it.
  ///
  /// One pass, whatever the number of values; by scalars, since `&#x301;` may follow a mark.
  private static func filled(_ text: String, with values: [String]) -> (text: String, absent: Int?) {
    var result = String.UnicodeScalarView()
    var isFound = [Bool](repeating: false, count: values.count)
    var rest = text.unicodeScalars[...]
    while let start = rest.firstIndex(of: "\u{E000}") {
      result.append(contentsOf: rest[..<start])
      rest = rest[start...].dropFirst()
      let digits = rest.prefix { ("0"..."9").contains($0) }
      if rest[digits.endIndex...].first == "\u{E001}", let number = Int(String(digits)), number < values.count {
        result.append(contentsOf: values[number].unicodeScalars)
        isFound[number] = true
        rest = rest[digits.endIndex...].dropFirst()
      } else {
        result.append("\u{E000}")
      }
    }
    result.append(contentsOf: rest)
    return (String(result), isFound.firstIndex(of: false))
  }

  /// A number between two characters of Unicode's private use area, which no text needs.
  private static func mark(_ number: Int) -> String { "\u{E000}\(number)\u{E001}" }
}
