import Analysis
import Attribution
import CLIP
import Checkpoints
import Descriptions
import Evaluation
import Files
import Foundation
import Images
import Labels
import LinearAlgebra
import Metrics
import Parallel
import Synchronization
import Tensors

/// All that is computed of one model before any page is thought of.
struct ModelStudy: Sendable {
  let loaded: LoadedModel
  let evidence: ModelEvidence
  let ledger: Ledger
  /// CCS and entanglement of its labels.
  let report: LabelReport
  /// Per head, the smallest relative lead with which TextSpan chose one of the first five descriptions.
  let smallestLeads: [Double]
  /// Similarity of every gallery image with its own caption, taken apart; nil for images without one.
  let captions: [CaptionLedger?]
  /// Per head, the facts of the probe images' scenes and how much of its variance follows them, most first.
  let follows: [[FollowedFact]]
  /// What TextSpan finds for heads of random numbers: the first five texts of each, as a control.
  let randomHeads: [[Int]]
  /// How many texts TextSpan finds again of those that are planted; nil where the pool has too few.
  let planted: PlantedTexts?

  var shape: TowerShape { evidence.shape }
}

/// A fact of scenes, such as their setting, and how much of a head's variance it explains.
struct FollowedFact: Sendable {
  let name: String
  let explained: ExplainedShare
}

/// What heads and MLPs add to the similarity of an image and its caption.
struct CaptionLedger: Sendable {
  let caption: String
  /// Cosine of the two embeddings: the sum of all that follows.
  let similarity: Double
  /// `[L·H]`
  let heads: [Double]
  /// `[L+1]`
  let mlp: [Double]
}

extension ModelStudy {
  init(
    _ entry: AtlasConfiguration.ModelEntry, of configuration: AtlasConfiguration, gallery: HashedImages,
    probe: HashedImages, _ compute: ComputeOptions, cache: FeatureCache, progress: any ProgressReporter
  ) throws {
    let loaded = try LoadedModel(entry, compute)
    let model = loaded.model
    let features = try loaded.features(
      of: probe, kind: "probe", precision: configuration.features, cache: cache, progress: progress)
    let galleryParts = try loaded.contributions(of: gallery, kind: "gallery", cache: cache, progress: progress)
    let captions = configuration.gallery.images.map(\.caption)
    let embeddings = try loaded.embeddings(
      of: configuration.pool + configuration.texts.map(\.text) + captions, cache: cache, progress: progress)
    let pool = embeddings.rows(0..<configuration.pool.count)
    let textStart = configuration.pool.count
    let captionStart = textStart + configuration.texts.count
    let spans = try Self.spans(features, pool, configuration, threads: model.threads, progress)
    let labels = try Self.labels(
      loaded, spans.map { $0.lines(configuration.pool) }, shares: spans.map(\.shares), configuration)
    let heads = Self.headEvidence(model.shape, spans, labels, configuration)
    report = try Self.report(model.shape, labels)
    smallestLeads = spans.map { span in span.descriptions.prefix(5).map(\.lead).min() ?? 0 }
    ledger = CLIP.ledger(galleryParts)
    self.captions = captions.enumerated().map { index, caption in
      caption.isEmpty
        ? nil
        : CaptionLedger(
          caption, embedding: Array(embeddings.row(captionStart + index)), image: index, of: galleryParts)
    }
    follows = try Self.follows(features, configuration.probe, threads: model.threads)
    planted = try PlantedTexts(model, spaces: features.spaces, pool: pool)
    randomHeads = try Self.randomHeads(model, pool, images: probe.set.images.count)
    self.loaded = loaded
    evidence = ModelEvidence(
      model: entry.id, title: entry.title, shape: model.shape, heads: heads,
      probe: ProbeSet(items: Self.items(configuration.probe), features: features),
      gallery: ImageCollection(
        items: configuration.gallery.images.map { $0.item(.gallery) }, contributions: galleryParts),
      texts: TextCollection(
        items: configuration.texts.map { .init(id: $0.id, text: $0.text) },
        embeddings: embeddings.rows(textStart..<captionStart)),
      properties: configuration.properties.map { property in
        Property(
          id: property.id, title: property.title,
          heads: model.shape.allHeads.filter { head in
            heads[model.shape.index(of: head)].label.lowercased() == property.title.lowercased()
          })
      },
      contrasts: configuration.contrastEntries.compactMap { contrast in
        guard let image = configuration.gallery.images.firstIndex(where: { $0.id == contrast.image }),
          let first = configuration.texts.firstIndex(where: { $0.text == contrast.texts[0] }),
          let second = configuration.texts.firstIndex(where: { $0.text == contrast.texts[1] })
        else { return nil }
        return Contrast(id: contrast.id, image: image, texts: (first, second))
      },
      patches: GalleryPatches(model: model, paths: configuration.gallery.images.map(\.path)), threads: model.threads)
  }

  private static func items(_ probe: ImageSet) -> ProbeSet.Items {
    ProbeSet.Items(count: probe.images.count) { probe.images[$0].item(.probe) }
  }

  /// What TextSpan and the covariance say of one head.
  private struct Span: Sendable {
    let descriptions: [SpanDescription]
    let variance: Double
    let effectiveRank: Double

    func lines(_ pool: [String]) -> [String] { descriptions.map { pool[$0.index] } }

    /// Of the head's variance, what each description explains beyond those before it.
    var shares: [Double] {
      let sums = descriptions.map(\.explainedVariance)
      return zip(sums, [0] + sums).map { $0 - $1 }
    }
  }

  private static func spans(
    _ probe: any HeadFeatures, _ pool: Tensor, _ configuration: AtlasConfiguration, threads: Int,
    _ progress: any ProgressReporter
  ) throws -> [Span] {
    let done = Atomic<Int>(0)
    let heads = probe.shape.allHeads
    return try inParallel(heads.count, threads: threads) { place in
      try Interruption.shared.check()
      let statistics = try probe.statistics(of: heads[place])
      let basis = probe.spaces[place].basis
      let span = Span(
        descriptions: try textSpan(
          statistics: statistics, basis: basis, texts: pool, count: configuration.textSpanCount,
          rank: configuration.textSpanRank),
        variance: try statistics.totalVariance(basis: basis),
        effectiveRank: try statistics.effectiveRank(basis: basis))
      progress.report(stage: "TextSpan", done: done.add(1, ordering: .relaxed).newValue, total: heads.count)
      return span
    }
  }

  /// How many heads of random numbers are described.
  private static let randomHeadCount = 50

  /// Describes heads that write random numbers along random directions of the joint embedding, seeded.
  private static func randomHeads(_ model: CLIPModel, _ pool: Tensor, images: Int) throws -> [[Int]] {
    let (width, embedding) = (model.shape.headSpaceWidth, model.shape.embeddingWidth)
    guard images > 1 else { return [] }
    return try inParallel(randomHeadCount, threads: model.threads) { seed in
      var numbers = SeededNumbers(seed: UInt64(seed))
      func bell(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, values: (0..<shape[0] * shape[1]).map { _ in Float(numbers.bell()) })
      }
      var statistics = HeadStatistics(width: width)
      statistics.add(bell([min(images, 1000), width]))
      return try textSpan(
        statistics: statistics, basis: bell([width, embedding]), texts: pool, count: 5, rank: width
      ).map(\.index)
    }
  }

  /// Labels by hand where the configuration has them, in context for the others where it has examples.
  private static func labels(
    _ loaded: LoadedModel, _ lines: [[String]], shares: [[Double]], _ configuration: AtlasConfiguration
  ) throws -> [HeadLabel] {
    let heads = loaded.model.shape.allHeads
    guard !configuration.examples.isEmpty else {
      return heads.map { head in
        let label = loaded.entry.labels[head]
        return HeadLabel(
          property: label ?? HeadLabel.ambiguous, margin: nil, fits: [],
          source: label == nil ? HeadLabel.byNobody : HeadLabel.byHand)
      }
    }
    let model = loaded.model
    let labeller = try InContextLabeller(examples: configuration.examples, pool: configuration.pool) {
      try model.encode(texts: $0)
    }
    let found = try labeller.label(heads: lines, shares: shares)
    guard !loaded.entry.labels.isEmpty else { return found }
    let merged = heads.enumerated().map { loaded.entry.labels[$1] ?? found[$0].property }
    let judged = try labeller.judge(labels: merged, heads: lines)
    return heads.enumerated().map { index, head in
      loaded.entry.labels[head].map {
        HeadLabel(property: $0, margin: nil, fits: judged[index], source: HeadLabel.byHand)
      } ?? found[index]
    }
  }

  private static func follows(
    _ features: any HeadFeatures, _ probe: ImageSet, threads: Int
  ) throws -> [[FollowedFact]] {
    let facts = probe.facts
    let designs = try SceneFacts.names(in: facts).compactMap { try FactDesign(fact: $0, images: facts) }
    let heads = features.shape.allHeads
    guard !designs.isEmpty else { return heads.map { _ in [] } }
    return try inParallel(heads.count, threads: threads) { place in
      let variation = try HeadVariation(count: features.count, gram: features.spaces[place].gram) { body in
        try features.forEachBlock(of: heads[place], body)
      }
      return try zip(designs, variation.explained(by: designs)).compactMap { design, explained in
        explained.map { FollowedFact(name: design.fact, explained: $0) }
      }.sorted { ($1.explained.corrected, $0.name) < ($0.explained.corrected, $1.name) }
    }
  }

  private static func headEvidence(
    _ shape: TowerShape, _ spans: [Span], _ labels: [HeadLabel], _ configuration: AtlasConfiguration
  ) -> [HeadEvidence] {
    let total = spans.reduce(0) { $0 + $1.variance }
    return shape.allHeads.enumerated().map { index, head in
      let (span, label) = (spans[index], labels[index])
      return HeadEvidence(
        head: head,
        descriptions: span.descriptions.enumerated().map { place, description in
          HeadDescription(
            text: configuration.pool[description.index], index: description.index,
            standardDeviation: description.standardDeviation, explainedVariance: description.explainedVariance,
            fitsLabel: place < label.fits.count ? label.fits[place] : nil)
        },
        label: label.property, labelledBy: label.source, labelMargin: label.margin,
        consistency: label.fits.isEmpty ? nil : label.consistency,
        variance: total > 0 ? span.variance / total : 0, effectiveRank: span.effectiveRank)
    }
  }

  private static func report(_ shape: TowerShape, _ labels: [HeadLabel]) throws -> LabelReport {
    let names = shape.allHeads.map(\.description)
    let table = Dictionary(uniqueKeysWithValues: zip(names, labels.map(\.property)))
    let judged = zip(names, labels).filter { $1.fits.count == 5 }.map { ($0, $1.fits.map { $0 ? 1 : 0 }) }
    return try LabelReport(
      labels: table, judgements: judged.isEmpty ? nil : Dictionary(uniqueKeysWithValues: judged))
  }
}

extension CaptionLedger {
  init(_ caption: String, embedding: [Float], image: Int, of parts: HeadContributions) {
    func dot(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    self.caption = caption
    similarity = dot(parts.embeddings.row(image), embedding)
    let text = Tensor(shape: [1, embedding.count], values: embedding)
    heads = zip(parts.spaces, parts.coordinates).map { space, coordinates in
      dot(product(space.basis, .normal, text, .transposed).values, coordinates.row(image))
    }
    let terms = parts.mlp.row(image)
    mlp = (0...parts.shape.layers).map { term in
      let start = terms.startIndex + term * embedding.count
      return dot(terms[start..<start + embedding.count], embedding)
    }
  }
}

/// Patch scores of gallery images. The last few images' patches are kept, since analyses come back to them.
private final class GalleryPatches: PatchScoring {
  private let model: CLIPModel
  private let paths: [String]
  private let recent = Mutex<[(image: Int, patches: PatchCoordinates)]>([])

  /// A ViT-L-14's patches take 26 MB an image.
  private static let kept = 8

  init(model: CLIPModel, paths: [String]) {
    self.model = model
    self.paths = paths
  }

  func scores(image: Int, texts: Tensor) throws -> [PatchScores] {
    try Interruption.shared.check()
    if let known = recent.withLock({ $0.first { $0.image == image } }) { return known.patches.scores(texts: texts) }
    let patches = try model.patchCoordinates(try model.pixels(ofImage: paths[image]))
    recent.withLock { $0 = Array(($0 + [(image, patches)]).suffix(Self.kept)) }
    return patches.scores(texts: texts)
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

extension ImageSet.Entry {
  func item(_ set: ImageReference.Origin) -> ImageCollection.Item {
    .init(reference: ImageReference(set: set, id: id), caption: caption.isEmpty ? id : caption)
  }
}

extension Tensor {
  /// Some rows, as a tensor of their own.
  func rows(_ range: Range<Int>) -> Tensor {
    Tensor(
      shape: [range.count] + shape.dropFirst(),
      values: Array(values[range.lowerBound * rowCount..<range.upperBound * rowCount]))
  }
}

extension AtlasConfiguration {
  /// Contrasts with the identifiers of their pages.
  var contrastEntries: [(id: String, image: String, texts: [String])] {
    contrasts.map { contrast in
      (contrast.image + "-" + contrast.texts.map(uniqueSlug).joined(separator: "-or-"), contrast.image, contrast.texts)
    }
  }
}
