import LinearAlgebra
import Synchronization
import Tensors

/// The candidate descriptions as directions to describe heads by, of length 1.
///
/// All embeddings of a model point nearly the same way. What they have in common describes nothing, so that their mean is taken
/// off, and what is left brought to length 1 (arXiv 2603.24653).
package final class TextDictionary: Sendable {
  /// `[M, E]`; a text that is the mean itself has a row of zeros.
  package let atoms: Tensor
  /// The squared length of each atom as it is stored, `[M]`: 1 or 0, but for rounding.
  let squares: [Double]
  /// The inner products of an atom with all, `[M]`, by its place; those that were asked for, up to a limit.
  private let known = Mutex<[Int: [Float]]>([:])
  /// How many of them are kept: 256 MB.
  private let most: Int

  /// - Parameter texts: the candidate descriptions' embeddings, `[M, E]`, unit norm.
  package init(_ texts: Tensor) {
    let (rows, width) = (texts.rows, texts.rowCount)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<rows {
      for (place, value) in texts.row(row).enumerated() { mean[place] += Double(value) / Double(rows) }
    }
    var values: [Float] = []
    values.reserveCapacity(rows * width)
    for row in 0..<rows {
      let centred = zip(texts.row(row), mean).map { Double($0) - $1 }
      let length = dot(centred, centred).squareRoot()
      // What is left of the mean itself is rounding.
      values += centred.map { length > 1e-6 ? Float($0 / length) : 0 }
    }
    let atoms = Tensor(shape: [rows, width], values: values)
    self.atoms = atoms
    squares = (0..<rows).map { row in atoms.row(row).reduce(0) { $0 + Double($1) * Double($1) } }
    most = (256 << 20) / max(4 * rows, 1)
  }

  /// M, the number of texts.
  package var count: Int { atoms.rows }

  /// The inner products of one atom with all of them, `[M]`.
  func products(_ place: Int) -> [Float] {
    if let found = known.withLock({ $0[place] }) { return found }
    let row = Tensor(shape: [1, atoms.rowCount], values: Array(atoms.row(place)))
    let made = product(atoms, .normal, row, .transposed).values
    known.withLock { if $0.count < most { $0[place] = made } }
    return made
  }
}
