import Attribution
import CLIP
import Descriptions
import Files
import Parallel
import Synchronization
import Tensors

/// DESCRIBE: what TextSpan and the covariance say of one head.
struct DescribedHead: Sendable, Codable {
  let descriptions: [SpanDescription]
  /// The trace of its covariance in the joint embedding.
  let variance: Double
  let effectiveRank: Double

  /// Of the head's variance, what each description explains beyond those before it.
  var shares: [Double] {
    let sums = descriptions.map(\.explainedVariance)
    return zip(sums, [0] + sums).map { $0 - $1 }
  }

  /// All heads of a model, in the order of `TowerShape.allHeads`: from the cache where they are there, and from moments otherwise.
  static func describe(
    _ encoded: EncodedModel, _ configuration: AtlasConfiguration, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> [DescribedHead] {
    let inputs =
      [encoded.loaded.key, encoded.pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + ["\(configuration.textSpanCount) \(configuration.textSpanRank)"] + encoded.moments.keys
    let made = try cache.value(.descriptions, inputs: inputs) {
      try describe(encoded, configuration, progress: progress)
    }
    let isWhole =
      made.count == encoded.moments.shape.headCount
      && made.allSatisfy { $0.descriptions.allSatisfy { configuration.pool.indices.contains($0.index) } }
    return isWhole ? made : try describe(encoded, configuration, progress: progress)
  }

  private static func describe(
    _ encoded: EncodedModel, _ configuration: AtlasConfiguration, progress: any ProgressReporter
  ) throws -> [DescribedHead] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let done = Atomic<Int>(0)
    let heads = moments.shape.allHeads
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      let statistics = try moments.statistics(of: heads[place])
      let basis = model.spaces[place].basis
      let described = DescribedHead(
        descriptions: try textSpan(
          statistics: statistics, basis: basis, texts: encoded.pool, count: configuration.textSpanCount,
          rank: configuration.textSpanRank),
        variance: try statistics.totalVariance(basis: basis),
        effectiveRank: try statistics.effectiveRank(basis: basis))
      progress.report(stage: "TextSpan", done: done.add(1, ordering: .relaxed).newValue, total: heads.count)
      return described
    }
  }
}
