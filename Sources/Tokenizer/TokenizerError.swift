import Files

/// A fault of a tokenizer's files, as facts; `description` words it on one line.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  case noFiles(folder: String)
  case severalMergeLists(folder: String, names: [String])
  case file(FileError)
  case gzip(file: String, reason: String)
  case tooLarge(file: String, limit: Int)
  case notText(file: String)
  case malformed(file: String, place: String, expected: String)
  case tooFewMerges(file: String, found: Int, expected: Int, vocabularySize: Int)
  case missingSymbol(file: String, symbol: String)
  case missingSpecialToken(file: String, names: [String])
  case tokenOutOfRange(file: String, symbol: String, token: Int, vocabularySize: Int)
  case sizes(contextLength: Int, vocabularySize: Int)

  package var description: String {
    switch self {
    case .noFiles(let folder):
      "\(folder): no tokenizer here; expected bpe_*.txt.gz (open_clip's), or vocab.json with merges.txt, or "
        + "tokenizer.json; copy the files that came with the model"
    case .severalMergeLists(let folder, let names):
      "\(folder): \(names.count) merge lists (\(names.joined(separator: ", "))), expected one; keep the model's own"
    case .file(let error): "\(error)"
    case .gzip(let file, let reason):
      "\(file): not a whole gzip file (\(reason)); fetch it again"
    case .tooLarge(let file, let limit):
      "\(file): more than \(limit / 1_048_576) MiB, expected a vocabulary of a few MiB; fetch the model's own"
    case .notText(let file):
      "\(file): not UTF-8 text; fetch it again"
    case .malformed(let file, let place, let expected):
      "\(file): \(place) is not \(expected); fetch it again"
    case .tooFewMerges(let file, let found, let expected, let vocabularySize):
      "\(file): \(found) merges, expected \(expected) for a vocabulary of \(vocabularySize) "
        + "(256 bytes twice, merges, 2 special tokens); use the list that came with the model"
    case .missingSymbol(let file, let symbol):
      "\(file): no token \"\(symbol)\", which CLIP's byte-level vocabulary always has; use the model's own files"
    case .missingSpecialToken(let file, let names):
      "\(file): none of the tokens \(names.joined(separator: ", ")); use the model's own files"
    case .tokenOutOfRange(let file, let symbol, let token, let vocabularySize):
      "\(file): token \"\(symbol)\" has id \(token), but the model has \(vocabularySize) tokens; "
        + "use the model's own files"
    case .sizes(let contextLength, let vocabularySize):
      "a tokenizer for context \(contextLength) and vocabulary \(vocabularySize), expected a context of 2 or more and "
        + "a vocabulary of 514 to 2147483647; check text_cfg in open_clip_config.json"
    }
  }
}
