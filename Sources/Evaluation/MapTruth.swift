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
    var pixels: [Float] = []
    pixels.reserveCapacity(mask.count)
    for row in rows {
      for column in columns {
        let top =
          map[row.first * side + column.first] * (1 - column.weight)
          + map[row.first * side + column.second] * column.weight
        let bottom =
          map[row.second * side + column.first] * (1 - column.weight)
          + map[row.second * side + column.second] * column.weight
        pixels.append(top * (1 - row.weight) + bottom * row.weight)
      }
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
  package func averagePrecision() -> Double? { Self.averagePrecision(of: pixels, marked: mask) }

  /// The same of any numbers, which are finite; nil where none is marked.
  static func averagePrecision(of values: [Float], marked: [Bool]) -> Double? {
    let area = marked.count { $0 }
    guard area > 0 else { return nil }
    var (taken, found, sum) = (0, 0, 0.0)
    for tie in ties(values, marked) {
      taken += tie.count
      found += tie.hits
      sum += Double(tie.hits) / Double(area) * Double(found) / Double(taken)
    }
    return sum
  }

  private func hits(amongHighest count: Int) -> Double {
    var (left, sum) = (count, 0.0)
    for tie in Self.ties(pixels, mask) where left > 0 {
      let share = min(Double(left) / Double(tie.count), 1)
      sum += share * Double(tie.hits)
      left -= tie.count
    }
    return sum
  }

  /// Pixels of equal value, highest first: how many there are, and how many lie in the mask.
  private static func ties(_ pixels: [Float], _ mask: [Bool]) -> [(count: Int, hits: Int)] {
    // Value and mask in one number that sorts as the values do: sorting is most of the work.
    var keys = [UInt64](repeating: 0, count: pixels.count)
    for place in keys.indices { keys[place] = UInt64(rank(pixels[place])) << 1 | (mask[place] ? 1 : 0) }
    var ties: [(count: Int, hits: Int)] = []
    var (value, count, hits) = (UInt64.max, 0, 0)
    for key in sorted(keys).reversed() {
      if value != key >> 1 {
        if count > 0 { ties.append((count, hits)) }
        (value, count, hits) = (key >> 1, 0, 0)
      }
      count += 1
      hits += Int(key & 1)
    }
    if count > 0 { ties.append((count, hits)) }
    return ties
  }

  /// A whole number that orders as the finite numbers do.
  private static func rank(_ value: Float) -> UInt32 {
    let bits = (value + 0).bitPattern  // −0 + 0 is 0
    return bits >> 31 == 1 ? ~bits : bits | 1 << 31
  }
}

/// Numbers below 2³³ in ascending order, by counting eleven bits at a time: a tenth of the time of a sort by comparing.
private func sorted(_ keys: [UInt64]) -> [UInt64] {
  var (from, to) = (keys, [UInt64](repeating: 0, count: keys.count))
  for shift: UInt64 in [0, 11, 22] {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << 11) { ends in
      ends.initialize(repeating: 0)
      for key in from { ends[Int(key >> shift & 0x7ff)] += 1 }
      var start = 0
      for digit in ends.indices { (ends[digit], start) = (start, start + ends[digit]) }
      to.withUnsafeMutableBufferPointer { to in
        for key in from {
          let digit = Int(key >> shift & 0x7ff)
          to[ends[digit]] = key
          ends[digit] += 1
        }
      }
    }
    swap(&from, &to)
  }
  return from
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
