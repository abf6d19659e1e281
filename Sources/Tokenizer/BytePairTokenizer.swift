import Synchronization

/// Encodes texts as CLIP's tokens, number for number as open_clip's `SimpleTokenizer` does.
///
/// The text is cleaned (`TextCleaning`), split into words, and every word's bytes are merged pair by pair. A value:
/// copies share the vocabulary and a cache of words, which changes no result.
package struct BytePairTokenizer: Sendable {
  package let contextLength: Int
  package let startToken: Int32
  package let endToken: Int32
  /// The files that the vocabulary was read from.
  package let files: [String]
  private let vocabulary: TokenizerVocabulary
  private let added: AddedTokens
  private let cache = WordCache()

  /// - Parameters:
  ///   - folder: a model folder with `bpe_*.txt.gz`, or `vocab.json` and `merges.txt`, or `tokenizer.json`; where it
  ///     has several, the first of these is read.
  ///   - contextLength: how many tokens the text tower takes, start and end included.
  ///   - vocabularySize: how many tokens the text tower knows, start and end included.
  /// - Throws: `TokenizerError`.
  package init(folder: String, contextLength: Int, vocabularySize: Int) throws {
    guard contextLength >= 2, (514...Int(Int32.max)).contains(vocabularySize) else {
      throw TokenizerError.sizes(contextLength: contextLength, vocabularySize: vocabularySize)
    }
    let files = TokenizerFiles(folder: folder, vocabularySize: vocabularySize)
    let added: [AddedToken]
    (vocabulary, added, self.files) = try files.vocabulary()
    self.added = AddedTokens(added)
    self.contextLength = contextLength
    startToken = vocabulary.startToken
    endToken = vocabulary.endToken
  }

  /// The start token, the tokens of the text, and the end token; a text that is too long loses its last tokens, never
  /// the end token.
  package func encode(_ text: String) -> [Int32] {
    var tokens = [startToken]
    for word in added.words(of: text) {
      switch word {
      case .start: tokens.append(startToken)
      case .end: tokens.append(endToken)
      case .token(let token): tokens.append(token)
      case .bytes(let bytes): tokens.append(contentsOf: cache.tokens(of: bytes) { vocabulary.tokens(of: $0) })
      }
      if tokens.count >= contextLength { break }
    }
    return tokens.prefix(contextLength - 1) + [endToken]
  }

  /// `encode(text)` filled up with zeros to the context length, as open_clip pads.
  package func encodePadded(_ text: String) -> [Int32] {
    let tokens = encode(text)
    return tokens + [Int32](repeating: 0, count: contextLength - tokens.count)
  }
}

/// The tokens of words seen before, since captions repeat a small vocabulary.
private final class WordCache: Sendable {
  private let words = Mutex<[[UInt8]: [Int32]]>([:])

  func tokens(of word: [UInt8], compute: ([UInt8]) -> [Int32]) -> [Int32] {
    if let known = words.withLock({ $0[word] }) { return known }
    let tokens = compute(word)
    // A bound on memory, far above the number of words of any description pool.
    words.withLock { if $0.count < 100_000 { $0[word] = tokens } }
    return tokens
  }
}
