/// A matrix in double, row by row.
package struct RowMatrix: Sendable {
  package let rows: Int
  package let columns: Int
  package private(set) var values: [Double]

  package init(rows: Int, columns: Int, values: [Double]) {
    precondition(values.count == rows * columns, "\(values.count) numbers for \(rows)×\(columns)")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  package func range(of row: Int) -> Range<Int> { row * columns..<(row + 1) * columns }

  /// Calls `body` with the numbers of each row of a range, to write them.
  package mutating func fillRows(_ rows: Range<Int>, _ body: (Int, UnsafeMutableBufferPointer<Double>) -> Void) {
    let columns = columns
    values.withUnsafeMutableBufferPointer { values in
      for row in rows { body(row, UnsafeMutableBufferPointer(rebasing: values[row * columns..<(row + 1) * columns])) }
    }
  }

  package mutating func scaleRows(by scale: (Int) -> Double) {
    for row in 0..<rows {
      let factor = scale(row)
      for place in range(of: row) { values[place] *= factor }
    }
  }

  package mutating func scaleColumns(by scale: (Int) -> Double) {
    for column in 0..<columns {
      let factor = scale(column)
      for row in 0..<rows { values[row * columns + column] *= factor }
    }
  }

  /// The matrix of the results of `transform` for each number.
  package func map(_ transform: (_ value: Double, _ row: Int, _ column: Int) -> Double) -> RowMatrix {
    RowMatrix(
      rows: rows, columns: columns,
      values: values.indices.map { transform(values[$0], $0 / columns, $0 % columns) })
  }

  package func times(_ other: RowMatrix, _ transposition: Transposition = .normal) -> RowMatrix {
    let width = transposition == .normal ? other.columns : other.rows
    return RowMatrix(
      rows: rows, columns: width,
      values: product(values, .normal, other.values, transposition, rows: rows, columns: width, inner: columns))
  }

  package func times(_ vector: [Double]) -> [Double] {
    product(values, .normal, vector, .normal, rows: rows, columns: 1, inner: columns)
  }
}
