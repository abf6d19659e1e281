import LinearAlgebra
import Tensors

/// Non-negative orthogonal matching pursuit of directions: NNOMP, and COMP where texts that are like each other are preferred.
struct PolePursuit {
  let dictionary: TextDictionary
  /// The weight of the mean similarity to the texts chosen before: 0 for NNOMP.
  let likeness: Double

  /// That of COMP.
  static let likenessOfCOMP = 0.3

  /// A sum of texts for a unit direction.
  ///
  /// Again and again the text with the largest product with what is left is taken, of those whose product is positive; weights are then fitted anew by least
  /// squares without negative ones.
  ///
  /// - Parameters:
  ///   - products: of every atom with the direction, `[M]`.
  ///   - count: the most texts to take.
  func describe(_ products: [Double], count: Int) -> DescribedDirection.End {
    var (texts, weights) = ([Int](), [Double]())
    var gram: [[Float]] = []
    while texts.count < count {
      guard let best = best(products, gram, weights, but: texts) else { break }
      texts.append(best)
      gram.append(dictionary.products(best))
      weights = nonNegativeLeastSquares(
        RowMatrix(
          rows: texts.count, columns: texts.count,
          values: gram.flatMap { row in texts.map { Double(row[$0]) } }), texts.map { products[$0] })
    }
    let along = zip(weights, texts).reduce(0) { $0 + $1.0 * products[$1.1] }
    var square = 0.0
    for (row, weight) in zip(gram, weights) {
      for (text, other) in zip(texts, weights) { square += weight * other * Double(row[text]) }
    }
    return DescribedDirection.End(
      texts: texts, weights: weights, fidelity: square > 0 ? along / square.squareRoot() : 0)
  }

  /// The text with the highest score, ties to the lower place; nil where nothing that is left has a positive product.
  ///
  /// - Parameters:
  ///   - gram: of each text that was chosen, its products with all atoms, `[M]`.
  ///   - weights: of those chosen.
  private func best(_ products: [Double], _ gram: [[Float]], _ weights: [Double], but chosen: [Int]) -> Int? {
    // A text at a time over all atoms: this loop is most of what describing a direction takes.
    var (rests, sums) = (products, [Double](repeating: 0, count: products.count))
    for (row, weight) in zip(gram, weights) {
      row.withUnsafeBufferPointer { row in
        rests.withUnsafeMutableBufferPointer { rests in
          sums.withUnsafeMutableBufferPointer { sums in
            for place in row.indices {
              let value = Double(row[place])
              rests[place] -= weight * value
              sums[place] += value
            }
          }
        }
      }
    }
    for place in chosen { rests[place] = 0 }
    var (best, highest) = (Int?.none, -Double.infinity)
    for place in rests.indices where rests[place] > 1e-6 {
      let score = chosen.isEmpty ? rests[place] : rests[place] + likeness * sums[place] / Double(chosen.count)
      if score > highest { (best, highest) = (place, score) }
    }
    return best
  }
}

/// The weights w ≥ 0 for which w·G·w − 2 w·b is least, by the active sets of Lawson and Hanson.
///
/// - Parameters:
///   - gram: G, symmetric and not negative, `[n, n]`.
///   - products: b, `[n]`.
func nonNegativeLeastSquares(_ gram: RowMatrix, _ products: [Double]) -> [Double] {
  let count = products.count
  var weights = [Double](repeating: 0, count: count)
  var isFree = [Bool](repeating: false, count: count)
  // Each round frees one weight; more rounds than sets of weights could only be rounding.
  for _ in 0..<8 * (count + 1) {
    let gains = zip(products, gram.times(weights)).map { $0 - $1 }
    guard let best = gains.indices.filter({ !isFree[$0] && gains[$0] > 1e-9 }).max(by: { gains[$0] < gains[$1] })
    else { break }
    isFree[best] = true
    while true {
      let free = isFree.indices.filter { isFree[$0] }
      let solution = solved(gram, products, free)
      let falling = zip(free, solution).filter { $0.1 <= 0 }
      guard !falling.isEmpty else {
        for (place, value) in zip(free, solution) { weights[place] = value }
        break
      }
      let step = falling.map { weights[$0.0] / (weights[$0.0] - $0.1) }.min() ?? 0
      for (place, value) in zip(free, solution) {
        weights[place] += step * (value - weights[place])
        if weights[place] <= 1e-12 { (weights[place], isFree[place]) = (0, false) }
      }
      if !isFree.contains(true) { break }
    }
  }
  return weights
}

/// The solution of the equations of some unknowns, the others 0, by Cholesky's decomposition; an unknown that depends on those
/// before it is 0.
private func solved(_ gram: RowMatrix, _ products: [Double], _ free: [Int]) -> [Double] {
  let count = free.count
  var factor = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
  var half = [Double](repeating: 0, count: count)
  for row in 0..<count {
    for column in 0...row {
      var sum = gram.values[free[row] * gram.columns + free[column]]
      for inner in 0..<column { sum -= factor[row][inner] * factor[column][inner] }
      if row == column {
        factor[row][row] = sum > 1e-9 ? sum.squareRoot() : 0
      } else {
        factor[row][column] = factor[column][column] > 0 ? sum / factor[column][column] : 0
      }
    }
    var sum = products[free[row]]
    for inner in 0..<row { sum -= factor[row][inner] * half[inner] }
    half[row] = factor[row][row] > 0 ? sum / factor[row][row] : 0
  }
  var solution = half
  for row in (0..<count).reversed() {
    var sum = half[row]
    for below in row + 1..<count { sum -= factor[below][row] * solution[below] }
    solution[row] = factor[row][row] > 0 ? sum / factor[row][row] : 0
  }
  return solution
}
