import Synchronization

#if OneDNN
  import OneDNN
#endif

/// A library that computes products of the towers.
package enum ProductLibrary: String, Sendable, Codable, CaseIterable {
  case openBLAS
  /// Only where the package is built with the trait of that name.
  case oneDNN
}

/// What computes the towers' matrix products: OpenBLAS and, where the package is built with the trait of that name, oneDNN,
/// which alone multiplies bfloat16.
///
/// LAPACK, and all products outside the towers, are OpenBLAS's.
package enum ProductEngine {
  /// The libraries of this build.
  package static let libraries: [ProductLibrary] = {
    #if OneDNN
      [.openBLAS, .oneDNN]
    #else
      [.openBLAS]
    #endif
  }()

  /// What multiplies float32: 0 while nothing has asked, else one more than its index in `libraries`.
  private static let float32 = Atomic<Int>(0)

  /// Chooses what multiplies float32; the last of `libraries` is the default.
  ///
  /// The first choice or use holds as long as the process: results by two libraries differ in their last bits, and buffers
  /// are laid out for one of them.
  package static func choose(_ library: ProductLibrary) {
    guard let index = libraries.firstIndex(of: library) else { preconditionFailure("no \(library) in this build") }
    _ = decided(index)
  }

  /// What multiplies numbers of this kind.
  package static func library(for number: NumberKind) -> ProductLibrary {
    let last = libraries.count - 1
    return libraries[number == .float32 ? decided(last) : last]
  }

  /// The index of what multiplies float32, which is `index` where nothing was chosen or used before.
  private static func decided(_ index: Int) -> Int {
    let known = float32.load(ordering: .relaxed)
    if known > 0 { return known - 1 }
    let (isFirst, other) = float32.compareExchange(expected: 0, desired: index + 1, ordering: .relaxed)
    return isFirst ? index : other - 1
  }

  /// The name and version of what multiplies in a precision, for example "OpenBLAS 0.3.21".
  package static func name(for precision: Precision) -> String { name(of: library(for: precision.number)) }

  package static func name(of library: ProductLibrary) -> String {
    #if OneDNN
      library == .oneDNN ? "oneDNN \(DNNL.version)" : OpenBLAS.name
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
  package static func stride(_ width: Int, _ number: NumberKind, _ library: ProductLibrary? = nil) -> Int {
    let isPadded = (library ?? Self.library(for: number)) == .oneDNN && number == .float32
    return isPadded && width * number.size % 4096 == 0 ? width + 16 : width
  }

  /// The number of rows that a product of `rows` rows computes at most.
  ///
  /// oneDNN's are rounded up so that products of few shapes have to be prepared. Buffers of rows must have memory for it.
  package static func rounded(rows: Int) -> Int {
    #if OneDNN
      (rows + 7) & ~7
    #else
      rows
    #endif
  }
}
