import LinearAlgebra
import Tensors

/// Describes heads by texts in several ways, and measures each by one protocol.
package struct HeadDescriber: Sendable {
  private let dictionary: TextDictionary
  /// The candidate descriptions' embeddings as they are, `[M, E]`, which TextSpan takes.
  private let texts: Tensor
  /// How many texts each method chooses at most.
  private let count: Int
  /// Of TextSpan.
  private let rank: Int

  /// How many principal directions of a head NNOMP and COMP describe.
  package static let directions = 5
  /// How many texts they describe each end of one by.
  package static let textsOfEnd = 5

  /// - Parameters:
  ///   - texts: the candidate descriptions' embeddings, `[M, E]`, unit norm.
  ///   - count: the texts to choose, at least 1.
  ///   - rank: of TextSpan, at least 1.
  package init(texts: Tensor, count: Int, rank: Int) {
    (self.texts, self.count, self.rank) = (texts, count, rank)
    dictionary = TextDictionary(texts)
  }

  /// The descriptions of a head by some methods, in their order, and its first principal directions by COMP.
  ///
  /// - Parameters:
  ///   - basis: the head's, `[D+3, E]`.
  ///   - white: the covariance of its coordinates if what it reads were white noise, `[D+3, D+3]`.
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func describe(
    _ statistics: HalvedStatistics, basis: Tensor, white: Tensor,
    by methods: [DescriptionMethod] = DescriptionMethod.allCases
  ) throws -> (methods: [MethodDescriptions], directions: [DescribedDirection]) {
    // Two methods ask for them.
    let asksVariances = methods.contains(.somp) || methods.contains(.ols)
    func prepared(_ study: Study) -> Study { asksVariances ? study.withVariances() : study }
    let whole = prepared(try study(statistics.whole, basis))
    let seen = statistics.unseen.count > 0 ? prepared(whole.with(statistics.seen)) : nil
    let unseen = HeadFrame(whole.frame, statistics: statistics.unseen)
    let ofWeights = whole.with(HeadStatistics(covariance: white))
    let directions = try directions(of: whole, by: .comp)
    let found = try methods.map { method in
      var chosen: [Int] = []
      if whole.frame.varies {
        switch method {
        case .comp: chosen = inTurn(directions)
        case .weights: chosen = try texts(by: method, of: ofWeights, basis)
        default: chosen = try texts(by: method, of: whole, basis)
        }
      }
      let atoms = method == .textSpan ? texts : dictionary.atoms
      return MethodDescriptions(
        method: method, texts: chosen, explained: whole.frame.explained(by: chosen, of: atoms),
        heldOut: try seen.map { seen in
          let known = try method == .weights ? chosen : texts(by: method, of: seen, basis)
          return unseen.explained(by: known, of: atoms)
        })
    }
    return (found, directions)
  }

  /// A head's first principal directions, their ends described by COMP or NNOMP.
  ///
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func directions(
    of statistics: HeadStatistics, basis: Tensor, by method: DescriptionMethod
  ) throws -> [DescribedDirection] {
    try directions(of: study(statistics, basis), by: method)
  }

  /// How much of a head texts are that were chosen elsewhere, measured as those of methods are.
  ///
  /// - Parameters:
  ///   - texts: embeddings in the order of their choice, `[K, E]`, unit norm.
  ///   - basis: the head's, `[D+3, E]`.
  /// - Returns: the share of the variance along the first k texts for each k, over all images and over those that methods are held
  ///   against; nil below two blocks.
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package static func explained(
    by texts: Tensor, of statistics: HalvedStatistics, basis: Tensor
  ) throws -> (all: [Double], heldOut: [Double]?) {
    let frame = try HeadFrame(statistics: statistics.whole, basis: basis)
    let places = Array(0..<texts.rows)
    let unseen = statistics.unseen.count > 0 ? HeadFrame(frame, statistics: statistics.unseen) : nil
    return (frame.explained(by: places, of: texts), unseen?.explained(by: places, of: texts))
  }

  /// A head's frame with the atoms in it.
  private struct Study {
    let statistics: HeadStatistics
    let frame: HeadFrame
    /// `[M, k]`.
    let atoms: DoubleRows
    /// How much the head varies along each atom, `[M]`, where a method asks for it.
    var variances: [Double] = []

    /// The same head over other images.
    func with(_ statistics: HeadStatistics) -> Study {
      Study(statistics: statistics, frame: HeadFrame(frame, statistics: statistics), atoms: atoms)
    }

    func withVariances() -> Study {
      var study = self
      study.variances = atoms.quadraticForms(frame.covariance.values)
      return study
    }
  }

  private func study(_ statistics: HeadStatistics, _ basis: Tensor) throws -> Study {
    let frame = try HeadFrame(statistics: statistics, basis: basis)
    guard dictionary.atoms.rowCount == basis.rowCount else {
      throw TextSpanError.texts(shape: dictionary.atoms.shape, embeddingWidth: basis.rowCount)
    }
    return Study(
      statistics: statistics, frame: frame, atoms: DoubleRows(frame.coordinates(of: dictionary.atoms)))
  }

  private func texts(by method: DescriptionMethod, of study: Study, _ basis: Tensor) throws -> [Int] {
    guard study.frame.varies else { return [] }
    switch method {
    case .textSpan:
      return try textSpan(
        statistics: study.statistics, basis: basis, texts: texts, count: count, rank: rank
      ).map(\.index)
    case .somp, .ols:
      var pursuit = SpanPursuit(
        dictionary, projected: study.atoms, covariance: study.frame.covariance, scores: study.variances,
        isLeastSquares: method == .ols)
      return pursuit.choose(count)
    case .nnomp, .comp, .weights: return inTurn(try directions(of: study, by: method))
    }
  }

  /// The texts of all ends, each once: the next is of the end with the largest share of variance for each of its texts, as seats
  /// are given to parties by d'Hondt.
  private func inTurn(_ directions: [DescribedDirection]) -> [Int] {
    var ends = directions.flatMap { [($0.share, $0.high.texts, 0), ($0.share, $0.low.texts, 0)] }
    var chosen: [Int] = []
    while chosen.count < count {
      let open = ends.indices.filter { ends[$0].2 < ends[$0].1.count }
      func quotient(_ end: Int) -> Double { ends[end].0 / Double(ends[end].2 + 1) }
      guard let next = open.max(by: { (quotient($0), $1) < (quotient($1), $0) }) else { break }
      let text = ends[next].1[ends[next].2]
      ends[next].2 += 1
      if !chosen.contains(text) { chosen.append(text) }
    }
    return chosen
  }

  private func directions(of study: Study, by method: DescriptionMethod) throws -> [DescribedDirection] {
    let frame = study.frame
    guard frame.varies else { return [] }
    let pursuit = PolePursuit(
      dictionary: dictionary, likeness: method == .nnomp ? 0 : PolePursuit.likenessOfCOMP)
    let eigen = try SymmetricEigen(frame.covariance.values, count: frame.width)
    let total = frame.totalVariance
    return zip(eigen.values, eigen.vectors).prefix(Self.directions).filter { $0.0 > total * HeadFrame.noise }.map {
      variance, vector in
      let products = study.atoms.products(vector, vector).first
      let row = RowMatrix(rows: 1, columns: vector.count, values: vector)
      return DescribedDirection(
        share: variance / total, axis: row.times(frame.toFrame).values.map(Float.init),
        high: pursuit.describe(products, count: Self.textsOfEnd),
        low: pursuit.describe(products.map { -$0 }, count: Self.textsOfEnd))
    }
  }
}

extension HeadFrame {
  /// Rows of the joint embedding, `[M, E]`, as the frame has them, `[M, k]`.
  func coordinates(of rows: Tensor) -> Tensor {
    product(
      rows, .normal, Tensor(shape: [axes.rows, axes.columns], values: axes.values.map(Float.init)), .transposed)
  }

  /// The share of the variance along the first texts, for each number of them.
  ///
  /// - Parameters:
  ///   - places: of texts, in their order.
  ///   - texts: `[M, E]`.
  func explained(by places: [Int], of texts: Tensor) -> [Double] {
    guard varies, !places.isEmpty else { return places.map { _ in 0 } }
    let rows = DoubleRows(
      coordinates(of: Tensor(shape: [places.count, texts.rowCount], values: places.flatMap { texts.row($0) })))
    var (directions, sum) = ([[Double]](), 0.0)
    return places.indices.map { index in
      var text = rows.row(index)
      let length = dot(text, text).squareRoot()
      for _ in 0..<2 {
        for direction in directions { add(direction, times: -dot(text, direction), to: &text) }
      }
      let rest = dot(text, text).squareRoot()
      // What is a sum of those before it, but for the rounding of float32, adds nothing.
      if rest > 1e-5 * length {
        let direction = text.map { $0 / rest }
        sum += max(dot(direction, covariance.times(direction)), 0)
        directions.append(direction)
      }
      return min(sum / totalVariance, 1)
    }
  }
}
