import Foundation
import Images
import Site
import TestSupport
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

  private static let expectation =
    "expected {{value KEY}} in running text, not in an address, {{check KEY > 0.5}}, or {{table FILE.csv Caption}} between "
    + "empty lines"

  @Test(arguments: [
    (
      "one\n\n{{value head/L05.H00/asociation}}",
      "commentary/method.md:3: no value is named \"head/L05.H00/asociation\"; did you mean \"head/L05.H00/association\"?"
    ),
    ("{{value zzz}}", "commentary/method.md:1: no value is named \"zzz\""),
    ("{{value zzz", "commentary/method.md:1: \"{{value zzz\" is not a claim; \(expectation)"),
    (
      "---\ntitle: x\n---\n\n[x](http://e.org/{{value head/L05.H00/association}})",
      "commentary/method.md:5: \"{{value head/L05.H00/association}}\" is not a claim; \(expectation)"
    ),
    (
      "---\ntitel: x\n---\n",
      "commentary/method.md:2: unknown key \"titel\" in the front matter; expected title, order, tour or stop; did you mean "
        + "\"title\"?"
    ),
    (
      "---\ntitle: x\norder: soon\n---\n",
      "commentary/method.md:3: the front matter cannot be read: order is not a whole number"
    ),
    (
      "---\ntour: x\n---\n",
      "commentary/method.md:2: the front matter cannot be read: a stop of a tour has both keys, e.g. tour: First steps and stop: 1"
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
    ("a\n{{table x.csv}}\nb", "commentary/method.md:2: \"{{table x.csv}}\" is not a claim; \(expectation)"),
    ("{{check zzz}}", "commentary/method.md:1: \"{{check zzz}}\" is not a claim; \(expectation)"),
    (
      "{{value zzz}}\n{{value yyy}}",
      "commentary/method.md:1: no value is named \"zzz\"\ncommentary/method.md:2: no value is named \"yyy\""
    ),
    (
      "[a](/model/toy-smal/index.html)",
      "commentary/method.md:1: \"/model/toy-smal/index.html\" leads to no page; did you mean \"model/toy-small\"?"
    ),
    ("x\n[a](/assets/no.css)", "commentary/method.md:2: \"/assets/no.css\" is no file of the site"),
    ("![a](../../b.png)", "commentary/method.md:1: \"../../b.png\" leads out of the site"),
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
        == "c.md: commentary on \"model/toy-smal/layer/02\", which has no page; did you mean \"model/toy-small/layer/02\"?"
    )
  }

  @Test(arguments: [
    ("a {{value b}} c", ["b"]), ("{{value  b  c }}{{value d}}", ["b c", "d"]), ("{{value a{{value b}}", ["a{{value b"]),
    ("{{value a} {{value b}}", ["a} {{value b"]), ("{{value a", []), ("{{values a}} {{value}}", []),
    ("{{check a > 0.5}} {{check b = c}} {{check d e = \"f\"}}", ["a", "b", "c", "d e"]),
  ])
  func `the claims of a line have the keys between their braces`(line: String, keys: [String]) throws {
    let needs = SiteContent.Commentary(file: "a.md", subjectPath: "", source: "x\n" + line).needs()
    #expect(needs.keys.map(\.key) == keys)
    #expect(needs.keys.allSatisfy { $0.line == 2 })
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
    let claims = text.needs().keys
    #expect(claims.count == (part.contains("value") ? 20_000 : 0))
    #expect(try text.html(values: ["a": "1"]).count { $0 == "1" } == claims.count)
  }

  // MARK: Checks

  @Test(arguments: [
    ("a > 0.5", nil), ("a >= 50 %", nil), ("a < 74.1%", nil), ("a <= 0.74", nil), ("a = 0.74", nil), ("a != 0.75", nil),
    ("n < -2", nil), ("a > b", nil), ("word = \"Colour\"", nil), ("word != \"Object\"", nil), ("a = a", nil),
    ("a > 0.8", #"is false: a is "74 %""#), ("a = 0.75", #"is false: a is "74 %""#),
    ("word = \"Object\"", #"is false: word is "Colour""#), ("b > a", #"is false: b is "0.3", and a is "74 %""#),
    ("word > 3", #"> compares numbers, and "Colour" is none"#),
    ("a > word", #"> compares numbers, and "Colour" is none"#),
  ])
  func `a check prints nothing where it is true, and stops the build with the value where it is false`(
    check: String, words: String?
  ) throws {
    let values = ["a": "74 %", "b": "0.3", "n": "\u{2212}3", "word": "Colour", "head/L05.H00/association": "0"]
    func comment(_ content: inout SiteContent) {
      content.values = values
      content.comment("One\n{{check \(check)}}\ntwo.\n\n{{check \(check)}}\n\nThree.")
    }
    if let words {
      let problem = "{{check \(check)}} \(words)"
      try #expect(
        BuiltSite.failure(comment) == "commentary/method.md:2: \(problem)\ncommentary/method.md:5: \(problem)")
    } else {
      try BuiltSite.with(change: comment) { site in
        try #expect(site.text("method/index.html").contains("<p>One\n\ntwo.</p>\n\n<p>Three.</p>"))
      }
    }
  }

  // MARK: Files beside the Markdown

  /// Writes files into a folder, builds with a commentary that lies there too, and returns the site or the message.
  private func build(
    _ source: String, files: [String: [UInt8]], on path: String = "method",
    _ body: (BuiltSite) throws -> Void = { _ in }
  ) throws -> String? {
    try Fixtures.withTemporaryFolder { folder in
      for (name, bytes) in files {
        let url = URL(fileURLWithPath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
      }
      do {
        try BuiltSite.with(change: { $0.comment(source, on: path, file: "\(folder)/x.md") }, body)
        return nil
      } catch let error as SiteError {
        return error.description.replacing("\(folder)/", with: "")
      }
    }
  }

  @Test func `a table of a file stands in the page, with its numbers aligned and its file beside it`() throws {
    let csv = "head,share,remark,yours\nL5.H0,0.5,\"a, <b>\",\nL5.H1,12.25,,\n"
    let message = try build("Before\n\n{{table t/my shares.csv}}\n", files: ["t/my": Array(csv.utf8)])
    #expect(message == "x.md:3: the table \"t/my\" is neither .csv nor .tsv")
    let none = try build(
      "Before\n\n{{table t/shares.csv Shares of <heads>}}\n\nAfter", files: ["t/shares.csv": Array(csv.utf8)]
    ) {
      site in
      let html = try site.text("method/index.html")
      #expect(html.contains("<p>Before</p>\n<div class=\"figure\">"))
      #expect(html.contains("<caption>Shares of &lt;heads&gt;</caption>"))
      #expect(html.contains("<th scope=\"row\">L5.H0<td class=\"n\">0.5\u{2007}<td>a, &lt;b&gt;<td>"))
      #expect(html.contains("<th scope=\"col\">yours"), "also without a value in any row")
      #expect(html.contains("<p>After</p>"))
      #expect(try site.text("method/shares.csv") == csv)
    }
    #expect(none == nil)
  }

  @Test(arguments: [
    ("a,b\n1\n", "t.csv:2: 1 field, expected 2, one per column"),
    ("", "t.csv: empty, expected a row with the titles of columns"),
    ("a\n\"b\n", "t.csv:2: a quote that is not closed, expected another one at the end of the field"),
    (
      "a\n" + String(repeating: "1\n", count: 501),
      "t.csv: more than 500 rows, expected fewer; link to the file in place of showing it"
    ),
  ])
  func `a table that cannot be shown stops the build`(csv: String, words: String) throws {
    #expect(try build("{{table t.csv}}", files: ["t.csv": Array(csv.utf8)]) == "x.md:1: \(words)")
  }

  @Test func `a table outside the folder is refused`() throws {
    #expect(
      try build("{{table ../t.csv}}", files: [:])
        == "x.md:1: the table \"../t.csv\" is not beside the commentary, expected a file in its folder")
  }

  @Test func `an image beside the Markdown is copied beside the page and has its size`() throws {
    let png = try encodePNG(Bitmap(width: 3, height: 2, rgb: [UInt8](repeating: 9, count: 18)))
    let page = "model/toy-small/head/L01.H01"
    let source = "![A <scheme>](figures/s.png)\n\n[numbers](n.csv) [other](../../model/toy-small.md#labels)"
    let message = try build(source, files: ["figures/s.png": png, "n.csv": [0x61]], on: page) { site in
      let html = try site.text("\(page)/index.html")
      #expect(
        html.contains(
          "<img src=\"commentary/figures/s.png\" alt=\"A &lt;scheme&gt;\" width=\"3\" height=\"2\" loading=\"lazy\""))
      #expect(html.contains("<a href=\"commentary/n.csv\">numbers</a>"))
      #expect(try site.data("\(page)/commentary/figures/s.png") == Data(png))
      #expect(try site.data("\(page)/commentary/n.csv") == Data([0x61]))
    }
    #expect(
      message == "x.md:3: \"../../model/toy-small.md#labels\" leads to no page; did you mean \"model/toy-small\"?")
  }

  @Test func `a link to the Markdown of another page leads to that page`() throws {
    let message = try build("[up](../../toy-small.md#labels)", files: [:], on: "model/toy-small/head/L01.H01") { site in
      let html = try site.text("model/toy-small/head/L01.H01/index.html")
      #expect(html.contains("<a href=\"../../index.html#labels\">up</a>"))
    }
    #expect(message == nil)
  }

  @Test func `a file that is no image, or of a kind that pages do not offer, is refused`() throws {
    #expect(
      try build("![x](a.svg)", files: ["a.svg": Array("<svg><script>".utf8)])
        == "x.md:1: \"a.svg\" is no image that pages show, expected a PNG, JPEG or WebP image")
    #expect(
      try build("[x](a.html)", files: ["a.html": Array("<script>".utf8)])
        == "x.md:1: \"a.html\" is no file that pages offer, expected an image or .csv, .tsv, .json, .txt, .pdf")
    #expect(
      try build("![x](a%20b.png)", files: ["a b.png": [1]])?.hasPrefix(
        "x.md:1: \"a b.png\" cannot be the name of a file of the site; ") == true)
  }

  // MARK: Tours

  @Test func `a tour leads from page to page and begins on the front page`() throws {
    try BuiltSite.with(change: { content in
      for (stop, path) in [(5, "method"), (2, "model/toy-small"), (9, "metrics")] {
        content.comment("---\ntour: First <steps>\nstop: \(stop)\n---\nText", on: path, file: "\(stop).md")
      }
    }) { site in
      let html = try site.text("method/index.html")
      #expect(html.contains("First &lt;steps&gt;, stop 2 of 3."))
      #expect(html.contains("<a href=\"../model/toy-small/index.html\">Before: Toy small</a>"))
      #expect(html.contains("<a href=\"../metrics/index.html\">Next: Metrics</a>"))
      #expect(
        try site.text("index.html").contains(
          "<a href=\"model/toy-small/index.html\">First &lt;steps&gt;</a> <span class=\"small\">3 pages</span>"))
    }
  }

  @Test func `two commentaries with one stop of a tour stop the build`() throws {
    let message = try BuiltSite.failure { content in
      content.comment("---\ntour: T\nstop: 1\n---\n", on: "method", file: "a.md")
      content.comment("---\ntour: T\nstop: 1\n---\n", on: "metrics", file: "b.md")
    }
    #expect(message == "b.md: stop 1 of the tour \"T\" is also a.md")
  }

  @Test func `the search has the words of commentary, not its Markdown`() throws {
    try BuiltSite.with(change: { content in
      content.values["a"] = "*7*"
      content.comment("# A *heading*\n\nand `code`\nwith {{value a}} [link](/index.html)\n\n{{check a = \"*7*\"}}")
    }) { site in
      try #expect(site.text("search/data.js").contains("\"A heading and code with *7* link \""))
    }
  }
}
