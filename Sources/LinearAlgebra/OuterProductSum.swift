package import Tensors

/// Σ x·xᵀ over rows x, in double.
///
/// Every number of the sum is added up row after row, so that it does not depend on how the rows were cut into batches.
/// Rows go through in strips that stay in the cache, and a tile of four by four numbers of the sum in registers.
package struct OuterProductSum: Sendable {
  /// C
  package let width: Int
  /// C rounded up to whole tiles.
  private let padded: Int
  /// `[padded, padded]`; tiles below the diagonal are left at 0.
  private var sums: [Double]

  private static let tile = 4
  private static let strip = 64

  package init(width: Int) {
    self.width = width
    padded = (width + Self.tile - 1) / Self.tile * Self.tile
    sums = [Double](repeating: 0, count: padded * padded)
  }

  /// `[C, C]`, symmetric.
  package var matrix: [Double] {
    (0..<width * width).map { place in
      let (row, column) = (place / width, place % width)
      return sums[min(row, column) * padded + max(row, column)]
    }
  }

  /// Takes in the rows of `[n, C]`, less `centre` where one is given.
  package mutating func add(_ rows: Tensor, less centre: [Double]? = nil) {
    let (width, padded) = (width, padded)
    precondition(rows.shape.count == 2 && rows.rowCount == width, "rows \(rows.shape), width \(width)")
    precondition(centre.map { $0.count == width } ?? true, "a centre of another width than \(width)")
    let centre = centre ?? [Double](repeating: 0, count: width)
    var strip = [Double](repeating: 0, count: Self.strip * padded)
    rows.values.withUnsafeBufferPointer { values in
      strip.withUnsafeMutableBufferPointer { strip in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let strip = strip.baseAddress, let sums = sums.baseAddress else { return }
          for first in stride(from: 0, to: rows.rows, by: Self.strip) {
            let count = min(Self.strip, rows.rows - first)
            for row in 0..<count {
              for column in 0..<width {
                strip[row * padded + column] = Double(values[(first + row) * width + column]) - centre[column]
              }
            }
            Self.add(strip, rows: count, padded: padded, to: sums)
          }
        }
      }
    }
  }

  private static func add(
    _ strip: UnsafePointer<Double>, rows: Int, padded: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    for top in stride(from: 0, to: padded, by: tile) {
      for left in stride(from: top, to: padded, by: tile) {
        let place = UnsafeMutableRawPointer(sums + top * padded + left)
        let step = padded * MemoryLayout<Double>.stride
        var sum0 = place.loadUnaligned(as: SIMD4<Double>.self)
        var sum1 = place.loadUnaligned(fromByteOffset: step, as: SIMD4<Double>.self)
        var sum2 = place.loadUnaligned(fromByteOffset: 2 * step, as: SIMD4<Double>.self)
        var sum3 = place.loadUnaligned(fromByteOffset: 3 * step, as: SIMD4<Double>.self)
        for row in 0..<rows {
          let numbers = strip + row * padded
          let across = UnsafeRawPointer(numbers + left).loadUnaligned(as: SIMD4<Double>.self)
          sum0 += across * numbers[top]
          sum1 += across * numbers[top + 1]
          sum2 += across * numbers[top + 2]
          sum3 += across * numbers[top + 3]
        }
        place.storeBytes(of: sum0, as: SIMD4<Double>.self)
        place.storeBytes(of: sum1, toByteOffset: step, as: SIMD4<Double>.self)
        place.storeBytes(of: sum2, toByteOffset: 2 * step, as: SIMD4<Double>.self)
        place.storeBytes(of: sum3, toByteOffset: 3 * step, as: SIMD4<Double>.self)
      }
    }
  }
}

/// Adds the rows of `[n, C]` to `sums`, `[C]`, in double and row after row.
package func addColumns(of rows: Tensor, to sums: inout [Double]) {
  let width = rows.rowCount
  precondition(sums.count == width, "\(sums.count) sums for rows \(rows.shape)")
  rows.values.withUnsafeBufferPointer { values in
    sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<rows.rows {
        for column in 0..<width { sums[column] += Double(values[row * width + column]) }
      }
    }
  }
}
