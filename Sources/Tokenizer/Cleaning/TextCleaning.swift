import Files

typealias Scalars = [Unicode.Scalar]

/// Cleans a text before it is split into words, step for step as open_clip does: broken Unicode is repaired, HTML
/// references are resolved twice, white space is collapsed, and everything is lower-cased.
///
/// Works on Unicode scalars throughout: `String` compares canonically equal text as equal, which would hide the very
/// differences that are repaired here.
enum TextCleaning {
  /// - Returns: the scalars the tokenizer splits into words; the only white space left is single spaces.
  static func cleaned(_ text: String) -> Scalars {
    let scalars = Scalars(text.unicodeScalars)
    // Nothing but lower-casing and white space can touch plain ASCII without references and controls.
    let isPlain = scalars.allSatisfy { (0x20..<0x7F).contains($0.value) && $0 != "&" }
    let repaired = isPlain ? scalars : HTMLReferences.resolved(HTMLReferences.resolved(TextRepair.repaired(scalars)))
    return lowercased(collapsingWhiteSpace(repaired))
  }

  /// Words joined by single spaces, none at the ends.
  static func collapsingWhiteSpace(_ text: Scalars) -> Scalars {
    Scalars(text.split(whereSeparator: isWhiteSpace).joined(separator: CollectionOfOne(" " as Unicode.Scalar)))
  }

  /// Lower case by Unicode's full mapping, with ς for a capital sigma that ends a word.
  static func lowercased(_ text: Scalars) -> Scalars {
    var result = Scalars()
    result.reserveCapacity(text.count)
    for (index, scalar) in text.enumerated() {
      if scalar.value < 0x80 {
        result.append((0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value + 32)) : scalar)
      } else if scalar == "Σ" {
        result.append(endsWord(text, index) ? "ς" : "σ")
      } else {
        result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return result
  }

  /// Unicode's condition Final_Sigma: a cased letter before, none after, case-ignorable marks left out of account.
  private static func endsWord(_ text: Scalars, _ index: Int) -> Bool {
    func isCased(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isCased ?? false }
    let before = text[..<index].last { !$0.properties.isCaseIgnorable }
    let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
    return isCased(before) && !isCased(after)
  }
}
