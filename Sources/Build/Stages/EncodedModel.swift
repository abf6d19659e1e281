import Attribution
import CLIP
import Tensors

/// ENCODE: what one model makes of the dataset.
///
/// Computed once and kept by content.
struct EncodedModel: Sendable {
  let loaded: LoadedModel
  let encoder: CachedTextEncoder
  /// Of the probe images that single images are looked up in; on disk, and read head by head.
  let probe: StoredFeatures
  /// Of the features of all probe images: what descriptions are made from.
  let moments: StoredMoments
  let gallery: HeadContributions
  /// How far the pieces of the gallery's embeddings miss them.
  let residual: ReconstructionResidual
  /// Unit norm, `[M, E]`: candidate descriptions.
  let pool: Tensor
  /// Unit norm, `[M, E]`: curated texts.
  let texts: Tensor
  /// Unit norm, `[G, E]`: captions of the gallery; the row of an image without a caption means nothing.
  let captions: Tensor

  init(
    _ entry: AtlasConfiguration.ModelEntry, of dataset: Dataset, _ compute: ComputeOptions, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws {
    let configuration = dataset.configuration
    let loaded = try LoadedModel(entry, compute)
    let encoder = CachedTextEncoder(loaded: loaded, cache: cache, progress: progress)
    // The gallery first, since the probe set may be the same files.
    gallery = try loaded.contributions(
      of: dataset.gallery, dataset.galleryImages, cache: cache, progress: progress)
    let precision = configuration.features.precision
    // Where the sample is the whole set, its features are those that moments are taken of.
    if configuration.features == .momentsAlone, dataset.sample.count < dataset.probe.count {
      moments = try loaded.moments(of: dataset.probe, cache: cache, progress: progress)
      probe = try loaded.features(of: dataset.sample, precision: precision, cache: cache, progress: progress)
    } else {
      probe = try loaded.features(of: dataset.probe, precision: precision, cache: cache, progress: progress)
      moments = try loaded.moments(of: probe, precision: precision, cache: cache, progress: progress)
    }
    residual = reconstructionResidual(of: gallery)
    let embeddings = try encoder.embeddings(of: [
      configuration.pool, configuration.texts.map(\.text), configuration.gallery.images.map(\.caption),
    ])
    (pool, texts, captions) = (embeddings[0], embeddings[1], embeddings[2])
    self.loaded = loaded
    self.encoder = encoder
  }
}
