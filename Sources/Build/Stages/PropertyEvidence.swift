import Analysis
import Attribution
import CLIP
import Descriptions
import Evaluation
import Files
import Parallel
import Tensors

/// EVALUATE: how much of each head's variance lies along the words of each property.
enum PropertyEvidence {
  /// By head, in the order of `TowerShape.allHeads`, and by property: from the cache where they are there.
  static func shares(
    _ encoded: EncodedModel, _ configuration: AtlasConfiguration, cache: FeatureCache
  ) throws -> [[PropertyShare?]] {
    let properties = configuration.properties
    let inputs =
      [encoded.loaded.key, encoded.pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + ["\(PropertySpans.rank) \(PropertySpans.subsets)"] + properties.map { joinedDigest($0.words) }
      + encoded.moments.keys
    let made = try cache.value(.properties, inputs: inputs) {
      try compute(encoded, properties.map(\.words))
    }
    let isWhole = made.count == encoded.moments.shape.headCount && made.allSatisfy { $0.count == properties.count }
    return isWhole ? made : try compute(encoded, properties.map(\.words))
  }

  private static func compute(_ encoded: EncodedModel, _ words: [[String]]) throws -> [[PropertyShare?]] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let heads = moments.shape.allHeads
    let spans = try PropertySpans(words: try encoded.encoder.embeddings(of: words), pool: encoded.pool)
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      return try spans.shares(
        statistics: try moments.statistics(of: heads[place]), basis: model.spaces[place].basis)
    }
  }
}
