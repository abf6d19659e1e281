/// An image of 8-bit samples with `channels` interleaved.
struct Raster {
  let width: Int
  let height: Int
  let channels: Int
  var samples: [UInt8]

  /// The part of this raster resized to `size` that lies in `window`, which alone is computed.
  func resized(to size: (width: Int, height: Int), window: (x: Range<Int>, y: Range<Int>)) -> Raster {
    let across = BicubicWeights(input: width, output: size.width, window: window.x)
    let down = BicubicWeights(input: height, output: size.height, window: window.y)
    guard !isResizedColumnsFirst(to: size) else {
      let low = resampledColumns(down, firstRow: 0)
      return low.resampledRows(across, rows: 0..<low.height)
    }
    let rows = down.needed
    let narrow = resampledRows(across, rows: rows)
    return narrow.resampledColumns(down, firstRow: rows.lowerBound)
  }

  /// Whether Pillow 13 resamples columns before rows: where the height shrinks, and by more than twice as many pixels as
  /// the width.
  ///
  /// Each pass rounds to 8 bits, so that the order decides some pixels.
  private func isResizedColumnsFirst(to size: (width: Int, height: Int)) -> Bool {
    height > size.height && height - size.height > (width - size.width) * 2
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
