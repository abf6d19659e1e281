import Foundation
import LinearAlgebra

/// A process that answers requests for measurements: one JSON object on each line of stdin, one on each line of stdout.
///
/// A request names what to do in `do`; see `Request`. An answer is an `Answer`, or `{"error": "…"}`, after which the
/// next request is read all the same. Between requests the process sleeps, so that others can be measured.
@main
struct Driver {
  static func main() throws {
    let bench = Bench()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    while let line = readLine() {
      let text: Data
      do {
        text = try encoder.encode(try bench.answer(JSONDecoder().decode(Request.self, from: Data(line.utf8))))
      } catch {
        text = try encoder.encode(["error": "\(error)"])
      }
      FileHandle.standardOutput.write(text + Data("\n".utf8))
    }
  }
}

/// What a request can ask for; all but `do` depends on it.
struct Request: Decodable {
  enum Work: String, Decodable {
    /// Loads `model`, to run on `threads` threads in `precision`.
    case load
    /// Reads the pixels `[N, 3, S, S]` that `decompose` takes from `file`.
    case pixels
    /// Decomposes the first `count` images of `pixels`, from the start again where there are fewer.
    case decompose
    /// Writes the decomposition of the first `count` images of `pixels` to `file`.
    case save
    /// Reads, decodes and decomposes `files`.
    case images
    /// Encodes the lines of `file`, or the first `count` of them.
    case texts
    /// The best speed of products of `sizes` on `threads` threads.
    case peak
    /// Reads a head from `file`: `coordinates [N, C]`, `basis [C, E]` and `texts [M, E]`.
    case head
    /// The statistics of `heads` copies of the head, over its first `images`.
    case statistics
    /// TextSpan of `heads` copies of the head: `count` of the first `texts`, from the statistics taken last.
    case textspan
    /// Every method of description of `heads` copies of the head: `count` of the first `texts`, from the statistics taken last, as
    /// those of either half of the images.
    case describe
    /// The bootstraps of `heads` copies of the head: `count` of the first `texts` each time. Of the first `queries` copies, how often
    /// another text would be chosen if all might be.
    case stability
    /// Which of 1,344 heads of six models write alike, over `images` synthetic images.
    case twins
    /// The nearest `count` of the head's first `images`, to `queries` of them.
    case search
    /// The peak of resident memory so far.
    case memory
  }

  let work: Work
  let model: String?
  let threads: Int?
  let precision: Precision?
  let file: String?
  let files: [String]?
  let count: Int?
  let heads: Int?
  let images: Int?
  let texts: Int?
  let queries: Int?
  /// The rows, columns and inner size of each product.
  let sizes: [[Int]]?

  enum CodingKeys: String, CodingKey {
    case work = "do"
    case model, threads, precision, file, files, count, heads, images, texts, queries, sizes
  }
}

struct Answer: Encodable {
  /// The time that the work alone took.
  var seconds: Double?
  /// A sum over every result, so that no computation is optimised away.
  var checksum: Double?
  /// Further numbers by name.
  var numbers: [String: Double] = [:]
  /// The indices of what was chosen or found.
  var indices: [Int] = []
}

/// A fault of a request.
enum RequestError: Error, CustomStringConvertible {
  case missing(String)
  case notLoaded(String)
  case shape(file: String, tensor: String, found: [Int]?, expected: String)

  var description: String {
    switch self {
    case .missing(let key): "a request without \(key), which it needs"
    case .notLoaded(let what): "no \(what) yet, expected a request for it before"
    case .shape(let file, let tensor, let found, let expected):
      "\(file): \(tensor) is \(found.map { "\($0)" } ?? "missing"), expected \(expected)"
    }
  }
}

/// The value of `body` and the seconds that it takes.
func timed<Value>(_ body: () throws -> Value) rethrows -> (value: Value, seconds: Double) {
  let start = ContinuousClock.now
  let value = try body()
  return (value, start.duration(to: .now) / .seconds(1))
}
