import Analysis
import Attribution
import CLIP
import Descriptions
import Files
import LinearAlgebra
import Tensors

/// What plugins ask of a model's image tower beside features: each image runs through it when it is first asked about, and what
/// comes of it is kept in the cache.
struct TowerEvidence: DeferredEvidence {
  private let loaded: LoadedModel
  private let probe: HashedImages
  private let gallery: GalleryImages
  private let galleryHash: String
  private let probeMoments: StoredMoments
  private let cuts: ImageCuts
  private let cache: FeatureCache
  private let progress: any ProgressReporter

  init(_ encoded: EncodedModel, _ dataset: Dataset, cache: FeatureCache, _ progress: any ProgressReporter) {
    (loaded, probe, gallery) = (encoded.loaded, dataset.sample, dataset.galleryImages)
    (galleryHash, probeMoments) = (dataset.gallery.hash, encoded.moments)
    cuts = encoded.loaded.model.cuts(of: dataset.sample, encoded.loaded.compute)
    (self.cache, self.progress) = (cache, progress)
  }

  private var shape: TowerShape { loaded.model.shape }

  var keys: (gallery: String, probe: String) {
    (joinedDigest([loaded.key, galleryHash]), joinedDigest([loaded.key, probe.hash]))
  }

  func moments(of head: Head) throws -> HeadMoments {
    let statistics = try probeMoments.statistics(of: head)
    let scale = 1 / Double(max(statistics.count, 1))
    return HeadMoments(
      count: statistics.count, mean: statistics.mean, covariance: statistics.coMoment.map { $0 * scale })
  }

  func attention(image: GalleryIndex) throws -> Tensor {
    try Interruption.shared.check()
    let asked = [shape.headCount, shape.patches + 1]
    func compute() throws -> Tensor {
      loaded.model.attention(try gallery.pixels(image.place, for: loaded.model.preprocessing))
    }
    let kept = try cache.tensors(
      .attention, inputs: [loaded.key, gallery.items[image.place].hash], names: ["attention"]
    ) { [try compute()] }[0]
    return try kept.shape == asked ? kept : compute()
  }

  func mlps(block: Int) throws -> Tensor {
    let batches = cuts.piece(block).batches
    let tail = [shape.layers + 1, shape.embeddingWidth]
    func inputs(_ batch: ImageBatch) -> [String] { [loaded.key, batch.hash] }
    var terms = batches.map { batch -> Tensor? in
      let kept = cache.tensors(.mlps, inputs: inputs(batch), names: ["mlps"])?[0]
      return kept?.shape == [batch.rows.count] + tail ? kept : nil
    }
    let missing = batches.indices.filter { terms[$0] == nil }
    let places = Dictionary(uniqueKeysWithValues: missing.map { (batches[$0].rows.lowerBound, $0) })
    try loaded.model.forEachBlock(
      of: missing.map { batches[$0].rows },
      pixels: { [model = loaded.model, probe] in try model.pixels(ofImage: probe.place(of: $0)) },
      progress: progress, stage: "\(loaded.entry.id): MLPs"
    ) { rows, contributions in
      guard let place = places[rows.lowerBound] else { return }
      terms[place] = contributions.mlp
      cache.keep([contributions.mlp], .mlps, inputs: inputs(batches[place]), names: ["mlps"])
    }
    return Tensor(shape: [cuts.piece(block).rows.count] + tail, values: terms.flatMap { $0?.values ?? [] })
  }

  var probeKeys: (images: String, features: String)? {
    (probe.hash, joinedDigest([loaded.key, probe.hash] + probeMoments.keys))
  }

  func keptTwins(inputs: [String], names: [String]) -> [Tensor]? { cache.tensors(.twins, inputs: inputs, names: names) }

  func keep(twins: [Tensor], inputs: [String], names: [String]) {
    cache.keep(twins, .twins, inputs: inputs, names: names)
  }

  func report(stage: String, done: Int, total: Int) throws {
    try Interruption.shared.check()
    progress.report(stage: stage, done: done, total: total)
  }

  func contributions(ofTexts texts: [String]) throws -> HeadContributions {
    try Interruption.shared.check()
    return try loaded.model.decompose(texts: texts)
  }

  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] {
    try Interruption.shared.check()
    let (model, shape) = (loaded.model, shape)
    let asked = [texts.rows, shape.headCount, shape.patches]
    func compute() throws -> Tensor {
      let scores = try model.patchCoordinates(model.pixels(ofImage: probe.place(of: row))).scores(texts: texts)
      return Tensor(shape: asked, values: scores.flatMap(\.values.values))
    }
    let inputs = [loaded.key, probe.hash(of: row), texts.values.withUnsafeBytes { hexDigest(of: $0) }]
    var kept = try cache.tensors(.patches, inputs: inputs, names: ["scores"]) { [try compute()] }[0]
    if kept.shape != asked { kept = try compute() }
    return kept.patchScores(shape)
  }
}

extension Tensor {
  /// Scores `[M, L·H, P]`, text by text.
  func patchScores(_ shape: TowerShape) -> [PatchScores] {
    (0..<rows).map { text in
      PatchScores(shape: shape, values: Tensor(shape: [shape.headCount, shape.patches], values: Array(row(text))))
    }
  }
}
