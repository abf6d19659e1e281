import Foundation

/// Repairs what went wrong with a text's Unicode, as `ftfy.fix_text` 6.3 does with its default settings.
enum TextRepair {
  /// Repairs line by line.
  ///
  /// Where a `<` shows up, that line and all later ones are taken for HTML, and their
  /// references are left alone.
  static func repaired(_ text: Scalars) -> Scalars {
    var result = Scalars()
    var resolvesReferences = true
    var start = 0
    while start < text.count {
      let end = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
      let line = text[start..<end]
      if line.contains("<") { resolvesReferences = false }
      result.append(contentsOf: repairedLine(Scalars(line), resolvesReferences: resolvesReferences))
      start = end
    }
    return result
  }

  /// One repair can lay bare the need for another, so all are applied until nothing changes; sixteen rounds, where
  /// two or three are usual, bound the time a hostile text can take.
  private static func repairedLine(_ line: Scalars, resolvesReferences: Bool) -> Scalars {
    var text = line
    for _ in 0..<16 {
      let before = text
      if resolvesReferences { text = HTMLReferences.resolvedStrictly(text) }
      text = Mojibake.repaired(text).flatMap { simplified($0) }
      text = withoutTerminalEscapes(withUnixLineBreaks(text))
      text = composed(text.filter { !isUnwantedControl($0) })
      if text == before { break }
    }
    return text
  }

  /// C1 controls as windows-1252, Latin ligatures taken apart, full and half widths made normal, quotes made straight.
  private static func simplified(_ scalar: Unicode.Scalar) -> Scalars {
    switch scalar.value {
    case ..<0x80: return [scalar]
    case 0x80...0x9F: return simplifiedControl(scalar)
    case 0x2BC, 0x2018...0x201B: return ["'"]
    case 0x201C...0x201F: return ["\""]
    case 0x3000: return [" "]
    case 0xFF01..<0xFFF0: return Scalars(String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars)
    default: return ligatures[scalar] ?? [scalar]
    }
  }

  private static func simplifiedControl(_ scalar: Unicode.Scalar) -> Scalars {
    let meant = CodePage.windows1252.scalar(UInt8(scalar.value))
    return meant == scalar ? [scalar] : simplified(meant)
  }

  /// Typographic ligatures, and digraphs that old encodings made one letter; "æ" and its like are letters and stay.
  private static let ligatures: [Unicode.Scalar: Scalars] = [
    "Ĳ": ["I", "J"], "ĳ": ["i", "j"], "ŉ": ["'", "n"], "Ǳ": ["D", "Z"], "ǲ": ["D", "z"], "ǳ": ["d", "z"],
    "Ǆ": ["D", "Ž"], "ǅ": ["D", "ž"], "ǆ": ["d", "ž"], "Ǉ": ["L", "J"], "ǈ": ["L", "j"], "ǉ": ["l", "j"],
    "Ǌ": ["N", "J"], "ǋ": ["N", "j"], "ǌ": ["n", "j"], "ﬀ": ["f", "f"], "ﬁ": ["f", "i"], "ﬂ": ["f", "l"],
    "ﬃ": ["f", "f", "i"], "ﬄ": ["f", "f", "l"], "ﬅ": ["ſ", "t"], "ﬆ": ["s", "t"],
  ]

  private static func withUnixLineBreaks(_ text: Scalars) -> Scalars {
    var result = Scalars()
    for (index, scalar) in text.enumerated() {
      switch scalar.value {
      case 0x0D: if index + 1 == text.count || text[index + 1] != "\n" { result.append("\n") }
      case 0x2028, 0x2029: result.append("\n")
      default: result.append(scalar)
      }
    }
    return result
  }

  /// Drops sequences such as ESC `[36;44m`, which colour a terminal.
  private static func withoutTerminalEscapes(_ text: Scalars) -> Scalars {
    guard text.contains("\u{1B}") else { return text }
    var result = Scalars()
    var index = 0
    while index < text.count {
      if text[index] == "\u{1B}", index + 1 < text.count, text[index + 1] == "[" {
        let parameters = text[(index + 2)...].prefix { $0 == ";" || $0.properties.generalCategory == .decimalNumber }
        let end = index + 2 + parameters.count
        if end < text.count, ("A"..."Z").contains(text[end]) || ("a"..."z").contains(text[end]) {
          index = end + 1
          continue
        }
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  /// Whether a control character shows nothing: ASCII's but white space, deprecated Arabic ones, annotations, the byte-order mark.
  private static func isUnwantedControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: return true
    default: return false
    }
  }

  /// The text in Unicode's normalization form C.
  private static func composed(_ text: Scalars) -> Scalars {
    // Below U+0300 there is nothing to compose or to replace.
    guard text.contains(where: { $0.value >= 0x300 }) else { return text }
    var string = String.UnicodeScalarView()
    string.append(contentsOf: text)
    return Scalars(String(string).precomposedStringWithCanonicalMapping.unicodeScalars)
  }
}
