import Analysis
import Attribution
import Evaluation
import Foundation
import Metrics

/// What can be checked where the truth of the images is known. Parts that the atlas has no truth for are nil.
package struct TruthReport: Sendable {
  /// Heads whose first five descriptions name one property.
  package struct Descriptions: Sendable {
    package let heads: Int
    package let allFive: Double
    package let fourOfFive: Double
    /// The same for five lines drawn at random from the pool.
    package let randomAllFive: Double
    package let randomFourOfFive: Double
    /// The same for what TextSpan finds for heads of random numbers.
    package let randomHeadAllFive: Double
    package let randomHeadFourOfFive: Double
  }
  package let topic: MapTruths?
  package let contrast: MapTruths?
  package let neighbours: NeighbourTruths?
  package let descriptions: Descriptions?
  package let planted: PlantedTexts?
  /// The fact that each head follows most, in the order of all heads; nil below `floor`.
  package let followed: [String?]
  /// Labels held against it: of heads whose label is a property that some fact of the scenes is.
  package let labels: LabelTruth?
  /// All heads, label against what they follow; nil where no fact is known.
  package let confusion: ConfusionTable?

  static let draws = 1000
  /// A head follows a fact if the fact explains at least this share of its variance (ε²), and more than any other.
  package static let floor = 0.1
  /// What the confusion table calls a head that follows nothing by that rule.
  static let nothing = "nothing known"

  init(_ study: ModelStudy, configuration: AtlasConfiguration) throws {
    (topic, contrast) = try Self.maps(study, configuration.gallery)
    neighbours = try NeighbourTruths(study, configuration)
    descriptions = Self.descriptions(study, configuration)
    planted = study.planted
    let facts = FactProperties(configuration)
    followed = study.follows.map { facts in
      facts.first.flatMap { $0.explained.corrected >= Self.floor ? $0.name : nil }
    }
    let truths = followed.map { fact in fact.map { facts.title(of: $0) } }
    let known = Set(study.follows.joined().map { facts.title(of: $0.name) })
    labels = LabelTruth(
      labels: study.evidence.heads.map { head in
        let title = facts.title(ofLabel: head.label)
        return known.contains(title) ? title : nil
      }, truths: truths)
    confusion =
      known.isEmpty
      ? nil : ConfusionTable(zip(study.evidence.heads, truths).map { ($0.label, $1 ?? Self.nothing) })
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

/// What can be checked of every model of an atlas: a report per model, in their order.
///
/// - Parameter cache: a folder for what is computed of images and texts.
/// - Throws: as `buildAtlas` does.
package func measureTruth(
  configuration: String, plugins: [any AnalysisPlugin], cache: String
) throws -> [TruthReport] {
  let recipe = try AtlasRecipe(AtlasConfiguration(file: configuration, plugins: plugins), plugins: plugins)
  return try recipe.configuration.models.map { entry in
    let study = try ModelStudy(
      entry, of: recipe.configuration, gallery: recipe.gallery, probe: recipe.probe, ComputeOptions(),
      cache: FeatureCache(folder: cache), progress: SilentProgress())
    return try TruthReport(study, configuration: recipe.configuration)
  }
}

/// Which property of the atlas each fact of the scenes is.
struct FactProperties {
  private let titles: [String: String]
  private let properties: [AtlasConfiguration.PropertyWords]

  init(_ configuration: AtlasConfiguration) {
    let sets = [configuration.probe.facts, configuration.gallery.facts]
    let named = configuration.properties.map {
      NamedProperty(names: [$0.id.lowercased(), $0.title.lowercased()], words: Set($0.words))
    }
    var titles: [String: String] = [:]
    for fact in SceneFacts.names(in: sets.joined()) {
      let values = Set(sets.joined().lazy.flatMap { $0.values(of: fact) })
      titles[fact] = NamedProperty.index(ofFact: fact, values: values, in: named).map {
        configuration.properties[$0].title
      }
    }
    self.titles = titles
    properties = configuration.properties
  }

  /// The title of the property that a fact is, or the fact's own name where it is none.
  func title(of fact: String) -> String { titles[fact] ?? fact }

  /// The title of the property that a label names, or the label.
  func title(ofLabel label: String) -> String {
    properties.first { $0.title.lowercased() == label.lowercased() }?.title ?? label
  }

  /// The facts that are the property with this title, sorted.
  func facts(of title: String) -> [String] { titles.filter { $0.value == title }.keys.sorted() }
}
