import Analysis
import Attribution
import Foundation
import Site
import Testing

@Suite("The data of the search") struct SearchDataTests {
  /// Kind, title, words, link, then shares of properties, shares of descriptions, and an image.
  private func entries(_ site: BuiltSite) throws -> [[Any]] {
    let script = try site.text("search/data.js")
    let json = script.replacingOccurrences(of: "window.atlasSearch=", with: "").replacingOccurrences(
      of: ";\n", with: "")
    return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[Any]])
  }

  private func entry(_ title: String, in site: BuiltSite) throws -> [Any] {
    try #require(try entries(site).first { ($0[1] as? String)?.hasPrefix(title) == true })
  }

  @Test("contain no tags") func noTags() throws {
    try BuiltSite.with(word: EscapingTests.hostile) { site in
      let script = try site.text("search/data.js")
      #expect(!script.contains("<"))
      #expect(script.contains("\\u003cscript\\u003e"))
      let entries = try entries(site)
      #expect(entries.allSatisfy { (4...7).contains($0.count) && $0.prefix(4).allSatisfy { $0 is String } })
      #expect(entries.contains { $0[1] as? String == "“a red cat\(EscapingTests.hostile)”" })
    }
  }

  private func describing(_ head: Head, _ lines: [(String, Double)]) -> Section {
    Section(
      subject: .head(model: "toy-small", head: head), plugin: "toy", model: "toy-small", title: "Descriptions",
      blocks: [
        .bars(Bars(caption: "c", unit: "u", items: lines.map { .init(label: $0.0, value: $0.1) })),
        .bars(Bars(caption: "c", unit: "u", items: [.init(label: "weather", value: 1, chance: 0.1)])),
      ])
  }

  @Test("have a head's descriptions with what each accounts for, where that is a share") func descriptions() throws {
    let lines = [("a night", 0.25), ("a day", -0.1), ("dusk", .nan), ("dawn", .infinity), ("noon", 0.125), ("six", 1)]
    try BuiltSite.with(change: { $0.sections = [describing(Head(layer: 0, head: 0), lines)] }) { site in
      let shares = try #require(entry("L0.H0", in: site)[5] as? [[Any]])
      #expect(shares.map { $0[0] as? String } == ["a night", "noon"])
      #expect(shares.map { $0[1] as? Double } == [0.25, 0.13])
    }
  }

  @Test("leave out the words that stand on the pages of most heads") func tellingWords() throws {
    let sections = { (content: SiteContent) in
      content.models[0].shape.allHeads.enumerated().map { number, head in
        describing(head, [(number.isMultiple(of: 3) ? "a night" : "a day", 0.1), ("its own \(head)", 0.1)])
      }
    }
    try BuiltSite.with(change: { $0.sections = sections($0) }) { site in
      let (first, second) = (try entry("L0.H0", in: site), try entry("L0.H1", in: site))
      let words = try [first, second].map { try #require($0[2] as? String) }
      #expect(words[0].contains("a night") && words[0].contains("its own L0.H0"))
      #expect(!words[0].contains("weather"), "the name of a property that is held against chance for each head")
      #expect(!words[1].contains("a day"), "two of three heads have it")
      #expect(words[1].contains("its own L0.H1"))
    }
  }

  @Test("have the label of a head and the thumbnail of an image") func labelsAndThumbnails() throws {
    var label = ""
    try BuiltSite.with(change: { content in
      content.sections = []
      label = content.models[0].labels[0]
    }) { site in
      try #expect((entry("L0.H0", in: site)[2] as? String)?.contains(" · \(label)") == true)
      let image = try #require(entries(site).first { $0[0] as? String == "image" })
      let thumbnail = try #require(image.last as? [Any])
      let file = try #require(thumbnail[0] as? String)
      #expect(file.hasPrefix("../images/") && site.files.contains(String(file.dropFirst(3))))
      #expect(thumbnail[1] as? Int ?? 0 > 0 && thumbnail[2] as? Int ?? 0 > 0)
    }
  }
}
