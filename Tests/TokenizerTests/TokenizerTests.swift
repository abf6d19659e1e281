import CLIP
import Foundation
import TestSupport
import Testing
import Tokenizer

/// What open_clip makes of a corpus of hard lines; written by `scripts/goldens/tokenizer.py`.
private struct Golden: Decodable {
  struct Checksum: Decodable {
    let count: Int
    let checksum: String
  }
  let lines: [String]
  let smallVocabulary: [[Int32]]
  let clip: [[Int32]]
  let generalDescriptions: Checksum

  static func load() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("tokenizer/goldens.json"))))
  }
}

private let smallVocabulary = Fixtures.golden("tokenizer/small")
private let mergesOfCLIP = Fixtures.shared("data/bpe_simple_vocab_16e6.txt.gz")

/// The lines that differ, with their scalars, so that a failure can be read.
private func differences(_ tokenizer: BytePairTokenizer, _ lines: [String], _ expected: [[Int32]]) -> [String] {
  zip(lines, expected).compactMap { line, ids in
    let found = tokenizer.encode(line)
    let scalars = line.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
    return found == ids ? nil : "\(scalars): found \(found), expected \(ids)"
  }
}

private func withCLIPMerges<Result>(_ body: (String) throws -> Result) throws -> Result {
  try Fixtures.withTemporaryFolder { folder in
    try FileManager.default.copyItem(
      atPath: try #require(mergesOfCLIP), toPath: folder + "/bpe_simple_vocab_16e6.txt.gz")
    return try body(folder)
  }
}

@Suite struct `Tokens of hard captions` {
  @Test func `are open_clip's for a small vocabulary`() throws {
    let golden = try Golden.load()
    let tokenizer = try BytePairTokenizer(folder: smallVocabulary, contextLength: 24, vocabularySize: 707)
    #expect(golden.lines.count == golden.smallVocabulary.count && golden.lines.count > 400)
    #expect(differences(tokenizer, golden.lines, golden.smallVocabulary) == [])
  }

  @Test(.enabled(if: mergesOfCLIP != nil, "needs ../shared/data"))
  func `are open_clip's for CLIP's own vocabulary`() throws {
    let golden = try Golden.load()
    try withCLIPMerges { folder in
      let tokenizer = try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 49408)
      #expect(tokenizer.startToken == 49406 && tokenizer.endToken == 49407)
      #expect(differences(tokenizer, golden.lines, golden.clip) == [])
    }
  }

  @Test(.enabled(if: Fixtures.shared("data/image_descriptions_general.txt") != nil, "needs ../shared/data"))
  func `are open_clip's for all general descriptions of clip_text_span`() throws {
    let golden = try Golden.load().generalDescriptions
    let file = try #require(Fixtures.shared("data/image_descriptions_general.txt"))
    let lines = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n")
    try withCLIPMerges { folder in
      let tokenizer = try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 49408)
      #expect(lines.count == golden.count)
      #expect(checksum(lines.map(tokenizer.encode)) == golden.checksum)
    }
  }

  @Test func `tell canonically equal words apart only where CLIP does`() throws {
    let tokenizer = try BytePairTokenizer(folder: smallVocabulary, contextLength: 24, vocabularySize: 707)
    #expect(tokenizer.encode("caf\u{E9}") == tokenizer.encode("cafe\u{301}"))
    #expect(tokenizer.encode("q\u{307}") != tokenizer.encode("q\u{323}"))
  }
}

/// FNV-1a over little-endian 32-bit words, each line ended by a −1; as in the script.
private func checksum(_ rows: [[Int32]]) -> String {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325
  for number in rows.joined(separator: [-1]) + [-1] {
    for shift in stride(from: 0, to: 32, by: 8) {
      value = (value ^ UInt64(UInt32(bitPattern: number) >> UInt32(shift) & 0xFF)) &* 0x100_0000_01B3
    }
  }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

@Suite struct `A caption that is too long` {
  @Test(arguments: [2, 3, 5, 24]) func `is cut and still ends with the end token`(contextLength: Int) throws {
    let tokenizer = try BytePairTokenizer(folder: smallVocabulary, contextLength: contextLength, vocabularySize: 707)
    let tokens = tokenizer.encode(String(repeating: "a red house ", count: 20))
    #expect(tokens.count == contextLength)
    #expect(tokens.first == tokenizer.startToken && tokens.last == tokenizer.endToken)
  }

  @Test func `is not cut when it just fits`() throws {
    let tokenizer = try BytePairTokenizer(folder: smallVocabulary, contextLength: 5, vocabularySize: 707)
    let whole = try BytePairTokenizer(folder: smallVocabulary, contextLength: 24, vocabularySize: 707).encode(
      "a red house")
    #expect(whole.count == 5 && tokenizer.encode("a red house") == whole)
  }

  @Test func `is padded with zeros when it is short`() throws {
    let tokenizer = try BytePairTokenizer(folder: smallVocabulary, contextLength: 24, vocabularySize: 707)
    let padded = tokenizer.encodePadded("a red house")
    #expect(padded.count == 24 && padded.dropFirst(5).allSatisfy { $0 == 0 })
  }
}

@Suite struct `Tokenizer files` {
  /// What each format needs, made from the small vocabulary's own vocab.json and merges.txt.
  enum Format: String, CaseIterable, CustomTestStringConvertible {
    case openCLIP, vocabularyAndMerges, tokenizer, tokenizerWithPairs

    var testDescription: String { rawValue }

    func write(to folder: String) throws {
      func copy(_ name: String) throws {
        try FileManager.default.copyItem(atPath: smallVocabulary + "/" + name, toPath: folder + "/" + name)
      }
      switch self {
      case .openCLIP: try copy("bpe_simple_vocab.txt.gz")
      case .vocabularyAndMerges:
        try copy("vocab.json")
        try copy("merges.txt")
      case .tokenizer, .tokenizerWithPairs:
        let vocabulary = try String(contentsOfFile: smallVocabulary + "/vocab.json", encoding: .utf8)
        let lines = try String(contentsOfFile: smallVocabulary + "/merges.txt", encoding: .utf8).split(separator: "\n")
        let merges = lines.dropFirst().map { line in
          self == .tokenizer ? "\"\(line)\"" : "[\"" + line.replacingOccurrences(of: " ", with: "\",\"") + "\"]"
        }
        let added = #"[{"id": 705, "content": "<start_of_text>", "special": true}]"#
        let json = """
          {"version": "1.0", "added_tokens": \(added),
           "model": {"type": "BPE", "vocab": \(vocabulary), "merges": [\(merges.joined(separator: ","))]}}
          """
        try json.write(toFile: folder + "/tokenizer.json", atomically: true, encoding: .utf8)
      }
    }
  }

  @Test(arguments: Format.allCases) func `of every format give the same tokens`(format: Format) throws {
    let golden = try Golden.load()
    try Fixtures.withTemporaryFolder { folder in
      try format.write(to: folder)
      let tokenizer = try BytePairTokenizer(folder: folder, contextLength: 24, vocabularySize: 707)
      #expect(differences(tokenizer, golden.lines, golden.smallVocabulary) == [])
    }
  }

  /// What Hugging Face's library makes of tokens that were added; written by `scripts/goldens/added_tokens.py`.
  private struct AddedGolden: Decodable {
    struct Line: Decodable {
      let line: String
      let ids: [Int32]
    }
    let lines: [Line]
  }

  @Test(arguments: ["tokenizer.json", "beside"]) func `with added tokens give them where they are spelled out`(
    place: String
  ) throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("tokenizer/added.json")))
    let golden = try JSONDecoder().decode(AddedGolden.self, from: bytes)
    let added = try #require((try JSONSerialization.jsonObject(with: bytes) as? [String: Any])?["added"])
    try Fixtures.withTemporaryFolder { folder in
      try (place == "beside" ? Format.vocabularyAndMerges : .tokenizer).write(to: folder)
      let file = URL(fileURLWithPath: folder + "/tokenizer.json")
      var whole: [String: Any] = [:]
      if place != "beside" {
        whole = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      }
      whole["added_tokens"] = added
      try JSONSerialization.data(withJSONObject: whole).write(to: file)
      let tokenizer = try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 714)
      for line in golden.lines {
        #expect(Array(tokenizer.encode(line.line).dropFirst().dropLast()) == line.ids, "\(line.line)")
      }
      #expect(throws: TokenizerError.self) {
        try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 713)
      }
    }
  }

  @Test(
    arguments: [
      ("added_tokens.json", #"{"<cat-toy>": 707}"#),
      ("tokenizer_config.json", #"{"added_tokens_decoder": {"707": {"content": "<cat-toy>", "special": false}}}"#),
    ]) func `with added tokens of other files give them too`(name: String, text: String) throws
  {
    try Fixtures.withTemporaryFolder { folder in
      try Format.vocabularyAndMerges.write(to: folder)
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      let tokenizer = try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 708)
      let plain = try BytePairTokenizer(folder: smallVocabulary, contextLength: 77, vocabularySize: 707)
      #expect(tokenizer.files.map { ($0 as NSString).lastPathComponent } == ["vocab.json", "merges.txt", name])
      let (before, after) = (plain.encode("a"), plain.encode("on a table"))
      #expect(tokenizer.encode("a <cat-toy> on a table") == before.dropLast() + [707] + after.dropFirst())
    }
  }

  @Test func `that are missing are named, all three kinds`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let error = try #require(throws: TokenizerError.self) {
        try BytePairTokenizer(folder: folder, contextLength: 77, vocabularySize: 49408)
      }
      #expect(error == .noFiles(folder: folder))
      for word in [folder, "bpe_*.txt.gz", "vocab.json", "merges.txt", "tokenizer.json"] {
        #expect("\(error)".contains(word))
      }
    }
  }

  @Test func `cut short anywhere are refused`() throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: smallVocabulary + "/bpe_simple_vocab.txt.gz"))
    try Fixtures.withTemporaryFolder { folder in
      for count in 0..<whole.count {
        try whole.prefix(count).write(to: URL(fileURLWithPath: folder + "/bpe_cut.txt.gz"))
        #expect(throws: TokenizerError.self, "prefix of \(count) bytes") {
          try BytePairTokenizer(folder: folder, contextLength: 24, vocabularySize: 707)
        }
      }
    }
  }

  @Test(arguments: [
    ("vocab.json", "[1,2]", "not JSON with a whole number per symbol"),
    ("vocab.json", "{\"a\": 1e9}", "has id 1000000000"), ("vocab.json", "{\"a\": 1}", "none of the tokens"),
    ("vocab.json", "{\"<start_of_text>\": 1, \"<end_of_text>\": 2}", "no token \"Ā\""),
    ("merges.txt", "#version\nr e\nar\n", "line 3 is not two symbols"),
    ("merges.txt", "#version\nr zzz\n", "no token \"zzz\""),
  ]) func `with wrong contents are refused by name`(name: String, contents: String, reason: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      try Format.vocabularyAndMerges.write(to: folder)
      try contents.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      let error = try #require(throws: TokenizerError.self) {
        try BytePairTokenizer(folder: folder, contextLength: 24, vocabularySize: 707)
      }
      #expect("\(error)".contains(reason), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }

  @Test func `of another vocabulary are refused with both counts`() {
    let error = #expect(throws: TokenizerError.self) {
      try BytePairTokenizer(folder: smallVocabulary, contextLength: 24, vocabularySize: 49408)
    }
    #expect("\(error as Any)".contains("193 merges, expected 48894"))
  }

  @Test(arguments: [(0, 707), (1, 707), (24, 513), (24, -1), (24, Int.max)])
  func `for impossible sizes are refused`(contextLength: Int, vocabularySize: Int) {
    #expect(throws: TokenizerError.sizes(contextLength: contextLength, vocabularySize: vocabularySize)) {
      try BytePairTokenizer(folder: smallVocabulary, contextLength: contextLength, vocabularySize: vocabularySize)
    }
  }
}
