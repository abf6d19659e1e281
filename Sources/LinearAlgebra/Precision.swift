import CVectors

/// The precision of the towers' large matrix products.
package enum Precision: String, Sendable, CaseIterable, Codable {
  /// The precision float32 throughout.
  case fp32
  /// Weights and inputs in bfloat16, sums in float32; needs oneDNN.
  ///
  /// The residual stream, LayerNorm, softmax, the last block and everything after it stay in float32.
  case bf16

  /// The kind of number that a product reads.
  package var number: NumberKind { self == .fp32 ? .float32 : .bfloat16 }
}

/// How a number is stored in a buffer.
package enum NumberKind: Sendable, Hashable {
  case float32, bfloat16

  /// The size of a number in bytes.
  package var size: Int { self == .float32 ? 4 : 2 }
}

extension NumberKind {
  /// Converts float32 to numbers of this kind.
  package func store(_ values: UnsafePointer<Float>, count: Int, into result: UnsafeMutableRawPointer) {
    switch self {
    case .float32: result.assumingMemoryBound(to: Float.self).update(from: values, count: count)
    case .bfloat16: vectors_to_bfloat16(values, count, result.assumingMemoryBound(to: UInt16.self))
    }
  }

  /// Converts numbers of this kind to float32.
  package func floats(_ start: UnsafeRawPointer, count: Int, into result: UnsafeMutablePointer<Float>) {
    switch self {
    case .float32: result.update(from: start.assumingMemoryBound(to: Float.self), count: count)
    case .bfloat16: vectors_from_bfloat16(start.assumingMemoryBound(to: UInt16.self), count, result)
    }
  }
}

extension Precision {
  /// The weights rounded as products of this precision use them.
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
