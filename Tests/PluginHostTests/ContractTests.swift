import Analysis
import Attribution
import Files
import Foundation
import PluginHost
import TestSupport
import Testing

@Suite("Sections as JSON") struct ContractTests {
  static let image = ImageReference(set: .probe, id: "probe-1")
  static let head = Subject.head(model: "alpha", head: Head(layer: 1, head: 0))

  static let blocks: [Block] = [
    .markdown("*a*"),
    .table(
      Table(
        caption: "c",
        columns: [.init("text", note: "n"), .init("number", isNumeric: true), .init("link"), .init("image")],
        rows: [
          [.text("<b>"), .number(0.125, decimals: 3), .link("L1.H0", head), .image(image)],
          [.empty, .empty, .empty, .empty],
        ])),
    .imageStrip(
      ImageStrip(
        caption: "c",
        items: [
          .init(image: image, values: [NamedValue("dot", -0.5, decimals: 2)], badge: "query"), .init(image: image),
        ])),
    .heatMaps(
      HeatMaps(
        caption: "c", gridSide: 2, unit: "u", isDiverging: true, sharesScale: false,
        maps: [
          .init(title: "m", image: image, values: [1, -2, 0.5, 0], link: head, registers: [3, 1]),
          .init(title: "n", image: image, values: [1, -2, 0.5, 0]),
        ])),
    .bars(Bars(caption: "c", unit: "u", decimals: 1, items: [.init(label: "l", value: 2, link: .atlas, note: "n")])),
    .series(
      Series(
        caption: "c", horizontal: "h", vertical: "v", ticks: ["a", "b"],
        lines: [.init(name: "n", values: [1, 2]), .init(name: "o", values: [0, 1], isControl: true)])),
    .scatter(
      Scatter(caption: "c", horizontal: "h", vertical: "v", points: [.init(label: "l", x: 1, y: -1, link: nil)])),
    .headGrid(
      HeadGrid(
        caption: "c", model: "alpha", layers: 1, heads: 2, measure: "m", isDiverging: false, values: [nil, 0.5],
        labels: ["a", "b"])),
    .download(Download(title: "t", fileName: "t.csv", content: "a,b\n")),
  ]

  static func section(_ blocks: [Block]) -> Section {
    Section(subject: head, plugin: "p", model: "alpha", title: "T", order: 7, blocks: blocks)
  }

  @Test("of every kind of block are read as they were written", arguments: blocks.indices) func both(block: Int) throws
  {
    let section = Self.section([Self.blocks[block]])
    for text in [try jsonText(section), try jsonText([section]), try jsonText(["sections": [section]])] {
      let read = try readSections(Array(text.utf8))
      #expect(try jsonText(read) == (try jsonText([section])))
    }
    // Nothing but decimals of numbers in tables is left out.
    guard block != 1 else { return }
    #expect("\(try readSections(Array(jsonText(section).utf8)))" == "\([section])")
  }

  @Test("have decimals that fit the column, unless a cell says how many") func decimals() throws {
    let text = #"""
      {"subject": "", "title": "T", "blocks": [{"table": {"caption": "c", "columns": [{"title": "a"}, {"title": "b"}, {"title": "c"}],
       "rows": [[1, 0.01234, {"number": 0.5, "decimals": 1}], [2, null, null], [3.0, 0.5, "x"]]}}]}
      """#
    guard case .table(let table) = try readSections(Array(text.utf8))[0].blocks[0] else { return }
    #expect(table.columns.map(\.isNumeric) == [true, true, false])
    func shown(_ cell: Cell) -> String { "\(cell)" }
    #expect(
      table.rows[0].map(shown)
        == [Cell.number(1, decimals: 0), .number(0.01234, decimals: 3), .number(0.5, decimals: 1)].map(shown))
    #expect(
      table.rows[2].map(shown) == [Cell.number(3, decimals: 0), .number(0.5, decimals: 3), .text("x")].map(shown))
  }

  @Test("may have keys that nothing knows") func unknown() throws {
    let text = #"{"new": 1, "subject": "metrics", "title": "T", "blocks": [{"markdown": "m", "later": {}}]}"#
    #expect(try readSections(Array(text.utf8)).map(\.subject) == [.metrics])
  }

  @Test(
    "name pages by their paths",
    arguments: [
      .atlas, .model("m"), .layer(model: "m", layer: 11), head, .property("p"), .image("i.j"), .text("t"),
      .contrast("c"),
      .plugin("p"), .pluginPage(plugin: "p", page: "by-layer"), .metrics, .method,
    ] as [Subject])
  func subjects(_ subject: Subject) {
    #expect(Subject(path: subject.path) == subject)
    #expect(Subject.kinds.contains(subject.kind))
  }

  @Test(
    "name no others",
    arguments: [
      "/", "model", "model/", "model/m/", "model/m/head", "model/m/head/L1", "heads", "model//head/L0.H0", "image/a/b",
      "plugin/a/b/c", "plugin/a/",
    ])
  func noSubjects(_ path: String) { #expect(Subject(path: path) == nil) }

  @Test("are described by the schemas that docs/schema has") func schemas() throws {
    let schemas = try Shape.schemas
    for (name, text) in schemas {
      let file = Fixtures.root.path + "/docs/schema/" + name
      if ProcessInfo.processInfo.environment["HEADATLAS_WRITE_SCHEMAS"] != nil { try writeFile(text.utf8, to: file) }
      #expect(
        try readText(file) == text,
        "\(name): write it again with HEADATLAS_WRITE_SCHEMAS=1 scripts/test --filter ContractTests")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: Fixtures.root.path + "/docs/schema").sorted()
    #expect(names == schemas.map(\.name))
  }

  @Test("come of evidence whose every part stands in the documents") func needs() throws {
    let page = try readText(Fixtures.root.path + "/docs/plugin-protocol.md")
    let rows = EvidenceNeed.allCases.map { "| `\($0.rawValue)` | \($0.summary) |" }
    #expect(page.contains("|---|---|\n" + rows.joined(separator: "\n") + "\n<!-- end of needs -->"))
  }

  @Test("are as the schemas say, by another program's reading", .enabled(if: jsonschema, "needs Python's jsonschema"))
  func validated() throws {
    try Fixtures.withTemporaryFolder { folder in
      for (place, block) in Self.blocks.enumerated() {
        try writeFile(jsonText(Self.section([block])).utf8, to: "\(folder)/\(place).json")
      }
      try writeFile(#"{"subject": "a", "title": 1, "blocks": {}}"#.utf8, to: folder + "/wrong.json")
      let script = """
        import json, pathlib, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        for file in pathlib.Path(sys.argv[2]).glob('*.json'):
            found = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load(open(file))))
            assert bool(found) == (file.stem == 'wrong'), (file, found)
        """
      #expect(python(["-c", script, Fixtures.root.path + "/docs/schema/sections.json", folder]) == 0)
    }
  }
}

/// Whether Python has a validator of schemas.
private let jsonschema = python(["-c", "import jsonschema"]) == 0

/// The exit status of Python.
func python(_ arguments: [String]) -> Int32 {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3"] + arguments
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return -1 }
  process.waitUntilExit()
  return process.terminationStatus
}
