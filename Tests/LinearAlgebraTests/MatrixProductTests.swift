import Foundation
import LinearAlgebra
import Tensors
import Testing

@Suite struct `Matrix products` {
  @Test func `agree with the definition in every orientation`() {
    let a = Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6])
    let b = Tensor(shape: [3, 2], values: [7, 8, 9, 10, 11, 12])
    let expected: [Float] = [58, 64, 139, 154]
    #expect(product(a, b).values == expected)
    let aTransposed = Tensor(shape: [3, 2], values: [1, 4, 2, 5, 3, 6])
    let bTransposed = Tensor(shape: [2, 3], values: [7, 9, 11, 8, 10, 12])
    #expect(product(aTransposed, .transposed, b, .normal).values == expected)
    #expect(product(a, .normal, bTransposed, .transposed).values == expected)
    #expect(product(aTransposed, .transposed, bTransposed, .transposed).values == expected)
  }

  @Test func `leave BLAS on one thread, which starts no others`() throws {
    _ = product(Tensor(zeros: [1, 1]), Tensor(zeros: [1, 1]))
    let library = try #require(dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD), "not loaded")
    defer { dlclose(library) }
    let symbol = try #require(dlsym(library, "openblas_get_num_threads"))
    #expect(unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)() == 1)
    // What it read when it was loaded.
    #expect(String(cString: try #require(getenv("OPENBLAS_NUM_THREADS"))) == "1")
  }

  @Test func `for which there is no memory say how many threads there is memory for`() {
    #expect(
      "\(OpenBLASFailure.noMemory(threads: 4, found: 1, megabytes: 128))"
        == "matrix products take 128 MB of address space a thread, and there is room for 1 of 4 threads; "
        + "use --jobs 1, or allow more (ulimit -v)")
    let nothing = "\(OpenBLASFailure.noMemory(threads: 1, found: 0, megabytes: 128))"
    #expect(nothing.hasSuffix("0 of 1 threads; allow more (ulimit -v)"))
  }

  @Test func `of nothing are empty`() {
    #expect(product(Tensor(zeros: [0, 3]), Tensor(zeros: [3, 2])).shape == [0, 2])
  }
}

@Suite struct `Eigenvectors of symmetric matrices` {
  @Test func `rebuild the matrix, largest value first`() throws {
    let matrix: [Double] = [4, 1, 0, 1, 3, 1, 0, 1, 2]
    let eigen = try SymmetricEigen(matrix, count: 3)
    #expect(eigen.values == eigen.values.sorted(by: >))
    for row in 0..<3 {
      for column in 0..<3 {
        let rebuilt = (0..<3).reduce(0) { $0 + eigen.values[$1] * eigen.vectors[$1][row] * eigen.vectors[$1][column] }
        #expect(abs(rebuilt - matrix[row * 3 + column]) < 1e-12)
      }
    }
  }

  @Test func `refuse numbers that are not finite`() {
    #expect(throws: EigenFailure.notFinite) { try SymmetricEigen([.nan], count: 1) }
  }
}
