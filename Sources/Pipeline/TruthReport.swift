import Analysis
import Attribution
import CLIP
import Foundation
import Images
import Metrics
import Tensors

/// What can be checked where the truth of the pictures is known. Parts that the atlas has no truth for are nil.
struct TruthReport: Sendable {
  /// The aggregate topic map of an object's text against the object's mask, mean over objects.
  struct Maps: Sendable {
    let objects: Int
    let pictures: Int
    let overlap: Double
    /// Of a bell around the centre, and of random numbers.
    let centreOverlap: Double
    let randomOverlap: Double
    let precision: Double
    let centrePrecision: Double
    let randomPrecision: Double
  }
  /// Heads whose first five descriptions name one property.
  struct Descriptions: Sendable {
    let heads: Int
    let allFive: Double
    let fourOfFive: Double
    /// The same for five lines drawn at random from the pool.
    let randomAllFive: Double
    let randomFourOfFive: Double
    /// The same for what TextSpan finds for heads of random numbers.
    let randomHeadAllFive: Double
    let randomHeadFourOfFive: Double
  }
  /// Labels held against the fact of the scenes that a head follows most.
  struct Labels: Sendable {
    /// Heads whose label is the name of a fact.
    let heads: Int
    let agreeing: Double
    /// Expected of the same labels dealt out at random among these heads.
    let shuffled: Double
  }
  let maps: Maps?
  let descriptions: Descriptions?
  let labels: Labels?

  static let draws = 1000

  init(_ study: ModelStudy, configuration: AtlasConfiguration) throws {
    maps = try Self.maps(study, configuration.gallery)
    descriptions = Self.descriptions(study, configuration)
    labels = Self.labels(study)
  }

  private static func labels(_ study: ModelStudy) -> Labels? {
    let pairs = zip(study.evidence.heads, study.follows).compactMap { head, facts -> (label: String, top: String)? in
      let label = head.label.lowercased()
      guard let top = facts.first?.name, facts.contains(where: { $0.name == label }) else { return nil }
      return (label, top)
    }
    guard !pairs.isEmpty else { return nil }
    let count = Double(pairs.count)
    let shuffled = pairs.reduce(0.0) { sum, pair in sum + Double(pairs.count { $0.label == pair.top }) / count }
    return Labels(
      heads: pairs.count, agreeing: Double(pairs.count { $0.label == $0.top }) / count, shuffled: shuffled / count)
  }

  private static func maps(_ study: ModelStudy, _ gallery: PictureSet) throws -> Maps? {
    let model = study.loaded.model
    let side = model.configuration.imageSize
    var rows: [[Double]] = []
    var pictures = 0
    for (index, picture) in gallery.pictures.enumerated() {
      let objects = picture.objects.filter { $0.mask != nil }
      guard !objects.isEmpty else { continue }
      pictures += 1
      let texts = try model.encode(texts: objects.map(\.text))
      let scores = try study.evidence.patches.scores(image: index, texts: texts)
      for (number, object) in objects.enumerated() {
        let mask = try readMask(path: object.mask ?? "").crop(side: side)
        let candidates = [
          scores[number].sum(), Control.centrePrior(gridSide: study.shape.gridSide),
          Control.randomMap(gridSide: study.shape.gridSide, seed: UInt64(rows.count)),
        ]
        let truths = candidates.compactMap { MapTruth(map: $0, mask: mask, width: side, height: side) }
        let overlaps = truths.compactMap { $0.intersectionOverUnion() }
        let precisions = truths.compactMap { $0.averagePrecision() }
        // An object outside the crop that the model saw has no truth to be held against.
        guard overlaps.count == 3, precisions.count == 3 else { continue }
        rows.append(overlaps + precisions)
      }
    }
    guard !rows.isEmpty else { return nil }
    let mean = (0..<6).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
    return Maps(
      objects: rows.count, pictures: pictures, overlap: mean[0], centreOverlap: mean[1], randomOverlap: mean[2],
      precision: mean[3], centrePrecision: mean[4], randomPrecision: mean[5])
  }

  private static func descriptions(_ study: ModelStudy, _ configuration: AtlasConfiguration) -> Descriptions? {
    let lines = configuration.pool.map { LineProperties.words($0) }
    let reader = LineProperties(configuration.properties, pool: lines)
    guard reader.isUseful else { return nil }
    func agreement(_ lines: [Int?]) -> Int {
      Dictionary(grouping: lines.compactMap { $0 }, by: { $0 }).values.map(\.count).max() ?? 0
    }
    let properties = lines.map(reader.property)
    let found = study.evidence.heads.map { head in
      agreement(head.descriptions.prefix(5).map { properties[$0.index] })
    }
    var numbers = SeededNumbers(seed: 0)
    let random = (0..<draws).map { _ in
      agreement((0..<5).map { _ in properties.randomElement(using: &numbers) ?? nil })
    }
    let noise = study.randomHeads.map { head in agreement(head.map { properties[$0] }) }
    func share(_ counts: [Int], _ least: Int) -> Double {
      Double(counts.count { $0 >= least }) / Double(max(counts.count, 1))
    }
    return Descriptions(
      heads: found.count, allFive: share(found, 5), fourOfFive: share(found, 4), randomAllFive: share(random, 5),
      randomFourOfFive: share(random, 4), randomHeadAllFive: share(noise, 5), randomHeadFourOfFive: share(noise, 4))
  }
}

/// Which property a line of the pool speaks of: of those it has words of, the one that fewest lines have words of. So "a
/// red cat" speaks of its colour, since nearly every line names an object, and "a cat" of the object.
struct LineProperties {
  private let words: [Set<String>]
  /// Properties from the rarest in the pool to the commonest.
  private let order: [Int]

  init(_ properties: [AtlasConfiguration.PropertyWords], pool: [Set<String>]) {
    let words = properties.map { Set($0.words) }
    let counts = words.map { own in pool.count { !$0.isDisjoint(with: own) } }
    self.words = words
    order = words.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
  }

  var isUseful: Bool { words.count { !$0.isEmpty } > 1 }

  static func words(_ line: String) -> Set<String> {
    Set(line.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
  }

  func property(_ line: Set<String>) -> Int? { order.first { !words[$0].isDisjoint(with: line) } }
}
