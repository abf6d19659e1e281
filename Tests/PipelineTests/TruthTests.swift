import Foundation
import Metrics
import Pipeline
import TestSupport
import Testing

/// What the embedded atlas gets right, as bounds on how far each measure beats its controls. They were set from what
/// was measured (in the comments), with a margin for changes that do no harm: other pictures, another training run. No
/// bound is met by a control in the measure's place.
@Suite("The embedded atlas") struct TruthTests {
  private let report: TruthReport

  init() throws {
    report = try #require(try Self.reports.get().first)
  }

  private static let reports = Result {
    try Fixtures.withTemporaryFolder { folder in
      try measureTruth(
        configuration: Fixtures.root.path + "/content/atlas.yml", plugins: allPlugins, cache: folder + "/cache")
    }
  }

  private static let controls: [MapKind] = [.oneHead, .randomText, .otherPicture, .centre, .noise]

  @Test("marks objects in topic maps, twice as well as any control does", arguments: controls)
  func topic(control: MapKind) throws {
    let maps = try #require(report.topic)
    #expect(maps.outlines >= 40)
    let (map, control) = (try #require(maps.score(.map)), try #require(maps.score(control)))
    #expect(map.precision > 1.6 * control.precision)  // 2.1 for texts of what is not there, the best control
    #expect(map.overlap > 1.6 * control.overlap)  // 2.2, the same
  }

  @Test("tells two objects apart in contrastive maps", arguments: controls + [.otherOutline])
  func contrast(control: MapKind) throws {
    let maps = try #require(report.contrast)
    #expect(maps.outlines >= 20)
    let (map, control) = (try #require(maps.score(.map)), try #require(maps.score(control)))
    #expect(map.precision > 1.8 * control.precision)  // 2.4 for texts of what is not there, the best control
  }

  @Test("finds neighbours that share the property") func neighbours() throws {
    let neighbours = try #require(report.neighbours)
    #expect(!neighbours.properties.isEmpty)
    for row in neighbours.properties {
      #expect(row.byCosine > 3 * row.chance, "\(row)")  // 4.6 and 8
      #expect(row.byCosine > 1.15 * row.embedding, "\(row)")  // 1.4
    }
    let beaten = neighbours.facts.filter { ($0.byHead.max() ?? 0) > 1.5 * $0.bestByChance }
    #expect(beaten.count >= 2)  // 4: colour, place, setting and size
  }

  @Test("has heads that follow a fact of the scenes, and labels that say which") func labels() throws {
    let following = report.followed.count { $0 != nil }
    #expect(Double(following) >= 0.7 * Double(report.followed.count))  // all 24
    let labels = try #require(report.labels)
    #expect(labels.heads >= 6)  // 10
    #expect(labels.agreeing > 1.4 * labels.shuffled)  // 1.9
    let confusion = try #require(report.confusion)
    #expect(confusion.counts.joined().reduce(0, +) == report.followed.count)
  }

  @Test("describes planted heads nearly as well as the planted texts do") func planted() throws {
    let planted = try #require(report.planted)
    #expect(planted.found > 5 * planted.chance)  // 15
    #expect(planted.explained > 1.2 * planted.explainedByChance)  // 1.4
    #expect(planted.explained > 0.9 * planted.explainedByPlanted)  // 0.95
  }
}
