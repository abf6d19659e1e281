import CVectors
package import Tensors

/// The sum Σ x·xᵀ over rows x, in double.
///
/// Every number of the sum is added up row after row, so that it does not depend on how the rows are divided into batches.
/// Rows are taken in strips that stay in the cache, with a tile of eight by eight numbers of the sum in registers.
package struct OuterProductSum: Sendable {
  /// C, the width of the rows.
  package let width: Int
  /// The width rounded up to whole tiles.
  private let padded: Int
  /// The sum, `[padded, padded]`; tiles below the diagonal are left at 0.
  private var sums: [Double]

  private static let tile = 8
  private static let strip = 64

  package init(width: Int) {
    self.width = width
    padded = (width + Self.tile - 1) / Self.tile * Self.tile
    sums = [Double](repeating: 0, count: padded * padded)
  }

  /// The sum, `[C, C]`, symmetric.
  package var matrix: [Double] {
    (0..<width * width).map { place in
      let (row, column) = (place / width, place % width)
      return sums[min(row, column) * padded + max(row, column)]
    }
  }

  /// Adds the rows of `[n, C]`, after subtracting `centre` where one is given.
  package mutating func add(_ rows: Tensor, subtracting centre: [Double]? = nil) {
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
            vectors_add_outer_products(strip, count, padded, sums)
          }
        }
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
