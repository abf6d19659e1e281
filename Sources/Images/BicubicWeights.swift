/// The weights of bicubic resampling, equal to PIL's to the bit (`src/libImaging/Resample.c`).
///
/// a = −0.5, the kernel is widened by the shrink factor, weights are rounded to fixed point. `Raster` applies them to rows
/// and to columns, with a rounding to 8 bits between.
struct BicubicWeights {
  /// The first input pixel that contributes, for each output pixel of the window.
  let starts: [Int]
  /// The number of input pixels that contribute, for each output pixel of the window.
  let counts: [Int]
  /// The weights in units of 2⁻²², `stride` for each output pixel.
  let weights: [Int32]
  let stride: Int

  /// The bits after the point: 32 minus the 8 of a pixel, minus 2 for the sign and for overshoot.
  static let precision: Int32 = 32 - 8 - 2

  /// Computes the weights for the output pixels in `window` of a row of `input` pixels resized to `output`.
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

/// One half, in fixed point, so that the shift in `clipped` rounds.
private let half: Int32 = 1 << (BicubicWeights.precision - 1)

@inline(__always)
func clipped(_ sum: Int32) -> UInt8 {
  UInt8(truncatingIfNeeded: min(max(sum >> BicubicWeights.precision, 0), 255))
}

// The sums cannot overflow: |weights| add up to less than 2 · 2²², a pixel is below 2⁸. `&+` and `&*` leave the checks
// out of the two loops in which preprocessing spends its time.
extension BicubicWeights {
  @inline(__always)
  func applyAcross(
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

  /// Resamples a row of RGB, the common case, with three sums at once.
  func applyAcross3(_ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>) {
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
  func sumRows(
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
