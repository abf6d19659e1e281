import Analysis
import Foundation
import Site
import Testing

@Suite struct EscapingTests {
  static let hostile =
    #"<script>alert(1)</script><img src=x onerror="alert(2)">'">&amp;{{siteTitle}}"# + "\u{202E}\u{0}]]>"

  @Test func `a hostile string in every field reaches no page as markup`() throws {
    try BuiltSite.with(word: Self.hostile) { site in
      let pages = site.files.filter { $0.hasSuffix(".html") }
      #expect(pages.count > 150)
      for page in pages {
        let html = try site.text(page)
        #expect(!html.contains("<script>"), "\(page)")
        #expect(!html.contains("<img src=x"), "\(page)")
        #expect(!html.contains("\u{202E}"), "\(page)")
        #expect(!html.contains("&amp;amp;amp;"), "\(page) is escaped twice")
      }
      try #expect(checkSite(at: site.folder) == [])
    }
  }

  @Test func `a hostile string is shown unchanged`() throws {
    try BuiltSite.with(word: "<b>&\"") { site in
      let html = try site.text("model/toy-small/head/L05.H00/index.html")
      #expect(html.contains("Image neighbours&lt;b&gt;&amp;&quot;</h2>"))
      #expect(html.contains("alt=\"a yellow cat number 0&lt;b&gt;&amp;&quot;\""))
    }
  }

  @Test func `what HTML forbids and what turns text round is replaced, and its neighbours are not`() throws {
    let word = "\u{7E}\u{7F}\u{80}\u{9F}\u{A0}é\u{202C}\u{202D}\u{202E}\u{202F}\u{FFFC}\u{FFFE}\u{FFFF}\u{10000}\t'"
    let shown =
      "~\u{FFFD}\u{FFFD}\u{FFFD}\u{A0}é\u{202C}\u{FFFD}\u{FFFD}\u{202F}\u{FFFC}\u{FFFD}\u{FFFD}\u{10000}\t&#39;"
    try BuiltSite.with(word: word) { site in
      let html = try site.text("model/toy-small/head/L05.H00/index.html")
      #expect(html.contains("Image neighbours\(shown)</h2>"))
    }
  }

  @Test func `a text that starts like a formula is not a formula in the CSV file`() throws {
    let table = Table(
      caption: "t", columns: [.init("=1+1"), .init("n", isNumeric: true)],
      rows: [[.text("=HYPERLINK(\"x\")"), .number(-1.5, decimals: 1)], [.text("a, \"b\"\nc"), .empty]])
    try BuiltSite.with(change: { content in
      content.sections = [
        Section(subject: .metrics, plugin: "metrics", model: nil, title: "T", blocks: [.table(table)])
      ]
    }) { site in
      try #expect(
        site.text("metrics/t.csv") == "'=1+1,n\n\"'=HYPERLINK(\"\"x\"\")\",-1.5\n\"a, \"\"b\"\"\nc\",\n")
    }
  }

  static let onlyMethod = SiteOptions(templates: Demonstration.options.templates, isWanted: { $0 == "method" })

  @Test(arguments: [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](&#106;avascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](\u{1}javascript:alert(1))", "[x](vbscript:alert(1))", "[x](data:text/html,alert)", "[x](file:///etc/passwd)",
    "<javascript:alert(1)>", "[x](//evil.example/)", "[x](\\\\evil.example/)", "![x](https://evil.example/a.png)",
    "![x](data:image/png;base64,AAAA)", "<script>alert(1)</script>", "<a href=\"javascript:alert(1)\">x</a>",
    "<svg onload=alert(1)>", "<style>*{}</style>", "[x]: javascript:alert(1)\n\n[x]", "[x](/../../etc)",
  ])
  func `harmful Markdown links nowhere`(source: String) throws {
    try BuiltSite.with(options: Self.onlyMethod, change: { $0.comment(source) }) { site in
      let html = try site.text("method/index.html")
      let body = try #require(
        html.split(separator: "<section class=\"commentary prose\">").last?.split(separator: "</section>").first)
      for tag in ["<a", "<img", "<script", "<svg", "<style"] { #expect(!body.contains(tag), "\(body)") }
    }
  }

  @Test(arguments: [
    ("[x](https://example.org/a?b=1&c)", "<a href=\"https://example.org/a?b=1&amp;c\">x</a>"),
    ("[x](mailto:a@example.org)", "<a href=\"mailto:a@example.org\">x</a>"),
    ("[x](/metrics/index.html)", "<a href=\"../metrics/index.html\">x</a>"),
    ("[x](../az/index.html#letter-0)", "<a href=\"../az/index.html#letter-0\">x</a>"),
    ("# One\n\n#### Two", "<h2>One</h2>\n<h3>Two</h3>"),
  ])
  func `harmless Markdown is kept`(source: String, expected: String) throws {
    try BuiltSite.with(options: Self.onlyMethod, change: { $0.comment(source) }) { site in
      try #expect(site.text("method/index.html").contains(expected))
    }
  }
}
