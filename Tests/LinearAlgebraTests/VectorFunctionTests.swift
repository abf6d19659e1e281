import Foundation
import LinearAlgebra
import TestSupport
import Testing

/// Accuracy against double, in units of the last place of the exact value.
///
/// The figures stand in docs/performance.md.
@Suite("Vector functions") struct VectorFunctionTests {
  /// The largest distance of `found` from `exact`, in units of the last place.
  private func worst(_ found: [Float], _ exact: [Double]) -> Double {
    zip(found, exact).reduce(0) { max($0, abs(Double($1.0) - $1.1) / Double(Float($1.1).ulp)) }
  }

  /// f over numbers of every size on both sides of 0.
  private func values(of activation: Activation, in range: ClosedRange<Float>) -> (inputs: [Float], found: [Float]) {
    let count = 100_001
    let inputs = (0..<count).map {
      range.lowerBound + (range.upperBound - range.lowerBound) * Float($0) / Float(count - 1)
    }
    var found = inputs
    found.withUnsafeMutableBufferPointer {
      activation.apply(to: $0.baseAddress!, rows: 1, width: count, bias: [Float](repeating: 0, count: count))
    }
    return (inputs, found)
  }

  private func gelu(_ x: Float) -> Double { Double(x) * 0.5 * erfc(-Double(x) / 2.squareRoot()) }

  @Test func `GELU is right to a few units above −1, and to 4e-7 of the argument below`() {
    let above = values(of: .gelu, in: -1...20)
    let units = worst(above.found, above.inputs.map(gelu))
    #expect(units < 6)
    let below = values(of: .gelu, in: -20...(-1))
    let distance = zip(below.inputs, below.found).map { abs(Double($1) - gelu($0)) / Double(abs($0)) }.max() ?? 1
    #expect(distance < 4e-7)
    print("GELU: \(units) ulp above -1, \(distance) of |x| below")
  }

  @Test func `QuickGELU is right to a few units and the rounding of its exponent`() {
    let (inputs, found) = values(of: .quickGELU, in: -40...40)
    // An exponent y is a float32, so that e^y is off by as much as |y| halves of its last place, and a unit may be two.
    let misses = zip(inputs, found).map { x, found in
      let exact = Double(x) / (1 + exp(-Double(Float(1.702)) * Double(x)))
      return worst([found], [exact]) - 1.702 * Double(abs(x))
    }
    #expect((misses.max() ?? 100) < 6)
    let near = zip(inputs, found).filter { abs($0.0) <= 5 }
    print(
      "QuickGELU: \(worst(near.map(\.1), near.map { Double($0.0) / (1 + exp(-1.702 * Double($0.0))) })) ulp for |x| <= 5"
    )
  }

  @Test(
    .enabled(if: Activation.storesBfloat16, "a processor without AVX512-BF16"),
    arguments: [Activation.gelu, .quickGELU], [1, 15, 32, 49, 100_001])
  func `activations to bfloat16 are the nearest to an exact value 4e-6 of it or 4e-7 of the argument away`(
    activation: Activation, count: Int
  ) {
    let limits: ClosedRange<Float> = activation == .gelu ? -20...20 : -80...80
    let inputs = (0..<count).map {
      limits.lowerBound + (limits.upperBound - limits.lowerBound) * Float($0) / Float(max(1, count - 1))
    }
    let found = stored(activation, inputs)
    let worst =
      zip(inputs, found).map { x, found in
        let exact = activation == .gelu ? gelu(x) : Double(x) / (1 + exp(-1.702 * Double(x)))
        // Half the distance between numbers of sixteen bits fewer; the smallest become 0.
        let rounding = max(Double(Float(exact).ulp) * 0x8000, Double(Float.leastNormalMagnitude))
        return (abs(Double(found) - exact) - rounding) / (4e-6 * abs(exact) + 4e-7 * max(1e-30, Double(abs(x))))
      }.max() ?? 1
    #expect(worst < 1)
    print("\(activation) of \(count) to bfloat16: \(worst)")
  }

  @Test(.enabled(if: Activation.storesBfloat16, "a processor without AVX512-BF16"))
  func `activations to bfloat16 of what is very large or not a number`() {
    for activation in [Activation.gelu, .quickGELU] {
      let found = stored(activation, [.nan, -.nan, .infinity, 3e38, -3e38, 0, -0.0])
      #expect(found[0].isNaN && found[1].isNaN)
      #expect(found[2] == .infinity && found[3] > 2.9e38)
      // Φ and σ are 0 to float32 there.
      #expect(abs(found[4]) < 1e-6 * 3e38 && found[5] == 0 && found[6] == 0)
    }
  }

  private func stored(_ activation: Activation, _ inputs: [Float]) -> [Float] {
    var halves = [UInt16](repeating: 0x7fff, count: inputs.count + 1)
    halves.withUnsafeMutableBufferPointer { activation.store(inputs, count: inputs.count, into: $0.baseAddress!) }
    #expect(halves.last == 0x7fff, "written past the end")
    return halves.dropLast().map { Float(bitPattern: UInt32($0) << 16) }
  }

  @Test(arguments: [1, 7, 16, 50, 197, 257]) func `softmax is right to a few units`(columns: Int) {
    var noise = Noise(UInt64(columns))
    let stride = (columns + 15) & ~15
    var values = (0..<8 * stride).map { _ in 30 * noise.next() }
    let inputs = values
    values.withUnsafeMutableBufferPointer {
      softmax($0.baseAddress!, rows: 8, columns: columns, stride: stride, scale: 0.125)
    }
    var units = 0.0
    for row in 0..<8 {
      let exact = inputs[row * stride..<row * stride + columns].map { exp(Double($0) / 8) }
      let total = exact.reduce(0, +)
      units = max(units, worst(Array(values[row * stride..<row * stride + columns]), exact.map { $0 / total }))
      let rest = values[row * stride + columns..<(row + 1) * stride]
      #expect(rest == ArraySlice(repeating: 0, count: rest.count))
    }
    #expect(units < 12)
    print("softmax of \(columns): \(units) ulp")
  }

  @Test(arguments: [5, 16, 192, 768, 1023], [false, true])
  func `LayerNorm is right to a few units of its largest terms`(width: Int, adds: Bool) {
    var noise = Noise(UInt64(width))
    let before = (0..<3 * width).map { _ in 10 * noise.next() + 3 }
    let added = adds ? (0..<3 * width).map { _ in noise.next() } : nil
    let input = added.map { zip(before, $0).map(+) } ?? before
    let norm = LayerNorm(
      weight: (0..<width).map { _ in 1 + noise.next() }, bias: (0..<width).map { _ in noise.next() }, epsilon: 1e-5)
    for number in [NumberKind.float32, .bfloat16] {
      var found = [Float](repeating: 0, count: 3 * width)
      withUnsafeTemporaryAllocation(byteCount: 3 * width * 4, alignment: 64) { output in
        var stream = before
        norm.apply(&stream, adding: added, rows: 3, to: output.baseAddress!, stride: width, number)
        #expect(stream == input)
        found.withUnsafeMutableBufferPointer {
          number.floats(output.baseAddress!, count: 3 * width, into: $0.baseAddress!)
        }
      }
      var worst = 0.0
      for row in 0..<3 {
        let x = input[row * width..<(row + 1) * width].map(Double.init)
        let mean = x.reduce(0, +) / Double(width)
        let deviation = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width) + 1e-5).squareRoot()
        for column in 0..<width {
          let exact = (x[column] - mean) / deviation * Double(norm.weight[column]) + Double(norm.bias[column])
          let size = abs((x[column] - mean) / deviation * Double(norm.weight[column])) + abs(Double(norm.bias[column]))
          let rounding = number == .bfloat16 ? abs(exact) / 256 : 0
          worst = max(
            worst, (abs(Double(found[row * width + column]) - exact) - rounding) / Double(Float(max(size, 1)).ulp))
        }
      }
      #expect(worst < 6)
      print("LayerNorm of \(width) in \(number): \(worst) units of its largest terms")
    }
  }

  @Test func `bfloat16 is the nearest, ties to even, and keeps what is not a number`() {
    let one = Float(1).bitPattern
    let values: [(Float, Float)] = [
      (1, 1), (Float(bitPattern: one + 0x7fff), 1), (Float(bitPattern: one + 0x8000), 1),
      (Float(bitPattern: one + 0x8001), Float(bitPattern: one + 0x10000)),
      (Float(bitPattern: one + 0x18000), Float(bitPattern: one + 0x20000)), (-.infinity, -.infinity), (0, 0),
    ]
    #expect(Precision.bf16.rounded(values.map(\.0)) == values.map(\.1))
    let notNumbers = Precision.bf16.rounded([Float(bitPattern: 0x7fff_ffff), .nan])
    #expect(notNumbers[0].isNaN && notNumbers[1].isNaN)
    #expect(Precision.fp32.rounded([Float.pi]) == [Float.pi])
  }
}
