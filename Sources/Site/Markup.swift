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
  var text = text
  let first = text.withUTF8 { bytes in bytes.indices.first { escape(bytes[$0...]) != nil } }
  guard let first else {
    html += text
    return
  }
  text.withUTF8 { bytes in
    var (start, place) = (0, first)
    while place < bytes.count {
      guard let (count, replacement) = escape(bytes[place...]) else {
        place += 1
        continue
      }
      html += String(decoding: bytes[start..<place], as: UTF8.self)
      html += replacement
      place += count
      start = place
    }
    html += String(decoding: bytes[start...], as: UTF8.self)
  }
}

/// What stands in HTML in place of the first character, with its bytes; nil where that stands for itself.
@inline(__always)
private func escape(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> (count: Int, replacement: String)? {
  let unknown = "\u{FFFD}"
  func follow(_ next: UInt8...) -> Bool { bytes.dropFirst().starts(with: next) }
  switch bytes[bytes.startIndex] {
  case UInt8(ascii: "&"): return (1, "&amp;")
  case UInt8(ascii: "<"): return (1, "&lt;")
  case UInt8(ascii: ">"): return (1, "&gt;")
  case UInt8(ascii: "\""): return (1, "&quot;")
  case UInt8(ascii: "'"): return (1, "&#39;")
  case UInt8(ascii: "\t"), UInt8(ascii: "\n"): return nil
  case 0..<0x20, 0x7F: return (1, unknown)
  // U+0080 to U+009F.
  case 0xC2: return bytes.dropFirst().first.map { $0 < 0xA0 } ?? false ? (2, unknown) : nil
  // U+202D and U+202E.
  case 0xE2: return follow(0x80, 0xAD) || follow(0x80, 0xAE) ? (3, unknown) : nil
  // U+FFFE and U+FFFF.
  case 0xEF: return follow(0xBF, 0xBE) || follow(0xBF, 0xBF) ? (3, unknown) : nil
  default: return nil
  }
}
