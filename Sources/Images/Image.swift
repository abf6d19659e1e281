/// A decoded image, in the form its file has.
///
/// The form matters: what a model sees of a palette, of transparency or of two tones depends on it
/// (see `Preprocessing`). Modes are named as PIL names them.
package struct Image: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable {
    /// Two tones, stored as 0 and 255.
    case twoTone = "1"
    case grey = "L"
    case greyAlpha = "LA"
    /// Indices into `palette`.
    case palette = "P"
    case color = "RGB"
    case colorAlpha = "RGBA"
    /// Grey of 16 bits, of which the upper 8 are kept.
    case grey16 = "I;16"
    /// Four inks, of which 255 is full.
    case cmyk = "CMYK"

    /// The bytes of one pixel.
    package var channels: Int {
      switch self {
      case .twoTone, .grey, .palette, .grey16: 1
      case .greyAlpha: 2
      case .color: 3
      case .colorAlpha, .cmyk: 4
      }
    }
  }

  package let width: Int
  package let height: Int
  package let mode: Mode
  /// Row by row from the top left, `mode.channels` bytes a pixel.
  package let samples: [UInt8]
  /// 256 RGBA colours where the mode is `palette`, else empty.
  package let palette: [UInt8]
  /// The one colour that the file declares transparent, `mode.channels` bytes; nil for most.
  package let transparentColor: [UInt8]?
  /// How the stored image is turned upright.
  package let orientation: Orientation

  package init(
    width: Int, height: Int, mode: Mode, samples: [UInt8], palette: [UInt8] = [], transparentColor: [UInt8]? = nil,
    orientation: Orientation = .upright
  ) {
    precondition(width > 0 && height > 0 && samples.count == width * height * mode.channels, "misshaped image")
    precondition(palette.count == (mode == .palette ? 1024 : 0), "palette of \(palette.count) bytes")
    self.width = width
    self.height = height
    self.mode = mode
    self.samples = samples
    self.palette = palette
    self.transparentColor = transparentColor
    self.orientation = orientation
  }

  /// The number of pixels above which PIL takes an image for an attack and refuses it.
  package static let maximumPixelCount = 178_956_970
}

/// An 8-bit RGB bitmap.
package struct Bitmap: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// Row by row from the top left, three bytes a pixel.
  package var rgb: [UInt8]

  package init(width: Int, height: Int, rgb: [UInt8]) {
    precondition(width >= 0 && height >= 0 && rgb.count == width * height * 3, "misshaped bitmap")
    self.width = width
    self.height = height
    self.rgb = rgb
  }
}

/// A rectangle in fractions of an image's width and height.
package struct FractionalRectangle: Sendable, Equatable {
  package let x: Double
  package let y: Double
  package let width: Double
  package let height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}
