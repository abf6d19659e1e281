import Analysis
import Attribution
import LinearAlgebra
import Tensors

/// Whether figures fall when a label gets worse: of sound ones they fall in more than 90 % of cases (arXiv 2506.05774).
///
/// Each head is given a label that is right by construction: the images in the highest tenth of what it writes along its first
/// description show it. Then half of these are dropped, or as many others added.
public struct LabelSanityTests: Sendable, Equatable {
  public let heads: Int
  public let images: Int
  /// By statistic, the share of heads whose figure falls when half of the positives are dropped.
  public let missing: [LabelStatistic: Double]
  /// The same when as many wrong ones are added.
  public let extra: [LabelStatistic: Double]

  public static let required = 0.9

  public func passes(_ statistic: LabelStatistic) -> Bool {
    (missing[statistic] ?? 0) > Self.required && (extra[statistic] ?? 0) > Self.required
  }
}

extension LabelSanityTests {
  /// Probe images that are looked at, from the first on.
  private static let mostImages = 2000

  /// - Returns: nil where there are too few probe images, or no head has a description.
  /// - Throws: what reading features throws.
  public init?(_ evidence: ModelEvidence) throws {
    let features = evidence.probe.features
    guard min(features.count, Self.mostImages) >= 100 else { return nil }
    let falls = try evidence.mapHeads { head in try Self.falls(evidence, head) }.compactMap { $0 }
    guard !falls.isEmpty else { return nil }
    func share(_ isFallen: (Falls) -> Set<LabelStatistic>) -> [LabelStatistic: Double] {
      LabelStatistic.allCases.reduce(into: [:]) { shares, statistic in
        shares[statistic] = Double(falls.count { isFallen($0).contains(statistic) }) / Double(falls.count)
      }
    }
    heads = falls.count
    images = falls[0].images
    missing = share(\.missing)
    extra = share(\.extra)
  }

  private struct Falls {
    let images: Int
    let missing: Set<LabelStatistic>
    let extra: Set<LabelStatistic>
  }

  private static func falls(_ evidence: ModelEvidence, _ head: Head) throws -> Falls? {
    guard let first = evidence[head].descriptions.first else { return nil }
    let features = evidence.probe.features
    let text = Tensor(
      shape: [1, evidence.pool.embeddings.rowCount], values: Array(evidence.pool.embeddings.row(first.index)))
    let direction = product(features.space(of: head).basis, .normal, text, .transposed)  // [D+3, 1]
    var activation: [Double] = []
    for block in features.blocks.indices where activation.count < mostImages {
      let written = product(try features.coordinates(of: head, block: block), .normal, direction, .normal)
      activation += written.values.prefix(mostImages - activation.count).map(Double.init)
    }
    let positive = LabelImageScores.largest(activation.count / 10, of: activation)
    var numbers = SeededNumbers(seed: UInt64(evidence.shape.index(of: head)))
    let places = activation.indices.map { (number: numbers.next(), place: $0) }.sorted { $0 < $1 }.map(\.place)
    let (right, wrong) = (places.filter { positive[$0] }, places.filter { !positive[$0] })
    func marks(_ marked: some Sequence<Int>) -> [Double] {
      var marks = [Double](repeating: 0, count: activation.count)
      for place in marked { marks[place] = 1 }
      return marks
    }
    let (whole, half) = (marks(right), marks(right.prefix(right.count / 2)))
    let more = marks(right + wrong.prefix(right.count))
    func fallen(_ changed: [Double]) -> Set<LabelStatistic> {
      Set(LabelStatistic.allCases.filter { $0.value(activation, changed) < $0.value(activation, whole) })
    }
    return Falls(images: activation.count, missing: fallen(half), extra: fallen(more))
  }
}
