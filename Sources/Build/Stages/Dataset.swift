import Attribution
import CLIP
import Files
import Labels
import Parallel

/// DATASET: what an atlas is made from, with the hashes of the images' bytes.
struct Dataset: Sendable {
  let configuration: AtlasConfiguration
  let gallery: HashedImages
  let galleryImages: GalleryImages
  let probe: HashedImages
  /// The probe images that single images are looked up in, all of them or a sample, and their places in the probe set.
  let sample: HashedImages
  let sampleRows: [Int]
  /// The properties that labels may name.
  let names: PropertyNames

  /// - Throws: `FileError`, `ImageError` where an image cannot be read.
  init(_ configuration: AtlasConfiguration, threads: Int) throws {
    self.configuration = configuration
    let images = try GalleryImages(configuration, configuration.renditions, threads: threads)
    galleryImages = images
    gallery = HashedImages(configuration.gallery) { images.items[$0].hash }
    let probe = configuration.probe
    let hashes = try inParallel(probe.images.count, threads: threads) { place in
      try Interruption.shared.check()
      return try hexDigest(at: probe.images[place].place)
    }
    let all = HashedImages(probe) { hashes[$0] }
    self.probe = all
    func name(_ row: Int) -> String { probe.images[row].id }
    sampleRows = all.drawn(configuration.sampleCount ?? all.count, name: name)
    sample = sampleRows.count < all.count ? all.subset(sampleRows, name: name) : all
    names = PropertyNames(
      declared: configuration.properties.map { (id: $0.id, title: $0.title) }, examples: configuration.examples)
  }
}

extension AtlasConfiguration {
  /// The site's files of images, kept in the atlas's cache.
  var renditions: RenditionStore { RenditionStore(cache: FeatureCache(folder: cacheFolder)) }
}
