import COpenBLAS
import CVectors

#if OneDNN
  import OneDNN
#endif

/// The numbers that the towers' large matrix products are taken of.
package enum Precision: String, Sendable, CaseIterable, Codable {
  /// float32 throughout
  case fp32
  /// bfloat16 weights and inputs, sums in float32; needs oneDNN. The residual stream, LayerNorm, softmax, the last block
  /// and everything after it stay in float32.
  case bf16

  /// What a product reads.
  package var number: NumberKind { self == .fp32 ? .float32 : .bfloat16 }
}

/// How a number is stored in a buffer.
package enum NumberKind: Sendable, Hashable {
  case float32, bfloat16

  /// In bytes.
  package var size: Int { self == .float32 ? 4 : 2 }
}

/// What computes the towers' matrix products: oneDNN where the package is built with the trait of that name, OpenBLAS
/// otherwise. LAPACK, and all products outside the towers, are OpenBLAS's.
package enum ProductEngine {
  /// Name and version, e.g. "OpenBLAS 0.3.21".
  package static var name: String {
    #if OneDNN
      "oneDNN \(DNNL.version)"
    #else
      openBLAS
    #endif
  }

  /// Name and version of the BLAS, e.g. "OpenBLAS 0.3.21".
  package static var openBLAS: String {
    let words = openblas_get_config().map { String(cString: $0) }?.split(separator: " ") ?? []
    return words.prefix(2).joined(separator: " ")
  }

  /// The processors that the kernels which OpenBLAS uses were written for, e.g. "SkylakeX".
  package static var openBLASKernels: String { openblas_get_corename().map { String(cString: $0) } ?? "" }

  /// What products of `precision` need, in words, where this build on this processor has none.
  package static func missing(for precision: Precision) -> String? {
    guard !supports(precision) else { return nil }
    #if OneDNN
      return "a processor with AVX-512"
    #else
      return "a build with oneDNN (swift build -c release --traits OneDNN) and a processor with AVX-512"
    #endif
  }

  package static func supports(_ precision: Precision) -> Bool {
    guard precision == .bf16 else { return true }
    #if OneDNN
      return Matmul(
        Matmul.Shape(
          rows: 16, columns: 64, inner: 64, a: .bfloat16, aStride: 64, bStrides: nil, c: .bfloat16, cStride: 64)
      ) != nil
    #else
      return false
    #endif
  }

  /// The distance between rows of `width` numbers that a product reads or writes.
  ///
  /// Rows a multiple of 4096 bytes apart fall on the same lines of the first cache, which costs oneDNN a fifth of its
  /// speed in float32, so that sixteen zeros are put between. OpenBLAS copies what it reads.
  package static func stride(_ width: Int, _ number: NumberKind) -> Int {
    #if OneDNN
      number == .float32 && width * number.size % 4096 == 0 ? width + 16 : width
    #else
      width
    #endif
  }

  /// Rows are computed in multiples of this, so that products of few shapes need to be made ready. Buffers of rows must
  /// have room for it.
  package static func rounded(rows: Int) -> Int {
    #if OneDNN
      (rows + 7) & ~7
    #else
      rows
    #endif
  }
}
