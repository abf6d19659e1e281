import CVectors

/// LayerNorm with its weights γ and β, `[W]` each, and ε.
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

  /// Normalises `rows` rows from `input`, `[rows, W]`, to `output`, of its own stride and kind of number.
  ///
  /// In float32 both may be the same place. Where `adding`, `[rows, W]`, is not nil, it is added to the input first, which
  /// keeps the sum.
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
