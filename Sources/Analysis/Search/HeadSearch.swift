import Attribution
import LinearAlgebra
import Tensors

/// Which number ranks neighbours.
public enum NeighbourScore: Sendable, CaseIterable {
  /// v·q, the score of the reference tool. It favours images for which the head writes much of anything.
  case dot
  /// (v−m)·(q−m) / (‖v−m‖·‖q−m‖) for an image q, (v−m)·t / (‖v−m‖·‖t‖) for a text t, where m is the mean of the
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
  /// ‖q−m‖ for an image, ‖t‖ for a text; 0 where the image is the mean to rounding.
  public let norm: Double
}

/// The nearest rows of one query, by both scores.
public struct NeighbourLists: Sendable, Equatable {
  public let byDot: [Neighbour]
  public let byCosine: [Neighbour]

  public subscript(_ score: NeighbourScore) -> [Neighbour] { score == .dot ? byDot : byCosine }

  /// The first `count` of each list that are not the query itself: rows whose centred cosine with it is 1 to a millionth.
  ///
  /// Ask for one more than are needed, where an image that is asked about may be in the database.
  public func others(_ count: Int) -> NeighbourLists {
    func others(_ list: [Neighbour]) -> [Neighbour] { Array(list.filter { $0.cosine < 1 - 1e-6 }.prefix(count)) }
    return NeighbourLists(byDot: others(byDot), byCosine: others(byCosine))
  }
}

/// A database of N vectors in which exact nearest neighbours are found: what one head wrote for N images, kept in
/// head space, or vectors of the joint embedding.
///
/// The vectors stay where they are, on disk or in memory, and are read block by block: twice to make the index, for the
/// mean and the centred norms, and once for any number of queries, which are a matrix product a block. Beside the
/// block the index holds a norm per row. The product is taken in float32 and only decides which rows may be among the best,
/// by its error bound; those are scored again in double and in a fixed order, so the answer is that of exact search,
/// equal rows tie exactly, and ties go to the lower row. Make one per head when it is needed and let it go.
public struct NeighbourIndex: Sendable {
  /// The mean over rows, in the coordinates of the rows, `[C]`.
  public let centre: [Double]
  let rows: VectorBlocks
  let innerProduct: InnerProduct
  private let norms: RowNorms

  /// The contributions of one head, searched in head space.
  ///
  /// - Throws: `HeadSearchError.notFinite`, or a failure to read the contributions.
  public init(head: Head, of features: any HeadFeatures) throws {
    let space = features.space(of: head)
    try self.init(
      VectorBlocks(width: space.width, blocks: features.blocks) { try features.coordinates(of: head, block: $0) },
      InnerProduct(space), name: "head \(head)")
  }

  /// The mean over `heads` of what they wrote, as vectors of the joint embedding: what stands for a property.
  ///
  /// - Parameter name: what the vectors are, for messages.
  /// - Throws: `HeadSearchError.notFinite`, or a failure to read the contributions.
  public init(meanOf heads: [Head], of features: any HeadFeatures, name: String) throws {
    try self.init(joint: features, name: name) { try features.meanContributions(of: heads, block: $0) }
  }

  /// The whole embeddings.
  ///
  /// - Throws: `HeadSearchError.notFinite`, or a failure to read the embeddings.
  public init(embeddingsOf features: any HeadFeatures) throws {
    try self.init(joint: features, name: "image embeddings") { try features.embeddings(block: $0) }
  }

  /// Vectors of the joint embedding in memory, `[N, E]`.
  ///
  /// - Parameter name: what the vectors are, for messages.
  /// - Throws: `HeadSearchError.notFinite`.
  public init(vectors: Tensor, name: String) throws {
    try self.init(
      VectorBlocks(width: vectors.rowCount, blocks: vectors.rows > 0 ? [0..<vectors.rows] : []) { _ in vectors },
      InnerProduct(jointWidth: vectors.rowCount), name: name)
  }

  private init(
    joint features: any HeadFeatures, name: String, _ read: @escaping @Sendable (Int) throws -> Tensor
  ) throws {
    let width = features.shape.embeddingWidth
    try self.init(
      VectorBlocks(width: width, blocks: features.blocks, read: read), InnerProduct(jointWidth: width), name: name)
  }

  private init(_ rows: VectorBlocks, _ innerProduct: InnerProduct, name: String) throws {
    precondition(rows.width == innerProduct.width, "rows of \(rows.width) coordinates")
    var sums = [Double](repeating: 0, count: rows.width)
    try rows.forEach { addColumns(of: $1, to: &sums) }
    let centre = sums.map { $0 / Double(max(rows.count, 1)) }
    guard centre.allSatisfy(\.isFinite) else { throw HeadSearchError.notFinite(name) }
    var norms = RowNorms()
    norms.centred.reserveCapacity(rows.count)
    try rows.forEach { innerProduct.measure($1, less: centre, into: &norms) }
    self.centre = centre
    self.rows = rows
    self.innerProduct = innerProduct
    self.norms = norms
  }

  /// N, the number of images.
  public var count: Int { rows.count }

  /// ‖v−m‖ in the joint embedding, `[N]`; 0 where it is within rounding of the stored coordinates.
  public var centredNorms: [Double] { norms.centred }

  /// The root mean square of ‖v−m‖: how much the head's contribution varies over the database.
  public var spread: Double {
    guard count > 0 else { return 0 }
    return (norms.centred.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
  }

  /// An image as the query, in the coordinates of the rows, `[C]`.
  ///
  /// It need not be one of the rows.
  public func query(image coordinates: some Collection<Float>) -> NeighbourQuery {
    let image = coordinates.map(Double.init)
    precondition(image.count == innerProduct.width, "a query of \(image.count) coordinates")
    // Rounded as the rows are, so that an image that is in the database has a cosine of 1 with itself.
    let difference = zip(image, centre).map { Double(Float($0 - $1)) }
    let norm = innerProduct.norm(difference)
    return NeighbourQuery(
      dotWeights: innerProduct.lowered(image), centredWeights: innerProduct.lowered(difference),
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

  /// The `count` rows with the highest score, best first; ties go to the lower row.
  public func nearest(to query: NeighbourQuery, by score: NeighbourScore, count: Int) throws -> [Neighbour] {
    try nearest(to: [query], by: score, count: count)[0]
  }

  /// The `count` rows with the lowest score, lowest first; ties go to the lower row.
  public func farthest(from query: NeighbourQuery, by score: NeighbourScore, count: Int) throws -> [Neighbour] {
    try best(count, for: [query], by: [score], sign: -1)[0][0]
  }

  /// For every query the `count` rows with the highest score, in one pass over the rows.
  public func nearest(to queries: [NeighbourQuery], by score: NeighbourScore, count: Int) throws -> [[Neighbour]] {
    try best(count, for: queries, by: [score], sign: 1)[0]
  }

  /// For every query the `count` rows with the highest score, by each of the two scores, in one pass over the rows.
  public func nearest(to queries: [NeighbourQuery], count: Int) throws -> [NeighbourLists] {
    let lists = try best(count, for: queries, by: [.dot, .centredCosine], sign: 1)
    return zip(lists[0], lists[1]).map { NeighbourLists(byDot: $0, byCosine: $1) }
  }

  /// The standard deviation over rows of the dot product with each query, summed in double.
  public func standardDeviations(of queries: [NeighbourQuery]) throws -> [Double] {
    let covariance = try covariance()
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

  /// The covariance of the rows in their own coordinates, divided by N, `[C, C]`, summed in double.
  func covariance() throws -> [Double] {
    var products = OuterProductSum(width: innerProduct.width)
    try rows.forEach { products.add(less($1, centre)) }
    return products.matrix.map { $0 / Double(max(count, 1)) }
  }
}

extension NeighbourIndex {
  /// The best rows of each query by each of `scores`, `[scores][queries]`.
  private func best(
    _ count: Int, for queries: [NeighbourQuery], by scores: [NeighbourScore], sign: Double
  ) throws -> [[[Neighbour]]] {
    var searches = scores.flatMap { score in
      queries.map { RowSearch($0, by: score, count: count, sign: sign, centre: centre) }
    }
    guard !searches.isEmpty else { return scores.map { _ in [] } }
    let weights = searches.flatMap { $0.weights.map(Float.init) }  // [S·Q, C]
    var products = [Float](repeating: 0, count: searches.count * RowNorms.chunk)
    var chunk = 0
    try rows.forEach { range, block in
      block.values.withUnsafeBufferPointer { values in
        for first in stride(from: 0, to: range.count, by: RowNorms.chunk) {
          let size = min(RowNorms.chunk, range.count - first)
          let start = values.baseAddress! + first * block.rowCount
          products.withUnsafeMutableBufferPointer { products in
            weights.withUnsafeBufferPointer { weights in
              multiply(
                weights.baseAddress!, stride: block.rowCount, .normal, start, stride: block.rowCount, .transposed,
                into: products.baseAddress!, stride: RowNorms.chunk, rows: searches.count, columns: size,
                inner: block.rowCount)
            }
            let part = ChunkOfRows(
              values: start, first: range.lowerBound + first, count: size, longest: norms.longest[chunk])
            for place in searches.indices {
              searches[place].look(
                through: part, products: products.baseAddress! + place * RowNorms.chunk, norms: norms.centred)
            }
          }
          chunk += 1
        }
      }
    }
    let found = searches.map(\.neighbours)
    return scores.indices.map { Array(found[$0 * queries.count..<($0 + 1) * queries.count]) }
  }
}

/// Some rows that follow each other.
private struct ChunkOfRows {
  /// An array of shape `[count, C]`.
  let values: UnsafePointer<Float>
  /// The number of the first row.
  let first: Int
  let count: Int
  /// The largest plain length of a row.
  let longest: Double
}

/// The search for one query's best rows by one score.
private struct RowSearch {
  let query: NeighbourQuery
  let score: NeighbourScore
  let sign: Double
  let centre: [Double]
  /// Their product with a row decides whether it is looked at.
  let weights: [Double]
  /// What the mean adds to that product.
  private let shift: Double
  /// The largest error of a float32 product with a row, over the row's length, and what the centring adds to it.
  private let error: (perLength: Double, constant: Double)
  private var best: BestRows
  private var found: [Int: Neighbour] = [:]

  init(_ query: NeighbourQuery, by score: NeighbourScore, count: Int, sign: Double, centre: [Double]) {
    self.query = query
    self.score = score
    self.sign = sign
    self.centre = centre
    weights = score == .dot ? query.dotWeights : query.centredWeights
    shift = score == .dot ? 0 : zip(centre, weights).reduce(0) { $0 + $1.0 * $1.1 }
    // |fl(x·w) − x·w| ≤ C·u·‖x‖·‖w‖ for float32 sums in any order, and as much again per rounded weight and for the
    // rounding of x − m to float32.
    let bound = Double(weights.count + 6) * Double(Float.ulpOfOne) / 2 * euclideanLength(weights)
    error = (bound, score == .dot ? 0 : bound * euclideanLength(centre))
    best = BestRows(count: count)
  }

  /// Best first.
  var neighbours: [Neighbour] { best.entries.compactMap { found[$0.row] } }

  /// Scores those rows in double whose float32 product may put them among the best.
  mutating func look(through rows: ChunkOfRows, products: UnsafePointer<Float>, norms: [Double]) {
    let margin = error.perLength * rows.longest + error.constant
    var threshold = best.threshold
    for place in 0..<rows.count {
      // Products are compared rather than scores: the score of a row without a direction is 0.
      let scale = score == .dot ? 1 : norms[rows.first + place] * query.norm
      let most = scale > 0 ? sign * (Double(products[place]) - shift) + margin : 0
      // Not `most >= …`: what float32 cannot tell is looked at.
      if most < (scale > 0 ? threshold * scale : threshold) { continue }
      let neighbour = neighbour(rows, place, norms: norms)
      best.insert(neighbour.row, rank: sign * neighbour.score(score))
      found[neighbour.row] = neighbour
      threshold = best.threshold
    }
    guard found.count > best.count else { return }
    let kept = Set(best.entries.map(\.row))
    found = found.filter { kept.contains($0.key) }
  }

  /// Both scores of one row, summed in double and always in the same order.
  private func neighbour(_ rows: ChunkOfRows, _ place: Int, norms: [Double]) -> Neighbour {
    let values = rows.values + place * centre.count
    var (dot, along) = (0.0, 0.0)
    for column in centre.indices {
      let value = Double(values[column])
      dot += value * query.dotWeights[column]
      along += Double(Float(value - centre[column])) * query.centredWeights[column]
    }
    let scale = norms[rows.first + place] * query.norm
    let cosine = along * (scale > 0 ? 1 / scale : 0)
    return Neighbour(row: rows.first + place, dot: dot, cosine: min(max(cosine, -1), 1))
  }
}

extension HeadFeatures {
  /// The mean over `heads` of what they wrote for the images of a block, `[n, E]`: the vector that stands for a
  /// property.
  public func meanContributions(of heads: [Head], block: Int) throws -> Tensor {
    var sum = Tensor(zeros: [blocks[block].count, shape.embeddingWidth])
    guard !heads.isEmpty else { return sum }
    for head in heads {
      let written = product(try coordinates(of: head, block: block), space(of: head).basis)  // [n, C] · [C, E]
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
