extension Image {
  /// The image as a reader should see it: turned upright, transparency over white, at most `maximumSide` pixels a
  /// side.
  ///
  /// Small images are not enlarged.
  package func upright(maximumSide: Int) -> Bitmap {
    precondition(maximumSide > 0, "an image of \(maximumSide) pixels a side")
    let long = max(width, height)
    var raster = opaque
    if long > maximumSide {
      func scaled(_ side: Int) -> Int { max(1, Int((Double(side * maximumSide) / Double(long)).rounded())) }
      let size = (width: scaled(width), height: scaled(height))
      raster = raster.resized(to: size, window: (0..<size.width, 0..<size.height))
    }
    return turned(raster)
  }

  /// The whole image as a reader should see it, resized to a square of `side` pixels whatever its proportions.
  package func squashed(side: Int) -> Bitmap {
    precondition(side > 0, "an image of \(side) pixels a side")
    return turned(opaque.resized(to: (side, side), window: (0..<side, 0..<side)))
  }

  private var opaque: Raster { Raster(width: width, height: height, channels: 3, samples: overWhite()) }

  private func turned(_ raster: Raster) -> Bitmap {
    guard orientation != .upright else {
      return Bitmap(width: raster.width, height: raster.height, rgb: raster.samples)
    }
    let (width, height) = orientation.isSideways ? (raster.height, raster.width) : (raster.width, raster.height)
    var rgb: [UInt8] = []
    rgb.reserveCapacity(raster.samples.count)
    for y in 0..<height {
      for x in 0..<width {
        let place = orientation.stored(x: x, y: y, width: raster.width, height: raster.height)
        let start = (place.y * raster.width + place.x) * 3
        rgb.append(contentsOf: raster.samples[start..<start + 3])
      }
    }
    return Bitmap(width: width, height: height, rgb: rgb)
  }

  /// RGB samples of the whole stored image.
  private func overWhite() -> [UInt8] {
    if mode == .color && transparentColor == nil { return samples }
    let hasTransparency = hasTransparency
    return [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      for index in 0..<width * height {
        let (red, green, blue) = color(at: index)
        let alpha = hasTransparency ? alpha(at: index) : 255
        target[index * 3] = product255(red, alpha) + (255 - alpha)
        target[index * 3 + 1] = product255(green, alpha) + (255 - alpha)
        target[index * 3 + 2] = product255(blue, alpha) + (255 - alpha)
      }
      count = width * height * 3
    }
  }
}
