import Analysis
import Attribution
import Foundation
import Site
import TestSupport
import Testing

@Suite struct CompareTests {
  private func data(of site: BuiltSite) throws -> [String: [Any]] {
    let script = try site.text("compare/data.js")
    #expect(!script.contains("</script>") && script.hasPrefix("window.atlasHeads=") && script.hasSuffix(";\n"))
    let json = Data(script.dropFirst("window.atlasHeads=".count).dropLast(2).utf8)
    return try #require(try JSONSerialization.jsonObject(with: json) as? [String: [Any]])
  }

  @Test func `the page that compares heads knows each of them, whatever texts and numbers they have`() throws {
    try BuiltSite.with(
      word: "</script>\u{2028}\"",
      change: { content in
        let strip = ImageStrip(caption: "Most", items: [.init(image: ImageReference(set: .probe, id: "probe-1"))])
        content.sections.append(
          Section(
            subject: .head(model: "toy-small", head: .init(layer: 1, head: 2)), plugin: "p", model: "toy-small",
            title: "T",
            order: 1,
            blocks: [
              .imageStrip(strip), .imageStrip(strip), .imageStrip(strip),
              .bars(Bars(caption: "With chance", unit: "", items: [.init(label: "no", value: 1, chance: 0.5)])),
              .bars(
                Bars(
                  caption: "Descriptions", unit: "",
                  items: [.init(label: "yes", value: -.infinity), .init(label: "less", value: -0.5)])),
            ]))
      }
    ) { site in
      let data = try data(of: site)
      #expect(data["models"]?.count == 2 && data["heads"]?.count == 6 * 4 + 12 * 8)
      let heads = try #require(data["heads"] as? [[Any]])
      let head = try #require(heads.first { $0.first as? String == "toy-small/L01.H02" })
      #expect(head[4] as? String == "../model/toy-small/head/L01.H02/index.html")
      let image = try #require((head[10] as? [[Int]])?.first?.first)
      #expect(head[10] as? [[Int]] == [[image], [image]])
      #expect((data["images"]?[image] as? [Any])?.first as? String == "../images/probe/thumb/probe-1.jpg")
      let descriptions = try #require(head[11] as? [[Any]])
      #expect(descriptions.first?.first as? String == "yes" && descriptions.first?.last is NSNull)
      #expect(descriptions.last?.last as? Double == -0.5)
      let page = try site.text("model/toy-small/head/L01.H02/index.html")
      #expect(
        page.contains(
          "<a class=\"compare\" href=\"../../../../compare/index.html#/toy-small/L01.H02\">Beside another head</a>"))
    }
  }

  @Test func `the page that compares has images with the heads of their captions, and models`() throws {
    try BuiltSite.with(
      word: "</script>",
      change: { content in
        let parts = Bars(
          caption: "Parts", unit: "",
          items: [
            .init(
              label: "L1.H2 (Colour)", value: 0.25, link: .head(model: "toy-small", head: .init(layer: 1, head: 2))),
            .init(label: "all others", value: 1),
          ])
        content.sections.removeAll { $0.subject == .image("gallery-0") }
        content.sections.append(
          Section(
            subject: .image("gallery-0"), plugin: "p", model: "toy-small", title: "Parts", order: 1,
            blocks: [.bars(Bars(caption: "No heads", unit: "", items: [.init(label: "no", value: 1)])), .bars(parts)]))
      }
    ) { site in
      let data = try data(of: site)
      #expect(data["keys"] as? [String] == ["toy-small", "toy-large"])
      #expect((data["pages"] as? [String])?.first == "../model/toy-small/index.html")
      let gallery = try #require(data["gallery"] as? [[Any]])
      let shown = try #require(gallery.first { $0.first as? String == "image:gallery-0" })
      #expect(shown[2] as? String == "../image/gallery-0/index.html" && shown[3] is Int)
      // By model: its first bars with heads, without what leads to none.
      let parts = try #require(shown[4] as? [[[Any]]])
      #expect(parts.count == 2 && parts[1].isEmpty && parts[0].count == 1)
      #expect(parts[0][0][0] as? String == "L1.H2 (Colour)" && parts[0][0][1] as? Double == 0.25)
      #expect(parts[0][0][2] as? String == "../model/toy-small/head/L01.H02/index.html")
      try #expect(
        site.text("image/gallery-0/index.html").contains(
          "<a class=\"compare\" href=\"../../compare/index.html#/image:gallery-0\">Beside another image</a>"))
      try #expect(
        site.text("model/toy-small/index.html").contains(
          "compare/index.html#/model:toy-small\">Beside another model</a>"))
    }
  }
}
