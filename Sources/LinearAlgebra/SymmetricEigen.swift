import COpenBLAS

/// The eigendecomposition of a symmetric matrix: `matrix = Σ values[i] · vectors[i]ᵀ vectors[i]`.
package struct SymmetricEigen: Sendable {
  /// The eigenvalues in descending order.
  package let values: [Double]
  /// The unit eigenvectors in the order of `values`; the largest component of each is positive.
  package let vectors: [[Double]]

  /// Decomposes a symmetric `[count, count]` matrix.
  ///
  /// - Throws: `EigenFailure` where LAPACK's dsyevd does not converge or a number is not finite.
  package init(_ matrix: [Double], count: Int) throws(EigenFailure) {
    precondition(matrix.count == count * count, "\(matrix.count) values for a \(count)×\(count) matrix")
    guard matrix.allSatisfy(\.isFinite) else { throw .notFinite }
    guard count > 0 else {
      values = []
      vectors = []
      return
    }
    var a = matrix
    var w = [Double](repeating: 0, count: count)
    var order = Int32(count)
    var leading = Int32(count)
    var workCount = Int32(1 + 6 * count + 2 * count * count)
    var integerWorkCount = Int32(3 + 5 * count)
    var work = [Double](repeating: 0, count: Int(workCount))
    var integerWork = [Int32](repeating: 0, count: Int(integerWorkCount))
    var info: Int32 = 0
    _ = OpenBLAS.isLoaded
    openblas_dsyevd("V", "U", &order, &a, &leading, &w, &work, &workCount, &integerWork, &integerWorkCount, &info)
    guard info == 0 else { throw .notConverged }
    // Fortran stores column by column, so that eigenvector i is the i-th run of `count` numbers.
    let ordered = stride(from: count - 1, through: 0, by: -1)
    values = ordered.map { w[$0] }
    vectors = ordered.map { index in
      let vector = Array(a[index * count..<(index + 1) * count])
      let largest = vector.max { abs($0) < abs($1) } ?? 0
      return largest < 0 ? vector.map { -$0 } : vector
    }
  }
}

package enum EigenFailure: Error, CustomStringConvertible {
  case notFinite, notConverged

  package var description: String {
    switch self {
    case .notFinite: "a covariance holds a number that is not finite; the features it came from are damaged"
    case .notConverged: "LAPACK's dsyevd did not converge on a covariance; the features it came from are damaged"
    }
  }
}
