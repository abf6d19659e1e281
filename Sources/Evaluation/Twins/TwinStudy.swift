import Analysis
import Attribution
import Tensors

/// Which heads of some models write alike, each model with each other and with itself.
///
/// Heads are compared over probe images that both models saw: of one probe set, or of what two sets share by their identifiers. Of many
/// images some are drawn, the same in every run.
public struct TwinStudy: Sendable {
  /// With fewer images nothing is compared.
  public static let fewestImages = 8
  /// How many images are compared over where nothing else is asked for.
  public static let defaultImages = 2000
  /// How many permuted twins chance is read from at least, and how many heads of a model at most are permuted at once.
  static let permutedHeads = 128

  /// By model and model; nil where they share too few images.
  private let pairs: [[TwinPair?]]
  /// How many images they share.
  private let counts: [[Int]]

  /// - Parameters:
  ///   - models: of one atlas; pairs of models that were compared before are read from its cache.
  ///   - images: how many are compared over at most, at least eight.
  /// - Throws: what reading features throws, and `EigenFailure` where a number is not finite.
  public init(_ models: [ModelEvidence], images: Int) throws {
    let most = max(images, Self.fewestImages)
    let shared = SharedImages.groups(models)
    var pairs = models.map { _ in [TwinPair?](repeating: nil, count: models.count) }
    var counts = models.map { _ in [Int](repeating: 0, count: models.count) }
    for group in shared {
      for (first, second) in group.pairs {
        counts[first][second] = group.count
        counts[second][first] = group.count
      }
      guard group.count >= Self.fewestImages else { continue }
      let kept = group.pairs.map { TwinStore(models[$0], models[$1], images: most) }
      let known = kept.map { $0.pair(images: min(most, group.count)) }
      let missing = known.indices.filter { known[$0] == nil }
      let made = try TwinComparison(models, group, images: most).pairs(missing.map { group.pairs[$0] })
      for (place, pair) in zip(missing, made) { kept[place].keep(pair) }
      var found = known
      for (place, pair) in zip(missing, made) { found[place] = pair }
      for ((first, second), pair) in zip(group.pairs, found) {
        pairs[first][second] = pair
        if first != second { pairs[second][first] = pair?.reversed }
      }
    }
    (self.pairs, self.counts) = (pairs, counts)
  }

  /// The heads of a model beside those of another, or of the same; nil where they share too few images.
  public func pair(_ first: Int, _ second: Int) -> TwinPair? { pairs[first][second] }

  /// How many probe images two models share.
  public func sharedImages(_ first: Int, _ second: Int) -> Int { counts[first][second] }
}

extension TwinStudy {
  /// How many products of two numbers the comparison of some models takes: of a Gram matrix for each part and of these with each other, on both sides of
  /// the permuted comparison too.
  ///
  /// - Parameters:
  ///   - heads: how many each model has, and how many coordinates one of them has.
  ///   - images: that are compared over.
  package static func products(heads: [(count: Int, width: Int)], images: Int) -> Double {
    let (counts, pairs) = (heads.map { Double($0.count) }, Double(images) * Double(images) / 2)
    let all = counts.reduce(0, +)
    let squares = counts.reduce(0) { $0 + $1 * $1 }
    let permuted = Double(permutedHeads * heads.count)
    let grams = heads.reduce(0) { $0 + 3 * Double($1.count) * Double($1.width + 2) }
    return pairs * ((all * all + squares) / 2 + permuted * all + grams)
  }
}

/// Models with the images that all of them saw, and which of them are compared over these.
struct SharedImages {
  /// By model, the rows of its probe set; image i is the same of all.
  let rows: [Int: ImageRows]
  /// The models to be compared, by their places, in ascending order of their keys.
  let pairs: [(Int, Int)]
  let count: Int

  enum ImageRows: Sendable {
    /// All of the set.
    case all
    case some([Int])

    func row(_ place: Int) -> Int {
      switch self {
      case .all: place
      case .some(let rows): rows[place]
      }
    }
  }

  /// Every two of the models, and every one with itself, in as few groups as there are kinds of sets.
  static func groups(_ models: [ModelEvidence]) -> [SharedImages] {
    var kinds: [[Int]] = []
    for model in models.indices {
      if let kind = kinds.firstIndex(where: { models[$0[0]].hasSameImages(as: models[model]) }) {
        kinds[kind].append(model)
      } else {
        kinds.append([model])
      }
    }
    /// The model whose key is the lower comes first, so that the same two are compared in the same way in every atlas.
    func ordered(_ first: Int, _ second: Int) -> (Int, Int) {
      let keys = (models[first].deferred.probeKeys?.features ?? "", models[second].deferred.probeKeys?.features ?? "")
      return keys.1 < keys.0 ? (second, first) : (first, second)
    }
    return kinds.indices.flatMap { one in
      kinds[one...].enumerated().map { offset, others in
        let own = kinds[one]
        guard offset > 0 else {
          return SharedImages(
            rows: Dictionary(uniqueKeysWithValues: own.map { ($0, .all) }),
            pairs: own.indices.flatMap { first in own[first...].map { ordered(own[first], $0) } },
            count: models[own[0]].probe.items.count)
        }
        let shared = rows(models[own[0]], models[others[0]])
        return SharedImages(
          rows: Dictionary(
            uniqueKeysWithValues: own.map { ($0, .some(shared.map(\.0))) } + others.map { ($0, .some(shared.map(\.1))) }
          ),
          pairs: own.flatMap { first in others.map { ordered(first, $0) } }, count: shared.count)
      }
    }
  }

  /// The rows of the images that two models share by their identifiers, in the first's order.
  private static func rows(_ first: ModelEvidence, _ second: ModelEvidence) -> [(Int, Int)] {
    let places = Dictionary(
      second.probe.items.enumerated().map { ($1.reference.id, $0) }, uniquingKeysWith: { first, _ in first })
    return first.probe.items.enumerated().compactMap { row, item in places[item.reference.id].map { (row, $0) } }
  }
}

extension ModelEvidence {
  /// Whether its probe set has the images of another's, in the same order.
  fileprivate func hasSameImages(as other: ModelEvidence) -> Bool {
    if let (own, others) = deferred.probeKeys.flatMap({ own in other.deferred.probeKeys.map { (own, $0) } }) {
      return own.images == others.images
    }
    return probe.items.count == other.probe.items.count
      && zip(probe.items, other.probe.items).allSatisfy { $0.reference == $1.reference }
  }
}

/// The comparison of two models as the cache of an atlas keeps it.
private struct TwinStore {
  private let first: ModelEvidence
  private let second: ModelEvidence
  /// Nil where nothing is kept.
  private let inputs: [String]?

  private static let names = ["similarity", "first-half", "second-half", "embeddings", "chance", "chance-back"]
  /// Counts up when what is computed changes.
  private static let version = "1"

  init(_ first: ModelEvidence, _ second: ModelEvidence, images: Int) {
    (self.first, self.second) = (first, second)
    inputs = first.deferred.probeKeys.flatMap { one in
      second.deferred.probeKeys.map { [one.features, $0.features, "\(images)", Self.version] }
    }
  }

  private var isWithin: Bool { first.model == second.model }

  /// - Parameter images: how many there are to compare over.
  func pair(images: Int) -> TwinPair? {
    guard let inputs, let found = first.deferred.keptTwins(inputs: inputs, names: Self.names),
      found[..<3].allSatisfy({ $0.shape == [first.shape.headCount, second.shape.headCount] }), found[3].count == 1
    else { return nil }
    return TwinPair(
      images: images, similarity: found[0], halves: Array(found[1..<3]), embeddings: Double(found[3].values[0]),
      chance: found[4].values.map(Double.init), chanceBack: found[5].values.map(Double.init), isWithin: isWithin)
  }

  func keep(_ pair: TwinPair) {
    guard let inputs else { return }
    func vector(_ values: [Double]) -> Tensor { Tensor(shape: [values.count], values: values.map(Float.init)) }
    first.deferred.keep(
      twins: [pair.similarity] + pair.halves + [[pair.embeddings], pair.chance, pair.chanceBack].map(vector),
      inputs: inputs, names: Self.names)
  }
}
