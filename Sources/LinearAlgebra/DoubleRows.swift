import CVectors
package import Tensors

/// Rows in double for repeated products with vectors.
///
/// The result for a row does not depend on its place, so that equal rows tie exactly.
package struct DoubleRows: Sendable {
  package let count: Int
  package let width: Int
  /// The width rounded up to whole lanes, the rest 0.
  private let stride: Int
  private let values: [Double]

  /// Converts the rows of `[M, C]`.
  package init(_ rows: Tensor) {
    precondition(rows.shape.count == 2, "rows \(rows.shape)")
    (count, width) = (rows.rows, rows.rowCount)
    let (count, width, stride) = (count, width, (rows.rowCount + 7) & ~7)
    self.stride = stride
    values = [Double](unsafeUninitializedCapacity: count * stride) { values, filled in
      values.initialize(repeating: 0)
      rows.values.withUnsafeBufferPointer { rows in
        for row in 0..<count {
          for column in 0..<width { values[row * stride + column] = Double(rows[row * width + column]) }
        }
      }
      filled = count * stride
    }
  }

  /// One row, `[C]`.
  package func row(_ index: Int) -> [Double] { Array(values[index * stride..<index * stride + width]) }

  /// The products of every row with two vectors, `[M]` each.
  package func products(_ first: [Double], _ second: [Double]) -> (first: [Double], second: [Double]) {
    var (withFirst, withSecond) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    vectors_products(values, count, stride, padded(first), padded(second), &withFirst, &withSecond)
    return (withFirst, withSecond)
  }

  /// x·S·x of every row, `[M]`, for a symmetric S `[C, C]`.
  package func quadraticForms(_ matrix: [Double]) -> [Double] {
    precondition(matrix.count == width * width, "\(matrix.count) numbers for rows of \(width)")
    var wide = [Double](repeating: 0, count: stride * stride)
    for row in 0..<width {
      for column in 0..<width { wide[row * stride + column] = matrix[row * width + column] }
    }
    var result = [Double](repeating: 0, count: count)
    vectors_quadratic_forms(values, count, stride, wide, &result)
    return result
  }

  private func padded(_ vector: [Double]) -> [Double] {
    precondition(vector.count == width, "a vector of \(vector.count) numbers for rows of \(width)")
    return vector + [Double](repeating: 0, count: stride - width)
  }
}
