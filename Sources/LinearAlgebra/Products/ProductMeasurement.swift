import Foundation

/// How right and how fast the products of this process are, on one thread.
package struct ProductMeasurement: Sendable, Codable, Equatable {
  /// The processors that OpenBLAS's kernels in use were written for.
  package let kernels: String
  /// The largest error of a product by OpenBLAS, as a share of the sum of its terms' magnitudes.
  package let error: Double
  /// The speed of a block of ViT-B-16 by each library and precision that there is.
  package let speeds: [Speed]

  package struct Speed: Sendable, Codable, Equatable {
    package let library: ProductLibrary
    package let precision: Precision
    /// Operations of products, in thousand millions a second.
    package let gigaflops: Double

    package init(library: ProductLibrary, precision: Precision, gigaflops: Double) {
      (self.library, self.precision) = (library, precision)
      self.gigaflops = gigaflops
    }
  }

  package init(kernels: String, error: Double, speeds: [Speed]) {
    (self.kernels, self.error) = (kernels, error)
    self.speeds = speeds
  }

  /// More than rounding explains; what wrong kernels give is far more.
  package static let allowedError = 1e-6

  package var isRight: Bool { error <= Self.allowedError }

  package func speed(_ library: ProductLibrary, _ precision: Precision = .fp32) -> Double? {
    speeds.first { $0.library == library && $0.precision == precision }?.gigaflops
  }

  /// Measures, in some tenths of a second.
  package init() {
    kernels = OpenBLAS.kernels
    error = worstProductError()
    let kinds = [(ProductLibrary.openBLAS, Precision.fp32), (.oneDNN, .fp32), (.oneDNN, .bf16)]
    speeds = kinds.filter { ProductEngine.libraries.contains($0.0) && ProductEngine.supports($0.1) }.map {
      Speed(library: $0.0, precision: $0.1, gigaflops: BlockOfProducts($0.0, $0.1).gigaflops())
    }
  }
}

/// The products of one block of ViT-B-16 on two images.
private final class BlockOfProducts {
  private static let (images, tokens, width, heads) = (2, 197, 768, 12)
  private static let rows = images * tokens
  private let library: ProductLibrary
  private let precision: Precision
  private let layers: [LinearMap]
  private let narrow: UnsafeMutableRawPointer
  private let wide: UnsafeMutableRawPointer
  private let scratch: UnsafeMutableRawPointer

  init(_ library: ProductLibrary, _ precision: Precision) {
    (self.library, self.precision) = (library, precision)
    let width = Self.width
    let kinds: [(inputs: Int, outputs: Int, LinearMap.Ending)] = [
      (width, 3 * width, .stored), (width, width, .stored), (width, 4 * width, .activated(.gelu)),
      (4 * width, width, .stored),
    ]
    layers = kinds.map { inputs, outputs, ending in
      LinearMap(
        patterned(inputs * outputs, scale: 0.02), bias: [Float](repeating: 0.01, count: outputs), inputs: inputs,
        outputs: outputs, precision: precision, ending: ending, by: library)
    }
    func rows(_ width: Int) -> UnsafeMutableRawPointer {
      let count =
        ProductEngine.rounded(rows: Self.rows) * ProductEngine.stride(width, precision.number, library)
      let start = UnsafeMutableRawPointer.allocate(byteCount: count * precision.number.size, alignment: 64)
      precision.number.store(patterned(count, scale: 1), count: count, into: start)
      return start
    }
    (narrow, wide) = (rows(width), rows(4 * width))
    scratch = .allocate(
      byteCount: AttentionShape.scratchSize(tokens: Self.tokens, headWidth: width / Self.heads), alignment: 64)
  }

  deinit { for place in [narrow, wide, scratch] { place.deallocate() } }

  /// The best speed of three runs, after one that is not counted.
  func gigaflops() -> Double {
    let (rows, tokens, width) = (Double(Self.rows), Double(Self.tokens), Double(Self.width))
    let operations = 2 * rows * (12 * width * width + 2 * tokens * width)
    let times = (0..<4).map { _ in
      let start = threadSeconds()
      run()
      return threadSeconds() - start
    }
    return operations / (times.dropFirst().min() ?? 1) / 1e9
  }

  private func run() {
    let (tokens, width, number) = (Self.tokens, Self.width, precision.number)
    let shape = AttentionShape(tokens: tokens, heads: Self.heads, headWidth: width / Self.heads, isCausal: false)
    layers[0].apply(narrow, rows: Self.rows, into: wide)
    for image in 0..<Self.images {
      let row = image * tokens * number.size
      attend(
        shape, number, packed: wide + row * ProductEngine.stride(3 * width, number, library),
        into: narrow + row * ProductEngine.stride(width, number, library), scratch: scratch, by: library)
    }
    layers[1].apply(narrow, rows: Self.rows, into: wide)
    layers[2].apply(narrow, rows: Self.rows, into: wide)
    layers[3].apply(wide, rows: Self.rows, into: narrow)
  }
}

/// The processor time of this thread in seconds, in which waiting for other programs does not count.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Numbers between `-scale` and `scale`, the same each time.
private func patterned(_ count: Int, scale: Float) -> [Float] {
  var state: UInt32 = 1
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return (Float(state >> 8) / Float(1 << 23) - 1) * scale
  }
}

/// The largest error of products by OpenBLAS against sums in double, as a share of the sum of the terms' magnitudes.
///
/// The shapes are those of the published towers and of head spaces, and others whose edges fall between the blocks of kernels.
/// Of large products the edges and some entries are looked at. What lies between rows must not change.
package func worstProductError() -> Double {
  let sizes = [
    (50, 2304, 768), (197, 768, 3072), (257, 1024, 1024), (77, 2048, 512), (197, 197, 64), (197, 64, 197),
    (257, 80, 257),
    (400, 67, 67), (1, 1, 1), (1, 513, 65), (3, 5, 7), (17, 31, 33), (13, 1, 129), (65, 49, 1), (7, 1025, 15),
  ]
  return sizes.map { worstError(rows: $0.0, columns: $0.1, inner: $0.2) }.max() ?? .infinity
}

private func worstError(rows: Int, columns: Int, inner: Int) -> Double {
  let (gap, untouched) = (3, Float(-77))
  let a = patterned(rows * inner, scale: 1)
  let b = patterned(columns * inner + 5, scale: 1).dropFirst(5).map { $0 }
  let stride = columns + gap
  var worst = 0.0
  for transposition in [Transposition.transposed, .normal] {
    var result = [Float](repeating: untouched, count: rows * stride)
    result.withUnsafeMutableBufferPointer { result in
      guard let start = result.baseAddress else { return }
      multiply(
        a, stride: inner, .normal, b, stride: transposition == .normal ? columns : inner, transposition, into: start,
        stride: stride, rows: rows, columns: columns, inner: inner)
    }
    for row in 0..<rows {
      if result[row * stride + columns..<(row + 1) * stride].contains(where: { $0 != untouched }) { return .infinity }
      let isEdge = row == 0 || row == rows - 1
      for column in 0..<columns
      where isEdge && column % 7 == 0 || column == columns - 1 || (row * columns + column) % 997 == 0 {
        var (sum, size) = (0.0, 0.0)
        for index in 0..<inner {
          let term =
            Double(a[row * inner + index])
            * Double(b[transposition == .normal ? index * columns + column : column * inner + index])
          sum += term
          size += abs(term)
        }
        let error = abs(Double(result[row * stride + column]) - sum)
        // A number that is none must not pass for a small error.
        worst = error.isNaN ? .infinity : max(worst, size > 0 ? error / size : error)
      }
    }
  }
  return worst
}
