import Analysis
import CLIP
import Files
import Images
import Parallel
import Site
import Synchronization
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
    let renditions: ImageRenditions
    fileprivate let crops: Crops
  }
  let items: [Item]

  /// What models see of an image, 8-bit RGB; nil until the image is decoded.
  fileprivate final class Crops: Sendable {
    let made: Mutex<[Square: Bitmap]?>

    init(_ made: [Square: Bitmap]?) { self.made = Mutex(made) }
  }
  private let places: [FilePlace]
  private let squares: [Square: Preprocessing]

  /// - Throws: `FileError`, `ImageError` for the first image that cannot be read.
  init(_ configuration: AtlasConfiguration, _ store: RenditionStore, threads: Int) throws {
    let models = configuration.models.map(\.configuration.preprocessing)
    let squares = Dictionary(models.map { (Square($0), $0) }, uniquingKeysWith: { first, _ in first })
    let resizes = Set(models.map(\.resize))
    let kind = RenditionKind(
      origin: .gallery, isCropped: resizes != [.squash], isSquashed: resizes.contains(.squash))
    let places = configuration.gallery.images.map(\.place)
    (self.squares, self.places) = (squares, places)
    items = try inParallel(places.count, threads: threads) { index in
      try Interruption.shared.check()
      let bytes = try readFile(at: places[index])
      let hash = hexDigest(of: bytes)
      // What models see of an image is asked for only where something of it must be computed.
      if let kept = store.kept(hash, kind) { return Item(hash: hash, renditions: kept, crops: Crops(nil)) }
      let image = try decodeImage(bytes, path: "\(places[index])")
      return Item(
        hash: hash, renditions: try store.make(image, hash, kind),
        crops: Crops(squares.mapValues { $0.crop(image) }))
    }
  }

  /// An image as a model sees it, `[3, S, S]`; the model must be one of those that were given.
  ///
  /// - Throws: `FileError`, `ImageError`, `BuildError.changedImage` where the image has to be read again and cannot be.
  func pixels(_ image: Int, for preprocessing: Preprocessing) throws -> Tensor {
    let crops = try items[image].crops.made.withLock { made in
      let crops = try made ?? decoded(image)
      made = crops
      return crops
    }
    guard let crop = crops[Square(preprocessing)] else {
      preconditionFailure("no crop of \(preprocessing.size) px was made")
    }
    return preprocessing.pixels(ofCrop: crop)
  }

  private func decoded(_ image: Int) throws -> [Square: Bitmap] {
    let bytes = try readFile(at: places[image])
    guard hexDigest(of: bytes) == items[image].hash else { throw BuildError.changedImage("\(places[image])") }
    let image = try decodeImage(bytes, path: "\(places[image])")
    return squares.mapValues { $0.crop(image) }
  }

  /// Bytes of memory that an image takes, once something of it had to be computed.
  var bytesPerImage: Int {
    let bytes = items.reduce(0) { sum, item in
      let crops = item.crops.made.withLock { $0?.values.reduce(0) { $0 + $1.rgb.count } ?? 0 }
      return sum + crops + item.renditions.byteCount
    }
    return bytes / max(items.count, 1)
  }
}
