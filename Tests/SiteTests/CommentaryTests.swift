import Foundation
import Site
import Testing

@Suite struct CommentaryTests {
  @Test func `front matter gives the title and a claim gives the number`() throws {
    try BuiltSite.with { site in
      let html = try site.text("model/toy-small/head/L05.H00/index.html")
      #expect(html.contains(">What to see here</h2>"))
      #expect(html.contains("Its association is 0.83."))
      #expect(!html.contains("title: "))
    }
  }

  @Test func `a value is printed unchanged, even in code and with characters of Markdown`() throws {
    try BuiltSite.with(change: { content in
      content.values = ["a": "*1* <b>", "head/L05.H00/association": ""]
      content.comment("It is {{value a}}, or `{{value a}}`.")
    }) { site in
      try #expect(
        site.text("method/index.html").contains("It is *1* &lt;b&gt;, or <code>*1* &lt;b&gt;</code>."))
    }
  }

  @Test func `commentary with an order is among the sections, other commentary after those of the first screen`() throws
  {
    try BuiltSite.with(change: { content in
      content.comment("---\norder: 20\n---\nAMONG", on: "model/toy-small/head/L01.H01", file: "a.md")
      content.comment("AFTER", on: "model/toy-small/head/L01.H01", file: "b.md")
    }) { site in
      let html = try site.text("model/toy-small/head/L01.H01/index.html")
      let places = try [">Descriptions<", "AFTER", "AMONG", ">Image neighbours</h2>"].map { word in
        try #require(html.range(of: word, options: .backwards)).lowerBound
      }
      #expect(places == places.sorted())
    }
  }

  @Test(arguments: [
    (
      "{{value head/L05.H00/asociation}}",
      "commentary/method.md: no value is named \"head/L05.H00/asociation\"; did you mean \"head/L05.H00/association\"?"
    ),
    ("{{value zzz}}", "commentary/method.md: no value is named \"zzz\""),
    (
      "{{value zzz",
      "commentary/method.md: \"{{value zzz\" is not a claim; expected {{value KEY}} in running text, not in an address"
    ),
    (
      "[x](http://e.org/{{value head/L05.H00/association}})",
      "commentary/method.md: \"{{value head/L05.H00/association}}\" is not a claim; expected {{value KEY}} in running text, "
        + "not in an address"
    ),
    (
      "---\ntitel: x\n---\n",
      "commentary/method.md:2: unknown key \"titel\" in the front matter; expected title or order; did you mean \"title\"?"
    ),
    (
      "---\ntitle: x\norder: soon\n---\n",
      "commentary/method.md:3: the front matter cannot be read: order is not a whole number"
    ),
    (
      "---\ntitle: x\n",
      "commentary/method.md:1: the front matter cannot be read: it starts with --- and has no end; "
        + "close it with a line ---"
    ),
    (
      "---\n- a\n---\n",
      "commentary/method.md:2: the front matter cannot be read: expected keys and values, e.g. title: A remark"
    ),
  ])
  func `incorrect commentary stops the build`(source: String, message: String) throws {
    try #expect(BuiltSite.failure { $0.comment(source) } == message)
  }

  @Test func `front matter that is not YAML stops the build`() throws {
    let message = try #require(try BuiltSite.failure { $0.comment("---\ntitle: [\n---\n") })
    #expect(message.hasPrefix("commentary/method.md:3: the front matter cannot be read: "))
    #expect(!message.contains("\n"))
  }

  @Test func `commentary on a page that does not exist names the nearest`() throws {
    try #expect(
      BuiltSite.failure { $0.comment("x", on: "model/toy-smal/layer/02", file: "c.md") }
        == "c.md: commentary on model/toy-smal/layer/02, which has no page; did you mean \"model/toy-small/layer/02\"?")
  }

  @Test(arguments: [
    ("a {{value b}} c", ["b"]), ("{{value  b  c }}{{value d}}", ["b c", "d"]), ("{{value a{{value b}}", ["a{{value b"]),
    ("{{value a} {{value b}}", ["b"]), ("{{value a", []), ("{{values a}} {{value}}", []),
  ])
  func `the claims of a line have the keys between their braces`(line: String, keys: [String]) throws {
    let claims = try SiteContent.Commentary(file: "a.md", subjectPath: "", source: "x\n" + line).claims()
    #expect(claims.map(\.key) == keys)
    #expect(claims.allSatisfy { $0.line == 2 })
  }

  @Test func `a claim may stand before a reference to a combining character, and a value may look like a claim`() throws
  {
    let text = SiteContent.Commentary(
      file: "a.md", subjectPath: "", source: "{{value a}}&#x301; {{value b}} {{value a}} &#xE000;1&#xE001 &#xE000;x")
    let html = try text.html(values: ["a": "<1>", "b": "{{value a}}"])
    #expect(html == "<p>&lt;1&gt;\u{301} {{value a}} &lt;1&gt; \u{E000}1&amp;#xE001 \u{E000}x</p>\n")
  }

  /// Each of these took time by the square of its length, or a regular expression read anew for every line.
  @Test(arguments: ["{{value a}} ", "{{value a}}\n\n", "---\n\n", "\n"])
  func `long commentary takes time by its length`(part: String) throws {
    let source = String(repeating: part, count: 20_000)
    let text = SiteContent.Commentary(file: "a.md", subjectPath: "", source: source)
    let claims = try text.claims()
    #expect(claims.count == (part.contains("value") ? 20_000 : 0))
    #expect(try text.html(values: ["a": "1"]).count { $0 == "1" } == claims.count)
  }
}
