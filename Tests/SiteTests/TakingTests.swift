import Analysis
import Attribution
import Files
import Foundation
import PluginHost
import Site
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Reads a file as XML, and keeps its elements.
private final class Elements: NSObject, XMLParserDelegate {
  private(set) var names: [String] = []
  private(set) var attributes: [[String: String]] = []
  private(set) var text = ""
  private(set) var problem: String?

  init(_ data: Data) {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    if !parser.parse() { problem = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "")" }
  }

  func parser(
    _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    names.append(name)
    self.attributes.append(attributes)
  }

  func parser(_: XMLParser, foundCharacters text: String) { self.text += text }
}

/// What readers take from a page with them: figures, tables, the atlas's data and how to cite it.
@Suite("Taking and citing") struct TakingTests {
  private static let blocks: [Block] = [
    .bars(Bars(caption: "Bars & <b>", unit: "share", items: [.init(label: "a", value: 0.5, note: "n", chance: 1)])),
    .series(
      Series(
        caption: "Lines", horizontal: "h", vertical: "v", ticks: ["0", "1"],
        lines: [.init(name: "first", values: [1, 2]), .init(name: "chance", values: [0, 0], isControl: true)])),
    .scatter(Scatter(caption: "Dots", horizontal: "h", vertical: "v", points: [.init(label: "p", x: 1, y: 2)])),
    .imageStrip(
      ImageStrip(
        caption: "Images",
        items: [
          .init(image: ImageReference(set: .gallery, id: "gallery-0"), values: [.init("dot", 0.25)], badge: "query")
        ])),
    .heatMaps(
      HeatMaps(
        caption: "Maps", gridSide: 2, unit: "u", isDiverging: false,
        maps: ["one", "two"].map {
          .init(title: $0, image: ImageReference(set: .gallery, id: "gallery-1"), values: [0, 1, 2, 3])
        })),
    .headGrid(
      HeadGrid(
        caption: "Heads", model: "toy-small", layers: 2, heads: 2, measure: "similarity lost", isDiverging: true,
        values: [1, -1, nil, 0], labels: ["a", "b", "c", "d"])),
  ]

  @Test func `every drawing is a file beside its page that needs no other`() throws {
    let names = ["t-bars", "t-lines", "t-dots", "t-images", "t-maps", "similarity-lost"]
    let subject = Subject.head(model: "toy-small", head: Head(layer: 0, head: 0))
    try BuiltSite.with(change: { content in
      content.sections = [
        Section(subject: subject, plugin: "p", model: "toy-small", title: "T", order: 5, blocks: Self.blocks),
        Section(subject: .metrics, plugin: "p", model: nil, title: "T", blocks: Self.blocks),
      ]
    }) { site in
      let page = try site.text("\(subject.path)/index.html")
      let found = site.files.filter { $0.hasPrefix(subject.path) && $0.hasSuffix(".svg") }
      #expect(found == names.map { "\(subject.path)/\($0).svg" }.sorted())
      // Rows of images are taken from the opening of a page.
      #expect(site.files.contains("metrics/t-maps.svg") && !site.files.contains("metrics/t-images.svg"))
      for file in found {
        let (name, elements) = (fileName(file), Elements(try site.data(file)))
        #expect(elements.problem == nil, "\(file): \(elements.problem ?? "")")
        #expect(page.contains("<a href=\"\(name)\">Take this figure</a>"), "\(name)")
        #expect(page.contains("href=\"\(name.dropLast(3))csv\" download>CSV</a>"), "\(name)")
        #expect(elements.names.first == "svg" && elements.names.contains("title") && elements.names.contains("style"))
        #expect(
          elements.text.contains(
            "A toy atlas · \(subject.path) · sha256 \(Demonstration.hash.prefix(12)) · headatlas 0.1.0"))
        #expect(
          elements.attributes[0]["xmlns"] == "http://www.w3.org/2000/svg" && elements.attributes[0]["viewBox"] != nil)
        let links = elements.attributes.compactMap { $0["href"] }
        #expect(links.allSatisfy { $0.hasPrefix("data:image/jpeg;base64,/9j/") || $0 == "#image-0" }, "\(links)")
      }
      // The image of two maps is carried once.
      let maps = Elements(try site.data("\(subject.path)/t-maps.svg"))
      #expect(maps.names.count { $0 == "image" } == 1 && maps.names.count { $0 == "use" } == 1)
      let bars = try site.text("\(subject.path)/t-bars.svg")
      #expect(bars.contains("<title>Bars &amp; &lt;b&gt;</title>") && bars.contains(".bar .chance {"))
      #expect(!bars.contains(".grid"), "a style that nothing in the file has")
    }
  }

  @Test("drawings are no files where that is not wanted, and their numbers are") func withoutFiles() throws {
    let subject = Subject.head(model: "toy-small", head: Head(layer: 0, head: 0))
    try BuiltSite.with(change: { content in
      content.hasFigureFiles = false
      content.sections = [
        Section(subject: subject, plugin: "p", model: "toy-small", title: "T", order: 5, blocks: Self.blocks)
      ]
    }) { site in
      #expect(site.files.filter { $0.hasSuffix(".svg") } == ["assets/icon.svg"])
      #expect(site.files.contains { $0.hasPrefix(subject.path) && $0.hasSuffix(".csv") })
      try #expect(!site.text("\(subject.path)/index.html").contains("Take this figure"))
    }
  }

  @Test func `a hostile string in every field leaves the files of figures XML without scripts and links`() throws {
    try BuiltSite.with(word: EscapingTests.hostile + "\u{FFFE}") { site in
      let figures = site.files.filter { $0.hasSuffix(".svg") }
      #expect(figures.count > 100)
      for file in figures {
        let elements = Elements(try site.data(file))
        #expect(elements.problem == nil, "\(file): \(elements.problem ?? "")")
        #expect(Set(elements.names).isDisjoint(with: ["script", "img", "a", "foreignObject"]), "\(file)")
        #expect(elements.attributes.allSatisfy { $0.keys.allSatisfy { !$0.hasPrefix("on") } }, "\(file)")
      }
    }
  }

  @Test func `the colours of files of figures are those of pages in the light`() throws {
    let templates = Demonstration.options.templates
    let style = try readText(templates + "/figure.css")
    let page = try readText(templates + "/assets/atlas.css")
    let light = page.prefix(while: { $0 != "}" })
    var compared = 0
    for match in light.matches(of: /--([qds][0-9]): (#[0-9a-f]+)/) {
      let rule = try #require(style.split(separator: "\n").first { $0.hasPrefix(".\(match.1) {") }, "\(match.1)")
      #expect(rule.contains("stroke: \(match.2)"), "\(rule)")
      compared += 1
    }
    #expect(compared == 24)
    for match in page.matches(of: /\.maps (\.q[0-9]) . --c: (#[0-9a-f]+)/) {
      #expect(style.contains(".maps \(match.1) { stroke: \(match.2); }"))
    }
  }

  @Test func `files are named by what is in them, and each name is on a page once`() throws {
    func table(_ caption: String) -> Block { .table(Table(caption: caption, columns: [.init("a")], rows: [])) }
    func section(_ title: String, _ captions: [String], _ model: String? = nil) -> Section {
      Section(subject: .metrics, plugin: "p", model: model, title: title, blocks: captions.map(table))
    }
    try BuiltSite.with(change: { content in
      content.sections = [
        section("Descriptions", ["Whatever it says"]),
        section(
          "Labels",
          ["The first descriptions, and more", "Over 12 images", "Heads", "The first descriptions", "“A red cat”"]),
        section("Descriptions", ["Again"], "toy-small"), section("con", ["x"]), section("“”", ["…"]),
        section("“”", ["…"]),
      ]
    }) { site in
      let names = site.files.filter { $0.hasPrefix("metrics/") && $0.hasSuffix(".csv") }.map(fileName)
      #expect(
        names == [
          "con-2.csv", "descriptions.csv", "figure-2.csv", "figure.csv", "first-descriptions.csv",
          "labels-first-descriptions.csv", "labels-heads.csv", "labels-red-cat.csv", "labels.csv",
          "toy-small-descriptions.csv",
        ])
    }
  }

  @Test func `heads.csv has a row per head, with evidence, every labeller and the numbers of other analyses`() throws {
    try BuiltSite.with(change: { content in
      let model = content.models[0]
      let share = PropertyShare(share: 0.5, chance: 0.25, lowest: 0.125, highest: 0.375)
      let summaries = model.shape.allHeads.indices.map { place in
        HeadSummary(
          evidence: [.init(property: "colour", excess: 0.5, chance: 0.25, share: share)], ends: [], variance: 0.0625,
          effectiveRank: 2.5, labels: ["Colour", place == 0 ? nil : "=1"], consistency: 4,
          labelStability: place == 0 ? 0.75 : nil)
      }
      content.models[0] = .init(
        id: model.id, title: model.title, shape: model.shape, labels: model.labels, summaries: summaries,
        labellers: ["in-context", "llm"], provenance: model.provenance)
      func grid(_ measure: String, _ values: [Double?]) -> Section {
        let grid = HeadGrid(
          caption: "c", model: model.id, layers: 6, heads: 4, measure: measure, isDiverging: false, values: values,
          labels: model.labels)
        return Section(subject: .model(model.id), plugin: "p", model: model.id, title: "T", blocks: [.headGrid(grid)])
      }
      content.sections = [
        grid("lost, in all", (0..<24).map { $0 == 1 ? nil : Double($0) / 4 }),
        grid("a number that has a column", summaries.map(\.variance)),
      ]
    }) { site in
      let lines = try site.text("model/toy-small/heads.csv").split(separator: "\n").map(String.init)
      #expect(lines.count == 25)
      #expect(
        lines[0] == "model,layer,head,name,page,verdict,label,property,evidence,chance,beyond_chance,share,chance_mean,"
          + "chance_low,chance_high,fitting_descriptions,label_stability,effective_rank,share_of_variance,"
          + "label_by_in-context,label_by_llm,\"p: lost, in all\"")
      #expect(
        lines[1]
          == "toy-small,0,0,L0.H0,model/toy-small/head/L00.H00,\"50 % of what it writes varies along the words of "
          + "Colour, where chance reaches 25 %.\",Colour,colour,0.5,0.25,yes,0.5,0.25,0.125,0.375,4,0.75,2.5,0.0625,"
          + "Colour,,0.0")
      #expect(lines[2].hasSuffix(",4,,2.5,0.0625,Colour,'=1,"))
      // The whole atlas: the other model's heads have no evidence, no labeller and no such number.
      let all = try site.text("heads.csv").split(separator: "\n").map(String.init)
      #expect(all.count == 25 + 96 && all[0] == lines[0] && all[1] == lines[1])
      #expect(all[25].hasPrefix("toy-large,0,0,L0.H0,") && all[25].hasSuffix(",,,,,,,,,,,,,,"))
      try #expect(site.text("model/toy-small/index.html").contains("<a href=\"heads.csv\" download>"))
      try #expect(site.text("about/index.html").contains("<dt>chance_mean</dt>"))
    }
  }

  @Test func `atlas.json is as its schema says, and lists files with their bytes and hashes`() throws {
    try BuiltSite.with(change: { $0.schemas = [("x.json", "{}\n")] }) { site in
      let data = [UInt8](try site.data("atlas.json"))
      try Shape.atlas.check(try JSONValue(json: data))
      let atlas = try #require(try JSONSerialization.jsonObject(with: Data(data)) as? [String: Any])
      #expect(atlas["hash"] as? String == Demonstration.hash)
      let files = try #require(atlas["files"] as? [[String: Any]])
      let expected = ["heads.csv", "model/toy-small/heads.csv", "model/toy-large/heads.csv", "schema/x.json"]
      #expect(files.map { $0["path"] as? String } == expected)
      for file in files {
        let bytes = [UInt8](try site.data(try #require(file["path"] as? String)))
        #expect(file["bytes"] as? Int == bytes.count && file["hash"] as? String == hexDigest(of: bytes))
      }
      let counts = try #require(atlas["counts"] as? [String: Int])
      #expect(counts["heads"] == 120 && counts["models"] == 2 && counts["images"] == 6)
      #expect(counts["pages"] == site.files.count { $0.hasSuffix("index.html") })
      try #expect(site.text("metrics/index.html").contains("<a href=\"../atlas.json\">this atlas as JSON</a>"))
      for page in ["about", "method"] {
        try #expect(site.text("\(page)/index.html").contains("<a href=\"../atlas.json\" download>"), "\(page)")
      }
    }
  }

  @Test func `a page's own download cannot take the place of the atlas's`() throws {
    let failure = try BuiltSite.failure { content in
      let file = Download(title: "t", fileName: "Heads.csv", content: "")
      content.sections.append(
        Section(subject: .model("toy-small"), plugin: "p", model: nil, title: "T", blocks: [.download(file)]))
    }
    #expect(failure?.hasPrefix("model/toy-small: \"Heads.csv\" cannot be the name of a download") == true)
  }

  @Test func `the front page, models and heads are cited with hash, date and address`() throws {
    try BuiltSite.with(word: "_{#", change: { $0.url = "https://example.org/atlas" }) { site in
      let head = try site.text("model/toy-small/head/L05.H01/index.html")
      #expect(
        head.contains("@misc{headatlas-a-toy-atlas-model-toy-small-head-l05-h01-\(Demonstration.hash.prefix(12)),\n"))
      #expect(head.contains(" of Toy small\\_\\textbraceleft{}\\#, in A toy atlas\\_\\textbraceleft{}\\#}},\n"))
      #expect(
        head.contains(
          "  note = {Atlas sha256 \(Demonstration.hash.prefix(12))},\n  year = {2026},\n  date = {2026-01-31},\n"))
      #expect(head.contains("  url = {https://example.org/atlas/model/toy-small/head/L05.H01/index.html}\n}"))
      for page in ["index.html", "model/toy-small/index.html"] {
        let html = try site.text(page)
        #expect(html.contains("eprint = {2409.06579}") && html.contains("<summary>BibTeX</summary>"), "\(page)")
      }
      try #expect(!site.text("metrics/index.html").contains("BibTeX"))
    }
    try BuiltSite.with(change: { ($0.date, $0.hash) = (nil, nil) }) { site in
      let front = try site.text("index.html")
      #expect(front.contains("@misc{headatlas-a-toy-atlas,\n"))
      #expect(!front.contains("date = {") && !front.contains("url = {") && !front.contains("note = {"))
    }
  }
}
