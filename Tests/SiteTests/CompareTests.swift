import Analysis
import Attribution
import Foundation
import Site
import TestSupport
import Testing

@Suite struct CompareTests {
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
      let script = try site.text("compare/data.js")
      #expect(!script.contains("</script>") && script.hasPrefix("window.atlasHeads=") && script.hasSuffix(";\n"))
      let json = Data(script.dropFirst("window.atlasHeads=".count).dropLast(2).utf8)
      let data = try #require(try JSONSerialization.jsonObject(with: json) as? [String: [Any]])
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
}
