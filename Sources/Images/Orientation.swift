/// How a stored image is turned or mirrored to stand upright, with EXIF's numbers.
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored, upsideDown, mirroredUpsideDown, mirroredQuarterLeft, quarterRight, mirroredQuarterRight, quarterLeft

  /// Whether width and height change places.
  package var isSideways: Bool { rawValue >= 5 }

  /// The stored place of the pixel at (`x`, `y`) of the upright image, for a stored image of `width` × `height` pixels.
  package func stored(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
    switch self {
    case .upright: (x, y)
    case .mirrored: (width - 1 - x, y)
    case .upsideDown: (width - 1 - x, height - 1 - y)
    case .mirroredUpsideDown: (x, height - 1 - y)
    case .mirroredQuarterLeft: (y, x)
    case .quarterRight: (y, height - 1 - x)
    case .mirroredQuarterRight: (width - 1 - y, height - 1 - x)
    case .quarterLeft: (width - 1 - y, x)
    }
  }

  /// Turns a square map over the stored image (such as patch scores), `side²` values row by row, as the image is turned.
  package func upright<Value>(_ map: [Value], side: Int) -> [Value] {
    precondition(map.count == side * side, "a map of \(map.count) values, \(side) a side")
    return (0..<side * side).map { index in
      let place = stored(x: index % side, y: index / side, width: side, height: side)
      return map[place.y * side + place.x]
    }
  }

  /// The place of a rectangle of the stored image in the upright one.
  package func upright(_ rectangle: FractionalRectangle) -> FractionalRectangle {
    let (x, y, width, height) = (rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    let (right, bottom) = (1 - x - width, 1 - y - height)
    return switch self {
    case .upright: rectangle
    case .mirrored: FractionalRectangle(x: right, y: y, width: width, height: height)
    case .upsideDown: FractionalRectangle(x: right, y: bottom, width: width, height: height)
    case .mirroredUpsideDown: FractionalRectangle(x: x, y: bottom, width: width, height: height)
    case .mirroredQuarterLeft: FractionalRectangle(x: y, y: x, width: height, height: width)
    case .quarterRight: FractionalRectangle(x: bottom, y: x, width: height, height: width)
    case .mirroredQuarterRight: FractionalRectangle(x: bottom, y: right, width: height, height: width)
    case .quarterLeft: FractionalRectangle(x: y, y: right, width: height, height: width)
    }
  }
}

extension Orientation {
  /// The orientation that EXIF data (a TIFF header and what follows) states; upright where it states none that is
  /// valid, since a damaged note about an image is no reason to refuse the image.
  init(exif bytes: ArraySlice<UInt8>) {
    self = Orientation(tiff: Array(bytes)) ?? .upright
  }

  private init?(tiff bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let isLittleEndian = bytes[0] == UInt8(ascii: "I")
    guard bytes[0] == bytes[1], isLittleEndian || bytes[0] == UInt8(ascii: "M") else { return nil }
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      let digits = bytes[offset..<offset + count]
      return (isLittleEndian ? digits.reversed() : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
      let count = number(at: directory, bytes: 2)
    else { return nil }
    for entry in 0..<count {
      let start = directory + 2 + entry * 12
      guard let tag = number(at: start, bytes: 2) else { return nil }
      // Tag 0x112, type 3 (two bytes).
      if tag == 0x112, number(at: start + 2, bytes: 2) == 3, let value = number(at: start + 8, bytes: 2) {
        self.init(rawValue: value)
        return
      }
    }
    return nil
  }
}
