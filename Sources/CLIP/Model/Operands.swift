import LinearAlgebra

/// A matrix of the numbers that products read and write, `[rows, width]` with `ProductEngine.stride` between rows.
///
/// The numbers between rows are 0.
final class Operands {
  let width: Int
  let stride: Int
  let number: NumberKind
  let start: UnsafeMutableRawPointer
  private let owner: AnyObject?

  init(_ rows: Int, _ width: Int, _ number: NumberKind) {
    self.width = width
    self.number = number
    stride = ProductEngine.stride(width, number)
    let bytes = max(64, ProductEngine.rounded(rows: rows) * stride * number.size)
    start = .allocate(byteCount: bytes, alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    owner = nil
  }

  /// Uses the memory of `other` for rows of another width, which products fill to the full stride.
  init(in other: Operands, width: Int) {
    precondition(width <= other.width, "\(width) columns in rows of \(other.width)")
    self.width = width
    number = other.number
    stride = ProductEngine.stride(width, number)
    start = other.start
    owner = other
  }

  deinit { if owner == nil { start.deallocate() } }

  func row(_ index: Int) -> UnsafeMutableRawPointer { start + index * stride * number.size }

  /// Sets columns of one row, from float32.
  func set(_ values: UnsafePointer<Float>, count: Int, at column: Int, of row: Int) {
    number.store(values, count: count, into: self.row(row) + column * number.size)
  }

  /// Converts columns of one row to float32.
  func floats(_ columns: Range<Int>, of row: Int, into result: UnsafeMutablePointer<Float>) {
    number.floats(self.row(row) + columns.lowerBound * number.size, count: columns.count, into: result)
  }
}
