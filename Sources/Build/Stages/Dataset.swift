import Attribution
import Labels

/// DATASET: what an atlas is made from, with the hashes of the images' bytes.
struct Dataset: Sendable {
  let configuration: AtlasConfiguration
  let gallery: HashedImages
  let probe: HashedImages
  /// The properties that labels may name.
  let names: PropertyNames

  /// - Throws: `FileError` where an image cannot be read.
  init(_ configuration: AtlasConfiguration) throws {
    self.configuration = configuration
    gallery = try HashedImages(configuration.gallery)
    probe = try HashedImages(configuration.probe)
    names = PropertyNames(
      declared: configuration.properties.map { (id: $0.id, title: $0.title) }, examples: configuration.examples)
  }
}
