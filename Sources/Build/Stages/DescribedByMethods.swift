import Analysis
import Attribution
import CLIP
import Descriptions
import Evaluation
import Files
import Parallel
import Synchronization
import Tensors

/// DESCRIBE: what every method says of each head, and how much of the head that is.
struct DescribedByMethods: Sendable {
  /// By head, in the order of `TowerShape.allHeads`.
  let sets: [[DescriptionSet]]
  /// By head: its first principal directions.
  let directions: [[PrincipalDirection]]
  let chance: ChanceLikeness?

  /// How many texts every method chooses.
  static let count = 10

  /// What is kept of a head.
  private struct Kept: Codable {
    let methods: [MethodDescriptions]
    let directions: [DescribedDirection]

    /// Whether all texts are among so many candidates, and axes have so many numbers.
    func isOf(pool: Int, width: Int) -> Bool {
      methods.count == DescriptionMethod.allCases.count && directions.allSatisfy { $0.axis.count == width }
        && (methods.map(\.texts) + directions.flatMap { [$0.high.texts, $0.low.texts] }).joined()
          .allSatisfy { (0..<pool).contains($0) }
    }
  }

  init(
    _ encoded: EncodedModel, _ configuration: AtlasConfiguration, _ labelling: HeadLabelling, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws {
    let heads = encoded.moments.shape.allHeads
    let inputs =
      [encoded.loaded.key, encoded.pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + ["\(Self.count) \(configuration.textSpanRank)"] + encoded.moments.keys
    func compute() throws -> [Kept] { try Self.describe(encoded, rank: configuration.textSpanRank, progress) }
    let found = try cache.value(.methods, inputs: inputs, compute)
    let width = encoded.moments.shape.headSpaceWidth
    let isWhole =
      found.count == heads.count && found.allSatisfy { $0.isOf(pool: configuration.pool.count, width: width) }
    let kept = isWhole ? found : try compute()
    let readability = Readability(pool: encoded.pool)
    // By method, then by head.
    let labels = try labelling.inContext(
      DescriptionMethod.allCases.indices.map { place in
        let sets = kept.map { $0.methods[place] }
        return (
          lines: sets.map { $0.texts.map { configuration.pool[$0] } },
          shares: sets.map { set in zip(set.explained, [0] + set.explained).map { $0 - $1 } }
        )
      })
    let given = try encoded.loaded.entry.descriptions.map {
      try Self.sets($0, encoded, labelling)
    }
    sets = kept.enumerated().map { head, kept in
      kept.methods.enumerated().map { place, found in
        DescriptionSet(
          method: found.method.rawValue, title: found.method.title, texts: found.texts,
          lines: found.texts.map { configuration.pool[$0] }, explained: found.explained, heldOut: found.heldOut,
          likeness: readability?.likeness(of: found.texts), label: labels?[place][head])
      } + (given.map { [$0[head]] } ?? [])
    }
    directions = kept.map { head in head.directions.map(PrincipalDirection.init) }
    chance = readability.map { ChanceLikeness(mean: $0.chance, lowest: $0.lowest, highest: $0.highest) }
  }

  /// What descriptions from elsewhere say of each head, measured as those of methods are.
  private static func sets(
    _ given: GivenDescriptions, _ encoded: EncodedModel, _ labelling: HeadLabelling
  ) throws -> [DescriptionSet] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let heads = moments.shape.allHeads
    let lines = heads.map { Array((given.texts[$0] ?? []).prefix(count)) }
    let distinct = Array(Set(lines.joined())).sorted()
    let embeddings = try encoded.encoder.embeddings(of: distinct)
    let places = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
    let found = try inParallel(heads.count, threads: model.threads) { head in
      let rows = lines[head].compactMap { places[$0] }
      let texts = Tensor(
        shape: [rows.count, moments.shape.embeddingWidth], values: rows.flatMap { embeddings.row($0) })
      return (
        explained: try HeadDescriber.explained(
          by: texts, of: try moments.halves(of: heads[head]), basis: model.spaces[head].basis),
        likeness: Readability.likeness(of: texts)
      )
    }
    let shares = found.map { found in zip(found.explained.all, [0] + found.explained.all).map { $0 - $1 } }
    let labels = try labelling.inContext([(lines: lines, shares: shares)])?[0]
    return heads.indices.map { head in
      DescriptionSet(
        method: "given", title: given.title, texts: [], lines: lines[head], explained: found[head].explained.all,
        heldOut: found[head].explained.heldOut, likeness: found[head].likeness,
        label: lines[head].isEmpty ? nil : labels?[head])
    }
  }

  private static func describe(_ encoded: EncodedModel, rank: Int, _ progress: any ProgressReporter) throws -> [Kept] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let describer = HeadDescriber(texts: encoded.pool, count: count, rank: rank)
    let heads = moments.shape.allHeads
    let done = Atomic<Int>(0)
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      let found = try describer.describe(
        try moments.halves(of: heads[place]), basis: model.spaces[place].basis, white: model.whiteCovariances[place])
      let kept = Kept(methods: found.methods, directions: found.directions)
      progress.report(
        stage: "descriptions by every method", done: done.add(1, ordering: .relaxed).newValue, total: heads.count)
      return kept
    }
  }
}

extension PrincipalDirection {
  fileprivate init(_ found: DescribedDirection) {
    func end(_ end: DescribedDirection.End) -> End {
      End(texts: end.texts, weights: end.weights, fidelity: end.fidelity)
    }
    self.init(share: found.share, axis: found.axis, high: end(found.high), low: end(found.low))
  }
}
