import Analysis
import Attribution
import Tensors

/// Models that are compared over images that all of them saw.
struct TwinComparison {
  private let models: [ModelEvidence]
  private let shared: SharedImages
  /// The places of the images that are compared over, in random order: the first half of them is as good as the second.
  private let drawn: [Int]

  private static let imageSeed: UInt64 = 1
  fileprivate static let headSeed: UInt64 = 2
  /// Of the first permutation of images; each further one has the next.
  private static let orderSeed: UInt64 = 1000

  init(_ models: [ModelEvidence], _ shared: SharedImages, images: Int) {
    (self.models, self.shared) = (models, shared)
    drawn = Self.shuffled(shared.count, seed: Self.imageSeed, first: images)
  }

  /// The first of 0 ..< `count` in the order of random numbers.
  private static func shuffled(_ count: Int, seed: UInt64, first: Int = .max) -> [Int] {
    var numbers = SeededNumbers(seed: seed)
    let marked = (0..<count).map { (number: numbers.next(), place: $0) }
    return marked.sorted { ($0.number, $0.place) < ($1.number, $1.place) }.prefix(first).map(\.place)
  }

  /// Compares models, given by their places.
  ///
  /// - Throws: what reading features throws, and `EigenFailure`.
  func pairs(_ asked: [(Int, Int)]) throws -> [TwinPair] {
    let involved = Set(asked.flatMap { [$0, $1] }).sorted()
    guard let threads = involved.first.map({ models[$0].threads }) else { return [] }
    let groups = try involved.map { model in
      try PartFactor.all(
        of: models[model].probe.features, images: drawn.map { shared.rows[model]?.row($0) ?? $0 }, threads: threads)
    }
    let places = Dictionary(uniqueKeysWithValues: involved.enumerated().map { ($1, $0) })
    let pairs = asked.map { GramProducts.Pair(rows: places[$0] ?? 0, columns: places[$1] ?? 0) }
    let controls = PermutedHeads(heads: involved.map { models[$0].shape.headCount })
    let passes = 1 + controls.permutations
    func report(_ pass: Int) -> (Int, Int) throws -> Void {
      { done, total in
        try models[involved[0]].deferred.report(stage: "twins", done: pass * total + done, total: passes * total)
      }
    }
    let own = groups.indices.map { GramProducts.Pair(rows: $0, columns: $0) }
    let all = own + pairs.filter { $0.rows != $0.columns }
    let products = GramProducts(groups)
    let sums = try products.sums(of: all, threads: threads, report: report(0))
    let halves = try products.halves(of: sums, all, threads: threads)
    let cosines = Dictionary(
      uniqueKeysWithValues: zip(
        all, GramCosines.all(all, [sums.map(\.whole)] + [0, 1].map { half in halves.map { $0[half] } })))
    let norms = own.indices.map { GramCosines.norms(sums[$0].whole) }
    let chance = try controls.best(groups, pairs, norms, threads: threads) { pass, count in
      (Self.shuffled(count, seed: Self.orderSeed + UInt64(pass)), report(1 + pass))
    }
    return zip(asked, pairs).map { models, pair in
      let found = cosines[pair] ?? []
      return TwinPair(
        found, chance[pair] ?? [], chance[GramProducts.Pair(rows: pair.columns, columns: pair.rows)] ?? [],
        images: drawn.count, isWithin: models.0 == models.1)
    }
  }
}

extension TwinPair {
  /// - Parameter cosines: of all parts over all images and over both halves, the whole embeddings last.
  fileprivate init(
    _ cosines: [Tensor], _ chance: [Double], _ chanceBack: [Double], images: Int, isWithin: Bool
  ) {
    func ofHeads(_ tensor: Tensor) -> Tensor {
      let (height, width) = (tensor.rows - 1, tensor.rowCount - 1)
      return Tensor(shape: [height, width], values: (0..<height).flatMap { tensor.row($0).prefix(width) })
    }
    func rounded(_ values: [Double]) -> [Double] { values.map { Double(Float($0)) }.sorted() }
    self.init(
      images: images, similarity: ofHeads(cosines[0]), halves: cosines[1...].map(ofHeads),
      embeddings: Double(cosines[0].values.last ?? 0), chance: rounded(chance), chanceBack: rounded(chanceBack),
      isWithin: isWithin)
  }
}

/// Cosines from products.
private enum GramCosines {
  /// The norms of the parts of a group, from their products with each other; 0 where a part writes nothing.
  static func norms(_ products: [Double]) -> [Double] {
    let count = Int(Double(products.count).squareRoot().rounded())
    return (0..<count).map { max(products[$0 * (count + 1)], 0).squareRoot() }
  }

  /// By pair and then by list of products, the cosines of the parts of its groups.
  ///
  /// - Parameters:
  ///   - pairs: every group with itself first.
  ///   - lists: products of each pair: over all images, and over parts of them.
  static func all(_ pairs: [GramProducts.Pair], _ lists: [[[Double]]]) -> [[Tensor]] {
    let groups = pairs.prefix { $0.rows == $0.columns }.indices
    let whole = groups.map { norms(lists[0][$0]) }
    let each = lists.map { list in
      groups.map { group in
        zip(norms(list[group]), whole[group]).map { own, whole in
          // Less is the rounding of a part that writes the same for all of these images.
          own > 1e-5 * whole ? own : 0
        }
      }
    }
    return pairs.indices.map { place in
      zip(lists, each).map { list, norms in
        let (rows, columns) = (norms[pairs[place].rows], norms[pairs[place].columns])
        return Tensor(
          shape: [rows.count, columns.count],
          values: list[place].enumerated().map { index, product in
            let scale = rows[index / columns.count] * columns[index % columns.count]
            return scale > 0 ? Float(min(max(product / scale, -1), 1)) : 0
          })
      }
    }
  }
}

/// The heads of each model of which the best twins are looked for among heads whose images are permuted.
private struct PermutedHeads {
  /// By model, the places of the heads.
  private let heads: [[Int]]
  /// By model, how often.
  private let repeats: [Int]

  /// - Parameter counts: how many heads each model has.
  init(heads counts: [Int]) {
    heads = counts.map { count in
      Control.draw(TwinStudy.permutedHeads, of: Array(0..<count), seed: TwinComparison.headSeed)
    }
    repeats = heads.map { max(1, (TwinStudy.permutedHeads + $0.count - 1) / max($0.count, 1)) }
  }

  var permutations: Int { repeats.max() ?? 0 }

  /// By pair of models, in both orders, the similarity of the best twins of the first's heads.
  ///
  /// - Parameters:
  ///   - norms: of the parts of each model.
  ///   - pass: the permutation of a number of images, and who is told how far it is.
  func best(
    _ groups: [[PartFactor]], _ pairs: [GramProducts.Pair], _ norms: [[Double]], threads: Int,
    pass: (Int, Int) -> (order: [Int], report: (Int, Int) throws -> Void)
  ) throws -> [GramProducts.Pair: [Double]] {
    let both = Set(pairs + pairs.map { GramProducts.Pair(rows: $0.columns, columns: $0.rows) })
      .sorted { ($0.rows, $0.columns) < ($1.rows, $1.columns) }
    let chosen = zip(groups, heads).map { group, heads in heads.map { group[$0] } }
    let others = groups.map { Array($0.dropLast()) }
    var found: [GramProducts.Pair: [Double]] = [:]
    for turn in 0..<permutations {
      let asked = both.filter { turn < repeats[$0.rows] }
      let (order, report) = pass(turn, groups[0][0].rows.rows)
      let sums = try GramProducts(chosen, with: others, order: order).sums(of: asked, threads: threads, report: report)
      for (pair, sums) in zip(asked, sums) {
        found[pair, default: []] += best(sums.whole, pair, norms)
      }
    }
    return found
  }

  private func best(_ products: [Double], _ pair: GramProducts.Pair, _ norms: [[Double]]) -> [Double] {
    let width = norms[pair.columns].count - 1
    return heads[pair.rows].enumerated().compactMap { row, head in
      let known = (0..<width).filter { pair.rows != pair.columns || $0 != head }
      return known.map { column in
        let scale = norms[pair.rows][head] * norms[pair.columns][column]
        return scale > 0 ? products[row * width + column] / scale : 0
      }.max()
    }
  }
}
