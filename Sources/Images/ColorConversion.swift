// The conversions of PIL's libImaging/Convert.c that preprocessing and display need, to the bit.

/// a·b/255, rounded.
@inline(__always)
func product255(_ a: UInt8, _ b: UInt8) -> UInt8 {
  let sum = Int(a) * Int(b) + 128
  return UInt8(truncatingIfNeeded: ((sum >> 8) + sum) >> 8)
}

extension Image {
  /// The samples of one pixel as RGB, without regard to transparency.
  @inline(__always)
  func color(at index: Int) -> (UInt8, UInt8, UInt8) {
    switch mode {
    case .twoTone, .grey, .grey16: (samples[index], samples[index], samples[index])
    case .greyAlpha: (samples[index * 2], samples[index * 2], samples[index * 2])
    case .palette:
      (
        palette[Int(samples[index]) * 4], palette[Int(samples[index]) * 4 + 1], palette[Int(samples[index]) * 4 + 2]
      )
    case .color: (samples[index * 3], samples[index * 3 + 1], samples[index * 3 + 2])
    case .colorAlpha: (samples[index * 4], samples[index * 4 + 1], samples[index * 4 + 2])
    case .cmyk:
      (
        inkless(samples[index * 4], samples[index * 4 + 3]), inkless(samples[index * 4 + 1], samples[index * 4 + 3]),
        inkless(samples[index * 4 + 2], samples[index * 4 + 3])
      )
    }
  }

  /// 0 for transparent, 255 for opaque.
  @inline(__always)
  func alpha(at index: Int) -> UInt8 {
    switch mode {
    case .greyAlpha: samples[index * 2 + 1]
    case .colorAlpha: samples[index * 4 + 3]
    case .palette: palette[Int(samples[index]) * 4 + 3]
    default:
      if let transparentColor,
        samples[index * mode.channels..<(index + 1) * mode.channels].elementsEqual(transparentColor)
      {
        0
      } else {
        255
      }
    }
  }

  var hasTransparency: Bool {
    mode == .greyAlpha || mode == .colorAlpha || mode == .palette || transparentColor != nil
  }
}

/// What light an ink leaves, after black.
@inline(__always)
private func inkless(_ ink: UInt8, _ black: UInt8) -> UInt8 {
  let light = 255 - black
  return light - min(light, product255(ink, light))
}
