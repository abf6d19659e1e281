import Analysis
import Attribution
import Build
import CLIP
import Evaluation
import Foundation
import Labels
import Metrics
import TestSupport
import Testing

/// What the embedded atlas gets right, as bounds on how far each measure beats its controls.
///
/// They were set from what was measured (in the comments), with a margin for changes that do no harm: other images,
/// another training run. No bound is met by a control in the measure's place.
@Suite("The embedded atlas") struct TruthTests {
  private let report: SceneTruth
  private let heads: [HeadEvidence]
  private let twins: TwinPair

  init() throws {
    (report, heads, twins) = try #require(try Self.reports.get().first)
  }

  private static let reports = Result {
    try Fixtures.withTemporaryFolder { folder in
      try atlasEvidence(
        configuration: Fixtures.root.path + "/content/atlas.yml", plugins: allPlugins, cache: folder + "/cache"
      ).map { (try SceneTruth($0), $0.heads, try #require(try TwinStudy([$0], images: 2000).pair(0, 0))) }
    }
  }

  private static let controls: [MapKind] = [.oneHead, .randomText, .otherImage, .centre, .noise]

  @Test("marks objects in topic maps, twice as well as any control does", arguments: controls)
  func topic(control: MapKind) throws {
    let maps = try #require(report.topic)
    #expect(maps.outlines >= 40)
    let (map, control) = (try #require(maps.score(.map)), try #require(maps.score(control)))
    #expect(map.precision > 1.6 * control.precision)  // 2.2 for one head, the best control
    #expect(map.overlap > 1.6 * control.overlap)  // 2.0, the same
  }

  @Test("cuts objects out by topic maps, better than any control does", arguments: controls)
  func segmentation(control: MapKind) throws {
    let rows = try #require(report.topic).rows
    func score(_ kind: MapKind) throws -> SegmentationScore {
      try #require(rows.first { $0.kind == kind }?.segmentation)
    }
    let (map, control) = (try score(.map), try score(control))
    #expect(map.masks >= 40)
    #expect(map.pixelAccuracy > control.pixelAccuracy + 0.05)  // 0.08 more than one head, the best control
    #expect(map.meanIntersectionOverUnion > 1.25 * control.meanIntersectionOverUnion)  // 1.37, the same
    #expect(map.meanAveragePrecision > control.meanAveragePrecision + 0.04)  // 0.08
  }

  @Test("tells two objects apart in contrastive maps", arguments: controls + [.otherOutline])
  func contrast(control: MapKind) throws {
    let maps = try #require(report.contrast)
    #expect(maps.outlines >= 20)
    let (map, control) = (try #require(maps.score(.map)), try #require(maps.score(control)))
    #expect(map.precision > 1.8 * control.precision)  // 2.3 for one head, the best control
  }

  @Test("finds neighbours that share the property") func neighbours() throws {
    let neighbours = try #require(report.neighbours)
    #expect(neighbours.properties.count >= 3)  // 4
    for row in neighbours.properties {
      // 2.5 times for the time of day, which has three values; 11 times for settings.
      #expect(row.byCosine > 1.8 * row.chance, "\(row)")
    }
    // Place, setting and time; not the kind of object, which no head has to itself.
    #expect(neighbours.properties.count { $0.byCosine > 1.15 * $0.embedding } >= 2)
    let beaten = neighbours.facts.filter { ($0.byHead.max() ?? 0) > 1.5 * $0.bestByChance }
    #expect(beaten.count >= 4)  // 7: all but count, pattern and size
  }

  @Test("has heads that follow a fact of the scenes, and labels that say which") func labels() throws {
    let following = report.followed.count { $0 != nil }
    #expect(Double(following) >= 0.7 * Double(report.followed.count))  // 23 of 24
    let labels = try #require(report.labels)
    #expect(labels.heads >= 8)  // 12
    #expect(labels.agreeing > 1.8 * labels.shuffled)  // 3.5
    let confusion = try #require(report.confusion)
    #expect(confusion.counts.joined().reduce(0, +) == report.followed.count)
  }

  @Test("has a labeller that reads the pool as the words of atlas.yml do") func words() throws {
    let root = Fixtures.root.path + "/content"
    let configuration = try AtlasConfiguration(file: root + "/atlas.yml", plugins: allPlugins)
    let model = try CLIPModel(configuration.models[0].model.source())
    let names = PropertyNames(
      declared: configuration.properties.map { (id: $0.id, title: $0.title) }, examples: configuration.examples)
    let labeller = try InContextLabeller(
      examples: configuration.examples, pool: configuration.pool, names: names
    ) {
      try model.encode(texts: $0)
    }
    // Counts are read worst (numbers that the world does not have, and what is many), and styles ("photo" frames captions).
    for property in configuration.properties where !["count", "style"].contains(property.id) {
      let fits = try labeller.judge(
        labels: configuration.pool.map { _ in .property(property.id) }, heads: configuration.pool.map { [$0] }
      ).map { $0[0] }
      let own = Set(property.words)
      let truth = configuration.pool.map { line in !own.isDisjoint(with: line.split(separator: " ").map(String.init)) }
      let both = Double(zip(fits, truth).count { $0 && $1 })
      #expect(both >= 0.95 * Double(truth.count { $0 }), "\(property.title)")  // 0.98 to 1
      #expect(both >= 0.8 * Double(fits.count { $0 }), "\(property.title)")  // 0.87 for patterns, 0.94 to 1 for others
    }
  }

  @Test("has twins that follow the same fact, and that either half of the images finds again") func twinsOfHeads()
    throws
  {
    let truth = try #require(TwinTruth(twins, followed: report.followed, others: report.followed))
    #expect(truth.heads == report.followed.count { $0 != nil })
    #expect(truth.agreeing > 2.5 * truth.permuted)  // 3.7
    let again = try #require(twins.returning)
    #expect(again.share > 4 * again.permuted)  // 8.3
    #expect(twins.beyondChance(0.99) == 1)
  }

  @Test("describes planted heads nearly as well as the planted texts do") func planted() throws {
    let planted = try #require(report.planted)
    #expect(planted.found > 5 * planted.chance)  // 15
    #expect(planted.explained > 1.2 * planted.explainedByChance)  // 1.4
    #expect(planted.explained > 0.9 * planted.explainedByPlanted)  // 0.95
  }

  /// How many bootstraps of each head choose each text, in float64; written by `scripts/goldens/bootstraps.py`.
  private struct Bootstraps: Decodable {
    let name: String
    let whole: [Int]
    let images: [String: Int]
    let pools: [String: Int]
  }

  @Test("describes heads by the images and texts drawn as TextSpan of all these images and texts does")
  func bootstraps() throws {
    let goldens = try JSONDecoder().decode(
      [Bootstraps].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("stability/picture-world.json"))))
    #expect(goldens.map(\.name) == heads.map { "\($0.head)" })
    for (golden, head) in zip(goldens, heads) {
      let found = try #require(head.stability).descriptions
      #expect(found.map(\.index) == golden.whole)
      #expect(found.map(\.images.count) == golden.whole.map { golden.images["\($0)"] ?? 0 }, "\(head.head)")
      #expect(found.map(\.pool.count) == golden.whole.map { golden.pools["\($0)"] ?? 0 }, "\(head.head)")
    }
  }
}
