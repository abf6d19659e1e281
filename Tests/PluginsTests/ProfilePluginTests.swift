import Analysis
import Attribution
import Explanations
import Foundation
import GroundTruth
import HeadProfile
import LabelMetrics
import Method
import Stability
import Tensors
import TestSupport
import Testing
import Twins

/// What holds for the plugins that say what a model's heads are: they look at all models, and give values to commentary.
@Suite struct ProfilePluginTests {
  static let plugins: [any AnalysisPlugin] = [
    HeadProfilePlugin(), LabelMetricsPlugin(), MethodPlugin(), GroundTruthPlugin(), StabilityPlugin(),
    TwinsPlugin(), ExplanationsPlugin(),
  ]

  private static func results(_ plugin: Int, _ world: World = World()) throws -> AnalysisResults {
    try plugins[plugin].results(for: [world.evidence()], options: plugins[plugin].manifest.defaultOptions)
  }

  @Test(arguments: plugins.indices) func `sections and values are about what there is, and say who made them`(
    plugin: Int
  ) throws {
    let evidence = World().evidence()
    var known: Set<Subject> = [.atlas, .model("tiny"), .metrics, .method]
    known.formUnion(evidence.gallery.items.map { .image($0.reference.id) })
    known.formUnion(evidence.properties.map { .property($0.id) })
    known.formUnion(evidence.shape.allHeads.map(evidence.subject))
    known.formUnion((0..<evidence.shape.layers).map { .layer(model: "tiny", layer: $0) })
    let results = try Self.results(plugin)
    for section in results.sections {
      #expect(known.contains(section.subject), "\(section.subject.path)")
      #expect(section.plugin == Self.plugins[plugin].manifest.id)
      #expect(!section.title.isEmpty && !section.blocks.isEmpty)
    }
    for key in results.values.keys { #expect(key.hasPrefix("model/tiny/"), "\(key)") }
  }

  @Test(arguments: plugins.indices) func `the same values give the same sections`(plugin: Int) throws {
    func text() throws -> Data {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try encoder.encode(try Self.results(plugin).sections)
    }
    #expect(try text() == text())
  }

  @Test(arguments: plugins.indices) func `an atlas with nothing in it is no trouble`(plugin: Int) throws {
    var world = World()
    (world.galleryCount, world.textCount, world.twins) = (0, 0, [])
    (world.properties, world.contrasts) = ([], [])
    world.probeCount = 0
    _ = try Self.results(plugin, world)
  }

  @Test(arguments: plugins.indices) func `a plugin's page tells how to read it`(plugin: Int) throws {
    let id = Self.plugins[plugin].manifest.id
    let page = try String(contentsOfFile: Fixtures.root.path + "/content/plugins/\(id).md", encoding: .utf8)
    #expect(page.contains("\n## How to read it\n"))
  }

  @Test func `the profile has a section for every head, and the similarity of every caption adds up`() throws {
    let evidence = World().evidence()
    let sections = try HeadProfilePlugin().sections(for: evidence, options: [:])
    for head in evidence.shape.allHeads { #expect(sections.contains { $0.subject == evidence.subject(of: head) }) }
    for image in evidence.gallery.items {
      let own = sections.about(.image(image.reference.id))
      #expect(own.map(\.order) == [10, 100])
      let byHead = own.flatMap(\.blocks).compactMap { block -> Double? in
        if case .bars(let bars) = block { bars.items.reduce(0) { $0 + $1.value } } else { nil }
      }
      let series = try #require(own.flatMap(\.series).first)
      let before = try #require(series.caption.firstMatch(of: /with (−?[0-9.]+) from before/)).output.1
      let start = try #require(Double(before.replacing("−", with: "-")))
      let byLayer = series.lines.flatMap(\.values).reduce(start, +)
      // The same whole; the start is printed with four decimals.
      #expect(byHead.count == 1 && abs(byHead[0] - byLayer) < 1e-4)
    }
  }

  @Test func `a head shows the images at the ends of its directions, and around the median`() throws {
    let head = Head(layer: 1, head: 0)
    var world = World()
    let end = PrincipalDirection.End(texts: [2, 0, 5], weights: [0.6, 0.3, 0.1], fidelity: 0.8)
    let other = PrincipalDirection.End(texts: [4], weights: [0.5], fidelity: 0.4)
    world.directions[head] = [PrincipalDirection(share: 0.75, axis: [0, 2, 0, 0, 0, 0], high: end, low: other)]
    // Along the axis images lie in the order 5, 6, … 11, 0, … 4.
    world.plantCoordinates = { planted, tensor in
      guard planted == head else { return }
      for row in 0..<12 { tensor.values[row * 6 + 1] = Float((row + 7) % 12) }
    }
    let sections = try HeadProfilePlugin().sections(for: world.evidence(), options: [:])
    let strips = sections.filter { $0.title.hasPrefix("What it tells apart") }
    #expect(strips.map(\.subject) == [.head(model: "tiny", head: head)])
    #expect(strips[0].strips.map(\.probeRows) == [[4, 3, 2, 1, 0, 11], [9, 10, 11], [5, 6, 7, 8, 9, 10]])
    #expect("\(strips[0].blocks[0])".contains("75 %"))
    #expect(strips[0].strips.map(\.caption) == ["Most: line 2; line 0", "Around the median of 12", "Least: line 4"])
    // 2 · 11 less the mean, 2 · 5.5.
    #expect(strips[0].strips[0].items[0].values.map(\.value) == [11])
    // Twelve images a step of 2 apart, in eight steps of 22/8.
    let spread = sections.filter { $0.title == "How images lie along its directions" }
    #expect(spread.map(\.subject) == [.head(model: "tiny", head: head)])
    let line = try #require(spread.flatMap(\.series).first?.lines.first)
    #expect(line.values.map { ($0 * 12).rounded() } == [2, 1, 2, 1, 1, 2, 1, 2])
  }

  @Test func `methods stand side by side, with empty cells for what is not known`() throws {
    let head = Head(layer: 0, head: 1)
    var world = World()
    world.methods[head] = [
      DescriptionSet(
        method: "somp", title: "SOMP", texts: [0, 1, 2, 3, 4, 5], lines: (0..<6).map { "line \($0)" },
        explained: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        heldOut: nil,
        likeness: 0.25, label: .property("colour")),
      DescriptionSet(
        method: "comp", title: "COMP", texts: [6], lines: ["line 6"], explained: [0.2], heldOut: [0.1], likeness: nil,
        label: .ambiguous),
      DescriptionSet(
        method: "ols", title: "OLS", texts: [5], lines: ["line 5"], explained: [0.1], heldOut: nil, likeness: nil,
        label: nil),
    ]
    let sections = try HeadProfilePlugin().sections(for: world.evidence(), options: [:])
    let found = sections.filter { $0.title == "By several methods" }
    #expect(found.map(\.subject) == [.head(model: "tiny", head: head)])
    let expected: [[Cell]] = [
      [
        .text("SOMP"), .text("line 0; line 1; line 2; line 3; line 4"), .number(0.5, decimals: 3), .empty,
        .number(0.25, decimals: 2), .text("Colour"),
      ], [.text("COMP"), .text("line 6"), .empty, .empty, .empty, .text("ambiguous")],
      [.text("OLS"), .text("line 5"), .empty, .empty, .empty, .empty],
    ]
    #expect("\(found[0].tables[0].rows)" == "\(expected)")
    let whole = sections.filter { $0.title == "Descriptions by several methods" }
    #expect(whole.map(\.subject) == [.model("tiny")])
    let counts: [[Cell]] = [
      [.text("SOMP"), .number(1, decimals: 0)], [.text("COMP"), .number(0, decimals: 0)], [.text("OLS"), .empty],
    ]
    #expect("\(whole[0].tables[0].rows.map { [$0[0], $0[4]] })" == "\(counts)")
  }

  @Test func `the metrics page has the labels, what figures mean, and the study's own`() throws {
    let sections = try Self.results(1).sections.filter { $0.subject == .metrics }
    #expect(
      sections.map(\.title) == ["Labels of all models", "What the figures mean", "Figures of the published study"])
  }

  @Test func `the values of heads are those that the evidence has`() throws {
    let values = try Self.results(0).values
    #expect(values["model/tiny/head/L00.H01/label"] == "Label01")
    #expect(values["model/tiny/head/L00.H01/variance"] == "0.250")
    #expect(values["model/tiny/head/L00.H01/consistency"] == "not judged")
    #expect(values["model/tiny/property/colour/heads"] == "2")
    #expect(try Self.results(2).values["model/tiny/ledger"] == "1.0e-7")
  }
}
