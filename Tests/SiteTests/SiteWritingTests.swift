import Analysis
import Attribution
import Foundation
import Site
import TestSupport
import Testing

@Suite struct SiteWritingTests {
  @Test func `the checker finds nothing on the demonstration`() throws {
    try BuiltSite.with { site in try #expect(checkSite(at: site.folder) == []) }
  }

  @Test func `the same content gives the same bytes`() throws {
    try BuiltSite.with { first in
      try BuiltSite.with { second in
        #expect(first.files == second.files)
        for file in first.files { try #expect(first.data(file) == second.data(file), "\(file)") }
      }
    }
  }

  @Test func `no page has a style attribute, and every page has its twin`() throws {
    try BuiltSite.with { site in
      let files = Set(site.files)
      for page in files where page.hasSuffix(".html") {
        try #expect(!site.text(page).contains(" style="), "\(page)")
        #expect(files.contains(page.dropLast(4) + "json"), "\(page)")
      }
    }
  }

  @Test func `a page says where it stands, and has no link where nothing is`() throws {
    let sections = ["One", "Two", "Three"].map { title in
      Section(subject: .metrics, plugin: "metrics", model: nil, title: title, blocks: [.markdown("Words.")])
    }
    try BuiltSite.with(change: { $0.sections += sections }) { site in
      try #expect(site.text("metrics/index.html").contains("<nav class=\"contents\""))
      let head = try site.text("model/toy-small/head/L05.H01/index.html")
      let first = try site.text("model/toy-small/head/L00.H00/index.html")
      let front = try site.text("index.html")
      for part in ["<nav class=\"breadcrumbs\"", "rel=\"prev\"", "class=\"up\""] {
        #expect(head.contains(part), "\(part)")
      }
      #expect(head.components(separatedBy: " aria-current=\"true\">").dropFirst().map { $0.prefix(7) } == ["Models<"])
      #expect(!first.contains("class=\"up\"") && first.contains("class=\"down\""))
      #expect(!front.contains("<nav class=\"contents\"") && !head.contains("<nav class=\"contents\""))
      #expect(!front.contains("<nav class=\"breadcrumbs\"") && !front.contains("rel=\"prev\""))
    }
  }

  @Test func `the twin of a page holds its sections`() throws {
    try BuiltSite.with { site in
      let data = try site.data("model/toy-small/head/L05.H01/index.json")
      let twin = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let sections = try #require(twin["sections"] as? [[String: Any]])
      let blocks = try sections.map { try #require($0["blocks"] as? [[String: Any]]) }
      #expect(twin["page"] as? String == "model/toy-small/head/L05.H01")
      #expect(twin["subject"] as? String == "model/toy-small/head/L05.H01")
      #expect(sections.map { $0["title"] as? String } == ["Descriptions", "Image neighbours", "Segmentation"])
      #expect(twin["rebuild"] as? String == "headatlas build --only 'model/toy-small/head/L05.H01'")
      let kinds = Set(blocks.joined().flatMap(\.keys))
      let known: Set<String> = [
        "markdown", "table", "imageStrip", "heatMaps", "bars", "series", "scatter", "headGrid", "download",
      ]
      #expect(kinds.count > 2 && kinds.isSubset(of: known), "\(kinds)")
      #expect(!String(decoding: data, as: UTF8.self).contains("\"_0\""))
    }
  }

  @Test func `numbers that are not finite are words in the twin`() throws {
    try BuiltSite.with { site in try #expect(site.text("model/toy-small/index.json").contains("\"NaN\"")) }
  }

  @Test func `a subject without a page is plain text`() throws {
    try BuiltSite.with { site in
      let html = try site.text("model/toy-small/head/L00.H00/index.html")
      #expect(html.contains("<td>nowhere"))
      #expect(html.contains("<a href=\"../../../../image/gallery-0/index.html\"><img"))
    }
  }

  @Test func `columns of sentences are marked, those of words and numbers are not`() throws {
    let table = Table(
      caption: "c",
      columns: [.init("Figure"), .init("Meaning"), .init("Unit"), .init("Heads", isNumeric: true)],
      rows: [
        [.text("a"), .text("short"), .text("nat"), .number(1, decimals: 0)],
        [.text("b"), .text(String(repeating: "word ", count: 13)), .text("bit"), .number(2, decimals: 0)],
      ])
    try BuiltSite.withPage(of: .table(table)) { html in
      #expect(
        html.contains("<th scope=\"col\" class=\"t\">Meaning<th scope=\"col\">Unit<th scope=\"col\" class=\"n\">Heads"))
      #expect(html.contains("<th scope=\"col\">Figure"))
    }
    let series = Series(
      caption: "c", horizontal: "h", vertical: "v", ticks: [String(repeating: "word ", count: 13)],
      lines: [.init(name: "n", values: [1])])
    try BuiltSite.withPage(of: .series(series)) { html in
      #expect(html.contains("<details class=\"twin\">") && !html.contains("class=\"t\""))
    }
  }

  @Test func `lines that are controls are grey, and the others keep their colours`() throws {
    let lines = [("a", true), ("b", false), ("c", true), ("d", false)].map { name, isControl in
      Series.Line(name: name, values: [1, 2], isControl: isControl)
    }
    let series = Series(caption: "c", horizontal: "h", vertical: "v", ticks: ["0", "1"], lines: lines)
    try BuiltSite.withPage(of: .series(series)) { html in
      let styles = html.matches(of: /<path class="line ([a-z0-9]+)" d="M0 4H32"/).map { String($0.1) }
      #expect(styles == ["chance", "s0", "chance", "s1"])
    }
  }

  @Test func `a map describes its peak`() throws {
    var values = [Float](repeating: 1, count: 100)
    // Two peaks, so that neither lies beyond the 99th percentile by much.
    values[28] = 3.2 * 98 / (100 - 3.2 * 1.99)
    values[55] = values[28] * 0.99
    let maps = HeatMaps(
      caption: "c", gridSide: 10, unit: "u", isDiverging: false,
      maps: [.init(title: "t", image: ImageReference(set: .gallery, id: "gallery-0"), values: values)])
    try BuiltSite.withPage(of: .heatMaps(maps)) { html in
      #expect(html.contains("aria-label=\"peak at row 3, column 9, 3.2 times the mean\""))
      #expect(html.contains("<path class=\"q8\" d=\"M8 2.5H9M5 5.5H6\"/>"))
    }
  }

  @Test func `maps of one row share a scale, and a difference has equal ends`() throws {
    func map(_ value: Float) -> HeatMaps.Map {
      .init(title: "t", image: ImageReference(set: .gallery, id: "gallery-0"), values: [0, 0, 0, value])
    }
    let maps = HeatMaps(caption: "c", gridSide: 2, unit: "u", isDiverging: true, maps: [map(-4), map(1)])
    try BuiltSite.withPage(of: .heatMaps(maps)) { html in
      #expect(html.contains("−4.00</span><svg class=\"ramp\""))
      #expect(html.contains("<path class=\"d0\" d=\"M1 1.5H2\"/>"))
      #expect(html.contains("<path class=\"d5\" d=\"M1 1.5H2\"/>"))
      #expect(html.components(separatedBy: "class=\"legend\"").count == 2)
    }
  }

  /// A plot begins at 52 with numbers that end at 46.
  @Test(arguments: [(1.0, "0 -16 480 276"), (1e-5, "-6 -16 486 276"), (-1e-7, "-26 -16 506 276")])
  func `a chart has room for the numbers of its axis, and the title above them`(scale: Double, box: String) throws {
    let values = [1.1, 1.6].map { $0 * scale }
    let series = Series(
      caption: "c", horizontal: "layer", vertical: "the title", ticks: ["L0", "L1"],
      lines: [.init(name: "l", values: values)])
    try BuiltSite.withPage(of: .series(series)) { html in
      #expect(html.contains("<svg class=\"lines\" viewBox=\"\(box)\""))
      #expect(html.contains("<text class=\"above\" x=\"52\" y=\"-4\">the title</text>") && !html.contains("rotate("))
    }
  }

  @Test func `a column without a value in any row is in the files only`() throws {
    let table = Table(
      caption: "c", columns: [.init("none"), .init("Head"), .init("Reason"), .init("Bits", isNumeric: true)],
      rows: [[.empty, .text("L0.H0"), .empty, .empty], [.empty, .text("L0.H1"), .empty, .number(2, decimals: 0)]])
    try BuiltSite.with(change: { content in
      content.sections = [
        Section(subject: .metrics, plugin: "metrics", model: nil, title: "T", blocks: [.table(table)])
      ]
    }) { site in
      let html = try site.text("metrics/index.html")
      #expect(html.contains("<th scope=\"col\">none<th scope=\"col\">Head<th scope=\"col\" class=\"n\">Bits</thead>"))
      #expect(html.contains("<tr><th scope=\"row\"><td>L0.H1<td class=\"n\">2\n"))
      #expect(try site.text("metrics/t.csv") == "none,Head,Reason,Bits\n,L0.H0,,\n,L0.H1,,2.0\n")
    }
  }

  @Test func `the decimal points of a column align`() throws {
    let table = Table(
      caption: "c", columns: [.init("n", isNumeric: true)],
      rows: [[.number(1.25, decimals: 2)], [.number(-3, decimals: 0)], [.number(0.5, decimals: 1)]])
    try BuiltSite.withPage(of: .table(table)) { html in
      for number in [">1.25\n", ">−3\u{2008}\u{2007}\u{2007}\n", ">0.5\u{2007}\n"] { #expect(html.contains(number)) }
    }
  }

  @Test func `a page that models share has what they say in columns, and the rest on pages of each`() throws {
    func section(_ model: String, _ title: String, order: Int) -> Section {
      Section(
        subject: .image("gallery-0"), plugin: "toy", model: model, title: title, order: order,
        blocks: [.markdown("\(title) of \(model)")])
    }
    // Given in the order of their makers, not in that of the models.
    let sections = [
      section("toy-large", "In short", order: 20), section("toy-small", "In short", order: 20),
      section("toy-small", "At length", order: 100), section("toy-large", "At length", order: 100),
    ]
    try BuiltSite.with(change: { $0.sections = sections }) { site in
      let shared = try site.text("image/gallery-0/index.html")
      #expect(shared.components(separatedBy: "<h2>In short</h2>").count == 2)
      let columns = shared.components(separatedBy: "<div class=\"columns\">").last ?? ""
      let places = ["of toy-small", "of toy-large"].map { columns.range(of: "In short \($0)")?.lowerBound }
      try #expect(#require(places[0]) < #require(places[1]))
      #expect(!shared.contains("At length of"))
      #expect(shared.contains("href=\"toy-small/index.html\">Toy small</a> <span class=\"small\">At length</span>"))
      for model in ["toy-small", "toy-large"] {
        let part = try site.text("image/gallery-0/\(model)/index.html")
        #expect(part.contains("At length of \(model)") && !part.contains("In short of"))
        let twin = try site.text("image/gallery-0/\(model)/index.json")
        #expect(twin.contains("\"model\":\"\(model)\"") && twin.contains("\"subject\":\"image/gallery-0\""))
      }
      try #expect(checkSite(at: site.folder) == [])
    }
  }

  @Test func `a property has its long sections on a page of its own also with one model`() throws {
    func change(_ content: inout SiteContent) {
      content.models = content.models.filter { $0.id == "toy-small" }
      content.commentary = []
      content.introduction = ""
      content.sections = [5, 99, 100].map { order in
        Section(
          subject: .property("colour"), plugin: "toy", model: "toy-small", title: "order \(order)", order: order,
          blocks: [.markdown("words \(order).")])
      }
    }
    try BuiltSite.with(change: change) { site in
      let shared = try site.text("property/colour/index.html")
      let part = try site.text("property/colour/toy-small/index.html")
      #expect(shared.contains("words 5.") && shared.contains("words 99.") && !shared.contains("words 100."))
      #expect(part.contains("words 100.") && !part.contains("words 99."))
    }
  }

  @Test func `a model of many heads has a second page, and its cells are links on its own page alone`() throws {
    // Small cells are 11 by 7.
    let grid = HeadGrid(
      caption: "c", model: "toy-small", layers: 20, heads: 11, measure: "m", isDiverging: false,
      values: (0..<220).map(Double.init), labels: [String](repeating: "", count: 220))
    func change(_ content: inout SiteContent) {
      let model = content.models[0]
      content.models[0] = .init(
        id: model.id, title: model.title,
        shape: TowerShape(layers: 20, heads: 11, headWidth: 4, width: 44, embeddingWidth: 8, gridSide: 4),
        labels: [String](repeating: "ambiguous", count: 220), summaries: [], provenance: model.provenance)
      content.commentary = []
      content.introduction = ""
      content.sections = [("First", 5), ("Then", 99), ("Last", 100)].map { title, order in
        Section(
          subject: .model("toy-small"), plugin: "toy", model: "toy-small", title: title, order: order,
          blocks: [.headGrid(grid)])
      }
    }
    var options = Demonstration.options
    options.isWanted = { $0 == "model/toy-small" || $0 == "model/toy-small/more" }
    try BuiltSite.with(options: options, change: change) { site in
      let own = try site.text("model/toy-small/index.html")
      let more = try site.text("model/toy-small/more/index.html")
      #expect(own.contains("<h2>First</h2>") && own.contains("<h2>Then</h2>") && !own.contains("<h2>Last</h2>"))
      #expect(more.contains("<h2>Last</h2>") && !more.contains("<h2>Then</h2>"))
      #expect(own.contains("href=\"more/index.html\""))
      #expect(more.contains("href=\"../index.html\">Toy small</a> has the rest."))
      func links(_ page: String) -> Int { page.components(separatedBy: "<a class=\"q").count - 1 }
      #expect(links(own) == 220 && links(more) == 0)
      let drawn = more.components(separatedBy: "stroke-width=\"7\">").last?.components(separatedBy: "</g>").first
      let strokes = try #require(drawn)
      #expect(strokes.components(separatedBy: "h11").count - 1 == 220)
    }
  }

  @Test func `words lead to the heads that vary along them, the one that varies most first`() throws {
    func describing(_ head: Head, _ lines: [(String, Double)]) -> Section {
      Section(
        subject: .head(model: "toy-small", head: head), plugin: "toy", model: "toy-small", title: "Descriptions",
        blocks: [
          .bars(Bars(caption: "c", unit: "u", items: lines.map { .init(label: $0.0, value: $0.1) })),
          // What is held against chance, or leads somewhere, is no description.
          .bars(Bars(caption: "c", unit: "u", items: [.init(label: "zebra", value: 1, chance: 0.1)])),
        ])
    }
    let (first, second) = (Head(layer: 0, head: 0), Head(layer: 0, head: 1))
    let sections = [
      describing(first, [("a photo of the night", 0.1), ("Night, near a sea-side", 0.1)]),
      describing(second, [("one night", 0.3), ("élan", 0.1), ("字字", 0.1)]),
    ]
    try BuiltSite.with(change: { $0.sections = sections }) { site in
      let page = try site.text("az/n/index.html")
      let row = try #require(
        page.components(separatedBy: "<dt>night</dt>").last?.components(separatedBy: "</dd>").first)
      let places = ["head/L00.H01", "head/L00.H00"].map { row.range(of: $0)?.lowerBound }
      try #expect(#require(places[0]) < #require(places[1]))
      try #expect(site.text("az/s/index.html").contains("<dt>sea-side</dt>"))
      try #expect(site.text("az/e/index.html").contains("<dt>élan</dt>"))
      try #expect(site.text("az/other/index.html").contains("<dt>字字</dt>"))
      for missing in ["<dt>near", "<dt>the<"] { #expect(!page.contains(missing)) }
      try #expect(!site.text("az/z/index.html").contains("zebra"))
      let letters = try site.text("az/index.html")
      #expect(letters.contains("href=\"n/index.html\">N</a>") && !letters.contains("href=\"z/index.html\""))
    }
  }

  @Test func `an image's page outlines what the model sees`() throws {
    try BuiltSite.with { site in
      // 96 × 64 pixels: the middle 64.
      try #expect(site.text("image/gallery-0/index.html").contains("<path class=\"crop\" d=\"M16 0h64v64h-64z\"/>"))
      try #expect(site.text("image/gallery-1/index.html").contains("The model sees all of it."))
    }
  }

  @Test func `only the pages that are asked for are written`() throws {
    var options = Demonstration.options
    options.isWanted = { $0 == "index" || $0 == "model/toy-small" }
    try BuiltSite.with(options: options) { site in
      #expect(site.files.filter { $0.hasSuffix(".html") } == ["index.html", "model/toy-small/index.html"])
      try #expect(site.text("index.html").contains("href=\"metrics/index.html\""))
    }
  }

  @Test func `a user's folder replaces templates and assets one by one`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let own = BuiltSite(folder: folder)
      try own.write("<footer>Our own foot, {{rebuild}} {{{siteTitle}}}</footer>", to: "footer.mustache")
      try own.write("/* ours */", to: "assets/atlas.css")
      var options = Demonstration.options
      options.overrides = folder
      try BuiltSite.with(word: "<i>", options: options) { site in
        let html = try site.text("method/index.html")
        #expect(html.contains("Our own foot, headatlas build --only &#39;method&#39; A toy atlas&lt;i&gt;"))
        try #expect(site.text("assets/atlas.css") == "/* ours */")
        try #expect(site.text("assets/atlas.js").contains("function"))
      }
    }
  }

  @Test func `a malformed template stops the build`() throws {
    try Fixtures.withTemporaryFolder { folder in
      try BuiltSite(folder: folder).write("{{#a}}", to: "layout.mustache")
      var options = Demonstration.options
      options.overrides = folder
      #expect(throws: SiteError.self) { try BuiltSite.with(options: options) { _ in } }
      options = SiteOptions(templates: folder + "/none")
      #expect(throws: SiteError.missingTemplate(name: "layout", folder: folder + "/none")) {
        try BuiltSite.with(options: options) { _ in }
      }
    }
  }

  @Test(arguments: [
    (["layout": "{{> layout}}"], "layout.mustache: not a mustache template: {{>layout}} includes what it stands in"),
    (
      ["layout": "{{> head}}", "head": "a{{# trail }}{{>header}}{{/trail}}", "header": "{{> head}}"],
      "header.mustache: not a mustache template: {{>head}} includes what it stands in"
    ),
    (
      ["footer": "{{#trail}}{{#trail}}{{/trail}}{{/trail}}"],
      "footer.mustache: not a mustache template: {{#trail}} stands"
    ),
    (
      ["layout": "{{#trail}}{{> footer}}{{/trail}}", "footer": "{{^trail}}{{/trail}}"],
      "footer.mustache: not a mustache template: {{#trail}} stands within itself"
    ),
    (["footer": "{{=<% %>=}}"], "footer.mustache: not a mustache template: {{= changes the delimiters"),
    (["footer": "{{> *name}}"], "footer.mustache: not a mustache template: {{>*name}} names a template by a value"),
    (["layout": "{{<layout}}{{/layout}}"], "layout.mustache: not a mustache template: {{>layout}} includes"),
    (
      [
        "layout": "{{> a}}{{> a}}{{> a}}{{> a}}", "a": "{{> b}}{{> b}}{{> b}}{{> b}}",
        "b": "{{> c}}{{> c}}{{> c}}{{> c}}",
        "c": "{{> d}}{{> d}}{{> d}}{{> d}}", "d": "",
      ], "not a mustache template: more than 256 templates in one page"
    ),
    (["layout": String(repeating: "a", count: 70_000)], "layout.mustache: more than 64 KiB, expected less"),
    (
      ["layout": (0..<20).map { "{{#a\($0)}}" }.joined() + (0..<20).reversed().map { "{{/a\($0)}}" }.joined()],
      "layout.mustache: not a mustache template: more than 16 sections in each other"
    ),
  ])
  func `templates that end the program, or do not end, are refused`(_ own: [String: String], _ message: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      for (name, text) in own { try BuiltSite(folder: folder).write(text, to: name + ".mustache") }
      var options = Demonstration.options
      options.overrides = folder
      let error = #expect(throws: (any Error).self) { try checkTemplates(options) }
      #expect("\(error.map { "\($0)" } ?? "")".contains(message), "\(String(describing: error))")
      options.overrides = nil
      try checkTemplates(options)
    }
  }

  @Test func `a head's page of five rows of eight large maps keeps to its budget`() throws {
    let maps = (0..<5).map { row in
      HeatMaps(
        caption: "Row \(row)", gridSide: 16, unit: "dot product", isDiverging: row % 2 == 1,
        maps: (0..<8).map { index in
          .init(
            title: "L5.H\(index)", image: ImageReference(set: .gallery, id: "gallery-\(index % 3)"),
            values: Demonstration.map(row * 8 + index, side: 16, isDiverging: row % 2 == 1))
        })
    }
    let subject = Subject.head(model: "toy-large", head: Head(layer: 3, head: 3))
    try BuiltSite.with(change: { content in
      content.sections.append(
        Section(subject: subject, plugin: "core", model: "toy-large", title: "Many", blocks: maps.map(Block.heatMaps)))
    }) { site in
      let size = try site.data("model/toy-large/head/L03.H03/index.html").count
      #expect(size < 150_000)
    }
  }

  static let wrongContents: [(name: String, change: @Sendable (inout SiteContent) -> Void, message: String)] = [
    (
      "a path out of the site", { $0.properties.append(.init(id: "../x", title: "x")) },
      "property \"../x\": the identifier becomes the name of a folder; expected "
        + "letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con; "
        + "rename it"
    ),
    (
      "two properties of one name", { $0.properties.append(.init(id: "colour", title: "x")) },
      "property/colour: two pages of the atlas have this address, or differ in it only in case; rename one of what they show"
    ),
    (
      "two properties of one name but for case", { $0.properties.append(.init(id: "Colour", title: "x")) },
      "property/Colour: two pages of the atlas have this address, or differ in it only in case; rename one of what they show"
    ),
    (
      "two downloads of one name but for case",
      {
        for name in ["a.csv", "A.csv"] { $0.add(.download(Download(title: "t", fileName: name, content: ""))) }
      },
      "metrics: \"A.csv\" cannot be the name of a download; expected a file name that is not taken, of letters, digits, - _ and ."
    ),
    (
      "a section for no page",
      { $0.sections.append(Section(subject: .property("color"), plugin: "p", model: nil, title: "T", blocks: [])) },
      "plugin \"p\": section \"T\" is for property/color, which has no page; did you mean \"property/colour\"?"
    ),
    (
      "a section of no model",
      { $0.sections.append(Section(subject: .atlas, plugin: "p", model: "toy-smal", title: "T", blocks: [])) },
      "plugin \"p\": a section of the atlas belongs to model \"toy-smal\", which the atlas does not have; did you mean "
        + "\"toy-small\"?"
    ),
    (
      "an image of no set",
      {
        let strip = ImageStrip(caption: "c", items: [.init(image: ImageReference(set: .probe, id: "probe-99"))])
        $0.sections.append(
          Section(subject: .atlas, plugin: "p", model: nil, title: "T", blocks: [.imageStrip(strip)]))
      },
      "plugin \"p\": a section of the atlas shows \"probe/probe-99\", which is in no image set; did you mean \"probe-0\"?"
    ),
    (
      "a download that would replace the page",
      {
        let file = Download(title: "t", fileName: "index.html", content: "")
        $0.sections.append(Section(subject: .metrics, plugin: "p", model: nil, title: "T", blocks: [.download(file)]))
      },
      "metrics: \"index.html\" cannot be the name of a download; expected a file name that is not taken, of letters, digits, - _ and ."
    ),
    (
      "a download that would stand in the way of a page beneath",
      {
        let file = Download(title: "t", fileName: "Toy-Small", content: "")
        $0.sections.append(
          Section(subject: .property("colour"), plugin: "p", model: nil, title: "T", blocks: [.download(file)]))
      },
      "property/colour: \"Toy-Small\" cannot be the name of a download; expected a file name that is not taken, of letters, digits, - _ and ."
    ),
    (
      "a ragged table",
      { $0.add(.table(Table(caption: "c", columns: [.init("a"), .init("b")], rows: [[.empty, .empty], [.empty]]))) },
      "plugin \"p\": section \"T\" of metrics: table “c”: row 2 has 1 cells, expected 2, one per column"
    ),
    (
      "a map off its grid",
      {
        let map = HeatMaps.Map(title: "m", image: ImageReference(set: .gallery, id: "gallery-0"), values: [1, 2, 3])
        $0.add(.heatMaps(HeatMaps(caption: "c", gridSide: 2, unit: "u", isDiverging: false, maps: [map])))
      },
      "plugin \"p\": section \"T\" of metrics: map “m” of “c” has 3 values, expected 2×2"
    ),
    (
      "a register patch off the grid",
      {
        let map = HeatMaps.Map(
          title: "m", image: ImageReference(set: .gallery, id: "gallery-0"), values: [1, 2, 3, 4], registers: [0, 4])
        $0.add(.heatMaps(HeatMaps(caption: "c", gridSide: 2, unit: "u", isDiverging: false, maps: [map])))
      },
      "plugin \"p\": section \"T\" of metrics: map “m” of “c” has the register patch 4, expected one of 0 to 3"
    ),
    (
      "a map on no grid",
      { $0.add(.heatMaps(HeatMaps(caption: "c", gridSide: 0, unit: "u", isDiverging: false, maps: []))) },
      "plugin \"p\": section \"T\" of metrics: maps “c”: a grid of 0 patches a side, expected at least 1"
    ),
    (
      "a series off its axis",
      {
        let line = Series.Line(name: "n", values: [1, 2, 3])
        $0.add(.series(Series(caption: "c", horizontal: "h", vertical: "v", ticks: ["a"], lines: [line])))
      },
      "plugin \"p\": section \"T\" of metrics: line “n” of “c” has 3 values, expected 1, one per tick"
    ),
    (
      "a head grid with too few values", { $0.add(.headGrid(grid(layers: 2, values: [1], labels: ["", ""]))) },
      "plugin \"p\": section \"T\" of metrics: head grid “c” has 1 values, expected 2, one per head"
    ),
    (
      "a head grid with too many labels", { $0.add(.headGrid(grid(layers: 1, values: [nil], labels: ["", ""]))) },
      "plugin \"p\": section \"T\" of metrics: head grid “c” has 2 labels, expected 1, one per head"
    ),
    (
      "a head grid of no size", { $0.add(.headGrid(grid(layers: -1, values: [1], labels: [""]))) },
      "plugin \"p\": section \"T\" of metrics: head grid “c” has -1×1 heads, expected at least 1×1"
    ),
    (
      "too few labels",
      { content in
        let model = content.models[0]
        content.models[0] = .init(
          id: model.id, title: model.title, shape: model.shape, labels: ["Colour"], provenance: [])
      },
      "model \"toy-small\": 1 labels, expected one for each of its 24 heads"
    ),
  ]

  private static func grid(layers: Int, values: [Double?], labels: [String]) -> HeadGrid {
    HeadGrid(
      caption: "c", model: "toy-small", layers: layers, heads: 1, measure: "m", isDiverging: false, values: values,
      labels: labels)
  }

  @Test(arguments: wrongContents.indices)
  func `incorrect content stops the build`(index: Int) throws {
    let entry = Self.wrongContents[index]
    try #expect(BuiltSite.failure(entry.change) == entry.message, "\(entry.name)")
  }
}
