import Analysis
import CLIP
import Files
import Images
import Parallel
import Site
import Tensors

/// The gallery's images, each read once: its hash, what models see of it, and the site's files of it.
struct GalleryImages: Sendable {
  /// What a model sees of images before it normalises them: models with the same square share it.
  struct Square: Hashable, Sendable {
    let size: Int
    let resize: Preprocessing.Resize

    init(_ preprocessing: Preprocessing) { (size, resize) = (preprocessing.size, preprocessing.resize) }
  }

  struct Item: Sendable {
    /// SHA-256 of its bytes, in hexadecimal.
    let hash: String
    /// 8-bit RGB.
    let crops: [Square: Bitmap]
    let renditions: ImageRenditions
  }
  let items: [Item]

  /// - Throws: `FileError`, `ImageError` for the first image that cannot be read.
  init(_ configuration: AtlasConfiguration, threads: Int) throws {
    let images = configuration.gallery.images
    let models = configuration.models.map(\.configuration.preprocessing)
    let resizes = Set(models.map(\.resize))
    items = try inParallel(images.count, threads: threads) { place in
      try Interruption.shared.check()
      let source = images[place].place
      let bytes = try readFile(at: source)
      let image = try decodeImage(bytes, path: "\(source)")
      return Item(
        hash: hexDigest(of: bytes),
        crops: Dictionary(models.map { (Square($0), $0) }, uniquingKeysWith: { first, _ in first })
          .mapValues { $0.crop(image) },
        renditions: try ImageRenditions(
          image, of: .gallery, isCropped: resizes != [.squash], isSquashed: resizes.contains(.squash)))
    }
  }

  /// An image as a model sees it, `[3, S, S]`; the model must be one of those that were given.
  func pixels(_ image: Int, for preprocessing: Preprocessing) -> Tensor {
    guard let crop = items[image].crops[Square(preprocessing)] else {
      preconditionFailure("no crop of \(preprocessing.size) px was made")
    }
    return preprocessing.pixels(ofCrop: crop)
  }

  /// Bytes of memory that an image takes.
  var bytesPerImage: Int {
    let bytes = items.reduce(0) { sum, item in
      item.crops.values.reduce(sum + item.renditions.byteCount) { $0 + $1.rgb.count }
    }
    return bytes / max(items.count, 1)
  }
}
