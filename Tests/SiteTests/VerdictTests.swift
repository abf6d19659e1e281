import Analysis
import Attribution
import Site
import Testing

/// What pages say of a head whose evidence is at hand.
@Suite("What evidence says of a head") struct VerdictTests {
  /// The first head of the first model varies with the first property, the second with the second, others with nothing beyond chance.
  private static func plant(in content: inout SiteContent) {
    let (model, properties) = (content.models[0], content.properties)
    let summaries = model.shape.allHeads.indices.map { place in
      HeadSummary(
        evidence: [
          .init(property: properties[0].id, excess: place == 0 ? 0.42 : 0.01, chance: 0.05),
          .init(property: properties[1].id, excess: place == 1 ? 0.3 : 0, chance: 0.05),
          .init(property: properties[2].id, excess: 0.02, chance: 0.05),
        ].sorted { $0.excess > $1.excess }, ends: place == 0 ? ["<high>", "low"] : [],
        variance: place == 0 ? 0.5 : 0.01, effectiveRank: 2, labelStability: place == 0 ? 0.75 : nil,
        descriptionStability: place == 0 ? 0.62 : nil)
    }
    content.models[0] = .init(
      id: model.id, title: model.title, shape: model.shape, labels: model.labels.map { _ in "ambiguous" },
      summaries: summaries, provenance: model.provenance)
  }

  @Test func `stands on its page beside chance, in the search and on the front page, and chance is grey`() throws {
    var title = ""
    try BuiltSite.with(change: { content in
      Self.plant(in: &content)
      title = content.properties[0].title
    }) { site in
      let head = try site.text("model/toy-small/head/L00.H00/index.html")
      #expect(head.contains("<span class=\"name\">L0.H0</span> <span class=\"label\"><a"))
      #expect(
        head.contains("42 % of what it writes varies along the words of <a") && head.contains("chance reaches 5 %."))
      #expect(head.contains("images go from “low” to “&lt;high&gt;”") && head.contains("(number 1 of "))
      #expect(
        head.contains("drawn anew its first description comes back in 62 % of draws, its label in 75 %."))
      let other = try site.text("model/toy-small/head/L01.H00/index.html")
      #expect(!other.contains("drawn anew"))
      #expect(other.contains("No property is beyond chance: <a"))
      try #expect(site.text("search/data.js").contains("[[\"\(title)\",0.42]]"))
      let front = try site.text("index.html")
      #expect(front.contains("<td class=\"beyond\">") && front.contains("<td class=\"chance\">"))
    }
  }

  @Test func `is in grids two letters, which differ for all properties`() throws {
    try BuiltSite.with(change: { content in
      Self.plant(in: &content)
      let ids = content.properties.map(\.id)
      content.properties = ids.enumerated().map { .init(id: $1, title: $0 == 0 ? "Colour" : "Country") }
    }) { site in
      let page = try site.text("model/toy-small/index.html")
      #expect(page.contains("<b>Co</b> <a") && page.contains("<b>Cu</b> <a"))
      #expect(page.contains(">Co</text>") && page.contains(">Cu</text>"))
    }
  }

  @Test func `a bar has what chance reaches behind it, in grey and in its file`() throws {
    let bars = Bars(caption: "c", unit: "share", items: [.init(label: "a", value: 0.5, chance: 1)])
    try BuiltSite.withPage(of: .bars(bars)) { html in
      #expect(html.contains("<path class=\"chance\" d=\"M0 .5H100\"/><path d=\"M0 .5H50\"/>"))
      #expect(html.contains("grey: by chance"))
    }
  }
}
