import LinearAlgebra

/// A matrix `[rows, width]` in memory of its own, for the inner loops of a tower. Not a value: copies are the same
/// matrix. Its numbers are undefined until written.
final class Rows {
  let rows: Int
  let width: Int
  let start: UnsafeMutablePointer<Float>
  /// Keeps the memory alive that `start` points into, where this is a view of another.
  private let owner: Rows?

  init(_ rows: Int, _ width: Int) {
    self.rows = rows
    self.width = width
    start = .allocate(capacity: max(1, rows * width))
    owner = nil
  }

  private init(_ rows: Int, _ width: Int, in owner: Rows) {
    self.rows = rows
    self.width = width
    start = owner.start
    self.owner = owner
  }

  deinit {
    if owner == nil { start.deallocate() }
  }

  /// The same memory as a matrix of fewer columns, rows close together.
  func narrowed(to width: Int) -> Rows {
    precondition(width <= self.width, "\(width) columns in a matrix of \(self.width)")
    return Rows(rows, width, in: self)
  }

  var allValues: [Float] { Array(UnsafeBufferPointer(start: start, count: rows * width)) }

  func copy(of row: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: start + row * width, count: width))
  }

  func copy(of row: Int, adding bias: [Float]) -> [Float] {
    zip(UnsafeBufferPointer(start: start + row * width, count: width), bias).map(+)
  }

  func columns(_ range: Range<Int>) -> [Float] {
    (0..<rows).flatMap { UnsafeBufferPointer(start: start + $0 * width + range.lowerBound, count: range.count) }
  }

  /// The read-out rows of `runs`, `[B, W]`.
  func gathered(_ runs: [TokenRun]) -> Rows {
    let result = Rows(runs.count, width)
    for (index, run) in runs.enumerated() {
      (result.start + index * width).update(from: start + (run.start + run.readout) * width, count: width)
    }
    return result
  }

  /// `self = a · weightᵀ` with `weight` `[width, a.width]`.
  func setProduct(_ a: Rows, transposed weight: some Collection<Float>) {
    precondition(weight.count == width * a.width && rows == a.rows, "a product that does not fit \(rows)×\(width)")
    weight.withContiguousStorageIfAvailable { weight in
      guard rows > 0, let weight = weight.baseAddress else { return }
      multiply(
        a.start, stride: a.width, .normal, weight, stride: a.width, .transposed, into: start, stride: width, rows: rows,
        columns: width, inner: a.width)
    }
  }

  /// Adds `bias` `[width]` to every row.
  func add(bias: some Collection<Float>) {
    precondition(bias.count == width, "\(bias.count) numbers to add to rows of \(width)")
    bias.withContiguousStorageIfAvailable { bias in
      for row in 0..<rows {
        let values = start + row * width
        for column in 0..<width { values[column] += bias[column] }
      }
    }
  }

  /// Adds `other` and, to every row, `bias`.
  func add(_ other: Rows, bias: [Float]) {
    precondition(other.rows == rows && other.width == width && bias.count == width, "rows of different shapes")
    bias.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      for row in 0..<rows {
        VectorMath.add(other.start + row * width, bias: bias, to: start + row * width, width)
      }
    }
  }
}
