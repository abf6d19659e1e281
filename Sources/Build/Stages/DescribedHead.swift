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

  /// All heads of a model, in the order of `TowerShape.allHeads`: from the cache where they are there.
  static func describe(
    _ encoded: EncodedModel, _ configuration: AtlasConfiguration, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> [DescribedHead] {
    let (pool, probe) = (encoded.pool, encoded.probe)
    let threads = encoded.loaded.model.threads
    let inputs =
      [encoded.loaded.key, configuration.features.rawValue, pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + ["\(configuration.textSpanCount) \(configuration.textSpanRank)"] + probe.hashes
    let made = try cache.value(.descriptions, inputs: inputs) {
      try describe(probe, by: pool, configuration, threads: threads, progress: progress)
    }
    let isWhole =
      made.count == probe.shape.headCount
      && made.allSatisfy { $0.descriptions.allSatisfy { configuration.pool.indices.contains($0.index) } }
    return isWhole ? made : try describe(probe, by: pool, configuration, threads: threads, progress: progress)
  }

  /// - Parameter pool: `[M, E]`, unit norm.
  private static func describe(
    _ probe: any HeadFeatures, by pool: Tensor, _ configuration: AtlasConfiguration, threads: Int,
    progress: any ProgressReporter
  ) throws -> [DescribedHead] {
    let done = Atomic<Int>(0)
    let heads = probe.shape.allHeads
    return try inParallel(heads.count, threads: threads) { place in
      try Interruption.shared.check()
      let statistics = try probe.statistics(of: heads[place])
      let basis = probe.spaces[place].basis
      let described = DescribedHead(
        descriptions: try textSpan(
          statistics: statistics, basis: basis, texts: pool, count: configuration.textSpanCount,
          rank: configuration.textSpanRank),
        variance: try statistics.totalVariance(basis: basis),
        effectiveRank: try statistics.effectiveRank(basis: basis))
      progress.report(stage: "TextSpan", done: done.add(1, ordering: .relaxed).newValue, total: heads.count)
      return described
    }
  }
}

extension HeadFeatures {
  /// What TextSpan needs to know of a head: the statistics of each block, merged in their order.
  func statistics(of head: Head) throws -> HeadStatistics {
    var statistics = HeadStatistics(width: space(of: head).width)
    try forEachBlock(of: head) { statistics.add($1) }
    return statistics
  }
}
