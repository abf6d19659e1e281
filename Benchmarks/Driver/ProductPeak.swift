import CLIP
import LinearAlgebra
import Parallel
import Tensors

/// The best speed of products `a · bᵀ` on every thread at once: a layer of a tower as the engine computes it and, in
/// float32, a bare sgemm; the faster one counts.
///
/// - Parameter sizes: rows, columns and inner size of each product.
/// - Returns: `flops <rows>x<columns>x<inner>` for each, and `peak`, the best of them.
func productPeak(_ sizes: [[Int]], threads: Int, precision: Precision) throws -> Answer {
  var numbers: [String: Double] = [:]
  for size in sizes {
    guard size.count == 3, size.allSatisfy({ $0 > 0 }) else { throw RequestError.missing("three sizes above 0") }
    let operations = 2.0 * Double(size[0]) * Double(size[1]) * Double(size[2])
    // Long enough that starting the threads does not count.
    let products = max(1, Int(5e9 / operations))
    var best = 0.0
    let layer = LinearMap(
      [Float](repeating: 0.5, count: size[1] * size[2]), bias: [Float](repeating: 0, count: size[1]), inputs: size[2],
      outputs: size[1], precision: precision, ending: .stored)
    for turn in 0..<10 {
      guard turn % 2 == 0 || precision == .fp32 else { continue }
      let (_, seconds) = try timed {
        try inParallel(threads, threads: threads) { _ in
          if turn % 2 == 0 {
            applyRepeatedly(layer, precision.number, rows: size[0], times: products)
          } else {
            multiplyRepeatedly(rows: size[0], columns: size[1], inner: size[2], times: products)
          }
        }
      }
      best = max(best, Double(threads * products) * operations / seconds)
    }
    numbers["flops \(size[0])x\(size[1])x\(size[2])"] = best
    numbers["peak"] = max(numbers["peak"] ?? 0, best)
  }
  return Answer(numbers: numbers)
}

private func applyRepeatedly(_ layer: LinearMap, _ number: NumberKind, rows: Int, times: Int) {
  func buffer(_ width: Int) -> UnsafeMutableRawPointer {
    let bytes = ProductEngine.rounded(rows: rows) * ProductEngine.stride(width, number) * number.size
    let start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    return start
  }
  let (x, y) = (buffer(layer.inputs), buffer(layer.outputs))
  for _ in 0..<times { layer.apply(x, rows: rows, into: y) }
  x.deallocate()
  y.deallocate()
}

private func multiplyRepeatedly(rows: Int, columns: Int, inner: Int, times: Int) {
  let a = [Float](repeating: 1, count: rows * inner)
  let b = [Float](repeating: 0.5, count: columns * inner)
  var result = [Float](repeating: 0, count: rows * columns)
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      result.withUnsafeMutableBufferPointer { result in
        guard let a = a.baseAddress, let b = b.baseAddress, let result = result.baseAddress else { return }
        for _ in 0..<times {
          multiply(
            a, stride: inner, .normal, b, stride: inner, .transposed, into: result, stride: columns, rows: rows,
            columns: columns, inner: inner)
        }
      }
    }
  }
}
