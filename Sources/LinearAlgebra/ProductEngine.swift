import CVectors

#if OneDNN
  import OneDNN
#endif

/// The library that computes the towers' matrix products: oneDNN where the package is built with the trait of that name,
/// OpenBLAS otherwise.
///
/// LAPACK, and all products outside the towers, are OpenBLAS's.
package enum ProductEngine {
  /// The name and version of the engine, for example "OpenBLAS 0.3.21".
  package static var name: String {
    #if OneDNN
      "oneDNN \(DNNL.version)"
    #else
      OpenBLAS.name
    #endif
  }

  /// The requirement of products of `precision`, in words, where this build on this processor has none.
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
  /// speed in float32, so that sixteen zeros are put between rows. OpenBLAS copies what it reads.
  package static func stride(_ width: Int, _ number: NumberKind) -> Int {
    #if OneDNN
      number == .float32 && width * number.size % 4096 == 0 ? width + 16 : width
    #else
      width
    #endif
  }

  /// The number of rows that a product of `rows` rows computes.
  ///
  /// It is rounded up so that products of few shapes have to be prepared. Buffers of rows must have memory for it.
  package static func rounded(rows: Int) -> Int {
    #if OneDNN
      (rows + 7) & ~7
    #else
      rows
    #endif
  }
}
