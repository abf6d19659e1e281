import Files
import Foundation

/// A reader of files from strangers, with files that it reads.
struct FuzzedParser: Sendable {
  /// A file that is mutated.
  struct Seed: Sendable {
    /// Its path in the folder of the parser.
    let file: String
    let bytes: [UInt8]
    /// Makes a whole file of mutated bytes; nil where they are one.
    var finish: (@Sendable ([UInt8]) -> [UInt8])?
  }

  let name: String
  /// Words of the format, which mutations insert.
  var words: [String] = []
  var isText = true
  /// The files by the root of the repository, and what lies beside them.
  let seeds: @Sendable (_ root: String) throws -> [Seed]
  /// Files by name that are never mutated.
  var others: @Sendable (_ root: String) throws -> [String: [UInt8]] = { _ in [:] }
  /// How many bytes of memory the format itself asks for, over what every parser may have.
  var bytesAsked: @Sendable ([UInt8]) -> Int = { _ in 0 }
  /// Reads the file at a path; the bytes are the same ones.
  let read: @Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void

  static let all: [FuzzedParser] =
    weights + configurations + images + imageSets + atlases + plugins + labelFiles + sites + shardFiles

  /// The path of the mutated file of case `number`, and its bytes.
  func input(_ seeds: [Seed], seed: UInt64, case number: Int) -> (file: String, bytes: [UInt8]) {
    let key = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var random = Random([seed, key, UInt64(number)])
    let chosen = seeds[random.index(seeds.count)]
    var bytes = chosen.bytes
    Mutation(words: words, isText: isText, others: seeds.map(\.bytes)).apply(to: &bytes, &random)
    // Some files stay as they fell out.
    if let finish = chosen.finish, !random.once(in: 16) { bytes = finish(bytes) }
    return (chosen.file, bytes)
  }
}

/// The names in a folder, in ascending order.
func fileNames(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// The files of a folder whose names end in one of `suffixes`, in ascending order, for `FuzzedParser.seeds`.
func seedFiles(_ folder: String, _ suffixes: [String], as file: String) throws -> [FuzzedParser.Seed] {
  try fileNames(folder).filter { name in suffixes.contains { name.hasSuffix($0) } }
    .map { FuzzedParser.Seed(file: file, bytes: try readFile(folder + "/" + $0)) }
}

/// Words of JSON at which readers go wrong.
let wordsOfJSON = [
  "null", "true", "false", "[", "]", "{", "}", "\"", ":", ",", "\"\"", "[]", "{}", "-1", "0", "1e999", "-0.0", "1.5",
  "NaN",
  "Infinity", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e18", "1e-400", "\"\\ud800\"",
  "\"\\u0000\"", "\\", "\"é\"", "[[", "{\"a\":", "0x10", "00",
]
