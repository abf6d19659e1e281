import Attribution
import LinearAlgebra
import Tensors

/// Which number ranks neighbours.
public enum NeighbourScore: Sendable, CaseIterable {
  /// v·q, the score of the reference tool. It favours pictures for which the head writes much of anything.
  case dot
  /// (v−m)·(q−m) / (‖v−m‖·‖q−m‖) for a picture q, (v−m)·t / (‖v−m‖·‖t‖) for a text t, where m is the mean of the
  /// database. It compares directions, so a large norm does not help.
  case centredCosine

  /// As captions name it.
  public var title: String {
    switch self {
    case .dot: "dot product"
    case .centredCosine: "centred cosine"
    }
  }
}

/// A row of a `NeighbourIndex` with both of its scores.
public struct Neighbour: Sendable, Equatable {
  public let row: Int
  public let dot: Double
  /// −1 to 1; 0 where the row or the query does not differ from the mean.
  public let cosine: Double

  public init(row: Int, dot: Double, cosine: Double) {
    self.row = row
    self.dot = dot
    self.cosine = cosine
  }

  public func score(_ score: NeighbourScore) -> Double { score == .dot ? dot : cosine }
}

/// What neighbours are looked for of: linear weights on the coordinates of a row.
public struct NeighbourQuery: Sendable {
  /// Their product with a row is v·q, `[C]`.
  let dotWeights: [Double]
  /// Their product with a centred row is (v−m)·(q−m), or (v−m)·t for a text, `[C]`.
  let centredWeights: [Double]
  /// ‖q−m‖ for a picture, ‖t‖ for a text; 0 where the picture is the mean to rounding.
  public let norm: Double
}

/// A database of N vectors in which exact nearest neighbours are found: what one head wrote for N pictures, kept in
/// head space, or vectors of the joint embedding.
///
/// The mean and the centred norms are computed once, here; a query then costs one matrix-vector product. Many queries
/// are one matrix product. The product is taken in float32 and only decides which rows may be among the best, by its
/// error bound; those are scored again in double and in a fixed order, so the answer is that of exact search, equal
/// rows tie exactly, and ties go to the lower row. Make one per head when it is needed and let it go: it holds a
/// centred copy of the rows.
public struct NeighbourIndex: Sendable {
  /// The mean over rows, in the coordinates of the rows, `[C]`.
  public let centre: [Double]
  /// ‖v−m‖ in the joint embedding, `[N]`; 0 where it is within rounding of the stored coordinates.
  public let centredNorms: [Double]
  let rows: Rows  // [N, C]
  let centred: Rows  // [N, C]
  let innerProduct: InnerProduct

  /// The contributions of one head, searched in head space.
  ///
  /// - Throws: `HeadSearchError.notFinite`.
  public init(head: Head, of contributions: HeadContributions) throws(HeadSearchError) {
    let place = contributions.shape.index(of: head)
    try self.init(
      contributions.coordinates[place], InnerProduct(contributions.spaces[place]), name: "head \(head)")
  }

  /// Vectors of the joint embedding, `[N, E]`, e.g. the mean contributions of a property's heads.
  ///
  /// - Parameter name: what the vectors are, for messages.
  /// - Throws: `HeadSearchError.notFinite`.
  public init(vectors: Tensor, name: String) throws(HeadSearchError) {
    try self.init(vectors, InnerProduct(jointWidth: vectors.rowCount), name: name)
  }

  private init(_ tensor: Tensor, _ innerProduct: InnerProduct, name: String) throws(HeadSearchError) {
    precondition(tensor.shape.count == 2 && tensor.rowCount == innerProduct.width, "rows of shape \(tensor.shape)")
    let centre = columnMeans(tensor)
    guard centre.allSatisfy(\.isFinite) else { throw .notFinite(name) }
    let centred = less(tensor, centre)
    centredNorms = (0..<tensor.rows).map { row in
      let norm = innerProduct.norm(centred.row(row).map(Double.init))
      return norm > innerProduct.rounding(of: tensor.row(row)) ? norm : 0
    }
    self.centre = centre
    self.innerProduct = innerProduct
    rows = Rows(tensor)
    self.centred = Rows(centred)
  }

  /// N
  public var count: Int { rows.tensor.rows }

  /// The root mean square of ‖v−m‖: how much the head's contribution varies over the database.
  public var spread: Double {
    guard count > 0 else { return 0 }
    return (centredNorms.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
  }

  /// A picture as the query, in the coordinates of the rows, `[C]`. It need not be one of the rows.
  public func query(picture coordinates: some Collection<Float>) -> NeighbourQuery {
    let picture = coordinates.map(Double.init)
    precondition(picture.count == innerProduct.width, "a query of \(picture.count) coordinates")
    // Rounded as the stored rows are, so that a picture that is in the database has a cosine of 1 with itself.
    let difference = zip(picture, centre).map { Double(Float($0 - $1)) }
    let norm = innerProduct.norm(difference)
    return NeighbourQuery(
      dotWeights: innerProduct.lowered(picture), centredWeights: innerProduct.lowered(difference),
      norm: norm > innerProduct.rounding(of: coordinates) ? norm : 0)
  }

  /// A text as the query, by its embedding, `[E]`.
  ///
  /// A head-space row c stands for v = c·basis, so v·t = c·(basis·t): projecting the text once on the span of the head
  /// gives every dot product exactly. Only the contributions are centred, not the text.
  public func query(text embedding: some Collection<Float>) -> NeighbourQuery {
    let text = embedding.map(Double.init)
    let weights = innerProduct.projected(text)
    return NeighbourQuery(
      dotWeights: weights, centredWeights: weights, norm: text.reduce(0) { $0 + $1 * $1 }.squareRoot())
  }

  /// Both scores of one row, summed in double.
  public func neighbour(_ row: Int, of query: NeighbourQuery) -> Neighbour {
    let scale = scale(of: row, query)
    let cosine = centred.dot(row, query.centredWeights) * scale
    return Neighbour(row: row, dot: rows.dot(row, query.dotWeights), cosine: min(max(cosine, -1), 1))
  }

  /// The `count` rows with the highest score, best first; ties go to the lower row.
  public func nearest(to query: NeighbourQuery, by score: NeighbourScore, count: Int) -> [Neighbour] {
    nearest(to: [query], by: score, count: count)[0]
  }

  /// The `count` rows with the lowest score, lowest first; ties go to the lower row.
  public func farthest(from query: NeighbourQuery, by score: NeighbourScore, count: Int) -> [Neighbour] {
    best(count, for: [query], by: score, sign: -1)[0]
  }

  /// For every query the `count` rows with the highest score, as one matrix product.
  public func nearest(to queries: [NeighbourQuery], by score: NeighbourScore, count: Int) -> [[Neighbour]] {
    best(count, for: queries, by: score, sign: 1)
  }

  /// The standard deviation over rows of the dot product with each query, summed in double.
  public func standardDeviations(of queries: [NeighbourQuery]) -> [Double] {
    let covariance = covariance()
    let width = innerProduct.width
    return queries.map { query in
      let weights = query.dotWeights
      var sum = 0.0
      for i in 0..<width {
        var inner = 0.0
        for j in 0..<width { inner += covariance[i * width + j] * weights[j] }
        sum += weights[i] * inner
      }
      return max(sum, 0).squareRoot()
    }
  }
}

extension NeighbourIndex {
  /// Queries at a time: bounds the score matrix to some 13 MB for 50,000 rows.
  private static var chunk: Int { 64 }

  private func best(
    _ count: Int, for queries: [NeighbourQuery], by score: NeighbourScore, sign: Double
  ) -> [[Neighbour]] {
    let width = innerProduct.width
    return stride(from: 0, to: queries.count, by: Self.chunk).flatMap { start in
      let part = queries[start..<min(start + Self.chunk, queries.count)]
      let weights = part.flatMap { (score == .dot ? $0.dotWeights : $0.centredWeights).map(Float.init) }
      let database = score == .dot ? rows : centred
      let products = product(
        Tensor(shape: [part.count, width], values: weights), .normal, database.tensor, .transposed)  // [Q, N]
      return part.enumerated().map { place, query in
        best(count, for: query, by: score, sign: sign, products: products.row(place))
      }
    }
  }

  /// Keeps the rows whose float32 score may be among the best, scores them in double and sorts those.
  private func best(
    _ count: Int, for query: NeighbourQuery, by score: NeighbourScore, sign: Double, products: ArraySlice<Float>
  ) -> [Neighbour] {
    let database = score == .dot ? rows : centred
    let length = euclideanLength(score == .dot ? query.dotWeights : query.centredWeights)
    // |fl(x·w) − x·w| ≤ C·u·‖x‖·‖w‖ for float32 sums in any order, and as much again per rounded weight.
    let error = Double(innerProduct.width + 4) * Double(Float.ulpOfOne) / 2 * length
    func interval(_ row: Int) -> (low: Double, high: Double) {
      let scale = score == .dot ? 1 : scale(of: row, query)
      let middle = sign * Double(products[products.startIndex + row]) * scale
      let margin = error * database.lengths[row] * scale
      return (middle - margin, middle + margin)
    }
    let threshold = smallestOfLargest(count, of: (0..<self.count).lazy.map { interval($0).low })
    let candidates = (0..<self.count).filter { interval($0).high >= threshold }.map { neighbour($0, of: query) }
    return Array(
      candidates.sorted { left, right in
        let (a, b) = (sign * left.score(score), sign * right.score(score))
        return a > b || (a == b && left.row < right.row)
      }.prefix(count))
  }

  /// 1/(‖v−m‖·‖q‖), or 0 where one of them has no direction.
  private func scale(of row: Int, _ query: NeighbourQuery) -> Double {
    let norms = centredNorms[row] * query.norm
    return norms > 0 ? 1 / norms : 0
  }

  /// The covariance of the rows in their own coordinates, divided by N, `[C, C]`, summed in double.
  func covariance() -> [Double] {
    let width = innerProduct.width
    var sum = [Double](repeating: 0, count: width * width)
    for row in 0..<count {
      let vector = centred.tensor.row(row).map(Double.init)
      sum.withUnsafeMutableBufferPointer { sum in
        vector.withUnsafeBufferPointer { vector in
          for i in 0..<width where vector[i] != 0 {
            let weight = vector[i]
            for j in 0..<width { sum[i * width + j] += weight * vector[j] }
          }
        }
      }
    }
    return sum.map { $0 / Double(max(count, 1)) }
  }
}

extension HeadContributions {
  /// The mean over `heads` of what they wrote for each picture, `[N, E]`: the vector that stands for a property.
  public func meanContributions(of heads: [Head]) -> Tensor {
    let width = shape.embeddingWidth
    var sum = Tensor(zeros: [count, width])
    guard !heads.isEmpty else { return sum }
    for head in heads {
      let place = shape.index(of: head)
      let written = product(coordinates[place], spaces[place].basis)  // [N, C] · [C, E]
      for index in sum.values.indices { sum.values[index] += written.values[index] }
    }
    let scale = 1 / Float(heads.count)
    for index in sum.values.indices { sum.values[index] *= scale }
    return sum
  }
}

/// What is wrong with the numbers that a search was asked to look through.
public enum HeadSearchError: Error, Equatable, CustomStringConvertible {
  /// The vectors named hold a number that is infinite or not a number.
  case notFinite(String)

  public var description: String {
    switch self {
    case .notFinite(let name):
      "\(name): its contributions to the probe set hold a number that is not finite, expected finite numbers; "
        + "check that the checkpoint is whole"
    }
  }
}
