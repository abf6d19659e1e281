import LinearAlgebra

/// A matrix of float32 in memory of its own, for the inner loops of a tower. Not a value: copies are the same matrix. Its
/// numbers are undefined until written.
final class Rows {
  let width: Int
  /// How many rows it has room for.
  let capacity: Int
  let start: UnsafeMutablePointer<Float>

  init(_ rows: Int, _ width: Int) {
    self.width = width
    // Products may compute a few rows more than there are.
    capacity = ProductEngine.rounded(rows: rows)
    start = .allocate(capacity: max(1, capacity * width))
    start.initialize(repeating: 0, count: max(1, capacity * width))
  }

  deinit { start.deallocate() }

  func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * width }

  func copy(of rows: Range<Int>) -> [Float] {
    Array(UnsafeBufferPointer(start: row(rows.lowerBound), count: rows.count * width))
  }

  /// The read-out rows of `runs`, `[B, W]`, into the first rows of `result`.
  func gather(_ runs: [TokenRun], into result: UnsafeMutablePointer<Float>) {
    for (index, run) in runs.enumerated() {
      (result + index * width).update(from: row(run.start + run.readout), count: width)
    }
  }
}

/// A matrix of the numbers that products read and write, `[rows, width]` with `ProductEngine.stride` between rows. What
/// lies between is 0.
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

  /// The memory of `other` seen as rows of another width, which products fill to the full stride.
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

  /// Columns of one row as float32.
  func floats(_ columns: Range<Int>, of row: Int, into result: UnsafeMutablePointer<Float>) {
    number.floats(self.row(row) + columns.lowerBound * number.size, count: columns.count, into: result)
  }
}
