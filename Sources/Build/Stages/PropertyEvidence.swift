import Analysis
import Attribution
import CLIP
import Descriptions
import Evaluation
import Files
import Parallel
import Tensors

/// EVALUATE: how much of each head's variance lies along the words of each property.
struct PropertyEvidence: Sendable {
  /// By head, in the order of `TowerShape.allHeads`, and by property.
  let shares: [[PropertyShare?]]
  /// By head and property, in how many draws of images and words it has the highest excess; empty for a head that does not vary.
  let leads: [[Int]]

  /// From the cache where they are there.
  init(_ encoded: EncodedModel, _ configuration: AtlasConfiguration, cache: FeatureCache) throws {
    let properties = configuration.properties
    let inputs =
      [encoded.loaded.key, encoded.pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + ["\(PropertySpans.rank) \(PropertySpans.subsets)"] + properties.map { joinedDigest($0.words) }
      + encoded.moments.keys
    let (words, count) = (properties.map(\.words), encoded.moments.shape.headCount)
    let made = try cache.value(.properties, inputs: inputs) { try Self.shares(encoded, words) }
    let isWhole = made.count == count && made.allSatisfy { $0.count == properties.count }
    let shares = isWhole ? made : try Self.shares(encoded, words)
    let drawn = try cache.value(.properties, inputs: inputs + ["\(HeadEvidence.propertyDraws) draws"]) {
      try Self.leads(encoded, words, shares)
    }
    let isDrawn = drawn.count == count && drawn.allSatisfy { $0.isEmpty || $0.count == properties.count }
    self.shares = shares
    leads = isDrawn ? drawn : try Self.leads(encoded, words, shares)
  }

  private static func leads(
    _ encoded: EncodedModel, _ words: [[String]], _ shares: [[PropertyShare?]]
  ) throws -> [[Int]] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let heads = moments.shape.allHeads
    let draws = try PropertyDraws(
      words: try encoded.encoder.embeddings(of: words), width: moments.shape.embeddingWidth)
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      return try draws.leads(
        of: try moments.blocks(of: heads[place]), basis: model.spaces[place].basis, shares: shares[place], head: place)
    }
  }

  private static func shares(_ encoded: EncodedModel, _ words: [[String]]) throws -> [[PropertyShare?]] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let heads = moments.shape.allHeads
    let spans = try PropertySpans(
      words: try encoded.encoder.embeddings(of: words), pool: encoded.pool, threads: model.threads)
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      return try spans.shares(
        statistics: try moments.statistics(of: heads[place]), basis: model.spaces[place].basis)
    }
  }
}
