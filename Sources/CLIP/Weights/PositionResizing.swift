import Checkpoints

/// Interpolates positional embeddings for another size, as open_clip does where a model is made for one: those of the
/// grid bicubic with antialiasing, those of texts linear, places being the centres of pixels.
package enum PositionResizing {
  /// The shares that consecutive old positions have in a new one.
  private struct Taps {
    let start: Int
    let weights: [Float]
  }

  /// The embeddings of a grid.
  ///
  /// - Parameters:
  ///   - positions: `[side² + 1, width]`, that of the class token first, which stays as it is.
  ///   - side: the patches along a side of the old grid; `target` of the new one.
  /// - Returns: `[target² + 1, width]`.
  package static func grid(_ positions: [Float], side: Int, to target: Int, width: Int) -> [Float] {
    let taps = bicubicTaps(side, to: target)
    // Along rows first, as the reference does.
    let wide = (0..<side).flatMap { row in
      taps.flatMap { tap in sum(tap, positions, width) { 1 + row * side + $0 } }
    }
    let grid = taps.flatMap { tap in
      (0..<target).flatMap { column in sum(tap, wide, width) { $0 * target + column } }
    }
    return positions.prefix(width) + grid
  }

  /// The embeddings of a row of tokens.
  ///
  /// - Parameter positions: `[count, width]`.
  /// - Returns: `[target, width]`.
  package static func sequence(_ positions: [Float], count: Int, to target: Int, width: Int) -> [Float] {
    let scale = Float(count) / Float(target)
    return (0..<target).flatMap { index in
      let place = max(0, scale * (Float(index) + 0.5) - 0.5)
      let start = min(Int(place), count - 1)
      let share = start + 1 < count ? place - Float(start) : 0
      let taps = Taps(start: start, weights: share == 0 ? [1] : [1 - share, share])
      return sum(taps, positions, width) { $0 }
    }
  }

  private static func sum(_ taps: Taps, _ rows: [Float], _ width: Int, row: (Int) -> Int) -> [Float] {
    var result = [Float](repeating: 0, count: width)
    for (index, weight) in taps.weights.enumerated() {
      let start = row(taps.start + index) * width
      for column in 0..<width { result[column] += weight * rows[start + column] }
    }
    return result
  }

  /// Keys' cubic with a = −0.5, as wide as the grid shrinks.
  private static func bicubicTaps(_ side: Int, to target: Int) -> [Taps] {
    // Rounded to float32 as in the reference: the error grows along the grid.
    let scale = Double(Float(side) / Float(target))
    let stretch = max(scale, 1)
    return (0..<target).map { index in
      let center = scale * (Double(index) + 0.5)
      let start = max(0, Int(center - 2 * stretch + 0.5))
      let end = min(side, Int(center + 2 * stretch + 0.5))
      let weights = (start..<end).map { cubic((Double($0) + 0.5 - center) / stretch) }
      let total = weights.reduce(0, +)
      return Taps(start: start, weights: weights.map { Float($0 / total) })
    }
  }

  private static func cubic(_ distance: Double) -> Double {
    let (x, a) = (abs(distance), -0.5)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}

extension WeightReader {
  /// The positional embeddings of the image tower, `[side² + 1, width]`.
  ///
  /// - Throws: `ConfigurationError.otherPositions` where they are for another grid and not to be resized.
  mutating func imagePositions(_ configuration: CLIPConfiguration) throws -> [Float] {
    let (name, width, side) = ("visual.positional_embedding", configuration.image.width, configuration.gridSide)
    guard let found = rows(of: name, width: width), found != side * side + 1,
      case let old = Int(Double(max(0, found - 1)).squareRoot()), old > 0, old * old + 1 == found,
      old <= CLIPConfiguration.maximumGridSide
    else { return try take(name, [side * side + 1, width]) }
    guard resizesPositions else {
      throw ConfigurationError.otherPositions(
        file: file.path, setting: "image_size", found: old * configuration.patchSize, expected: configuration.imageSize)
    }
    return PositionResizing.grid(try take(name, [found, width]), side: old, to: side, width: width)
  }

  /// The positional embeddings of the text tower, `[context, width]`.
  ///
  /// - Throws: `ConfigurationError.otherPositions` where they are for another length and not to be resized.
  mutating func textPositions(_ configuration: CLIPConfiguration) throws -> [Float] {
    let (name, width, length) = ("positional_embedding", configuration.text.width, configuration.contextLength)
    guard let found = rows(of: name, width: width), found != length, found > 0 else {
      return try take(name, [length, width])
    }
    guard resizesPositions else {
      throw ConfigurationError.otherPositions(
        file: file.path, setting: "context_length", found: found, expected: length)
    }
    return PositionResizing.sequence(try take(name, [found, width]), count: found, to: length, width: width)
  }
}
