import Files
import Foundation
import Site
import TestSupport
import Testing

@Suite struct SiteCheckTests {
  static let page = "model/toy-small/index.html"

  /// Markup that is put before the end of the page's body, and the problem that must be found.
  static let planted: [(markup: String, what: String, fix: String)] = [
    (
      "<a href=\"../../metric/index.html\">x</a>", "no such file: <a> to “../../metric/index.html”",
      "did you mean “metrics/index.html”?"
    ),
    ("<a href=\"../../metrics/\">x</a>", "link to a folder: <a> to “../../metrics/”", "link to its index.html"),
    ("<a href=\"../../metrics\">x</a>", "link to a folder: <a> to “../../metrics”", "link to its index.html"),
    (
      "<a href=\"/metrics/index.html\">x</a>", "absolute link: <a> to “/metrics/index.html”",
      "make it relative, so that it works from a disk"
    ),
    (
      "<a href=\"../../../x.html\">x</a>", "<a> to “../../../x.html” leads out of the site",
      "link to a file of the site"
    ),
    ("<a href=\"#mian\">x</a>", "no such anchor: <a> to “#mian”", "did you mean “#main”?"),
    (
      "<a href=\"../../about/index.html#kyes\">x</a>", "no such anchor: <a> to “../../about/index.html#kyes”",
      "did you mean “#keys”?"
    ),
    (
      "<a href=\" java\nscript:alert(1)\">x</a>", "script in a link: <a> to “javascript:alert(1)”", "link to a page"
    ),
    (
      "<a href='file:///etc/passwd'>x</a>", "file: address: <a> to “file:///etc/passwd”",
      "put the file into the site and link to it"
    ),
    ("<p id=main>", "the id “main” is duplicated", "rename one of them"),
    ("<script>1</script>", "inline script", "move it to a file of assets/"),
    (
      "<SCRIPT SRC=https://e.org/a.js></SCRIPT>", "request to another host: <script> to “https://e.org/a.js”",
      "put the file into the site"
    ),
    (
      "<script type=module src=../../assets/atlas.js></script>", "module script",
      "make it a classic script; browsers do not load modules from a disk"
    ),
    ("<style>p{}</style>", "inline style sheet", "move its rules to a file of assets/"),
    ("<p style=\"color:red\">", "inline style in <p>", "use a class of atlas.css"),
    ("<p onclick=\"f()\">", "inline script in onclick of <p>", "listen for the event in a file of assets/"),
    (
      "<img src=//e.org/a.png alt=''>", "request to another host: <img> to “//e.org/a.png”",
      "put the file into the site"
    ),
    (
      "<img src=\"data:image/png;base64,AA\" alt=\"\">", "data: address: <img> to “data:image/png;base64,AA”",
      "put the file into the site and link to it"
    ),
    (
      "<img srcset=\"the-harbour-by-night.png 2x\" alt=\"\">", "no such file: <img> to “the-harbour-by-night.png”",
      "remove the link"
    ),
    (
      "<img src=\"../../images/gallery/thumb/gallery-0.jpg\">",
      "<img> without alt: ../../images/gallery/thumb/gallery-0.jpg", "describe it in alt"
    ),
    ("<svg role=\"img\"></svg>", "<svg role=\"img\"> without a name", "describe it in aria-label"),
    ("<base href=\"/\">", "<base>", "remove it; links are relative to their page"),
    ("<meta http-equiv=refresh content=0>", "the page redirects its reader", "link to the other page instead"),
    (
      "<link rel=stylesheet href=../../assets/atlas.css integrity=x>", "integrity in <link>",
      "remove it; browsers do not load such files from a disk"
    ),
    ("<div/style=\"color:red\"/>", "inline style in <div>", "use a class of atlas.css"),
    ("<a title='>' href = \"#mian\">x</a>", "no such anchor: <a> to “#mian”", "did you mean “#main”?"),
    ("</p title='>'><p =style style=x>", "inline style in <p>", "use a class of atlas.css"),
    (
      "<textarea></TEXTAREA x><style>p{}</style>", "inline style sheet", "move its rules to a file of assets/"
    ),
    ("<a href=\"//e.org/\">x</a>", "address without a scheme: <a> to “//e.org/”", "write https: before it"),
  ]

  @Test func `every planted defect is found and reported with its fix`() throws {
    try BuiltSite.with { site in
      let page = try site.text(Self.page)
      func file(_ number: Int) -> String { "model/toy-small/planted-\(number).html" }
      for (number, defect) in Self.planted.enumerated() {
        try site.write(page.replacingOccurrences(of: "</main>", with: "\(defect.markup)</main>"), to: file(number))
      }
      let problems = try checkSite(at: site.folder)
      for (number, defect) in Self.planted.enumerated() {
        let found = problems.filter { $0.page == file(number) }
        #expect(found == [SiteProblem(page: file(number), what: defect.what, fix: defect.fix)], "\(defect.markup)")
      }
      #expect(problems.count == Self.planted.count)
    }
  }

  @Test func `what is no defect is not reported`() throws {
    try BuiltSite.with { site in
      let markup = """
        <!-- <script>1</script> --><a href="https://example.org/">x</a><a href="mailto:a@b.c">x</a>
        <a href="../../metrics/index.html?q=1#main">x</a><a href="#top">x</a><a href="">x</a>
        <textarea><p style="x"></textarea><a href="..&#47;..&#x2F;about/index.html">x</a><a href="%69ndex.html">x</a>
        """
      try site.replace("</main>", with: "\(markup)</main>", in: Self.page)
      try #expect(checkSite(at: site.folder) == [])
    }
  }

  @Test func `a page without title, language or policy is found`() throws {
    try BuiltSite.with { site in
      try site.write("<!doctype html><html><p>x", to: "odd.html")
      try #expect(
        checkSite(at: site.folder).map(\.what) == ["no Content-Security-Policy", "no language", "no title"])
    }
  }

  @Test func `a missing file, a missing twin and a heavy page are found`() throws {
    try BuiltSite.with { site in
      try FileManager.default.removeItem(atPath: site.folder + "/about/index.json")
      try FileManager.default.removeItem(atPath: site.folder + "/images/gallery/large/gallery-1.jpg")
      let head = "model/toy-small/head/L00.H00/index.html"
      try site.replace("</main>", with: String(repeating: "<p>long ", count: 30_000) + "</main>", in: head)
      try site.write(String(repeating: "// long\n", count: 8_000), to: "assets/zzz.js")
      try site.write("@import 'x'; p { background: url(https://e.org/a.png) }", to: "assets/zzz.css")
      let problems = try checkSite(at: site.folder).map(\.description)
      for expected in [
        "about/index.html: no index.json beside it; rebuild the page",
        "about/index.html: no such file: <link> to “index.json”; did you mean “about/index.html”?",
        "image/gallery-1/index.html: no such file: <img> to “../../images/gallery/large/gallery-1.jpg”; "
          + "did you mean “images/gallery/large/gallery-0.jpg”?",
        "assets/zzz.css: @import; put the rules into this file",
        "assets/zzz.css: request to another host: <url()> to “https://e.org/a.png”; put the file into the site",
      ] {
        #expect(problems.contains(expected), "\(expected) is not among \(problems)")
      }
      #expect(problems.contains { $0.hasPrefix("\(head): ") && $0.contains("bytes, more than 150000") })
      #expect(problems.contains { $0.contains("all scripts together have") && $0.contains("more than 60000") })
    }
  }

  @Test func `names that Windows or macOS read otherwise are found`() throws {
    try BuiltSite.with { site in
      for file in ["con/a.txt", "aux.jpg", "b./c.txt", "d:e.txt", "F/g.txt", "f/g.txt", "F/h.txt", "Index.html/i.txt"] {
        try site.write("x", to: file)
      }
      let fix = "rename it"
      try #expect(
        checkSite(at: site.folder) == [
          SiteProblem(page: "aux.jpg", what: "Windows cannot hold \"aux.jpg\": it is the name of a device", fix: fix),
          SiteProblem(page: "b./c.txt", what: "Windows cannot hold \"b.\": it ends with a dot or a space", fix: fix),
          SiteProblem(page: "con/a.txt", what: "Windows cannot hold \"con\": it is the name of a device", fix: fix),
          SiteProblem(page: "d:e.txt", what: "Windows cannot hold \"d:e.txt\": it has \":\" in it", fix: fix),
          SiteProblem(page: "f/g.txt", what: "\"f\" and \"F\" differ only in case", fix: "rename one of them"),
          SiteProblem(
            page: "index.html", what: "\"index.html\" and \"Index.html\" differ only in case", fix: "rename one of them"
          ),
        ])
    }
  }

  @Test func `pipes and links that lead nowhere are found, and not waited for`() throws {
    try BuiltSite.with { site in
      mkfifo(site.folder + "/pipe.html", 0o600)
      symlink("/dev/zero", site.folder + "/method/zero.css")
      symlink("nowhere", site.folder + "/dead.js")
      symlink("method", site.folder + "/latest")
      symlink("method", site.folder + "/latest.html")
      let fix = "remove it, or put a file in its place"
      try #expect(
        checkSite(at: site.folder) == [
          SiteProblem(page: "dead.js", what: "a link that leads nowhere", fix: fix),
          SiteProblem(page: "latest.html", what: "a folder, expected a file", fix: fix),
          SiteProblem(page: "method/zero.css", what: "a device or a socket, expected a file", fix: fix),
          SiteProblem(page: "pipe.html", what: "a pipe, expected a file", fix: fix),
        ])
    }
  }

  @Test func `names that are not UTF-8 are found`() throws {
    try BuiltSite.with { site in
      let name = Fixtures.makeUndecodableFile(in: site.folder + "/method", ending: ".html")
      let problems = try checkSite(at: site.folder)
      let fix = "rename it: convmv -f latin1 -t utf8 --notest FILE"
      #expect(problems == [SiteProblem(page: "method/\(name)", what: "a name that is not UTF-8", fix: fix)])
    }
  }

  @Test func `truncated and malformed pages are read without an error`() throws {
    try BuiltSite.with { site in
      let page = Array(try site.data("contrast/cat-or-boat/index.html"))
      for (number, length) in stride(from: 0, to: page.count, by: 97).enumerated() {
        try Data(page[..<length]).write(
          to: URL(fileURLWithPath: "\(site.folder)/contrast/cat-or-boat/part-\(number).html"))
      }
      let noise = [
        "<", "</", "<a", "<a href", "<a href=", "<a href=\"", "<!", "<!--", "&#", "<script", "<script>",
        "\u{0}<p \u{FFFD}=>", String(repeating: "<div>", count: 100_000),
      ]
      for (number, text) in noise.enumerated() { try site.write(text, to: "noise-\(number).html") }
      try Data([0xFF, 0x3C, 0x61, 0xFE, 0x3E]).write(to: URL(fileURLWithPath: "\(site.folder)/noise.html"))
      let problems = try checkSite(at: site.folder)
      #expect(problems.contains { $0.page == "contrast/cat-or-boat/part-0.html" && $0.what == "no title" })
      #expect(problems.allSatisfy { $0.page.contains("part-") || $0.page.contains("noise") }, "\(problems.prefix(3))")
    }
  }

  @Test func `a problem is JSON with the keys page, what and fix`() throws {
    let problem = SiteProblem(page: "a.html", what: "no\ntitle", fix: "add a <title>")
    let text = try jsonText([problem], isPretty: false)
    #expect(text == #"[{"fix":"add a <title>","page":"a.html","what":"no title"}]"#)
    try #expect(JSONDecoder().decode([SiteProblem].self, from: Data(text.utf8)) == [problem])
  }

  @Test func `a folder that is not a site is an error`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let reason = "no such file; build the site first"
      #expect(throws: FileError.unreadable(path: folder + "/index.html", reason: reason)) { try checkSite(at: folder) }
      #expect(throws: FileError.unreadable(path: folder + "/x", reason: "no such folder")) {
        try checkSite(at: folder + "/x")
      }
    }
  }
}
