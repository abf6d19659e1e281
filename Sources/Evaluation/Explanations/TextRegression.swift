import Descriptions
import LinearAlgebra
import Tensors

/// How much n images show each of M texts, for heads to be explained by.
///
/// The arrays of n × M numbers that this would take for every head are never made: what all texts have in common with something is a product with
/// their embeddings.
package struct TextRegression: Sendable {
  /// `[M, E]`.
  private let texts: Tensor
  /// `[n, E]`, less the mean over the images that choose.
  private let images: Tensor
  private let choosing: [Int]
  private let judging: [Int]
  /// The rows of `images` that choose.
  private let chosenImages: Tensor
  /// For each text the sum of squares of its products with the images that choose.
  private let squares: [Double]

  /// - Parameters:
  ///   - texts: unit-norm embeddings, `[M, E]`.
  ///   - images: the same of images, `[n, E]`.
  ///   - isChoosing: by image, whether texts and weights are chosen by it; the others judge.
  package init(texts: Tensor, images: Tensor, isChoosing: [Bool]) {
    let choosing = isChoosing.indices.filter { isChoosing[$0] }
    self.texts = texts
    self.choosing = choosing
    judging = isChoosing.indices.filter { !isChoosing[$0] }
    self.images = Self.centred(images, over: choosing)
    chosenImages = Self.rows(choosing, of: self.images)
    let shown = product(chosenImages, .normal, texts, .transposed)  // [n', M]
    var squares = [Double](repeating: 0, count: texts.rows)
    for row in 0..<shown.rows {
      for (text, value) in shown.row(row).enumerated() { squares[text] += Double(value) * Double(value) }
    }
    self.squares = squares
  }

  /// Rows less the mean of some of them.
  private static func centred(_ rows: Tensor, over some: [Int]) -> Tensor {
    let width = rows.rowCount
    var means = [Double](repeating: 0, count: width)
    for row in some {
      for (column, value) in rows.row(row).enumerated() { means[column] += Double(value) }
    }
    let scale = 1 / Double(max(some.count, 1))
    return Tensor(
      shape: rows.shape,
      values: rows.values.indices.map { Float(Double(rows.values[$0]) - means[$0 % width] * scale) })
  }

  private static func rows(_ places: [Int], of tensor: Tensor) -> Tensor {
    Tensor(shape: [places.count, tensor.rowCount], values: places.flatMap { tensor.row($0) })
  }

  /// The explanation of a head by at most `count` texts; nil where it writes the same along its axis for every image that chooses.
  ///
  /// - Parameters:
  ///   - coordinates: what it wrote for the images, `[n, C]`.
  ///   - basis: of its coordinates, `[C, E]`.
  ///   - axis: what its coordinates are weighted by, `[C]`.
  ///   - random: sets of texts to compare with.
  ///   - described: its first description.
  package func explanation(
    coordinates: Tensor, basis: Tensor, axis: [Float], count: Int, random: [[Int]], described: Int?
  ) -> LinearExplanation? {
    let written = Self.centred(coordinates, over: choosing)
    let activation = (0..<written.rows).map { row in
      zip(written.row(row), axis).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    var fit = LeastSquares(activation, choosing: choosing, judging: judging)
    guard fit.varies else { return nil }
    let shown = shown(less: written, basis)
    let lengths = lengths(less: Self.rows(choosing, of: written), basis)
    var chosen: [Int] = []
    var correlations: [Double] = []
    while chosen.count < count, let next = best(fit.residual, shown, lengths, but: chosen),
      fit.add(column(of: next, shown))
    {
      chosen.append(next)
      correlations.append(fit.correlation)
    }
    let columns = columns(of: random.flatMap { $0 } + (described.map { [$0] } ?? []), shown)
    func correlation(_ places: some Sequence<Int>) -> Double {
      var fit = LeastSquares(activation, choosing: choosing, judging: judging)
      for place in places { _ = fit.add(columns[place]) }
      return fit.correlation
    }
    var first = 0
    let chance = random.map { set in
      defer { first += set.count }
      return correlation(first..<first + set.count)
    }
    return LinearExplanation(
      terms: zip(zip(chosen, fit.weights), correlations).map { .init(text: $0.0, weight: $0.1, correlation: $1) },
      chance: .init(mean: chance.reduce(0, +) / Double(max(chance.count, 1)), highest: chance.max() ?? 0),
      firstDescription: described.map { _ in correlation([columns.count - 1]) })
  }

  /// The images' embeddings less what a head wrote of them, `[n, E]`.
  private func shown(less written: Tensor, _ basis: Tensor) -> Tensor {
    let contribution = product(written, basis)
    return Tensor(shape: images.shape, values: zip(images.values, contribution.values).map { $0 - $1 })
  }

  /// For each text the length of what the images that choose show of it, less what a head wrote: ‖(X − C·B)·t‖.
  ///
  /// - Parameter written: C, `[n', C]`.
  private func lengths(less written: Tensor, _ basis: Tensor) -> [Double] {
    let along = product(texts, .normal, basis, .transposed)  // [M, C]
    let crossed = product(texts, product(chosenImages, .transposed, written, .normal))  // [M, C]
    let squared = product(along, product(written, .transposed, written, .normal))  // [M, C]
    return squares.indices.map { text in
      let sum = along.row(text).indices.reduce(squares[text]) {
        $0 + Double(along.values[$1]) * (Double(squared.values[$1]) - 2 * Double(crossed.values[$1]))
      }
      // What is left by the rounding of float32 where a head writes all that images show of a text.
      return sum > 1e-6 * squares[text] ? sum.squareRoot() : 0
    }
  }

  /// The text that goes best with what is left, ties to the lower place; nil where none does.
  private func best(_ residual: [Double], _ shown: Tensor, _ lengths: [Double], but chosen: [Int]) -> Int? {
    var sums = [Double](repeating: 0, count: shown.rowCount)
    for (row, weight) in zip(choosing, residual) {
      for (column, value) in shown.row(row).enumerated() { sums[column] += weight * Double(value) }
    }
    var (best, highest) = (Int?.none, 0.0)
    for text in lengths.indices where lengths[text] > 0 {
      let score = abs(zip(texts.row(text), sums).reduce(0) { $0 + Double($1.0) * $1.1 }) / lengths[text]
      if score > highest, !chosen.contains(text) { (best, highest) = (text, score) }
    }
    return best
  }

  private func column(of text: Int, _ shown: Tensor) -> [Double] { columns(of: [text], shown)[0] }

  /// How much every image shows of some texts.
  private func columns(of places: [Int], _ shown: Tensor) -> [[Double]] {
    let found = product(Self.rows(places, of: texts), .normal, shown, .transposed)  // [K, n]
    return places.indices.map { found.row($0).map(Double.init) }
  }
}

/// A number of each image as a weighted sum of others, by least squares over some images and judged over the rest.
///
/// All have a mean of 0 over the images that choose.
private struct LeastSquares {
  private let activation: [Double]
  private let choosing: [Int]
  private let judging: [Int]
  /// What no column accounts for yet, over the images that choose.
  private(set) var residual: [Double]
  private var columns: [[Double]] = []
  /// Of the columns, over the images that choose, one after the other: of length 1 and at right angles.
  private var directions: [[Double]] = []
  /// By column, how much of each direction it has.
  private var parts: [[Double]] = []
  /// How much of each direction the activation has.
  private var shares: [Double] = []

  init(_ activation: [Double], choosing: [Int], judging: [Int]) {
    (self.activation, self.choosing, self.judging) = (activation, choosing, judging)
    residual = choosing.map { activation[$0] }
  }

  var varies: Bool { dot(residual, residual) > 0 }

  /// - Returns: false where the column is a sum of those before it; then it is left out.
  mutating func add(_ column: [Double]) -> Bool {
    var rest = choosing.map { column[$0] }
    let length = dot(rest, rest).squareRoot()
    var own = [Double](repeating: 0, count: directions.count)
    for _ in 0..<2 {
      for (place, direction) in directions.enumerated() {
        let part = dot(rest, direction)
        own[place] += part
        Descriptions.add(direction, times: -part, to: &rest)
      }
    }
    let left = dot(rest, rest).squareRoot()
    guard left > 1e-5 * length else { return false }
    let direction = rest.map { $0 / left }
    let share = dot(residual, direction)
    Descriptions.add(direction, times: -share, to: &residual)
    columns.append(column)
    directions.append(direction)
    parts.append(own + [left])
    shares.append(share)
    return true
  }

  /// What the columns are multiplied by.
  private var coefficients: [Double] {
    var found = shares
    for place in found.indices.reversed() {
      for later in found.indices where later > place { found[place] -= parts[later][place] * found[later] }
      found[place] /= parts[place][place]
    }
    return found
  }

  /// The coefficients for columns, and an activation, of standard deviation 1 over the images that choose.
  var weights: [Double] {
    let scale = choosing.reduce(0) { $0 + activation[$1] * activation[$1] }
    return zip(coefficients, columns).map { coefficient, column in
      coefficient * (choosing.reduce(0) { $0 + column[$1] * column[$1] } / scale).squareRoot()
    }
  }

  /// Of the activation and the sum of columns, over the images that judge.
  var correlation: Double {
    let coefficients = coefficients
    let predicted = judging.map { row in
      zip(coefficients, columns).reduce(0) { $0 + $1.0 * $1.1[row] }
    }
    return LabelStatistic.correlation(judging.map { activation[$0] }, predicted)
  }
}
