import Foundation

/// Elementwise functions over rows of float32, four lanes at a time.
///
/// Lanes are `SIMD4` since every x86-64 and arm64 machine has four; nothing here uses a fused multiply-add, which the
/// baseline x86-64 instruction set lacks, so that results are the same on every machine.
enum VectorMath {
  typealias Lanes = SIMD4<Float>
  static let width = 4

  /// Applies `transform` to `count` numbers in place; the last few are padded with zeros.
  @inline(__always)
  static func forEach(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ transform: (Lanes) -> Lanes) {
    let whole = count & ~(width - 1)
    let raw = UnsafeMutableRawPointer(values)
    var index = 0
    while index < whole {
      let lanes = raw.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
      raw.storeBytes(of: transform(lanes), toByteOffset: index * 4, as: Lanes.self)
      index += width
    }
    guard whole < count else { return }
    var last = Lanes.zero
    for lane in 0..<count - whole { last[lane] = values[whole + lane] }
    let result = transform(last)
    for lane in 0..<count - whole { values[whole + lane] = result[lane] }
  }

  /// eˣ to 7e-8 relative for x in −87…88; other inputs are taken as the nearer end, beyond which 2ⁿ has no float.
  ///
  /// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ is a least-squares polynomial on Chebyshev nodes, 2ⁿ is put into the
  /// exponent bits.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    let above = x.replacing(with: Lanes(repeating: -87), where: x .< Lanes(repeating: -87))
    let bounded = above.replacing(with: Lanes(repeating: 88), where: above .> Lanes(repeating: 88))
    // Adding 1.5·2²³ leaves the nearest integer in the low bits of the mantissa.
    let magic = Lanes(repeating: 12_582_912)
    let shifted = bounded * 1.442_695_04 + magic
    let n = shifted - magic
    let r = (bounded - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p = r * 0.001_394_644_6 + 0.008_369_151_5
    p = p * r + 0.041_666_262
    p = p * r + 0.166_665_17
    p = p * r + 0.5
    let power = unsafeBitCast(shifted, to: SIMD4<Int32>.self) &<< 23
    let bits = power &+ unsafeBitCast(Lanes(repeating: 1), to: SIMD4<Int32>.self)
    return (r + r * r * p + 1) * unsafeBitCast(bits, to: Lanes.self)
  }

  /// x·Φ(x), the exact (erf) form, to 1e-6 absolute for |x| ≤ 6.
  ///
  /// erf(z) = z·P(z²)/Q(z²) on |z| ≤ 3.9, a reweighted least-squares rational fit; beyond, erf is ±1 to 4e-8.
  @inline(__always)
  static func gelu(_ x: Lanes) -> Lanes {
    let limit = Lanes(repeating: 3.9)
    var z = x * 0.707_106_77
    z = z.replacing(with: limit, where: z .> limit)
    z = z.replacing(with: -limit, where: z .< -limit)
    let u = z * z
    var p = u * 2.050_428_1e-6 + 2.874_518_7e-4
    p = p * u + 0.003_836_643_6
    p = p * u + 0.052_966_21
    p = p * u + 0.191_935_6
    p = p * u + 1.128_379
    var q = u * 3.823_088_3e-5 + 0.001_181_677_6
    q = q * u + 0.015_108_744
    q = q * u + 0.114_755_973
    q = q * u + 0.503_430_3
    q = q * u + 1
    return x * 0.5 * (z * p / q + 1)
  }

  /// x·σ(1.702x).
  @inline(__always)
  static func quickGELU(_ x: Lanes) -> Lanes {
    x / (exponential(x * -1.702) + 1)
  }

  /// `values += other`, then `values += bias`.
  static func add(
    _ other: UnsafePointer<Float>, bias: UnsafePointer<Float>, to values: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for index in 0..<count { values[index] += other[index] + bias[index] }
  }

  /// The sum of `count` numbers, in four running sums.
  @inline(__always)
  static func sum(_ values: UnsafePointer<Float>, _ count: Int, _ transform: (Lanes) -> Lanes) -> Float {
    let whole = count & ~(width - 1)
    let raw = UnsafeRawPointer(values)
    var total = Lanes.zero
    var index = 0
    while index < whole {
      total += transform(raw.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self))
      index += width
    }
    var rest = Lanes.zero
    for lane in 0..<count - whole { rest[lane] = transform(Lanes(repeating: values[whole + lane]))[0] }
    return (total + rest).sum()
  }

  /// Softmax of `count` scores in place.
  static func softmax(_ scores: UnsafeMutablePointer<Float>, _ count: Int) {
    var largest = -Float.infinity
    for index in 0..<count { largest = max(largest, scores[index]) }
    forEach(scores, count) { exponential($0 - largest) }
    let scale = 1 / sum(scores, count) { $0 }
    for index in 0..<count { scores[index] *= scale }
  }
}

/// The activation between the two layers of an MLP.
package enum Activation: String, Sendable, Equatable {
  /// x·Φ(x)
  case gelu
  /// x·σ(1.702x)
  case quickGELU

  /// `rows` rows of `width`: adds `bias` to each, then applies the activation.
  func apply(
    to values: UnsafeMutablePointer<Float>, rows: Int, width: Int, bias: UnsafePointer<Float>
  ) {
    switch self {
    case .gelu: Self.apply(to: values, rows: rows, width: width, bias: bias, VectorMath.gelu)
    case .quickGELU: Self.apply(to: values, rows: rows, width: width, bias: bias, VectorMath.quickGELU)
    }
  }

  @inline(__always)
  private static func apply(
    to values: UnsafeMutablePointer<Float>, rows: Int, width: Int, bias: UnsafePointer<Float>,
    _ transform: (VectorMath.Lanes) -> VectorMath.Lanes
  ) {
    for row in 0..<rows {
      let start = values + row * width
      for column in 0..<width { start[column] += bias[column] }
      VectorMath.forEach(start, width, transform)
    }
  }
}

/// LayerNorm's weights: γ and β, `[W]` each, and ε.
struct LayerNorm: Sendable {
  let weight: [Float]
  let bias: [Float]
  let epsilon: Float

  /// The mean of `width` numbers and the square root of their variance plus ε.
  @inline(__always)
  func moments(_ input: UnsafePointer<Float>, _ width: Int) -> (mean: Float, deviation: Float) {
    let mean = VectorMath.sum(input, width) { $0 } / Float(width)
    let square = VectorMath.sum(input, width) { ($0 - mean) * ($0 - mean) } / Float(width)
    return (mean, (square + epsilon).squareRoot())
  }

  /// Rows `[rows, W]` from `input` to `output`, which may be the same place.
  func apply(_ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, rows: Int) {
    let width = weight.count
    weight.withUnsafeBufferPointer { weight in
      bias.withUnsafeBufferPointer { bias in
        for row in 0..<rows {
          let (from, into) = (input + row * width, output + row * width)
          let (mean, deviation) = moments(from, width)
          let scale = 1 / deviation
          for column in 0..<width {
            into[column] = (from[column] - mean) * scale * weight[column] + bias[column]
          }
        }
      }
    }
  }
}
