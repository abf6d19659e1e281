/// Bicubic resampling, equal to PIL's to the bit (`src/libImaging/Resample.c`): a = −0.5, the kernel widened by the
/// shrink factor, weights rounded to fixed point, first along the rows and then along the columns with a rounding
/// to 8 bits between.
struct BicubicWeights {
  /// Where the contributing run of input pixels starts, for each output pixel of the window.
  let starts: [Int]
  /// How many input pixels contribute.
  let counts: [Int]
  /// `stride` weights an output pixel, in units of 2⁻²².
  let weights: [Int32]
  let stride: Int

  /// Bits after the point: 32, less the 8 of a pixel, less 2 for the sign and what overshoots.
  static let precision: Int32 = 32 - 8 - 2

  /// Weights for the output pixels in `window` of a row of `input` pixels resized to `output`.
  init(input: Int, output: Int, window: Range<Int>) {
    let scale = Double(input) / Double(output)
    let filterScale = max(scale, 1)
    let support = 2 * filterScale
    stride = Int(support.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Int32](repeating: 0, count: window.count * stride)
    var exact = [Double](repeating: 0, count: stride)
    for (place, pixel) in window.enumerated() {
      let center = (Double(pixel) + 0.5) * scale
      let start = max(Int(center - support + 0.5), 0)
      let count = min(Int(center + support + 0.5), input) - start
      var sum = 0.0
      for tap in 0..<count {
        exact[tap] = bicubic((Double(tap + start) - center + 0.5) * (1 / filterScale))
        sum += exact[tap]
      }
      for tap in 0..<count {
        let share = (sum != 0 ? exact[tap] / sum : exact[tap]) * Double(1 << Self.precision)
        weights[place * stride + tap] = Int32(share < 0 ? share - 0.5 : share + 0.5)
      }
      starts.append(start)
      counts.append(count)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
  }

  /// The input pixels that any output pixel needs.
  var needed: Range<Int> {
    guard let first = starts.first, let last = starts.last, let count = counts.last else { return 0..<0 }
    return first..<last + count
  }
}

/// Keys' cubic convolution kernel with a = −0.5.
private func bicubic(_ x: Double) -> Double {
  let a = -0.5
  let x = abs(x)
  if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
  if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
  return 0
}

/// 8-bit samples with `channels` interleaved.
struct Raster {
  let width: Int
  let height: Int
  let channels: Int
  var samples: [UInt8]

  /// The part of this raster resized to `size` that lies in `window`, which alone is computed.
  func resized(to size: (width: Int, height: Int), window: (x: Range<Int>, y: Range<Int>)) -> Raster {
    let across = BicubicWeights(input: width, output: size.width, window: window.x)
    let down = BicubicWeights(input: height, output: size.height, window: window.y)
    let rows = down.needed
    let narrow = resampledRows(across, rows: rows)
    return narrow.resampledColumns(down, firstRow: rows.lowerBound)
  }

  private func resampledRows(_ weights: BicubicWeights, rows: Range<Int>) -> Raster {
    let width = weights.starts.count
    let samples = [UInt8](unsafeUninitializedCapacity: rows.count * width * channels) { target, count in
      self.samples.withUnsafeBufferPointer { source in
        for (place, row) in rows.enumerated() {
          let input = UnsafeBufferPointer(
            rebasing: source[row * self.width * channels..<(row + 1) * self.width * channels])
          let output = UnsafeMutableBufferPointer(
            rebasing: target[place * width * channels..<(place + 1) * width * channels])
          switch channels {
          case 1: weights.applyAcross(input, output, channels: 1)
          case 2: weights.applyAcross(input, output, channels: 2)
          case 3: weights.applyAcross3(input, output)
          default: weights.applyAcross(input, output, channels: channels)
          }
        }
      }
      count = rows.count * width * channels
    }
    return Raster(width: width, height: rows.count, channels: channels, samples: samples)
  }

  private func resampledColumns(_ weights: BicubicWeights, firstRow: Int) -> Raster {
    let stride = width * channels
    let height = weights.starts.count
    let samples = [UInt8](unsafeUninitializedCapacity: height * stride) { target, count in
      self.samples.withUnsafeBufferPointer { source in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
          for row in 0..<height {
            weights.sumRows(source, row: row, firstRow: firstRow, stride: stride, into: sums)
            for index in 0..<stride { target[row * stride + index] = clipped(sums[index]) }
          }
        }
      }
      count = height * stride
    }
    return Raster(width: width, height: height, channels: channels, samples: samples)
  }
}

/// One half, in fixed point, so that the shift in `clipped` rounds.
private let half: Int32 = 1 << (BicubicWeights.precision - 1)

@inline(__always)
private func clipped(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: min(max(sum >> BicubicWeights.precision, 0), 255))
}

// The sums cannot overflow: |weights| add up to less than 2 · 2²², a pixel is below 2⁸. `&+` and `&*` leave the checks
// out of the two loops in which preprocessing spends its time.
extension BicubicWeights {
  @inline(__always)
  fileprivate func applyAcross(
    _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>, channels: Int
  ) {
    weights.withUnsafeBufferPointer { weights in
      for pixel in starts.indices {
        let run = weights.baseAddress! + pixel * stride
        for channel in 0..<channels {
          let source = input.baseAddress! + starts[pixel] * channels + channel
          var sum = half
          for tap in 0..<counts[pixel] { sum &+= Int32(source[tap * channels]) &* run[tap] }
          output[pixel * channels + channel] = clipped(sum)
        }
      }
    }
  }

  /// As above for RGB, the common case: three sums at once.
  fileprivate func applyAcross3(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) {
    weights.withUnsafeBufferPointer { weights in
      for pixel in starts.indices {
        var run = weights.baseAddress! + pixel * stride
        var source = input.baseAddress! + starts[pixel] * 3
        var (red, green, blue) = (half, half, half)
        for _ in 0..<counts[pixel] {
          let weight = run.pointee
          red &+= Int32(source[0]) &* weight
          green &+= Int32(source[1]) &* weight
          blue &+= Int32(source[2]) &* weight
          run += 1
          source += 3
        }
        output[pixel * 3] = clipped(red)
        output[pixel * 3 + 1] = clipped(green)
        output[pixel * 3 + 2] = clipped(blue)
      }
    }
  }

  /// The weighted sum of the input rows of output row `row`; `source` begins with input row `firstRow`.
  fileprivate func sumRows(
    _ source: UnsafeBufferPointer<UInt8>, row: Int, firstRow: Int, stride rowStride: Int,
    into sums: UnsafeMutableBufferPointer<Int32>
  ) {
    sums.initialize(repeating: half)
    for tap in 0..<counts[row] {
      let weight = weights[row * stride + tap]
      let input = source.baseAddress! + (starts[row] - firstRow + tap) * rowStride
      for index in 0..<rowStride { sums[index] &+= Int32(input[index]) &* weight }
    }
  }
}
