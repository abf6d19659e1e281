import Build
import Files
import Foundation
import Site

extension FuzzedParser {
  static let sites = [commentaryTable, site, siteManifest]

  /// A table that commentary shows.
  private static let commentaryTable = FuzzedParser(
    name: "commentary-table",
    words: [
      "\"", "\"\"", ",", "\t", "\r\n", "\r", "\n", "\u{FEFF}", "1e999", "-", ".", "=1+1", "<b>", "\0", "\u{E000}",
    ],
    seeds: { _ in
      [
        ("table.csv", "name,count,share\r\na,1,0.5\r\n\"b, c\",-22,\r\n\"d \"\"e\"\"\",3.25,x\r\n"),
        ("table.tsv", "name\tcount\none\t1\ntwo\t\n"),
      ].map { Seed(file: $0, bytes: Array($1.utf8)) }
    },
    read: { path, _ in
      let text = SiteContent.Commentary(
        file: folder(of: path) + "/text.md", subjectPath: "model/a",
        source: "One\n\n{{table \(fileName(path)) A caption}}\n\nTwo\n")
      let problems = text.needs().problems
      if let first = problems.first { throw FuzzFailure(description: "\(first)") }
      _ = try text.html(values: [:])
    })

  private static let page = """
    <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="stylesheet" href="a.css">
    <meta name="viewport" content="width=device-width"><script src="b.js" defer></script></head>
    <body><h1 id="x">A &amp; B</h1><a href="#x">x</a> <a href='d/index.html?q#y'>d</a> <img src=i.png alt="i" srcset="i.png 2x, j.png 3x">
    <!-- no --><svg><a xlink:href="#z"></a></svg><pre>&lt;</pre><textarea><a href="/no"></textarea></body></html>

    """

  /// A site that `headatlas check` looks at.
  private static let site = FuzzedParser(
    name: "site",
    words: [
      "<", ">", "</", "<!--", "-->", "<script>", "</script>", "<style>", "href=", "src=", "srcset=", "id=", "\"", "'",
      "&#", "&amp;", "url(", "@import", "javascript:", "data:", "//", "../", "%00", "%2F", "#", "\0", "<svg>",
      "<![CDATA[",
      "<plaintext>",
    ],
    seeds: { _ in
      [
        ("site/index.html", page),
        ("site/d/index.html", "<html lang=en><title>d</title><p id=y><a href=../index.html#x>"),
        ("site/a.css", "@media print { a { color: red } }\nb { background: url(\"i.png\") }\n"),
      ].map { Seed(file: $0, bytes: Array($1.utf8)) }
    },
    others: { _ in
      ["site/b.js": Array("'use strict';\n".utf8), "site/i.png": [], "site/index.json": Array("{}".utf8)]
    },
    read: { path, _ in
      let base = path.hasSuffix("/d/index.html") ? folder(of: folder(of: path)) : folder(of: path)
      _ = try checkSite(at: base, threads: 1)
    })

  /// The list of its files in a finished site, by which the next build tells its own from those of others.
  private static let siteManifest = FuzzedParser(
    name: "site-manifest",
    words: ["\n", "/", "../", "..", ".", "//", "%", "%2E%2E", "%2F", "\0", "mine", "victim", "d", "index.html", "~"],
    seeds: { _ in
      let text =
        "Written by headatlas. A new build replaces the files listed here and keeps all others.\nd/page.html\nindex.html\n"
      return [Seed(file: ".headatlas-site", bytes: Array(text.utf8))]
    },
    read: { path, bytes in
      let base = folder(of: path)
      let site = base + "/site"
      for (name, text) in [
        ("/victim", "v"), ("/site/index.html", "i"), ("/site/d/page.html", "p"), ("/site/mine", "m"),
      ] {
        try makeFolder(folder(of: base + name))
        try writeFile(Array(text.utf8), to: base + name)
      }
      try writeFile(bytes, to: site + "/.headatlas-site")
      defer { try? FileManager.default.removeItem(atPath: site) }
      let replaced = Result {
        let staged = try StagedFolder(target: site, keepsOld: false)
        try writeFile(Array("new".utf8), to: staged.staging + "/index.html")
        try staged.commit()
      }
      // Whatever the list says, and also where it is refused: nothing outside the site is touched, nor what is not on the list. What is thrown
      // here would count as refused, so the program ends.
      let isListed = bytes.split(separator: UInt8(ascii: "\n")).contains(Array("mine".utf8)[...])
      let isUntouched = (try? readFile(base + "/victim")) == Array("v".utf8)
      guard isUntouched, isListed || FileKind(of: site + "/mine") == .file else {
        fatalError("a file that is not on the list is gone")
      }
      try replaced.get()
    })
}
