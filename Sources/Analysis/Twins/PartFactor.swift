import Attribution
import LinearAlgebra
import Parallel
import Tensors

/// What one part of a tower wrote for n images, as an array of few columns whose rows have the same products as what was written.
///
/// From these products the U-centred Gram matrix Ã of the images is made: Ã_ij = z_i · z_j + α_i + α_j for i ≠ j, where α makes every row
/// sum to 0 without its diagonal (Székely and Rizzo 2014, arXiv 1310.2926). No array of n × E numbers is needed.
package struct PartFactor: Sendable {
  /// z, `[n, C]`, less their mean and with a mean squared length of 1; zeros for a part that writes the same for every image.
  package let rows: Tensor
  /// α, one an image.
  let offsets: [Double]

  /// A squared deviation below this share of the mean squared length is the rounding of float32 numbers.
  private static let silence = 1e-12

  /// - Parameters:
  ///   - coordinates: of what was written, `[n, C]`; at least three images.
  ///   - basis: what the coordinates stand for, `[C, E]`; nil where they are those of the joint embedding.
  /// - Throws: `EigenFailure` where a number is not finite.
  package init(coordinates: Tensor, basis: Tensor?) throws {
    let (count, width) = (coordinates.rows, coordinates.rowCount)
    precondition(count > 2, "\(count) images")
    var means = [Double](repeating: 0, count: width)
    addColumns(of: coordinates, to: &means)
    for column in means.indices { means[column] /= Double(count) }
    guard means.allSatisfy(\.isFinite) else { throw EigenFailure.notFinite }
    var values = [Double](repeating: 0, count: count * width)
    for place in values.indices { values[place] = Double(coordinates.values[place]) - means[place % width] }
    var centre = means
    if let basis {
      let root = try Self.root(of: basis)
      values = product(values, .normal, root, .normal, rows: count, columns: width, inner: width)
      centre = product(means, .normal, root, .normal, rows: 1, columns: width, inner: width)
    }
    let deviation = values.reduce(0) { $0 + $1 * $1 } / Double(count)
    let square = deviation + centre.reduce(0) { $0 + $1 * $1 }
    guard deviation.isFinite else { throw EigenFailure.notFinite }
    let scale = deviation > Self.silence * square ? 1 / deviation.squareRoot() : 0
    rows = Tensor(shape: [count, width], values: values.map { Float($0 * scale) })
    offsets = Self.offsets(of: rows)
  }

  /// R `[C, C]` with R · Rᵀ = basis · basisᵀ.
  private static func root(of basis: Tensor) throws -> [Double] {
    let (width, embedding) = (basis.rows, basis.rowCount)
    let wide = basis.values.map(Double.init)
    let gram = product(wide, .normal, wide, .transposed, rows: width, columns: width, inner: embedding)
    let eigen = try SymmetricEigen(gram, count: width)
    var root = [Double](repeating: 0, count: width * width)
    for (column, vector) in eigen.vectors.enumerated() {
      let scale = max(eigen.values[column], 0).squareRoot()
      for row in 0..<width { root[row * width + column] = vector[row] * scale }
    }
    return root
  }

  private static func offsets(of rows: Tensor) -> [Double] {
    let sums = rowSums(of: rows, 0..<rows.rows)
    let (count, total) = (Double(rows.rows), sums.reduce(0, +))
    return sums.map { total / (2 * (count - 1) * (count - 2)) - $0 / (count - 2) }
  }

  /// For each of some images, the sum of its products with the others of them.
  private static func rowSums(of rows: Tensor, _ range: Range<Int>) -> [Double] {
    let width = rows.rowCount
    var sum = [Double](repeating: 0, count: width)
    for row in range {
      for (column, value) in rows.row(row).enumerated() { sum[column] += Double(value) }
    }
    return range.map { row in
      zip(rows.row(row), sum).reduce(0) { $0 + Double($1.0) * ($1.1 - Double($1.0)) }
    }
  }

  /// What has to be taken from Ã among some of the images so that it is U-centred there: u_i + u_j for i ≠ j.
  ///
  /// - Parameter range: m images, at least three.
  func excess(_ range: Range<Int>) -> [Double] {
    let (count, all) = (Double(range.count), range.reduce(0) { $0 + offsets[$1] })
    let sums = zip(range, Self.rowSums(of: rows, range)).map { row, sum in
      sum + (count - 1) * offsets[row] + all - offsets[row]
    }
    let total = sums.reduce(0, +)
    return sums.map { $0 / (count - 2) - total / (2 * (count - 1) * (count - 2)) }
  }
}

extension PartFactor {
  /// What each head of a model wrote for some images, and last their whole embeddings.
  ///
  /// Goes through the features once.
  ///
  /// - Parameter images: rows of the features, in any order, none twice; at least three.
  /// - Throws: what reading features throws, and `EigenFailure`.
  package static func all(of features: any HeadFeatures, images: [Int], threads: Int) throws -> [PartFactor] {
    let heads = features.shape.allHeads
    let places = ImagePlaces(images, in: features.blocks)
    return try inParallel(heads.count + 1, threads: threads) { part in
      guard part < heads.count else {
        return try PartFactor(coordinates: try places.rows { try features.embeddings(block: $0) }, basis: nil)
      }
      let head = heads[part]
      let coordinates = try places.rows { try features.coordinates(of: head, block: $0) }
      return try PartFactor(coordinates: coordinates, basis: features.space(of: head).basis)
    }
  }
}
