import CVectors

/// The activation between the two layers of an MLP.
package enum Activation: String, Sendable, Equatable {
  /// GELU in its exact form, x·Φ(x).
  case gelu
  /// The approximation x·σ(1.702x).
  case quickGELU
}

extension Activation {
  /// Replaces `values`, `[rows, width]`, by f(x + bias).
  package func apply(to values: UnsafeMutablePointer<Float>, rows: Int, width: Int, bias: [Float]) {
    switch self {
    case .gelu: vectors_gelu(values, rows, width, width, bias)
    case .quickGELU: vectors_quick_gelu(values, rows, width, width, bias)
    }
  }

  /// Whether this processor has `store`.
  package static var storesBfloat16: Bool { vectors_has_bfloat16() != 0 }

  /// Stores f(x) as bfloat16.
  package func store(_ values: UnsafePointer<Float>, count: Int, into result: UnsafeMutablePointer<UInt16>) {
    switch self {
    case .gelu: vectors_gelu_to_bfloat16(values, count, result)
    case .quickGELU: vectors_quick_gelu_to_bfloat16(values, count, result)
    }
  }
}
