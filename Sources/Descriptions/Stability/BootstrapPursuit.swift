import LinearAlgebra
import Tensors

/// TextSpan's greedy choice for many covariances side by side, so that the products of a step with all texts are one of matrices.
///
/// It is `VariancePursuit` but for the order of sums.
struct BootstrapPursuit: Sendable {
  /// Where a bootstrap begins.
  struct Start {
    /// `[r, r]`.
    let covariance: RowMatrix
    /// rᵀSr of each text; negative infinity for one that is not to be chosen.
    let scores: [Double]
  }

  /// `[K, r]`.
  private let texts: RowMatrix
  /// Of each text the places of those of the same numbers, itself among them, ascending.
  private let equals: [[Int]]
  /// How many texts a bootstrap chooses.
  private let count: Int

  /// Bootstraps side by side.
  private static let group = 25

  init(_ texts: Tensor, count: Int) {
    self.texts = RowMatrix(rows: texts.rows, columns: texts.rowCount, values: texts.values.map(Double.init))
    self.count = count
    let groups = Dictionary(grouping: 0..<texts.rows) { texts.row($0).map(\.bitPattern) }
    var equals = [[Int]](repeating: [], count: texts.rows)
    for group in groups.values {
      for place in group { equals[place] = group }
    }
    self.equals = equals
  }

  /// The scores of all texts by one covariance, `[r, r]`.
  func scores(by covariance: RowMatrix) -> [Double] {
    let images = texts.times(covariance)
    return (0..<texts.rows).map { place in
      texts.range(of: place).reduce(0) { $0 + texts.values[$1] * images.values[$1] }
    }
  }

  /// The products xᵀSx of all texts with some symmetric matrices, given as triangles `[B, r·(r+1)/2]`: `[B, K]`.
  func quadraticForms(_ triangles: RowMatrix) -> RowMatrix {
    var forms = RowMatrix(
      rows: triangles.rows, columns: texts.rows, values: Array(repeating: 0, count: triangles.rows * texts.rows))
    // Those of some texts at a time, in the same memory: of all texts they would be tens of megabytes.
    let side = min(Self.side, texts.rows)
    var squares = RowMatrix(
      rows: side, columns: triangles.columns, values: Array(repeating: 0, count: side * triangles.columns))
    for first in stride(from: 0, to: texts.rows, by: Self.side) {
      let count = min(side, texts.rows - first)
      squares.fillRows(0..<count) { row, squares in square(first + row, into: squares) }
      let found = triangles.times(squares, .transposed)
      forms.fillRows(0..<forms.rows) { row, forms in
        for place in 0..<count { forms[first + place] = found.values[row * side + place] }
      }
    }
    return forms
  }

  /// Texts whose products with matrices are taken together.
  private static let side = 64

  /// The products of two numbers of a text, those beside the diagonal twice, as a triangle.
  private func square(_ text: Int, into products: UnsafeMutableBufferPointer<Double>) {
    texts.values[texts.range(of: text)].withUnsafeBufferPointer { numbers in
      var next = 0
      for row in numbers.indices {
        let twice = 2 * numbers[row]
        for column in 0..<row { products[next + column] = twice * numbers[column] }
        products[next + row] = numbers[row] * numbers[row]
        next += row + 1
      }
    }
  }

  /// The products of some vectors, `[n, r]`, with all texts, `[n, K]`.
  func products(_ vectors: RowMatrix) -> RowMatrix { vectors.times(texts, .transposed) }

  /// The texts that each of some bootstraps chooses, fewer than `count` where nothing is left.
  func choose(_ bootstraps: Int, _ start: (Int) -> Start) -> [[ChosenText]] {
    var columns: [Int: ArraySlice<Double>] = [:]
    return stride(from: 0, to: bootstraps, by: Self.group).flatMap { first in
      var states = (first..<min(first + Self.group, bootstraps)).map { State(start($0)) }
      for _ in 0..<count { step(&states, &columns) }
      return states.map(\.chosen)
    }
  }

  private struct State {
    let covariance: RowMatrix
    var scores: [Double]
    /// The score below which only rounding error is left.
    let floor: Double
    /// Of length 1, and their products with what was left of all texts.
    var directions: [[Double]] = []
    var along: [[Double]] = []
    var chosen: [ChosenText] = []

    init(_ start: Start) {
      (covariance, scores) = (start.covariance, start.scores)
      floor = (start.scores.max() ?? 0) * HeadFrame.noise * HeadFrame.noise
    }

    /// Removes the last direction from all scores.
    ///
    /// - Parameters:
    ///   - variance: along it.
    ///   - across: the products of what is left of its image by the covariance with all texts, `[K]`.
    mutating func remove(_ variance: Double, _ across: ArraySlice<Double>) {
      guard let along = along.last, let last = chosen.last else { return }
      across.withUnsafeBufferPointer { across in
        along.withUnsafeBufferPointer { along in
          scores.withUnsafeMutableBufferPointer { scores in
            for text in scores.indices { scores[text] += along[text] * (along[text] * variance - 2 * across[text]) }
          }
        }
      }
      scores[last.index] = -.infinity
    }
  }

  /// Chooses one more text in each bootstrap, and removes its direction.
  ///
  /// - Parameter columns: the products of texts that were chosen anywhere with all texts, `[K]`.
  private func step(_ states: inout [State], _ columns: inout [Int: ArraySlice<Double>]) {
    let chosen = states.map(best)
    keepColumns(Set(chosen.compactMap { $0 }).subtracting(columns.keys).sorted(), &columns)
    var (active, variances, images) = ([Int](), [Double](), [Double]())
    for (place, text) in chosen.enumerated() {
      guard let text, let column = columns[text], let rest = rest(of: text, states[place]) else { continue }
      let image = states[place].covariance.times(rest.direction)
      let variance = dot(image, rest.direction)
      var cleaned = image
      for earlier in states[place].directions { add(earlier, times: -dot(image, earlier), to: &cleaned) }
      var along = Array(column)
      for (earlier, share) in zip(states[place].along, rest.shares) { add(earlier, times: -share, to: &along) }
      for index in along.indices { along[index] /= rest.length }
      states[place].directions.append(rest.direction)
      states[place].along.append(along)
      states[place].chosen.append(ChosenText(index: text, variance: max(variance, 0)))
      active.append(place)
      variances.append(variance)
      images += cleaned
    }
    let across = products(RowMatrix(rows: active.count, columns: texts.columns, values: images))
    for (row, place) in active.enumerated() {
      states[place].remove(variances[row], across.values[across.range(of: row)])
    }
  }

  private func keepColumns(_ places: [Int], _ columns: inout [Int: ArraySlice<Double>]) {
    let rows = RowMatrix(
      rows: places.count, columns: texts.columns, values: places.flatMap { texts.values[texts.range(of: $0)] })
    let found = products(rows)
    for (row, place) in places.enumerated() { columns[place] = found.values[found.range(of: row)] }
  }

  /// The text of the highest score, the first of those of the same numbers; nil where nothing is left.
  private func best(_ state: State) -> Int? {
    var (found, highest) = (-1, state.floor)
    for (place, score) in state.scores.enumerated() where score > highest { (found, highest) = (place, score) }
    return found < 0 ? nil : equals[found].first { state.scores[$0] > -.infinity }
  }

  /// What is left of a text beyond the directions chosen so far, which are removed twice so that rounding leaves it orthogonal.
  private func rest(of place: Int, _ state: State) -> (direction: [Double], shares: [Double], length: Double)? {
    var text = Array(texts.values[texts.range(of: place)])
    var shares = [Double](repeating: 0, count: state.directions.count)
    for _ in 0..<2 {
      for (index, direction) in state.directions.enumerated() {
        let share = dot(text, direction)
        add(direction, times: -share, to: &text)
        shares[index] += share
      }
    }
    let length = dot(text, text).squareRoot()
    return length > 0 ? (text.map { $0 / length }, shares, length) : nil
  }
}
