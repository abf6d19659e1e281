import Analysis
import Attribution
import Stability
import Testing

/// What the pages say of bootstraps whose outcome is planted.
@Suite struct StabilityPluginTests {
  private static let colour = Label.property("colour")
  private static let count = Label.property("count")

  /// A head whose label comes back in 40 of 200 bootstraps.
  private static let weak = HeadStability(
    blocks: 8, imageBootstraps: 100, poolBootstraps: 100,
    descriptions: [
      .init(index: 2, images: .init(count: 75, bootstraps: 100), pool: .init(count: 32, bootstraps: 64)),
      .init(index: 0, images: .init(count: 0, bootstraps: 100), pool: .init(count: 0, bootstraps: 0)),
    ], label: colour,
    labels: [
      .init(label: .ambiguous, images: 70, pool: 90), .init(label: colour, images: 30, pool: 10),
    ],
    leading: [.init(label: colour, images: 80, pool: 50), .init(label: count, images: 20, pool: 50)], properties: 7)

  private static func sections(_ planted: [Head: HeadStability]) throws -> [Section] {
    var world = World()
    world.stability = planted
    return try StabilityPlugin().sections(for: world.evidence(), options: [:])
  }

  @Test func `a head has a row for each description and each label, with what chance gives`() throws {
    let (head, other) = (Head(layer: 1, head: 0), Head(layer: 0, head: 1))
    let steady = HeadStability(
      blocks: 8, imageBootstraps: 100, poolBootstraps: 100, descriptions: Self.weak.descriptions, label: Self.count,
      labels: [.init(label: Self.count, images: 100, pool: 100)],
      leading: [.init(label: Self.count, images: 100, pool: 100)], properties: 7)
    let sections = try Self.sections([head: Self.weak, other: steady])
    let found = sections.about(.head(model: "tiny", head: head))
    #expect(found.map(\.title) == ["How stable that is"])
    let rows: [[Cell]] = [
      [.text("line 2"), .number(0.75, decimals: 2), .number(0.5, decimals: 2), .number(2.0 / 7, decimals: 3)],
      // Of no draw with the text there is no share.
      [.text("line 0"), .number(0, decimals: 2), .empty, .number(2.0 / 7, decimals: 3)],
    ]
    #expect("\(found[0].tables[0].rows)" == "\(rows)")
    let labels: [[Cell]] = [
      [
        .text("Colour"), .number(0.3, decimals: 2), .number(0.1, decimals: 2), .number(0.65, decimals: 2),
        .number(0, decimals: 2),
      ],
      [
        .text("Count"), .number(0, decimals: 2), .number(0, decimals: 2), .number(0.35, decimals: 2),
        .number(1, decimals: 2),
      ],
      [.text("ambiguous"), .number(0.7, decimals: 2), .number(0.9, decimals: 2), .empty, .empty],
    ]
    #expect("\(found[0].tables[1].rows)" == "\(labels)")
    let sentence = found[0].tables[1].caption
    #expect(sentence.contains("labelled Colour, and in 20 % of 200 draws") && sentence.contains("a weak label"))
    #expect(sentence.contains("It takes 2 properties to hold 90 %") && sentence.contains("Colour, Count."))
  }

  @Test func `a head has a row for each property that leads where images and words are drawn anew`() throws {
    let head = Head(layer: 1, head: 0)
    var world = World()
    (world.stability, world.leads) = ([head: Self.weak], [head: [13, 87]])
    world.shares[head] = [nil, PropertyShare(share: 0.5, chance: 0.25, lowest: 0.1, highest: 0.4)]
    let sections = try StabilityPlugin().sections(for: world.evidence(), options: [:])
    let table = try #require(sections.about(.head(model: "tiny", head: head)).first?.tables.last)
    let rows: [[Cell]] = [
      [.link("Count", .property("count")), .number(0.87, decimals: 2), .number(1.0 / 3, decimals: 3)],
      [.link("Colour", .property("colour")), .number(0.13, decimals: 2), .empty],
    ]
    #expect("\(table.rows)" == "\(rows)")
    #expect(table.caption.hasSuffix("Count leads in 87 of 100 draws. It takes 2 to lead in 100: Count, Colour."))
    // Where one is enough nothing is listed.
    world.leads[head] = [4, 96]
    let sure = try StabilityPlugin().sections(for: world.evidence(), options: [:])
    #expect(
      sure.about(.head(model: "tiny", head: head)).first?.tables.last?.caption.hasSuffix("96 of 100 draws.") == true)
  }

  @Test func `the model's page counts heads, and says nothing where nothing was drawn`() throws {
    let model = try Self.sections([Head(layer: 1, head: 0): Self.weak]).about(.model("tiny"))
    #expect(model.count == 1)
    #expect(model[0].grids[0].values == [nil, nil, 0.2, nil])
    let rows = model[0].tables[0].rows.map { "\($0[1])" }
    #expect(rows[0] == "\(Cell.number(0.375, decimals: 3))" && rows[1] == "\(Cell.number(0.5, decimals: 3))")
    #expect(
      rows[2...] == [1, 0.2, 1, 0, 1, 0, 0].enumerated().map { "\(Cell.number($1, decimals: $0 == 1 ? 3 : 0))" }[...])
    #expect(try Self.sections([:]).isEmpty)
  }

  @Test func `a model without labelled examples has descriptions alone`() throws {
    let plain = HeadStability(
      blocks: 1, imageBootstraps: 0, poolBootstraps: 100,
      descriptions: [.init(index: 1, images: .init(count: 0, bootstraps: 0), pool: .init(count: 9, bootstraps: 10))],
      label: nil, labels: [], leading: [], properties: 0)
    let sections = try Self.sections([Head(layer: 0, head: 0): plain])
    let head = sections.about(.head(model: "tiny", head: Head(layer: 0, head: 0)))
    #expect(head[0].tables.count == 1 && head[0].tables[0].caption.contains("too few probe images"))
    #expect("\(head[0].tables[0].rows[0][1])" == "\(Cell.empty)")
    let model = sections.about(.model("tiny"))
    #expect(model[0].grids.isEmpty && model[0].tables[0].rows.count == 2)
  }

  @Test(
    arguments: [
      ([90, 5, 5], 10, 1, false), ([89, 11], 10, 2, false), ([50, 30, 15, 5], 10, 3, false),
      ([40, 30, 15, 10, 5], 10, 4, true), ([50, 50], 4, 2, true), ([100], 2, 1, false), ([], 10, 0, false),
    ])
  func `the set is the smallest with 90 % of what leads, and ambiguous where it is more than a third of all`(
    counts: [Int], properties: Int, size: Int, isAmbiguous: Bool
  ) {
    let stability = HeadStability(
      blocks: 8, imageBootstraps: 50, poolBootstraps: 50, descriptions: [], label: .ambiguous, labels: [],
      leading: counts.enumerated().map { .init(label: .text("\($0)"), images: $1, pool: 0) }, properties: properties)
    #expect(stability.labelSet == (0..<size).map { .text("\($0)") })
    #expect(stability.isAmbiguous == isAmbiguous)
    #expect(!stability.isWeak)
  }

  @Test func `commentary may say how often a label comes back, and its set`() throws {
    var world = World()
    world.stability[Head(layer: 1, head: 0)] = Self.weak
    let values = try StabilityPlugin().results(for: [world.evidence()], options: [:]).values
    #expect(
      values == [
        "model/tiny/head/L01.H00/stability/label": "0.20", "model/tiny/head/L01.H00/stability/set": "Colour, Count",
      ])
  }
}
