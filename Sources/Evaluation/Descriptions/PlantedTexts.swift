import Analysis
import Attribution
import Descriptions
import LinearAlgebra
import Tensors

/// What TextSpan makes of heads whose answer is known: some texts of the pool are planted in the space of a true head,
/// and looked for among as many first descriptions.
///
/// What a planted head writes for an image is a sum over its texts of a random amount along the text's projection on
/// the head's space, and noise. The first text varies most, each next one less (standard deviations 5, 4, 3, 2, 1); the
/// noise is even in all directions and has a tenth of the variance. A pool has many lines that say nearly the same, so
/// that even a good pursuit finds a neighbour of a planted text now and then.
public struct PlantedTexts: Sendable {
  /// Heads that texts were planted in.
  public let heads: Int
  /// The share of planted texts that are among as many first descriptions.
  public let found: Double
  /// The same for as many lines drawn at random, exactly.
  public let chance: Double
  /// The share of a head's variance that the descriptions explain, mean over heads.
  public let explained: Double
  /// The same for the planted texts themselves, and for lines drawn at random.
  public let explainedByPlanted: Double
  public let explainedByChance: Double

  /// Texts in a head.
  public static let planted = 5
  /// Heads, at most.
  static let mostHeads = 50
  /// Images that a planted head is seen on.
  static let images = 400

  /// - Returns: nil for a pool that is too small to draw the planted and as many others from.
  init?(_ evidence: ModelEvidence) throws {
    let (spaces, pool) = (evidence.probe.features.spaces, evidence.pool.embeddings)
    guard pool.rows >= 2 * Self.planted else { return nil }
    let chosen = Control.draw(Self.mostHeads, of: Array(spaces.indices), seed: 0)
    let trials = try evidence.inParallel(chosen.count) { place in
      try Trial(spaces[chosen[place]], pool, seed: UInt64(place))
    }
    func mean(_ value: (Trial) -> Double) -> Double {
      trials.reduce(0) { $0 + value($1) } / Double(max(trials.count, 1))
    }
    heads = trials.count
    found = mean { Double($0.found) / Double(Self.planted) }
    chance = Double(Self.planted) / Double(pool.rows)
    explained = mean(\.explained)
    explainedByPlanted = mean(\.explainedByPlanted)
    explainedByChance = mean(\.explainedByChance)
  }
}

/// One head with planted texts.
private struct Trial: Sendable {
  let found: Int
  let explained: Double
  let explainedByPlanted: Double
  let explainedByChance: Double

  init(_ space: HeadSpace, _ pool: Tensor, seed: UInt64) throws {
    let count = PlantedTexts.planted
    var numbers = SeededNumbers(seed: seed)
    let drawn = Array(Array(0..<pool.rows).shuffled(using: &numbers).prefix(2 * count))
    let (planted, others) = (drawn.prefix(count), drawn.suffix(count))
    let axes = try Self.orthonormal(space)  // [k, E]
    var statistics = HeadStatistics(width: axes.rows)
    statistics.add(Self.coordinates(planted.map { Array(pool.row($0)) }, axes, &numbers))
    func span(_ texts: Tensor) throws -> [SpanDescription] {
      try textSpan(statistics: statistics, basis: axes, texts: texts, count: count, rank: axes.rows)
    }
    func explained(by rows: some Sequence<Int>) throws -> Double {
      let texts = rows.map { Array(pool.row($0)) }
      return try span(Tensor(shape: [texts.count, pool.rowCount], values: texts.flatMap { $0 })).last?
        .explainedVariance ?? 0
    }
    let descriptions = try span(pool)
    found = descriptions.count { planted.contains($0.index) }
    self.explained = descriptions.last?.explainedVariance ?? 0
    explainedByPlanted = try explained(by: planted)
    explainedByChance = try explained(by: others)
  }

  /// What the head writes for each image, in the coordinates of the axes, `[images, k]`.
  private static func coordinates(
    _ texts: [[Float]], _ axes: Tensor, _ numbers: inout SeededNumbers
  ) -> Tensor {
    let embeddings = Tensor(shape: [texts.count, axes.rowCount], values: texts.flatMap { $0 })
    let projected = product(embeddings, .normal, axes, .transposed)
    let directions = texts.indices.map { text in
      let row = projected.row(text).map(Double.init)
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
    let deviations = texts.indices.map { Double(texts.count - $0) }
    let noise = (deviations.reduce(0) { $0 + $1 * $1 } / 10 / Double(axes.rows)).squareRoot()
    var values: [Float] = []
    for _ in 0..<PlantedTexts.images {
      var written = (0..<axes.rows).map { _ in noise * numbers.nextGaussian() }
      for (direction, deviation) in zip(directions, deviations) {
        let amount = deviation * numbers.nextGaussian()
        for column in written.indices { written[column] += amount * direction[column] }
      }
      values += written.map(Float.init)
    }
    return Tensor(shape: [PlantedTexts.images, axes.rows], values: values)
  }

  /// Orthonormal rows that span what the head can write, `[k, E]`: with B·Bᵀ = UΛUᵀ, Λ^-½·Uᵀ·B.
  private static func orthonormal(_ space: HeadSpace) throws -> Tensor {
    let eigen = try SymmetricEigen(space.gram.values.map(Double.init), count: space.width)
    // The Gram matrix is float32: what is below a millionth of its largest eigenvalue is rounding.
    let kept = zip(eigen.values, eigen.vectors).filter { $0.0 > 1e-6 * (eigen.values.first ?? 0) }
    let weights = Tensor(
      shape: [kept.count, space.width],
      values: kept.flatMap { value, vector in vector.map { Float($0 / value.squareRoot()) } })
    return product(weights, space.basis)
  }
}
