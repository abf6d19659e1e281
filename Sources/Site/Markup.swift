import Mustache

/// HTML without unescaped text from outside.
///
/// A `Markup` is written as a string literal. The literal's own text is used as it is; interpolated values are escaped unless
/// they are `Markup` already. So a caption cannot reach a page unescaped: a `String` becomes `Markup` by interpolation only,
/// apart from `init(trusted:)`, which only the Markdown reader uses, for the output of libcmark.
///
///     let heading: Markup = "<h2 id=\"\(anchor)\">\(title)</h2>"
struct Markup: ExpressibleByStringInterpolation, Sendable, Equatable {
  private(set) var html: String

  init(stringLiteral literal: String) { html = literal }

  init(stringInterpolation pieces: StringInterpolation) { html = pieces.html }

  init(trusted html: String) { self.html = html }

  var isEmpty: Bool { html.isEmpty }

  static func += (left: inout Markup, right: Markup) { left.html += right.html }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      html.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    mutating func appendLiteral(_ literal: String) { html += literal }

    mutating func appendInterpolation(_ text: String) { appendEscaped(text, to: &html) }

    mutating func appendInterpolation(_ number: Int) { html += String(number) }

    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

    mutating func appendInterpolation(_ list: [Markup]) { for markup in list { html += markup.html } }

    /// Appends nothing for nil.
    mutating func appendInterpolation(_ markup: Markup?) { if let markup { html += markup.html } }
  }
}

extension [Markup] {
  func joined(separator: Markup) -> Markup {
    var result: Markup = ""
    for (index, markup) in enumerated() {
      if index > 0 { result += separator }
      result += markup
    }
    return result
  }
}

/// Templates print `Markup` unchanged, and all their values are `Markup` (see `Templates`).
extension Markup: MustacheCustomRenderable {
  var renderText: String { html }
  var isNull: Bool { html.isEmpty }
}

/// Escapes for text and for attributes in double or single quotes.
///
/// Characters that HTML or XML forbids become U+FFFD, and so do the two that override the direction of text, because a caption
/// could use them to reverse the text after it.
private func appendEscaped(_ text: String, to html: inout String) {
  let isPlain = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: byte >= 0x20 && byte < 0x7F
    }
  }
  if isPlain {
    html += text
    return
  }
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": html += "&amp;"
    case "<": html += "&lt;"
    case ">": html += "&gt;"
    case "\"": html += "&quot;"
    case "'": html += "&#39;"
    case "\t", "\n": html.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202D}", "\u{202E}", "\u{FFFE}", "\u{FFFF}": html += "\u{FFFD}"
    default: html.unicodeScalars.append(scalar)
    }
  }
}
