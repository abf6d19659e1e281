import Analysis
import Attribution
import Tensors
import Testing
import Twins

/// What the pages say of heads whose twins are planted.
@Suite struct TwinsPluginTests {
  /// Two models of one kind: what the first's L0.H1 writes, the second's L1.H0 writes in another direction, and the second's L1.H1 nearly.
  private static func models() -> [ModelEvidence] {
    var (one, other) = (World(), World())
    other.model = ("other", "Other")
    other.seed = 9
    other.properties = [
      Property(id: "colour", title: "Colour", heads: []), Property(id: "count", title: "Count", heads: []),
    ]
    other.shares = [Head(layer: 1, head: 0): [nil, PropertyShare(share: 0.5, chance: 0.1, lowest: 0, highest: 0.2)]]
    // In one direction, so that a rotation and a scale are all that a basis adds.
    func line(_ row: Int) -> Float { Float((row * row * 5 + row) % 13) / 13 }
    func plant(_ heads: [Head], _ tensor: inout Tensor, _ head: Head) {
      guard heads.contains(head) else { return }
      for place in tensor.values.indices {
        let isOther = head == Head(layer: 1, head: 1) && place % 6 == 4
        tensor.values[place] = place % 6 == 2 ? line(place / 6) : isOther ? 0.1 * line(3 * (place / 6)) : 0.5
      }
    }
    one.plantCoordinates = { plant([Head(layer: 0, head: 1)], &$1, $0) }
    other.plantCoordinates = { plant([Head(layer: 1, head: 0), Head(layer: 1, head: 1)], &$1, $0) }
    return [one.evidence(), other.evidence()]
  }

  private static func results(_ models: [ModelEvidence] = models()) throws -> AnalysisResults {
    try TwinsPlugin().results(for: models, options: TwinsPlugin.manifest.defaultOptions)
  }

  @Test func `a head's page has its twins in other models, and in its own, beside chance and what they do`() throws {
    let found = try Self.results().sections.about(.head(model: "tiny", head: Head(layer: 0, head: 1)))
    #expect(found.map(\.title) == ["Heads that write alike"])
    let (across, within) = (found[0].bars[0], found[0].bars[1])
    #expect(across.items.count == 4 && within.items.count == 3)
    #expect(across.items.map(\.label).prefix(2) == ["L1.H0, Other", "L1.H1, Other"])
    #expect(abs(across.items[0].value - 1) < 1e-5 && (0.5...0.9999).contains(across.items[1].value))
    #expect(across.items[0].note == "Count; each other's best" && across.items[1].note?.contains("Label11") == true)
    #expect(across.items[0].link == .head(model: "other", head: Head(layer: 1, head: 0)))
    for item in across.items + within.items { #expect(item.chance.map { $0 > 0 && $0 < 1 } == true) }
    #expect(
      across.caption.contains("The 4 of 4 heads of other models") && across.caption.contains("over 12 probe images"))
    #expect(within.caption.contains("The 3 of 3 other heads of this model"))
    #expect(!within.items.contains { $0.label == "L0.H1" })
  }

  @Test func `a model's page has a column for every model, the model itself last`() throws {
    let found = try Self.results().sections.about(.model("other"))
    let table = try #require(found.first?.tables.first)
    #expect(table.columns.map(\.title) == ["what", "Tiny", "this model"])
    let grid = try #require(found.first?.grids.first)
    #expect(grid.values.map { ($0 ?? 0) > 0.5 } == [false, false, true, true])
    let numbers = try table.rows.map { row in
      try row[1...].map { cell in
        guard case .number(let number, _) = cell else { throw NoNumber(row: "\(row)") }
        return number
      }
    }
    // Best twins there and back, chance, beyond it twice, each other's, found again, that permuted, embeddings, images.
    #expect(numbers.count == 10 && numbers[9] == [12, 12])
    #expect(numbers[0][0] != numbers[1][0] && numbers[0][1] == numbers[1][1])
    #expect(numbers[3][0] >= 0.5 && numbers[3][0] >= numbers[4][0] && numbers[8][1] == 1 && numbers[8][0] < 0.9)
    #expect(numbers.allSatisfy { $0.allSatisfy { $0.isFinite && $0 <= 12 } })
  }

  private struct NoNumber: Error {
    let row: String
  }

  @Test func `the metrics have every model beside every other, and nothing of one model alone`() throws {
    let tables = try Self.results().sections.about(.metrics).flatMap(\.tables)
    #expect(tables.count == 3 && tables.allSatisfy { $0.columns.map(\.title) == ["model", "Tiny", "Other"] })
    #expect("\(tables[2].rows[0][1])" == "\(Cell.number(1, decimals: 3))")
    let alone = try Self.results([Self.models()[0]])
    #expect(alone.sections.about(.metrics).isEmpty && alone.sections.about(.model("tiny")).count == 1)
    let head = alone.sections.about(.head(model: "tiny", head: Head(layer: 0, head: 1)))
    #expect(head.count == 1 && head[0].bars.count == 1)
  }

  @Test func `models that share too few images say so, and have twins within`() throws {
    var (one, other) = (World(), World())
    other.model = ("other", "Other")
    other.probePrefix = "elsewhere"
    let sections = try Self.results([one.evidence(), other.evidence()]).sections
    let table = try #require(sections.about(.model("tiny")).first?.tables.first)
    #expect(table.caption.contains("share fewer than 8 probe images"))
    #expect(table.rows.dropLast().allSatisfy { "\($0[1])" == "\(Cell.empty)" && "\($0[2])" != "\(Cell.empty)" })
    #expect("\(table.rows.last?[1] ?? .empty)" == "\(Cell.number(0, decimals: 0))")
    #expect(sections.about(.head(model: "tiny", head: Head(layer: 0, head: 0)))[0].bars.count == 1)
    one.probeCount = 5
    one.twins = [0, 1, 2, 3, 4]
    #expect(try Self.results([one.evidence()]).sections.isEmpty)
  }

  @Test func `commentary may name a head's twin, and claim how alike they are`() throws {
    let values = try Self.results().values
    #expect(values["model/other/head/L01.H00/twin"] == "L1.H1")
    #expect(values["model/other/head/L01.H00/twin-similarity"] != nil)
    #expect(values["model/other/twins"] != nil && values["model/other/twins-truth"] == nil)
  }
}

extension Section {
  fileprivate var bars: [Bars] {
    blocks.compactMap { block in
      guard case .bars(let bars) = block else { return nil }
      return bars
    }
  }
}
