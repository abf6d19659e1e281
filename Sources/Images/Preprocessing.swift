package import Tensors

/// How a CLIP model's input is made from an image: resized to the input size, RGB, scaled to 0…1, normalised.
///
/// Equal to open_clip's `image_transform` (bicubic) over torchvision and Pillow 13, to the bit. As there,
/// - the image is resized in its own mode and made RGB after: palette and two-tone images with the nearest pixel,
///   transparent ones with alpha multiplied in for the resize, and alpha then dropped;
/// - EXIF's orientation is ignored;
/// - a tall image that shrinks has its columns resampled first; Pillow 12 and before begin with rows always.
///
/// One thing differs on purpose: 16-bit grey, which PIL clips to white, is scaled to 8 bits.
package struct Preprocessing: Sendable, Equatable {
  /// S, the side of the model's input in pixels.
  package let size: Int
  /// The means of red, green and blue, for values from 0 to 1.
  package let mean: [Float]
  /// The standard deviations of red, green and blue, for values from 0 to 1.
  package let standardDeviation: [Float]
  package let resize: Resize

  /// How an image that is not square becomes square, by open_clip's names.
  package enum Resize: String, Sendable, Equatable, CaseIterable {
    /// The short side is resized to the input size and the centre cut out.
    case shortest
    /// Both sides are resized to it, whatever that does to the image's proportions.
    case squash
  }

  package init(size: Int, mean: [Float], standardDeviation: [Float], resize: Resize = .shortest) {
    precondition(size > 0 && mean.count == 3 && standardDeviation.count == 3, "preprocessing \(size) \(mean)")
    self.size = size
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.resize = resize
  }

  /// The model's input, `[3, S, S]`.
  package func pixels(_ image: Image) -> Tensor { pixels(ofCrop: crop(image)) }

  /// The model's input, `[3, S, S]`, from the square that `crop` gave.
  package func pixels(ofCrop crop: Bitmap) -> Tensor {
    precondition(crop.width == size && crop.height == size, "a crop of \(crop.width)×\(crop.height) for \(size) px")
    let area = size * size
    // Each channel has 256 values, computed in the order of torch: /255, −mean, /deviation.
    let tables = (0..<3).map { channel in
      (0..<256).map { (Float($0) / 255 - mean[channel]) / standardDeviation[channel] }
    }
    let values = [Float](unsafeUninitializedCapacity: 3 * area) { buffer, count in
      for channel in 0..<3 {
        tables[channel].withUnsafeBufferPointer { table in
          crop.rgb.withUnsafeBufferPointer { rgb in
            for pixel in 0..<area { buffer[channel * area + pixel] = table[Int(rgb[pixel * 3 + channel])] }
          }
        }
      }
      count = 3 * area
    }
    return Tensor(shape: [3, size, size], values: values)
  }

  /// The part of an image that the model sees, before it is normalised: S×S pixels.
  package func crop(_ image: Image) -> Bitmap {
    let plan = CropPlan(width: image.width, height: image.height, size: size, resize: resize)
    switch image.mode {
    case .twoTone, .palette: return image.nearest(plan)
    default: break
    }
    guard plan.resized != (image.width, image.height) else { return image.cut(plan) }
    return image.bicubic(plan)
  }

  /// The part of a stored image that the model sees, not yet rounded to its pixels: the centre square.
  package static func cropFraction(width: Int, height: Int) -> FractionalRectangle {
    let short = Double(min(width, height))
    let (x, y) = (short / Double(width), short / Double(height))
    return FractionalRectangle(x: (1 - x) / 2, y: (1 - y) / 2, width: x, height: y)
  }
}

extension Image {
  /// The part of the upright image that a model sees.
  package func uprightCrop() -> FractionalRectangle {
    orientation.upright(Preprocessing.cropFraction(width: width, height: height))
  }
}

/// How torchvision's `Resize` and `CenterCrop` place what the model sees.
struct CropPlan {
  /// The size the whole image would have; only the crop is computed.
  let resized: (width: Int, height: Int)
  let x: Range<Int>
  let y: Range<Int>

  init(width: Int, height: Int, size: Int, resize: Preprocessing.Resize) {
    guard resize == .shortest else {
      resized = (size, size)
      (x, y) = (0..<size, 0..<size)
      return
    }
    let (short, long) = (min(width, height), max(width, height))
    let resizedLong = Int(Double(size * long) / Double(short))
    resized = width <= height ? (size, resizedLong) : (resizedLong, size)
    func centered(_ side: Int) -> Range<Int> {
      let start = Int((Double(side - size) / 2).rounded(.toNearestOrEven))
      return start..<start + size
    }
    x = centered(resized.width)
    y = centered(resized.height)
  }
}

extension Image {
  /// The crop of an image that has the right size already.
  fileprivate func cut(_ plan: CropPlan) -> Bitmap {
    bitmap(columns: Array(plan.x), rows: Array(plan.y))
  }

  /// The crop with the nearest stored pixel for each.
  fileprivate func nearest(_ plan: CropPlan) -> Bitmap {
    bitmap(
      columns: nearestPlaces(stored: width, resized: plan.resized.width, window: plan.x),
      rows: nearestPlaces(stored: height, resized: plan.resized.height, window: plan.y))
  }

  private func bitmap(columns: [Int], rows: [Int]) -> Bitmap {
    var rgb: [UInt8] = []
    rgb.reserveCapacity(columns.count * rows.count * 3)
    for row in rows {
      for column in columns {
        let (red, green, blue) = color(at: row * width + column)
        rgb.append(red)
        rgb.append(green)
        rgb.append(blue)
      }
    }
    return Bitmap(width: columns.count, height: rows.count, rgb: rgb)
  }

  fileprivate func bicubic(_ plan: CropPlan) -> Bitmap {
    let hasAlpha = mode == .greyAlpha || mode == .colorAlpha
    var raster = Raster(width: width, height: height, channels: mode.channels, samples: samples)
    if hasAlpha { raster.multiplyAlphaIn() }
    raster = raster.resized(to: plan.resized, window: (plan.x, plan.y))
    if hasAlpha { raster.divideAlphaOut() }
    guard mode != .color else { return Bitmap(width: raster.width, height: raster.height, rgb: raster.samples) }
    let crop = Image(width: raster.width, height: raster.height, mode: mode, samples: raster.samples)
    return crop.bitmap(columns: Array(0..<crop.width), rows: Array(0..<crop.height))
  }
}

/// PIL's `ImagingScaleAffine`: it adds the step up from pixel to pixel, and the sum's rounding decides some pixels.
func nearestPlaces(stored: Int, resized: Int, window: Range<Int>) -> [Int] {
  let step = Double(stored) / Double(resized)
  var place = step * 0.5
  if window.lowerBound < 1 << 24 {
    for _ in 0..<window.lowerBound { place += step }
  } else {
    // Longer than any image PIL would finish: the sum would take seconds.
    place += step * Double(window.lowerBound)
  }
  return window.map { _ in
    defer { place += step }
    return min(Int(place), stored - 1)
  }
}

extension Raster {
  /// The last channel is alpha; the others are multiplied with it.
  mutating func multiplyAlphaIn() {
    for pixel in 0..<width * height {
      let alpha = samples[pixel * channels + channels - 1]
      for channel in 0..<channels - 1 {
        samples[pixel * channels + channel] = product255(samples[pixel * channels + channel], alpha)
      }
    }
  }

  mutating func divideAlphaOut() {
    for pixel in 0..<width * height {
      let alpha = Int(samples[pixel * channels + channels - 1])
      guard alpha != 0, alpha != 255 else { continue }
      for channel in 0..<channels - 1 {
        samples[pixel * channels + channel] = UInt8(min(255 * Int(samples[pixel * channels + channel]) / alpha, 255))
      }
    }
  }
}
