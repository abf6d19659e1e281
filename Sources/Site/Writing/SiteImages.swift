import Analysis
import Images
import Parallel

/// A file of an image with its size in pixels, which pages need before it loads.
struct SizedFile: Sendable, Equatable {
  let file: Address
  let width: Int
  let height: Int
}

/// An image with its files in the site.
struct ShownImage: Sendable {
  let source: SiteContent.ImageFile
  /// At most 512 pixels a side; gallery only.
  let large: SizedFile?
  let thumb: SizedFile
  /// The centre square, which most models see, 224 pixels a side; nil where no heat map needs it.
  let crop: SizedFile?
  /// The whole image squashed to a square of 224 pixels; nil where no heat map of a model that squashes images needs it.
  let squashed: SizedFile?
  /// The place of the crop on the upright image.
  let cropBox: FractionalRectangle

  /// The text for readers who do not see the image.
  var alternative: String { name(of: source) }
}

/// All images that pages show, each written once.
struct SiteImages: Sendable {
  private let images: [ImageReference: ShownImage]
  /// Where their files are.
  private let folder: SiteFolder

  subscript(_ reference: ImageReference) -> ShownImage? { images[reference] }

  init(_ images: [ShownImage], in folder: SiteFolder) {
    self.folder = folder
    self.images = Dictionary(images.map { ($0.source.reference, $0) }) { first, _ in first }
  }

  /// What is in the file of an image, for a figure that carries it.
  /// - Throws: `FileError`.
  func bytes(of file: SizedFile) throws -> [UInt8] { try folder.read(file.file) }
}

/// The images that sections refer to, and those of which they show the crop or the squashed image.
struct ImageUse: Sendable {
  private(set) var shown: Set<ImageReference> = []
  private(set) var cropped: Set<ImageReference> = []
  private(set) var squashed: Set<ImageReference> = []

  /// - Parameter squashing: the models that see whole images squashed.
  init(_ sections: [Section], squashing: Set<String>) {
    for section in sections {
      let squashes = section.model.map(squashing.contains) ?? false
      for block in section.blocks { add(block, squashes: squashes) }
    }
  }

  private mutating func add(_ block: Block, squashes: Bool) {
    switch block {
    case .imageStrip(let strip): shown.formUnion(strip.items.map(\.image))
    case .heatMaps(let maps):
      shown.formUnion(maps.maps.map(\.image))
      if squashes {
        squashed.formUnion(maps.maps.map(\.image))
      } else {
        cropped.formUnion(maps.maps.map(\.image))
      }
    case .table(let table):
      for row in table.rows {
        for case .image(let reference) in row { shown.insert(reference) }
      }
    case .markdown, .bars, .series, .scatter, .headGrid, .download: break
    }
  }
}

/// The images that sections refer to.
package func imagesShown(in sections: [Section]) -> Set<ImageReference> {
  ImageUse(sections, squashing: []).shown
}

extension SiteImages {
  /// Writes the files of the gallery and of those probe images that are referred to.
  /// - Returns: the images and the number of bytes of their files.
  /// - Throws: `SiteError.duplicateImage`, `ImageError`, `FileError`.
  static func write(
    _ content: SiteContent, to folder: SiteFolder, threads: Int
  ) throws -> (images: SiteImages, bytes: Int) {
    let use = ImageUse(content.sections, squashing: content.squashing)
    let wanted = content.gallery + content.probe.filter { use.shown.contains($0.reference) }
    var seen: Set<ImageReference> = []
    for image in content.gallery + content.probe where !seen.insert(image.reference).inserted {
      throw SiteError.duplicateImage(set: image.reference.set.rawValue, id: image.reference.id)
    }
    let written = try inParallel(wanted.count, threads: threads) { [use, wanted] place in
      try writeFiles(of: wanted[place], use, to: folder)
    }
    return (SiteImages(written.map(\.image), in: folder), written.reduce(0) { $0 + $1.bytes })
  }
}

private func writeFiles(
  of source: SiteContent.ImageFile, _ use: ImageUse, to folder: SiteFolder
) throws -> (image: ShownImage, bytes: Int) {
  let reference = source.reference
  let (isCropped, isSquashed) = (use.cropped.contains(reference), use.squashed.contains(reference))
  let renditions = try source.renditions(isCropped, isSquashed)
  var bytes = 0
  func write(_ rendition: ImageRenditions.File, _ size: String) throws -> SizedFile {
    let file = Address("images/\(reference.set.rawValue)/\(size)/\(reference.id).jpg")
    bytes += try folder.write(rendition.bytes, to: file)
    return SizedFile(file: file, width: rendition.width, height: rendition.height)
  }
  let shown = ShownImage(
    source: source, large: try renditions.large.map { try write($0, "large") },
    thumb: try write(renditions.thumb, "thumb"),
    crop: isCropped ? try renditions.crop.map { try write($0, "crop") } : nil,
    squashed: isSquashed ? try renditions.squashed.map { try write($0, "squashed") } : nil,
    cropBox: renditions.cropBox)
  return (shown, bytes)
}
