import Analysis
import Attribution
import Descriptions
import Tensors

/// Heads whose first five descriptions name one property, beside what chance gives.
public struct DescriptionTruth: Sendable {
  public let heads: Int
  public let allFive: Double
  public let fourOfFive: Double
  /// The same for five lines drawn at random from the pool.
  public let randomAllFive: Double
  public let randomFourOfFive: Double
  /// How many heads of random numbers were described, and the same for them.
  public let randomHeads: Int
  public let randomHeadAllFive: Double
  public let randomHeadFourOfFive: Double

  /// How many times five lines are drawn.
  public static let draws = 1000

  /// - Returns: nil where fewer than two properties have words.
  init?(_ evidence: ModelEvidence) throws {
    let lines = evidence.pool.texts.map { LineProperties.words($0) }
    let reader = LineProperties(evidence.properties, pool: lines)
    guard reader.isUseful else { return nil }
    let properties = lines.map(reader.property)
    let found = evidence.heads.map { head in
      Self.agreement(head.descriptions.prefix(5).map { properties[$0.index] })
    }
    var numbers = SeededNumbers(seed: 0)
    let random = (0..<Self.draws).map { _ in
      Self.agreement((0..<5).map { _ in properties.randomElement(using: &numbers) ?? nil })
    }
    let noise = try Self.describeRandomHeads(evidence).map { head in Self.agreement(head.map { properties[$0] }) }
    heads = found.count
    (allFive, fourOfFive) = (Self.share(found, 5), Self.share(found, 4))
    (randomAllFive, randomFourOfFive) = (Self.share(random, 5), Self.share(random, 4))
    randomHeads = noise.count
    (randomHeadAllFive, randomHeadFourOfFive) = (Self.share(noise, 5), Self.share(noise, 4))
  }

  /// How many of some lines name the property that most of them name.
  private static func agreement(_ lines: [Int?]) -> Int {
    Dictionary(grouping: lines.compactMap { $0 }, by: { $0 }).values.map(\.count).max() ?? 0
  }

  private static func share(_ counts: [Int], _ least: Int) -> Double {
    Double(counts.count { $0 >= least }) / Double(max(counts.count, 1))
  }

  /// How many heads of random numbers are described.
  private static let randomHeadCount = 50

  /// The places in the pool of the first five descriptions of heads that write random numbers along random directions of
  /// the joint embedding, seeded.
  private static func describeRandomHeads(_ evidence: ModelEvidence) throws -> [[Int]] {
    let (width, embedding) = (evidence.shape.headSpaceWidth, evidence.shape.embeddingWidth)
    let images = evidence.probe.imageCount
    guard images > 1 else { return [] }
    return try evidence.inParallel(randomHeadCount) { seed in
      var numbers = SeededNumbers(seed: UInt64(seed))
      func gaussian(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(numbers.nextGaussian()) })
      }
      var statistics = HeadStatistics(width: width)
      statistics.add(gaussian([min(images, 1000), width]))
      return try textSpan(
        statistics: statistics, basis: gaussian([width, embedding]), texts: evidence.pool.embeddings, count: 5,
        rank: width
      ).map(\.index)
    }
  }
}

/// Which property a line of the pool speaks of: of those it has words of, the one that fewest lines have words of.
///
/// So "a red cat" speaks of its colour, since nearly every line names an object, and "a cat" of the object.
struct LineProperties {
  private let words: [Set<String>]
  /// Properties from the rarest in the pool to the commonest.
  private let order: [Int]

  init(_ properties: [Property], pool: [Set<String>]) {
    let words = properties.map { Set($0.words) }
    let counts = words.map { own in pool.count { !$0.isDisjoint(with: own) } }
    self.words = words
    order = words.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
  }

  var isUseful: Bool { words.count { !$0.isEmpty } > 1 }

  static func words(_ line: String) -> Set<String> {
    Set(line.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
  }

  func property(_ line: Set<String>) -> Int? { order.first { !words[$0].isDisjoint(with: line) } }
}
