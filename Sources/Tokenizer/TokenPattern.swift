import Files

/// Splits cleaned text into the words that are encoded separately: the two special tokens when spelled out,
/// contractions, runs of letters, single numbers, and runs of anything else but white space.
enum TokenPattern {
  enum Word: Equatable {
    case start, end
    case bytes([UInt8])
    /// A token that was added to the vocabulary.
    case token(Int32)
  }

  private static let specials: [(Scalars, Word)] = [
    (Scalars("<start_of_text>".unicodeScalars), .start), (Scalars("<end_of_text>".unicodeScalars), .end),
  ]
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Scalars($0.unicodeScalars) }

  static func words(of text: Scalars) -> [Word] {
    var words: [Word] = []
    var index = 0
    while index < text.count {
      let rest = text[index...]
      if let (spelling, word) = specials.first(where: { starts(rest, with: $0.0) }) {
        // Only the exact spelling is the special token; with a long s it is an odd word.
        let found = rest.prefix(spelling.count)
        words.append(Scalars(found) == spelling ? word : .bytes(utf8(found)))
        index += spelling.count
        continue
      }
      let length = contractions.first { starts(rest, with: $0) }?.count ?? lengthOfRun(rest)
      if length > 0 { words.append(.bytes(utf8(rest.prefix(length)))) }
      index += max(length, 1)
    }
    return words
  }

  private static func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    scalars.flatMap { Array(String($0).utf8) }
  }

  private enum Kind { case letter, number, space, other }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    let category = scalar.properties.generalCategory
    if category.isLetter { return .letter }
    if category.isNumber { return .number }
    return isWhiteSpace(scalar) ? .space : .other
  }

  private static func lengthOfRun(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
    guard let first = rest.first.map(kind) else { return 0 }
    switch first {
    case .space: return 0
    case .number: return 1
    case .letter, .other: return rest.prefix { kind($0) == first }.count
    }
  }

  /// Compares without regard to case, as the reference does: in lower-cased text only the long s, ſ, is still another
  /// spelling of s.
  private static func starts(_ text: ArraySlice<Unicode.Scalar>, with prefix: Scalars) -> Bool {
    text.count >= prefix.count && zip(text, prefix).allSatisfy { $0 == $1 || ($0 == "ſ" && $1 == "s") }
  }
}
