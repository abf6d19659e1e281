/// How a map of numbers becomes a yes or no for every pixel.
package enum MapThreshold: Sendable {
  /// Above the map's own mean, as in the segmentation benchmark of arXiv 2310.05916 (min-max scaling, which that
  /// benchmark does first, changes nothing).
  case mean
  /// As many pixels as the mask has, the highest; pixels that tie at the limit count in proportion. Says how well the
  /// map ranks, whatever its scale.
  case area
}

/// A patch map held against the true mask of an object, both on the crop that the model saw.
package struct MapTruth: Sendable {
  /// The map at the resolution of the mask, bilinear between patch centres.
  package let pixels: [Float]
  package let mask: [Bool]

  /// - Parameters:
  ///   - map: `[P]`, row by row from the top left, on a square grid.
  ///   - mask: `[height, width]`, row by row; at any resolution.
  /// - Returns: nil where the sizes do not fit, or a number is not finite.
  package init?(map: [Float], mask: [Bool], width: Int, height: Int) {
    let side = Int(Double(map.count).squareRoot().rounded())
    guard side > 0, side * side == map.count, width > 0, height > 0, mask.count / width == height,
      mask.count % width == 0, map.allSatisfy(\.isFinite)
    else { return nil }
    let (columns, rows) = (Self.samples(width, of: side), Self.samples(height, of: side))
    // The rows of patches at the width of the mask: each lies above or below many rows of pixels.
    let across: [Float] = (0..<side).flatMap { row -> [Float] in
      columns.map { column -> Float in
        let (left, right) = (map[row * side + column.first], map[row * side + column.second])
        return left * (1 - column.weight) + right * column.weight
      }
    }
    let pixels = [Float](unsafeUninitializedCapacity: mask.count) { pixels, count in
      for (index, row) in rows.enumerated() {
        across.withUnsafeBufferPointer { across in
          for column in 0..<width {
            let (top, bottom) = (across[row.first * width + column], across[row.second * width + column])
            pixels[index * width + column] = top * (1 - row.weight) + bottom * row.weight
          }
        }
      }
      count = mask.count
    }
    self.pixels = pixels
    self.mask = mask
  }

  /// Which two patches a pixel lies between, and how much of the second it takes; clamped at the edges.
  private static func samples(_ count: Int, of side: Int) -> [(first: Int, second: Int, weight: Float)] {
    (0..<count).map { index in
      // Clamped at both ends, so that pixels beyond the outermost centres are equal to the bit, and tie.
      let place = min(max((Double(index) + 0.5) * Double(side) / Double(count) - 0.5, 0), Double(side - 1))
      let first = Int(place)
      return (first, min(first + 1, side - 1), Float(place - Double(first)))
    }
  }

  /// Pixels in both the thresholded map and the mask, over pixels in either; nil for an empty mask.
  package func intersectionOverUnion(_ threshold: MapThreshold = .mean) -> Double? {
    let area = mask.count { $0 }
    guard area > 0 else { return nil }
    switch threshold {
    case .mean:
      let mean = pixels.reduce(0.0) { $0 + Double($1) } / Double(pixels.count)
      var (predicted, both) = (0, 0)
      for place in pixels.indices where Double(pixels[place]) > mean {
        predicted += 1
        if mask[place] { both += 1 }
      }
      return Double(both) / Double(area + predicted - both)
    case .area:
      let both = hits(amongHighest: area)
      return both / (2 * Double(area) - both)
    }
  }

  /// The area under precision over recall, stepwise, pixels that tie taken together; nil for an empty mask.
  package func averagePrecision() -> Double? { ranked.averagePrecision() }

  private var ranked: RankedMarks {
    RankedMarks(pixels.count) { keys in
      for place in keys.indices { keys[place] = RankedMarks.key(pixels[place], mask[place]) }
    }
  }

  private func hits(amongHighest count: Int) -> Double {
    var (left, sum) = (count, 0.0)
    ranked.forEachTie { count, hits in
      guard left > 0 else { return }
      let share = min(Double(left) / Double(count), 1)
      sum += share * Double(hits)
      left -= count
    }
    return sum
  }
}

/// How well maps find what the masks mark: both scores are 0 to 1, and higher is better.
public struct MapScore: Sendable, Equatable {
  /// Intersection over union, a pixel found where the map is above its own mean.
  public let overlap: Double
  /// Average precision, which needs no threshold.
  public let precision: Double

  package init(overlap: Double, precision: Double) {
    self.overlap = overlap
    self.precision = precision
  }

  /// One map against one mask; nil as in `MapTruth`, and for an empty mask.
  package init?(map: [Float], mask: [Bool], side: Int) {
    guard let truth = MapTruth(map: map, mask: mask, width: side, height: side),
      let overlap = truth.intersectionOverUnion(), let precision = truth.averagePrecision()
    else { return nil }
    self.init(overlap: overlap, precision: precision)
  }

  /// The mean of each score; nil of none.
  package static func mean(_ scores: [MapScore]) -> MapScore? {
    guard !scores.isEmpty else { return nil }
    return MapScore(
      overlap: Evaluation.mean(scores.map(\.overlap)), precision: Evaluation.mean(scores.map(\.precision)))
  }
}
