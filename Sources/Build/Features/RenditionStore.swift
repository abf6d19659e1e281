import Analysis
import Attribution
import Files
import Images
import Site

/// The site's files of images, which are kept by the images' bytes.
struct RenditionStore: Sendable {
  /// Nil where nothing is kept.
  let cache: FeatureCache?

  /// The kept files of an image; nil where there are none.
  ///
  /// - Parameter hash: SHA-256 of the image's bytes, in hexadecimal.
  func kept(_ hash: String, _ kind: RenditionKind) -> ImageRenditions? {
    guard let bytes = cache?.bytes(.renditions, inputs: [hash, kind.key]) else { return nil }
    var reader = ByteReader(bytes)
    return try? reader.read(ImageRenditions.self)
  }

  /// Makes the files of an image and keeps them.
  ///
  /// - Throws: `ImageError`.
  func make(_ image: Image, _ hash: String, _ kind: RenditionKind) throws -> ImageRenditions {
    let made = try ImageRenditions(
      image, of: kind.origin, isCropped: kind.isCropped, isSquashed: kind.isSquashed)
    var writer = ByteWriter()
    writer.add(made)
    cache?.keep(writer.bytes, .renditions, inputs: [hash, kind.key])
    return made
  }

  /// The files of the image at a place.
  ///
  /// - Throws: `FileError`, `ImageError`.
  func renditions(at place: FilePlace, _ kind: RenditionKind) throws -> ImageRenditions {
    let bytes = try readFile(at: place)
    let hash = hexDigest(of: bytes)
    return try kept(hash, kind) ?? make(try decodeImage(bytes, path: "\(place)"), hash, kind)
  }
}

/// Which files of an image are asked for.
struct RenditionKind: Sendable {
  let origin: ImageReference.Origin
  let isCropped: Bool
  let isSquashed: Bool

  var key: String { "\(origin.rawValue) \(isCropped) \(isSquashed)" }
}
