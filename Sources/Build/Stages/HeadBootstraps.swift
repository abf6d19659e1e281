import Analysis
import Attribution
import CLIP
import Descriptions
import Evaluation
import Files
import Labels
import Parallel
import Synchronization
import Tensors

/// EVALUATE: how often a head's descriptions and label come back where its images, or the candidate descriptions, are drawn anew.
enum HeadBootstraps {
  /// How many descriptions of a head are looked for, and how many a bootstrap chooses: as many as the labeller reads, or as there are.
  private static func count(_ configuration: AtlasConfiguration) -> Int { min(10, configuration.textSpanCount) }

  /// By head, in the order of `TowerShape.allHeads`: from the cache where they are there; nil for a head without descriptions.
  static func stabilities(
    _ encoded: EncodedModel, _ described: [DescribedHead], _ labelling: HeadLabelling, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws -> [HeadStability?] {
    let configuration = labelling.dataset.configuration
    let count = count(configuration)
    let examples = configuration.examples.map { joinedDigest([$0.property] + $0.descriptions) }
    let properties = configuration.properties.flatMap { [$0.id, $0.title] }
    let inputs =
      [encoded.loaded.key, encoded.pool.values.withUnsafeBytes { hexDigest(of: $0) }]
      + [joinedDigest(configuration.pool), joinedDigest(examples), joinedDigest(properties)]
      + ["\(count) \(configuration.textSpanRank)"]
      + ["\(BootstrapDraws.count) \(BootstrapDescriber.mostTexts)"] + encoded.moments.keys
    func compute() throws -> [HeadStability?] {
      try Self.compute(encoded, described, labelling, progress)
    }
    let made = try cache.value(.stability, inputs: inputs, compute)
    let isWhole =
      made.count == described.count
      && zip(made, described).allSatisfy { kept, head in
        kept?.descriptions.map(\.index) ?? [] == head.descriptions.prefix(count).map(\.index)
      }
    return isWhole ? made : try compute()
  }

  private static func compute(
    _ encoded: EncodedModel, _ described: [DescribedHead], _ labelling: HeadLabelling, _ progress: any ProgressReporter
  ) throws -> [HeadStability?] {
    let (model, moments) = (encoded.loaded.model, encoded.moments)
    let configuration = labelling.dataset.configuration
    let reader = try labelling.reader(HeadLines(encoded, described, configuration))
    let heads = moments.shape.allHeads
    let done = Atomic<Int>(0)
    return try inParallel(heads.count, threads: model.threads) { place in
      try Interruption.shared.check()
      defer {
        progress.report(
          stage: "bootstraps", done: done.add(1, ordering: .relaxed).newValue, total: heads.count)
      }
      guard !described[place].descriptions.isEmpty else { return nil }
      let blocks = try moments.blocks(of: heads[place])
      let describer = try BootstrapDescriber(
        blocks: blocks, basis: model.spaces[place].basis, texts: encoded.pool, rank: configuration.textSpanRank,
        count: count(configuration))
      let draws = BootstrapDraws(head: place, blocks: blocks.count, texts: configuration.pool.count)
      return HeadStability(
        Array(zip(described[place].descriptions, described[place].shares).prefix(count(configuration))), draws,
        blocks: blocks.count, images: describer.describe(images: draws.images),
        pools: describer.describe(pools: draws.pools), reader)
    }
  }
}

extension HeadStability {
  fileprivate init(
    _ first: [(SpanDescription, Double)], _ draws: BootstrapDraws, blocks: Int, images: [[ChosenText]],
    pools: [[ChosenText]],
    _ reader: PoolReader?
  ) {
    let (overImages, overPools) = (images.map { Set($0.map(\.index)) }, pools.map { Set($0.map(\.index)) })
    let readings = [images, pools].map { bootstraps in
      reader.map { reader in bootstraps.map { reader.read($0.map(\.index), weights: $0.map(\.variance)) } } ?? []
    }
    func counts(_ label: (PoolReader.Reading) -> Label?) -> [LabelCount] {
      let found = readings.map { Dictionary(grouping: $0.compactMap(label)) { $0 }.mapValues(\.count) }
      let order = (reader?.properties ?? []) + [.ambiguous]
      return order.map { LabelCount(label: $0, images: found[0][$0] ?? 0, pool: found[1][$0] ?? 0) }
        .filter { $0.all > 0 }.enumerated().sorted { ($1.element.all, $0.offset) < ($0.element.all, $1.offset) }
        .map(\.element)
    }
    self.init(
      blocks: blocks, imageBootstraps: images.count, poolBootstraps: pools.count,
      descriptions: first.map { description, _ in
        Description(
          index: description.index,
          images: Returns(count: overImages.count { $0.contains(description.index) }, bootstraps: images.count),
          pool: Returns(
            count: overPools.count { $0.contains(description.index) },
            bootstraps: draws.pools.count { $0[description.index] }))
      }, label: reader?.read(first.map(\.0.index), weights: first.map(\.1)).label,
      labels: counts(\.label), leading: counts { $0.leading(of: reader?.properties ?? []) },
      properties: reader?.properties.count ?? 0)
  }
}

extension PoolReader.Reading {
  /// The property that most speaks for; nil where nothing speaks for any.
  fileprivate func leading(of properties: [Label]) -> Label? {
    guard let most = nats.max(), most > 0 else { return nil }
    return nats.firstIndex(of: most).map { properties[$0] }
  }
}
