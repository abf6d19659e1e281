import Files
import Foundation

/// Reads the vocabulary that comes with a model.
struct TokenizerFiles {
  let folder: String
  let vocabularySize: Int

  /// The largest file that is read, in bytes; CLIP's have at most 4 MB.
  static let limit = 64 << 20

  /// Reads the first kind of files that the folder has: open_clip's own, then the two kinds of Hugging Face.
  ///
  /// - Returns: also the tokens that were added to those of Hugging Face, and the files that were read.
  func vocabulary() throws -> (TokenizerVocabulary, added: [AddedToken], files: [String]) {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let lists = names.filter { $0.hasPrefix("bpe_") && $0.hasSuffix(".txt.gz") }
    if lists.count > 1 { throw TokenizerError.severalMergeLists(folder: folder, names: lists) }
    func path(_ name: String) -> String { folder + "/" + name }
    if let list = lists.first { return (try openCLIP(path(list)), [], [path(list)]) }
    if names.contains("vocab.json"), names.contains("merges.txt") {
      let (vocabulary, merges) = (path("vocab.json"), path("merges.txt"))
      for name in ["tokenizer_config.json", "tokenizer.json", "added_tokens.json"] where names.contains(name) {
        let added = try addedTokens(path(name))
        if added.isEmpty { continue }
        let (read, kept) = try huggingFace(vocabulary: vocabulary, merges: merges, added: added)
        return (read, kept, [vocabulary, merges] + (kept.isEmpty ? [] : [path(name)]))
      }
      return (try huggingFace(vocabulary: vocabulary, merges: merges, added: []).0, [], [vocabulary, merges])
    }
    if names.contains("tokenizer.json") {
      let file = path("tokenizer.json")
      let (read, added) = try huggingFace(tokenizer: file)
      return (read, added, [file])
    }
    throw TokenizerError.noFiles(folder: folder)
  }

  // MARK: open_clip

  /// Reads a list of merges alone: tokens are the bytes, the bytes that end a word, the merges, start and end, in this order.
  ///
  /// The reference keeps the first 48,894 merges whatever the model; here the vocabulary says how many, so that a
  /// final newline in a shorter file is not one more merge.
  private func openCLIP(_ file: String) throws -> TokenizerVocabulary {
    let packed = try contents(file)
    let bytes: [UInt8]
    do {
      bytes = try gunzip(packed, limit: Self.limit)
    } catch GzipFailure.tooLarge {
      throw TokenizerError.tooLarge(file: file, limit: Self.limit)
    } catch GzipFailure.damaged(let reason) {
      throw TokenizerError.gzip(file: file, reason: reason)
    }
    let count = vocabularySize - 514
    let pairs = try mergePairs(text(bytes, file), file: file, atMost: count)
    guard pairs.count == count else {
      throw TokenizerError.tooFewMerges(
        file: file, found: pairs.count, expected: count, vocabularySize: vocabularySize)
    }
    var tokens: [[UInt8]: Int32] = [:]
    let letters = ByteAlphabet.order.map { ByteAlphabet.letters[Int($0)] }
    let symbols = letters + letters.map { $0 + ByteAlphabet.wordEnd } + pairs.map { Array($0 + $1) }
    for (token, symbol) in symbols.enumerated() { tokens[symbol] = Int32(token) }
    let start = Int32(symbols.count)
    return try TokenizerVocabulary(merges: pairs, startToken: start, endToken: start + 1, file: file) { tokens[$0] }
  }

  // MARK: Hugging Face

  private typealias Vocabulary = (TokenizerVocabulary, added: [AddedToken])

  private func huggingFace(vocabulary: String, merges: String, added: [AddedToken]) throws -> Vocabulary {
    let tokens: [String: Int]
    do {
      tokens = try JSONDecoder().decode([String: Int].self, from: Data(contents(vocabulary)))
    } catch is DecodingError {
      throw TokenizerError.malformed(file: vocabulary, place: "it", expected: "JSON with a whole number per symbol")
    }
    let pairs = try mergePairs(text(contents(merges), merges), file: merges, atMost: .max)
    return try self.vocabulary(tokens: tokens, added: added, merges: pairs, file: vocabulary)
  }

  /// The parts of `tokenizer.json` that a CLIP tokenizer needs.
  private struct TokenizerJSON: Decodable {
    struct Model: Decodable {
      let vocab: [String: Int]
      let merges: [MergeEntry]
    }
    let model: Model
    let addedTokens: [AddedToken]?

    enum CodingKeys: String, CodingKey {
      case model
      case addedTokens = "added_tokens"
    }
  }

  /// `"a b"`, or `["a", "b"]` since tokenizers 0.20.
  private struct MergeEntry: Decodable {
    let symbols: [Substring]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let line = try? container.decode(String.self) {
        symbols = line.split(separator: " ")
      } else {
        symbols = try container.decode([String].self).map { Substring($0) }
      }
    }
  }

  private func huggingFace(tokenizer file: String) throws -> Vocabulary {
    let decoded: TokenizerJSON
    do {
      decoded = try JSONDecoder().decode(TokenizerJSON.self, from: Data(contents(file)))
    } catch is DecodingError {
      throw TokenizerError.malformed(file: file, place: "it", expected: "a byte-pair tokenizer.json")
    }
    let pairs = try decoded.model.merges.enumerated().map { index, entry in
      guard entry.symbols.count == 2 else {
        throw TokenizerError.malformed(file: file, place: "model.merges[\(index)]", expected: "two symbols")
      }
      return (Array(entry.symbols[0].utf8)[...], Array(entry.symbols[1].utf8)[...])
    }
    return try vocabulary(
      tokens: decoded.model.vocab, added: decoded.addedTokens ?? [], merges: pairs, file: file)
  }

  /// The tokens that a file beside a vocabulary adds: `tokenizer_config.json` by their numbers, `tokenizer.json` as a list, or
  /// `added_tokens.json` of the library's first years.
  private func addedTokens(_ file: String) throws -> [AddedToken] {
    struct Settings: Decodable {
      struct Entry: Decodable {
        let content: String
        let special, normalized, single_word: Bool?
      }
      let added_tokens_decoder: [String: Entry]?
      let added_tokens: [AddedToken]?
    }
    let bytes = Data(try contents(file))
    do {
      if fileName(file) == "added_tokens.json" {
        return try JSONDecoder().decode([String: Int].self, from: bytes).map { AddedToken(id: $1, content: $0) }
      }
      let settings = try JSONDecoder().decode(Settings.self, from: bytes)
      if let added = settings.added_tokens { return added }
      return try (settings.added_tokens_decoder ?? [:]).map { number, entry in
        guard let id = Int(number) else {
          throw TokenizerError.malformed(file: file, place: "added_tokens_decoder", expected: "tokens by their numbers")
        }
        return AddedToken(
          id: id, content: entry.content, isNormalized: entry.normalized ?? !(entry.special ?? false),
          isWord: entry.single_word ?? false)
      }
    } catch is DecodingError {
      throw TokenizerError.malformed(file: file, place: "it", expected: "JSON with the tokens that were added")
    }
  }

  /// Hugging Face's files give every token by name.
  ///
  /// - Returns: of the added tokens those that texts may have: not start and end, nor those that were learnt.
  private func vocabulary(
    tokens learnt: [String: Int], added: [AddedToken], merges: [(ArraySlice<UInt8>, ArraySlice<UInt8>)], file: String
  ) throws -> Vocabulary {
    var tokens = learnt
    for token in added { tokens[token.content] = token.id }
    let wrong = tokens.filter { !(0..<vocabularySize).contains($0.value) }.min {
      ($0.value, $0.key) < ($1.value, $1.key)
    }
    if let wrong {
      throw TokenizerError.tokenOutOfRange(
        file: file, symbol: wrong.key, token: wrong.value, vocabularySize: vocabularySize)
    }
    func special(_ names: [String]) throws -> Int32 {
      guard let token = names.lazy.compactMap({ tokens[$0] }).first else {
        throw TokenizerError.missingSpecialToken(file: file, names: names)
      }
      return Int32(token)
    }
    let (starts, ends) = (["<start_of_text>", "<|startoftext|>"], ["<end_of_text>", "<|endoftext|>"])
    let (start, end) = (try special(starts), try special(ends))
    let byBytes = Dictionary(uniqueKeysWithValues: tokens.map { (Array($0.key.utf8), Int32($0.value)) })
    let vocabulary = try TokenizerVocabulary(merges: merges, startToken: start, endToken: end, file: file) {
      byBytes[$0]
    }
    return (vocabulary, added.filter { learnt[$0.content] == nil && !(starts + ends).contains($0.content) })
  }

  // MARK: reading

  private func contents(_ file: String) throws -> [UInt8] {
    do {
      return try readFile(file, limit: Self.limit)
    } catch {
      throw TokenizerError.file(error)
    }
  }

  private func text(_ bytes: [UInt8], _ file: String) throws -> [UInt8] {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw TokenizerError.notText(file: file) }
    return bytes
  }

  /// The lines after the first, two symbols each; empty lines at the end do not count.
  private func mergePairs(
    _ bytes: [UInt8], file: String, atMost count: Int
  ) throws -> [(ArraySlice<UInt8>, ArraySlice<UInt8>)] {
    let newline = UInt8(ascii: "\n")
    var lines = bytes.split(separator: newline, omittingEmptySubsequences: false).dropFirst().prefix(count)
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    return try lines.enumerated().map { index, line in
      let symbols = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }
      guard symbols.count == 2 else {
        throw TokenizerError.malformed(file: file, place: "line \(index + 2)", expected: "two symbols")
      }
      return (symbols[0], symbols[1])
    }
  }
}
