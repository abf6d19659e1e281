import Analysis
import Images

/// The files that a site has of one image, encoded as JPEG.
package struct ImageRenditions: Sendable {
  package struct File: Sendable, Equatable {
    package let bytes: [UInt8]
    package let width: Int
    package let height: Int

    package init(bytes: [UInt8], width: Int, height: Int) {
      (self.bytes, self.width, self.height) = (bytes, width, height)
    }

    init(_ bitmap: Bitmap) throws {
      self.init(bytes: try encodeJPEG(bitmap, quality: 85), width: bitmap.width, height: bitmap.height)
    }
  }
  /// At most 512 pixels a side; gallery only.
  package let large: File?
  package let thumb: File
  /// The centre square, which most models see, 224 pixels a side; nil where it was not asked for.
  package let crop: File?
  /// The whole image squashed to a square of 224 pixels; nil where it was not asked for.
  package let squashed: File?
  /// The place of the crop on the upright image.
  package let cropBox: FractionalRectangle

  package init(large: File?, thumb: File, crop: File?, squashed: File?, cropBox: FractionalRectangle) {
    (self.large, self.thumb, self.crop, self.squashed, self.cropBox) = (large, thumb, crop, squashed, cropBox)
  }

  /// - Parameters:
  ///   - isCropped: whether a model that sees the centre square may show maps of it.
  ///   - isSquashed: whether a model that squashes images may.
  /// - Throws: `ImageError`.
  package init(_ image: Image, of origin: ImageReference.Origin, isCropped: Bool, isSquashed: Bool) throws {
    large = origin == .gallery ? try File(image.upright(maximumSide: 512)) : nil
    thumb = try File(image.upright(maximumSide: origin == .gallery ? 160 : 128))
    crop = isCropped ? try File(image.crop(side: 224)) : nil
    squashed = isSquashed ? try File(image.squashed(side: 224)) : nil
    cropBox = image.uprightCrop()
  }

  /// Bytes of all files together.
  package var byteCount: Int { [large, thumb, crop, squashed].reduce(0) { $0 + ($1?.bytes.count ?? 0) } }
}

extension Image {
  /// The square that the model sees, upright, at most `side` pixels a side.
  func crop(side: Int) -> Bitmap {
    let (short, long) = (min(width, height), max(width, height))
    // A panorama is reduced further before it is cropped, because the whole of it could be very long.
    let whole = upright(maximumSide: min(max(1, side * long / short), 16 * side))
    let box = uprightCrop()
    let edge = max(1, min(whole.width, whole.height))
    let left = min(max(0, Int((box.x * Double(whole.width)).rounded())), whole.width - edge)
    let top = min(max(0, Int((box.y * Double(whole.height)).rounded())), whole.height - edge)
    var rgb: [UInt8] = []
    rgb.reserveCapacity(edge * edge * 3)
    for row in top..<top + edge {
      let start = (row * whole.width + left) * 3
      rgb.append(contentsOf: whole.rgb[start..<start + edge * 3])
    }
    return Bitmap(width: edge, height: edge, rgb: rgb)
  }
}
