/// A token that was given to a vocabulary after it was learnt, such as the `<cat-toy>` of textual inversion.
///
/// Hugging Face's files name it with its settings; those of white space around it change nothing here, since white space is
/// no token.
struct AddedToken: Decodable, Equatable, Sendable {
  let id: Int
  let content: String
  /// Whether it is found in the cleaned text; else in the text as it is given.
  let isNormalized: Bool
  /// Whether it is found only where no letter, digit or underscore is beside it.
  let isWord: Bool

  enum CodingKeys: String, CodingKey {
    case id, content, special
    case isNormalized = "normalized"
    case isWord = "single_word"
  }

  init(id: Int, content: String, isNormalized: Bool = true, isWord: Bool = false) {
    self.id = id
    self.content = content
    self.isNormalized = isNormalized
    self.isWord = isWord
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int.self, forKey: .id)
    content = try container.decode(String.self, forKey: .content)
    let isSpecial = try container.decodeIfPresent(Bool.self, forKey: .special) ?? false
    isNormalized = try container.decodeIfPresent(Bool.self, forKey: .isNormalized) ?? !isSpecial
    isWord = try container.decodeIfPresent(Bool.self, forKey: .isWord) ?? false
  }
}

/// Finds added tokens in a text, the longest that begins at the first place.
struct AddedTokens: Sendable {
  enum Piece: Equatable {
    case text(Scalars)
    case token(Int32)
  }

  private struct Spelling: Sendable {
    let scalars: Scalars
    let token: Int32
    let isWord: Bool
  }

  /// Of the text as it is given, and of the cleaned text; the longest first.
  private let given: [Spelling]
  private let cleaned: [Spelling]

  /// - Parameter tokens: with numbers that fit a token.
  init(_ tokens: [AddedToken]) {
    func spellings(_ tokens: [AddedToken], _ scalars: (String) -> Scalars) -> [Spelling] {
      tokens.map { Spelling(scalars: scalars($0.content), token: Int32($0.id), isWord: $0.isWord) }
        .filter { !$0.scalars.isEmpty }.sorted { ($1.scalars.count, $0.token) < ($0.scalars.count, $1.token) }
    }
    given = spellings(tokens.filter { !$0.isNormalized }) { Scalars($0.unicodeScalars) }
    cleaned = spellings(tokens.filter(\.isNormalized), TextCleaning.cleaned)
  }

  /// The words of a text that is not yet cleaned, and the added tokens between them.
  func words(of text: String) -> [TokenPattern.Word] {
    if given.isEmpty, cleaned.isEmpty { return TokenPattern.words(of: TextCleaning.cleaned(text)) }
    return Self.pieces(of: Scalars(text.unicodeScalars), given).flatMap { piece in
      switch piece {
      case .token(let token): [TokenPattern.Word.token(token)]
      case .text(let part):
        Self.pieces(of: TextCleaning.cleaned(String(String.UnicodeScalarView(part))), cleaned).flatMap { piece in
          switch piece {
          case .token(let token): [TokenPattern.Word.token(token)]
          case .text(let part): TokenPattern.words(of: part)
          }
        }
      }
    }
  }

  private static func pieces(of text: Scalars, _ spellings: [Spelling]) -> [Piece] {
    if spellings.isEmpty { return [.text(text)] }
    var pieces: [Piece] = []
    var (start, index) = (0, 0)
    while index < text.count {
      guard let found = spellings.first(where: { isThere($0, in: text, at: index) }) else {
        index += 1
        continue
      }
      if start < index { pieces.append(.text(Scalars(text[start..<index]))) }
      pieces.append(.token(found.token))
      index += found.scalars.count
      start = index
    }
    if start < text.count { pieces.append(.text(Scalars(text[start...]))) }
    return pieces
  }

  private static func isThere(_ spelling: Spelling, in text: Scalars, at index: Int) -> Bool {
    guard text[index...].starts(with: spelling.scalars) else { return false }
    guard spelling.isWord else { return true }
    let end = index + spelling.scalars.count
    return !(index > 0 && isOfWord(text[index - 1])) && !(end < text.count && isOfWord(text[end]))
  }

  /// Whether a scalar is in `\w` of regular expressions.
  private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .nonspacingMark, .spacingMark, .enclosingMark, .connectorPunctuation: true
    default: scalar.properties.isAlphabetic
    }
  }
}
