import Analysis
import Attribution
import Tensors

/// How alike the heads of one model write to those of another, or of the same.
///
/// The measure is debiased linear CKA: the cosine of the U-centred Gram matrices of what two heads wrote for the same images. It is at most 1, which two
/// heads have that write the same up to a rotation and a scale, whatever the widths of their models. Where the images of one side are permuted its
/// mean is 0 and its standard deviation `deviation`, for every pair of heads.
public struct TwinPair: Sendable {
  /// N, the images that both were compared over.
  public let images: Int
  /// Of the heads of the first model with those of the second, `[L·H, L·H]`; 0 where one of both writes the same for every image.
  public let similarity: Tensor
  /// The same over the first half of the images and over the second.
  public let halves: [Tensor]
  /// Of the whole embeddings of both models.
  public let embeddings: Double
  /// Of some heads of the first model, the highest that each has with a head of the second where the second's images are permuted; ascending.
  public let chance: [Double]
  /// The same of heads of the second model, where the first's images are permuted.
  let chanceBack: [Double]
  /// Whether both models are the same, where a head is no twin of its own.
  public let isWithin: Bool

  /// The standard deviation of the similarity where images are permuted: √(2/(N(N − 3))), exactly, whatever two heads write.
  public var deviation: Double { (2 / (Double(images) * Double(images - 3))).squareRoot() }

  /// The pair with the models in the other order.
  var reversed: TwinPair {
    TwinPair(
      images: images, similarity: similarity.transposed, halves: halves.map(\.transposed), embeddings: embeddings,
      chance: chanceBack, chanceBack: chance, isWithin: isWithin)
  }
}

extension TwinPair {
  /// A head of the second model that writes like one of the first.
  public struct Twin: Sendable, Equatable {
    /// Its place in `shape.allHeads` of the second model.
    public let place: Int
    public let similarity: Double
  }

  /// The heads of the second model that write most like a head of the first, most first; ties go to the head that comes first.
  ///
  /// - Parameter place: of the head of the first model, in its `shape.allHeads`.
  public func twins(of place: Int, count: Int) -> [Twin] { twins(of: place, count: count, in: similarity) }

  private func twins(of place: Int, count: Int, in similarity: Tensor) -> [Twin] {
    var values = similarity.row(place).map(Double.init)
    if isWithin { values[place] = -.infinity }
    return indicesOfLargest(values, count: min(max(count, 0), values.count - (isWithin ? 1 : 0)))
      .map { Twin(place: $0, similarity: values[$0]) }
  }

  /// The best twin of each head of the first model; nil where the second has no other head.
  public var best: [Twin?] { (0..<similarity.rows).map { twins(of: $0, count: 1).first } }

  /// The mean similarity of a head of the first model with all others of the second.
  public func mean(of place: Int) -> Double {
    let others = similarity.row(place).enumerated().filter { !isWithin || $0.offset != place }
    return others.isEmpty ? 0 : others.reduce(0) { $0 + Double($1.element) } / Double(others.count)
  }

  /// The similarity of best twins that a share of the permuted ones stays below or reaches; nil where none was permuted.
  ///
  /// - Parameter share: 0 to 1.
  public func chance(_ share: Double) -> Double? {
    guard !chance.isEmpty else { return nil }
    let place = Int((share * Double(chance.count)).rounded(.up)) - 1
    return chance[min(max(place, 0), chance.count - 1)]
  }

  /// The mean similarity of the best twins of the first model's heads; nil where there are none.
  public var meanOfBest: Double? {
    let known = best.compactMap { $0?.similarity }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// The share of the first model's heads whose best twin is above what a share of the permuted ones stays below; nil where nothing
  /// is known.
  public func beyondChance(_ share: Double) -> Double? {
    let known = best.compactMap { $0?.similarity }
    guard let chance = chance(share), !known.isEmpty else { return nil }
    return Double(known.count { $0 > chance }) / Double(known.count)
  }

  /// The share of heads whose best twin is the same head over either half of the images, and the same expected if the best twins over
  /// one half were permuted among the heads: exact, the mean over all permutations; nil where there are no twins.
  public var returning: (share: Double, permuted: Double)? {
    guard halves.count == 2 else { return nil }
    let found = halves.map { half in (0..<half.rows).compactMap { twins(of: $0, count: 1, in: half).first?.place } }
    guard let heads = found.first?.count, heads > 0 else { return nil }
    let counts = found.map { places in Dictionary(places.map { ($0, 1.0) }, uniquingKeysWith: +) }
    let expected = counts[0].keys.sorted().reduce(0) { $0 + (counts[0][$1] ?? 0) * (counts[1][$1] ?? 0) }
    return (
      Double(zip(found[0], found[1]).count { $0 == $1 }) / Double(heads), expected / (Double(heads) * Double(heads))
    )
  }

  /// The share of the first model's heads that are the best twin of their best twin; nil where there are none.
  public var mutual: Double? {
    let (forth, back) = (best.compactMap { $0?.place }, reversed.best.map { $0?.place })
    guard !forth.isEmpty else { return nil }
    return Double(forth.enumerated().count { back[$1] == $0 }) / Double(forth.count)
  }
}

extension Tensor {
  fileprivate var transposed: Tensor {
    let (height, width) = (rows, rowCount)
    var copy = Tensor(zeros: [width, height])
    for row in 0..<height {
      for column in 0..<width { copy.values[column * height + row] = values[row * width + column] }
    }
    return copy
  }
}
