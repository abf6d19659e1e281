import Analysis
import Attribution
import Build
import Files
import Testing

@Suite("Results as bytes") struct ByteCodingTests {
  private static let image = ImageReference(set: .probe, id: "a")

  private static let blocks: [Block] = [
    .markdown("é\n*b*"),
    .table(
      Table(
        caption: "c", columns: [.init("one"), .init("two", note: "n", isNumeric: true)],
        rows: [
          [.text("a"), .number(1.5, decimals: 2)], [.link("x", .layer(model: "m", layer: 3)), .image(image)],
          [.empty, .empty],
        ])),
    .imageStrip(
      ImageStrip(caption: "", items: [.init(image: image, values: [NamedValue("dot", -0.1)], badge: "query")])),
    .heatMaps(
      HeatMaps(
        caption: "m", gridSide: 2, unit: "u", isDiverging: true, sharesScale: false,
        maps: [
          .init(
            title: "t", image: .init(set: .gallery, id: "g"), values: [0, -1, .infinity, 1e-30], link: .method,
            registers: [2, 0])
        ])),
    .bars(Bars(caption: "b", unit: "u", items: [.init(label: "l", value: .leastNonzeroMagnitude, note: "fits")])),
    .series(
      Series(
        caption: "s", horizontal: "h", vertical: "v", ticks: ["1"],
        lines: [.init(name: "n", values: [2], isControl: true)])),
    .scatter(
      Scatter(caption: "p", horizontal: "h", vertical: "v", points: [.init(label: "l", x: 1, y: 2, link: .atlas)])),
    .headGrid(
      HeadGrid(
        caption: "g", model: "m", layers: 1, heads: 2, measure: "x", isDiverging: false, values: [nil, 0.5],
        labels: ["a", ""])),
    .download(Download(title: "d", fileName: "f.csv", content: "1,2\n")),
  ]

  private static let subjects: [Subject] = [
    .atlas, .model("m"), .layer(model: "m", layer: 2), .head(model: "m", head: Head(layer: 1, head: 3)), .property("p"),
    .image("i"), .text("t"), .contrast("c"), .plugin("x"), .pluginPage(plugin: "x", page: "y"), .metrics, .method,
  ]

  private static let results = AnalysisResults(
    sections: subjects.map {
      Section(subject: $0, plugin: "p", model: $0 == .atlas ? nil : "m", title: "T", order: 7, blocks: blocks)
    }, values: ["a/b": "0.5", "c": ""])

  private static let bytes: [UInt8] = {
    var writer = ByteWriter()
    writer.add(results)
    return writer.bytes
  }()

  @Test("come back as they were") func roundTrip() throws {
    var reader = ByteReader(Self.bytes[...])
    let read: AnalysisResults = try reader.read()
    #expect(reader.isAtEnd)
    #expect(read.values == Self.results.values)
    #expect(try jsonText(read.sections) == jsonText(Self.results.sections))
    // What JSON does not say, such as decimals, is in the bytes.
    var writer = ByteWriter()
    writer.add(read)
    #expect(writer.bytes == Self.bytes)
  }

  @Test("are refused where they end early or are not those of results") func damaged() {
    for count in stride(from: 0, to: Self.bytes.count, by: 7) {
      var reader = ByteReader(Self.bytes[..<count])
      #expect(throws: DamagedBytes.self) { try reader.read(AnalysisResults.self) }
    }
    for place in stride(from: 0, to: Self.bytes.count, by: 3) {
      var changed = Self.bytes
      changed[place] ^= 0xFF
      var reader = ByteReader(changed[...])
      _ = try? reader.read(AnalysisResults.self)
    }
  }
}
