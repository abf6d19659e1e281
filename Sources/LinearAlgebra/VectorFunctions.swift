import CVectors

/// Softmax of scale·values in place, row by row; `stride` is a multiple of 16, and what lies between rows becomes 0.
package func softmax(_ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int, scale: Float) {
  vectors_softmax(values, rows, columns, stride, scale, 0, values)
}

/// Adds `bias` `[width]` to rows of its width.
package func addBias(_ bias: ArraySlice<Float>, to values: UnsafeMutablePointer<Float>, rows: Int) {
  bias.withUnsafeBufferPointer { vectors_add_bias(values, rows, $0.count, $0.count, $0.baseAddress) }
}

/// LayerNorm's weights: γ and β, `[W]` each, and ε.
package struct LayerNorm: Sendable {
  package let weight: [Float]
  package let bias: [Float]
  package let epsilon: Float

  package init(weight: [Float], bias: [Float], epsilon: Float) {
    precondition(weight.count == bias.count, "LayerNorm of \(weight.count) and \(bias.count) numbers")
    (self.weight, self.bias, self.epsilon) = (weight, bias, epsilon)
  }

  /// The mean of `[W]` numbers and the square root of their variance plus ε.
  package func moments(_ input: UnsafePointer<Float>) -> (mean: Float, deviation: Float) {
    var (mean, deviation): (Float, Float) = (0, 0)
    vectors_moments(input, weight.count, epsilon, &mean, &deviation)
    return (mean, deviation)
  }

  /// `rows` rows from `input`, `[rows, W]`, to `output`, of its own stride and kind of number. In float32 they may be the
  /// same place.
  ///
  /// - Parameter adding: where not nil, `[rows, W]` that the input becomes the sum with before.
  package func apply(
    _ input: UnsafeMutablePointer<Float>, adding: UnsafePointer<Float>? = nil, rows: Int,
    to output: UnsafeMutableRawPointer, stride: Int, _ number: NumberKind
  ) {
    let width = weight.count
    weight.withUnsafeBufferPointer { weight in
      bias.withUnsafeBufferPointer { bias in
        switch number {
        case .float32:
          vectors_layer_norm(
            input, adding, rows, width, weight.baseAddress, bias.baseAddress, epsilon,
            output.assumingMemoryBound(to: Float.self), stride)
        case .bfloat16:
          vectors_layer_norm_bfloat16(
            input, adding, rows, width, weight.baseAddress, bias.baseAddress, epsilon,
            output.assumingMemoryBound(to: UInt16.self), stride)
        }
      }
    }
  }
}

extension NumberKind {
  /// float32 as numbers of this kind.
  package func store(_ values: UnsafePointer<Float>, count: Int, into result: UnsafeMutableRawPointer) {
    switch self {
    case .float32: result.assumingMemoryBound(to: Float.self).update(from: values, count: count)
    case .bfloat16: vectors_to_bfloat16(values, count, result.assumingMemoryBound(to: UInt16.self))
    }
  }

  /// Numbers of this kind as float32.
  package func floats(_ start: UnsafeRawPointer, count: Int, into result: UnsafeMutablePointer<Float>) {
    switch self {
    case .float32: result.update(from: start.assumingMemoryBound(to: Float.self), count: count)
    case .bfloat16: vectors_from_bfloat16(start.assumingMemoryBound(to: UInt16.self), count, result)
    }
  }
}

extension Precision {
  /// `weights` as products of this precision see them.
  package func rounded(_ weights: [Float]) -> [Float] {
    guard self == .bf16 else { return weights }
    return [Float](unsafeUninitializedCapacity: weights.count) { result, count in
      withUnsafeTemporaryAllocation(of: UInt16.self, capacity: weights.count) { halves in
        guard let halves = halves.baseAddress, let result = result.baseAddress else { return }
        vectors_to_bfloat16(weights, weights.count, halves)
        vectors_from_bfloat16(halves, weights.count, result)
      }
      count = weights.count
    }
  }
}

extension Activation {
  /// f(x + bias) in place, `[rows, width]`.
  package func apply(to values: UnsafeMutablePointer<Float>, rows: Int, width: Int, bias: [Float]) {
    switch self {
    case .gelu: vectors_gelu(values, rows, width, width, bias)
    case .quickGELU: vectors_quick_gelu(values, rows, width, width, bias)
    }
  }

  /// Whether this processor has `store`.
  package static var storesBfloat16: Bool { vectors_has_bfloat16() != 0 }

  /// f(x) as bfloat16.
  package func store(_ values: UnsafePointer<Float>, count: Int, into result: UnsafeMutablePointer<UInt16>) {
    switch self {
    case .gelu: vectors_gelu_to_bfloat16(values, count, result)
    case .quickGELU: vectors_quick_gelu_to_bfloat16(values, count, result)
    }
  }
}
