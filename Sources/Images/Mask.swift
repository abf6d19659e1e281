/// The place of an object in an image of the same proportions.
package struct Mask: Sendable, Equatable {
  package let width: Int
  package let height: Int
  /// Whether each pixel belongs to the object, row by row from the top left.
  package let isSet: [Bool]

  package init(width: Int, height: Int, isSet: [Bool]) {
    precondition(width > 0 && height > 0 && isSet.count == width * height, "misshaped mask")
    self.width = width
    self.height = height
    self.isSet = isSet
  }

  /// - Parameters:
  ///   - path: the mask's, for messages.
  ///   - imagePath: the image's, for messages.
  /// - Throws: `ImageError.misshapenMask` where its proportions are not those of the image, to a pixel's rounding.
  package func check(on image: Image, path: String, imagePath: String) throws(ImageError) {
    guard abs(width * image.height - height * image.width) <= max(image.width, image.height) else {
      throw .misshapenMask(
        path: path, width: width, height: height, image: imagePath, imageWidth: image.width,
        imageHeight: image.height)
    }
  }

  /// The mask on what a model sees, `side²` values row by row: the nearest stored value for each.
  package func crop(side: Int, resize: Preprocessing.Resize) -> [Bool] {
    let plan = CropPlan(width: width, height: height, size: side, resize: resize)
    let columns = nearestPlaces(stored: width, resized: plan.resized.width, window: plan.x)
    let rows = nearestPlaces(stored: height, resized: plan.resized.height, window: plan.y)
    return rows.flatMap { row in columns.map { isSet[row * width + $0] } }
  }
}

/// Reads a mask from any image: set where the image's luma is above 127.
///
/// - Throws: `ImageError`, `FileError`.
package func readMask(path: String) throws -> Mask {
  let image = try readImage(path: path)
  let isSet = (0..<image.width * image.height).map { index in
    let (red, green, blue) = image.color(at: index)
    // ITU-R 601 in fixed point, as PIL's conversion to "L".
    return (Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471 + 0x8000) >> 16 > 127
  }
  return Mask(width: image.width, height: image.height, isSet: isSet)
}
