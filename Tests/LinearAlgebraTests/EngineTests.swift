import Foundation
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// The towers' products, whichever engine the package is built with, against sums in double.
struct EngineTests {
  /// Numbers between −1 and 1.
  private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var noise = Noise(seed)
    return (0..<count).map { _ in noise.next() }
  }

  /// Rows as products read them: of the engine's stride, in the precision's numbers, with room for its rounding.
  private struct Buffer {
    let start: UnsafeMutableRawPointer
    let stride: Int
    let number: NumberKind

    init(_ rows: Int, _ width: Int, _ engine: Engine, stride: Int? = nil) {
      let number = engine.number
      self.stride = stride ?? ProductEngine.stride(width, number, engine.library)
      self.number = number
      let bytes = ProductEngine.rounded(rows: rows) * self.stride * number.size
      start = .allocate(byteCount: bytes, alignment: 64)
      start.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    func set(_ values: [Float], width: Int) {
      for row in 0..<values.count / width {
        for column in 0..<width {
          let value = values[row * width + column]
          let place = start + (row * stride + column) * number.size
          if number == .float32 {
            place.storeBytes(of: value, as: Float.self)
          } else {
            place.storeBytes(of: UInt16(value.bitPattern >> 16), as: UInt16.self)
          }
        }
      }
    }

    func values(rows: Int, width: Int) -> [Float] {
      var result = [Float](repeating: 0, count: rows * width)
      result.withUnsafeMutableBufferPointer { result in
        for row in 0..<rows {
          number.floats(start + row * stride * number.size, count: width, into: result.baseAddress! + row * width)
        }
      }
      return result
    }
  }

  /// What the precision keeps of a number.
  private static func kept(_ values: [Float], _ precision: Precision) -> [Float] { precision.rounded(values) }

  /// What can multiply on this processor, and in which precision.
  struct Engine: Sendable, CustomStringConvertible {
    let library: ProductLibrary
    let precision: Precision

    var description: String { "\(library) \(precision)" }
    var number: NumberKind { precision.number }
  }

  static var engines: [Engine] {
    let precisions: [ProductLibrary: [Precision]] = [
      .openBLAS: [.fp32], .oneDNN: Precision.allCases.filter(ProductEngine.supports),
    ]
    return ProductEngine.libraries.flatMap { library in
      (precisions[library] ?? []).map { Engine(library: library, precision: $0) }
    }
  }

  @Test(
    arguments: engines, [(1, 16, 8), (33, 64, 48), (70, 1024, 96), (5, 96, 1024), (130, 1024, 1024), (300, 32, 40)])
  func layerEqualsItsSum(engine: Engine, shape: (rows: Int, inputs: Int, outputs: Int)) throws {
    let precision = engine.precision
    let (rows, inputs, outputs) = shape
    let x = Self.kept(Self.numbers(rows * inputs, seed: 1), precision)
    let weights = Self.kept(Self.numbers(inputs * outputs, seed: 2), precision)
    let bias = Self.numbers(outputs, seed: 3)
    var sums = [Double](repeating: 0, count: rows * outputs)
    var sizes = sums
    for row in 0..<rows {
      for output in 0..<outputs {
        sums[row * outputs + output] = (0..<inputs).reduce(Double(bias[output])) {
          $0 + Double(x[row * inputs + $1]) * Double(weights[output * inputs + $1])
        }
        sizes[row * outputs + output] = (0..<inputs).reduce(1) {
          $0 + abs(Double(x[row * inputs + $1]) * Double(weights[output * inputs + $1]))
        }
      }
    }
    let input = Buffer(rows, inputs, engine)
    input.set(x, width: inputs)
    func layer(_ ending: LinearMap.Ending) -> LinearMap {
      LinearMap(
        weights, bias: bias, inputs: inputs, outputs: outputs, precision: precision, ending: ending,
        by: engine.library)
    }
    /// The rounding of float32 sums of terms of these sizes, and of results that are stored in bfloat16.
    func check(_ found: [Float], _ expected: [Double], stored: NumberKind, _ what: Comment) {
      let misses = zip(zip(found, expected), sizes).filter { pair, size in
        let rounding = stored == .bfloat16 ? abs(pair.1) / 256 : 0
        return !(abs(Double(pair.0) - pair.1) <= 4e-7 * size + rounding)
      }
      #expect(misses.isEmpty, what)
    }
    let output = Buffer(rows, outputs, engine)
    layer(.stored).apply(input.start, rows: rows, into: output.start)
    check(output.values(rows: rows, width: outputs), sums, stored: precision.number, "stored")
    layer(.activated(.gelu)).apply(input.start, rows: rows, into: output.start)
    check(
      output.values(rows: rows, width: outputs), sums.map { $0 * 0.5 * (1 + erf($0 / 2.squareRoot())) },
      stored: precision.number, "gelu")
    layer(.activated(.quickGELU)).apply(input.start, rows: rows, into: output.start)
    check(
      output.values(rows: rows, width: outputs), sums.map { $0 / (1 + exp(-1.702 * $0)) }, stored: precision.number,
      "quickGELU")
    let exact = Buffer(rows, outputs, Engine(library: engine.library, precision: .fp32), stride: outputs)
    layer(.float32).apply(input.start, rows: rows, into: exact.start)
    check(exact.values(rows: rows, width: outputs), sums, stored: .float32, "float32")
  }

  @Test(
    arguments: engines,
    [
      (1, 2, 16, true), (5, 4, 64, true), (12, 8, 64, true), (20, 4, 64, false), (101, 4, 48, false),
      (50, 16, 64, false), (197, 2, 80, false), (33, 2, 32, true), (19, 3, 24, false), (9, 2, 24, true),
    ])
  func attentionEqualsItsSum(
    engine: Engine, shape: (tokens: Int, heads: Int, headWidth: Int, isCausal: Bool)
  ) throws {
    let precision = engine.precision
    let (tokens, heads, headWidth) = (shape.tokens, shape.heads, shape.headWidth)
    let width = heads * headWidth
    let x = Self.kept(Self.numbers(tokens * 3 * width, seed: 5), precision)
    let packed = Buffer(tokens, 3 * width, engine)
    packed.set(x, width: 3 * width)
    let gathered = Buffer(tokens, width, engine)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: AttentionShape.scratchSize(tokens: tokens, headWidth: headWidth), alignment: 64)
    let row = tokens / 2
    var kept = [Float](repeating: -1, count: heads * tokens)
    kept.withUnsafeMutableBufferPointer {
      attend(
        AttentionShape(tokens: tokens, heads: heads, headWidth: headWidth, isCausal: shape.isCausal), precision.number,
        packed: packed.start, into: gathered.start, scratch: scratch, keep: (row, $0.baseAddress!),
        by: engine.library)
    }
    let found = gathered.values(rows: tokens, width: width)
    let tolerance = precision == .fp32 ? 2e-6 : 1.0 / 128
    var worst = 0.0
    for head in 0..<heads {
      for query in 0..<tokens {
        let seen = shape.isCausal ? query + 1 : tokens
        func value(_ token: Int, _ part: Int, _ column: Int) -> Double {
          Double(x[token * 3 * width + part * width + head * headWidth + column])
        }
        let scores = (0..<seen).map { key in
          exp((0..<headWidth).reduce(0.0) { $0 + value(query, 0, $1) * value(key, 1, $1) } / sqrt(Double(headWidth)))
        }
        let total = scores.reduce(0, +)
        for column in 0..<headWidth {
          let expected = (0..<seen).reduce(0.0) { $0 + scores[$1] / total * value($1, 2, column) }
          worst = max(worst, abs(expected - Double(found[query * width + head * headWidth + column])))
        }
        guard query == row else { continue }
        for key in 0..<tokens {
          let expected = key < seen ? scores[key] / total : 0
          worst = max(worst, abs(expected - Double(kept[head * tokens + key])))
        }
      }
    }
    #expect(worst <= tolerance)
  }
}
