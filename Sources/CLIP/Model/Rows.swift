import LinearAlgebra

/// A matrix of float32 in memory of its own, for the inner loops of a tower.
///
/// It is not a value: copies are the same matrix. Its numbers are undefined until they are written.
final class Rows {
  let width: Int
  /// The number of rows that it has memory for.
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

  /// Copies the read-out rows of `runs`, `[B, W]`, to the first rows of `result`.
  func gather(_ runs: [TokenRun], into result: UnsafeMutablePointer<Float>) {
    for (index, run) in runs.enumerated() {
      (result + index * width).update(from: row(run.start + run.readout), count: width)
    }
  }
}
