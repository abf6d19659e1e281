import COpenBLAS
public import Tensors

/// Whether a matrix enters a product as it is or transposed.
public enum Transposition: Sendable {
  case normal, transposed

  var blas: Int32 { Int32(self == .normal ? OPENBLAS_NORMAL : OPENBLAS_TRANSPOSED) }
}

/// Computes `result = scale · op(a) · op(b) + keep · result` on row-major buffers by sgemm.
///
/// `rows`, `columns` and `inner` are the sizes of op(a) `[rows, inner]` and op(b) `[inner, columns]`; the strides are
/// the distances between stored rows. The caller must make sure that the buffers are large enough.
package func multiply(
  _ a: UnsafePointer<Float>, stride aStride: Int, _ aTransposition: Transposition,
  _ b: UnsafePointer<Float>, stride bStride: Int, _ bTransposition: Transposition,
  into result: UnsafeMutablePointer<Float>, stride resultStride: Int,
  rows: Int, columns: Int, inner: Int, scale: Float = 1, keep: Float = 0
) {
  _ = OpenBLAS.isLoaded
  openblas_sgemm(
    aTransposition.blas, bTransposition.blas, Int32(rows), Int32(columns), Int32(inner), scale, a,
    Int32(aStride), b, Int32(bStride), keep, result, Int32(resultStride))
}

/// The product op(a)·op(b) in double, by dgemm, of row-major matrices without gaps: `[rows, inner]` · `[inner, columns]`.
package func product(
  _ a: [Double], _ aTransposition: Transposition, _ b: [Double], _ bTransposition: Transposition, rows: Int,
  columns: Int,
  inner: Int
) -> [Double] {
  precondition(
    a.count == rows * inner && b.count == inner * columns, "\(a.count) and \(b.count) for \(rows)×\(inner)×\(columns)")
  guard rows > 0, columns > 0, inner > 0 else { return [Double](repeating: 0, count: rows * columns) }
  return [Double](unsafeUninitializedCapacity: rows * columns) { result, count in
    _ = OpenBLAS.isLoaded
    openblas_dgemm(
      aTransposition.blas, bTransposition.blas, Int32(rows), Int32(columns), Int32(inner), 1, a,
      Int32(aTransposition == .normal ? inner : rows), b, Int32(bTransposition == .normal ? columns : inner), 0,
      result.baseAddress, Int32(columns))
    count = rows * columns
  }
}

/// The product op(a)·op(b) of two matrices, `[rows, inner]` · `[inner, columns]`, in float32 on the calling thread.
///
/// The inner sizes must be equal.
public func product(
  _ a: Tensor, _ aTransposition: Transposition, _ b: Tensor, _ bTransposition: Transposition
) -> Tensor {
  precondition(a.shape.count == 2 && b.shape.count == 2, "product of shapes \(a.shape) and \(b.shape)")
  let (rows, inner) = aTransposition == .normal ? (a.shape[0], a.shape[1]) : (a.shape[1], a.shape[0])
  let (inner2, columns) = bTransposition == .normal ? (b.shape[0], b.shape[1]) : (b.shape[1], b.shape[0])
  precondition(inner == inner2, "product of shapes \(a.shape) and \(b.shape)")
  var result = Tensor(zeros: [rows, columns])
  guard rows > 0, columns > 0, inner > 0 else { return result }
  a.values.withUnsafeBufferPointer { left in
    b.values.withUnsafeBufferPointer { right in
      result.values.withUnsafeMutableBufferPointer { out in
        multiply(
          left.baseAddress!, stride: a.shape[1], aTransposition, right.baseAddress!, stride: b.shape[1], bTransposition,
          into: out.baseAddress!, stride: columns, rows: rows, columns: columns, inner: inner)
      }
    }
  }
  return result
}

/// The product a·b of two matrices.
public func product(_ a: Tensor, _ b: Tensor) -> Tensor { product(a, .normal, b, .normal) }
