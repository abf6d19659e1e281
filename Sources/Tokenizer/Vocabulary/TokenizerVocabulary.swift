/// A byte-pair vocabulary, ready for encoding: symbols by number, the token of each, and which pairs merge.
///
/// Symbols are keyed by their UTF-8 bytes, because Swift compares canonically equal strings as equal and a vocabulary
/// does not.
struct TokenizerVocabulary: Sendable {
  /// The symbol that two neighbouring symbols merge into, and its place in the order of merges.
  struct Merge: Sendable {
    let rank: Int
    let symbol: Int
  }
  struct Pair: Hashable, Sendable {
    let first: Int
    let second: Int
  }

  /// The symbol of every byte inside a word, and of every byte that ends a word.
  let inner: [Int]
  let final: [Int]
  /// The token of each symbol.
  let tokens: [Int32]
  let merges: [Pair: Merge]
  let startToken: Int32
  let endToken: Int32

  /// Numbers the symbols of a vocabulary.
  ///
  /// - Parameters:
  ///   - merges: pairs of symbols in the order in which they were learnt; a pair that comes twice has its later rank.
  ///   - token: the token of a symbol as written, or nil.
  ///   - file: for error messages.
  /// - Throws: `TokenizerError.missingSymbol`.
  init(
    merges pairs: [(ArraySlice<UInt8>, ArraySlice<UInt8>)], startToken: Int32, endToken: Int32, file: String,
    token: ([UInt8]) -> Int32?
  ) throws {
    var symbols: [[UInt8]: Int] = [:]
    var tokens: [Int32] = []
    func symbol(_ bytes: [UInt8]) throws -> Int {
      if let known = symbols[bytes] { return known }
      guard let id = token(bytes) else {
        throw TokenizerError.missingSymbol(file: file, symbol: String(decoding: bytes, as: UTF8.self))
      }
      symbols[bytes] = tokens.count
      tokens.append(id)
      return tokens.count - 1
    }
    inner = try ByteAlphabet.letters.map { try symbol($0) }
    final = try ByteAlphabet.letters.map { try symbol($0 + ByteAlphabet.wordEnd) }
    var merges: [Pair: Merge] = [:]
    merges.reserveCapacity(pairs.count)
    for (rank, pair) in pairs.enumerated() {
      let (first, second) = (try symbol([UInt8](pair.0)), try symbol([UInt8](pair.1)))
      merges[Pair(first: first, second: second)] = Merge(rank: rank, symbol: try symbol([UInt8](pair.0) + pair.1))
    }
    self.merges = merges
    self.tokens = tokens
    self.startToken = startToken
    self.endToken = endToken
  }

  /// The tokens of one word: the pair that was learnt first merges first, wherever it stands, until none is left.
  func tokens(of word: [UInt8]) -> [Int32] {
    guard let last = word.last else { return [] }
    var symbols = word.dropLast().map { inner[Int($0)] } + [final[Int(last)]]
    while let next = firstLearnt(symbols) { symbols = merged(symbols, next.pair, into: next.merge.symbol) }
    return symbols.map { tokens[$0] }
  }

  private func firstLearnt(_ symbols: [Int]) -> (pair: Pair, merge: Merge)? {
    var best: (pair: Pair, merge: Merge)?
    for (first, second) in zip(symbols, symbols.dropFirst()) {
      let pair = Pair(first: first, second: second)
      if let merge = merges[pair], merge.rank < best?.merge.rank ?? .max { best = (pair, merge) }
    }
    return best
  }

  private func merged(_ symbols: [Int], _ pair: Pair, into symbol: Int) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(symbols.count)
    var index = 0
    while index < symbols.count {
      if symbols[index] == pair.first, index + 1 < symbols.count, symbols[index + 1] == pair.second {
        result.append(symbol)
        index += 2
      } else {
        result.append(symbols[index])
        index += 1
      }
    }
    return result
  }
}

/// How a vocabulary writes bytes: every byte has a visible character, so that a symbol holds no white space.
enum ByteAlphabet {
  /// Bytes in the order of their first 256 tokens: those that are visible in Latin-1, then the rest.
  static let order: [UInt8] = {
    let visible = Array(UInt8(ascii: "!")...UInt8(ascii: "~")) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
    return visible + (0...255).filter { !visible.contains($0) }
  }()

  /// The UTF-8 of the character that stands for each byte: itself where visible, U+0100 and on for the others in turn.
  static let letters: [[UInt8]] = {
    var letters = [[UInt8]](repeating: [], count: 256)
    for (index, byte) in order.enumerated() {
      let scalar = index < 188 ? Unicode.Scalar(byte) : Unicode.Scalar(UInt8(index - 188)).shifted
      letters[Int(byte)] = Array(String(scalar).utf8)
    }
    return letters
  }()

  /// What follows the last letter of a word.
  static let wordEnd = Array("</w>".utf8)
}

extension Unicode.Scalar {
  /// U+0100 and on: Latin Extended-A, where every number names a scalar.
  fileprivate var shifted: Unicode.Scalar { Unicode.Scalar(UInt16(0x100 + value)) ?? self }
}
