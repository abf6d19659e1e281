import Files
import Server
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("What is served") struct SiteServerTests {
  private func withSite(_ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let site = folder + "/site"
      for name in ["index.html", "a b.css", "sub/index.html", ".hidden", "../secret/index.html"] {
        try makeFolder(Files.folder(of: "\(site)/\(name)"))
        try writeFile("<body>\(name)</body>".utf8, to: "\(site)/\(name)")
      }
      mkdir(site + "/\\host", 0o755)
      symlink("../secret", site + "/out")
      symlink("../secret/index.html", site + "/out.html")
      symlink("sub/index.html", site + "/within.html")
      mkfifo(site + "/pipe", 0o644)
      try body(site)
    }
  }

  @Test(
    "is a file of the site, and nothing beside it",
    arguments: [
      ("/", "index.html"), ("/a%20b.css", "a b.css"), ("/sub/", "sub/index.html"), ("/within.html", "sub/index.html"),
      ("/sub", "→/sub/"), ("//sub", "→/sub/"), ("//sub/", "→/sub/"), ("///", "→/"), ("/%5Chost", "→/%5Chost/"),
      ("/../secret/", ""), ("/%2e%2e/secret/", ""), ("/.hidden", ""), ("/none", ""), ("/%00", ""), ("/%ff", ""),
      ("", ""), ("sub/", ""), ("http://elsewhere/", ""), ("/index.html/", ""), ("/out/", ""), ("/out", ""),
      ("/out/index.html", ""), ("/out.html", ""), ("/pipe", ""), ("/%5Chost/", ""),
    ])
  func files(_ path: String, _ expected: String) throws {
    try withSite { site in
      let root = try #require(realPath(site))
      switch StaticFiles(site).find(path) {
      case .file(let file, _): #expect(file == root + "/" + expected)
      case .moved(let place): #expect("→" + place == expected)
      case .nothing: #expect(expected == "")
      }
    }
  }

  @Test(
    "is asked for by a name of this machine, by methods that only read",
    arguments: [
      ("GET", "127.0.0.1:8000", 200), ("HEAD", "LOCALHOST:8000", 200), ("GET", "[::1]:8000", 200),
      ("GET", "elsewhere.example:8000", 421), ("GET", "127.0.0.1", 421), ("GET", "127.0.0.1:8001", 421),
      ("GET", nil, 421),
      ("POST", "localhost:8000", 405), ("PUT", "localhost:8000", 405), ("DELETE", "localhost:8000", 405),
      ("TRACE", "localhost:8000", 405), ("OPTIONS", "localhost:8000", 405), ("CONNECT", "localhost:8000", 405),
      ("get", "localhost:8000", 405),
    ])
  func requests(_ method: String, _ host: String?, _ status: Int) throws {
    try withSite { site in
      let answer = SiteServer(site, port: 8000).answer(Question(method, "/", host: host))
      #expect(answer.status == status)
      #expect(answer.headers["Allow"] == (status == 405 ? "GET, HEAD" : nil))
    }
  }

  @Test("is a page with a script in it that asks for changes, while the site is watched") func reloading() throws {
    try withSite { site in
      let reloading = Reloading()
      let server = SiteServer(site, port: 8000, reloading: reloading)
      func text(_ path: String) -> (status: Int, text: String) {
        let answer = server.answer(Question("GET", path, host: "localhost:8000"))
        guard case .bytes(let bytes) = answer.body else { return (answer.status, "") }
        return (answer.status, String(decoding: bytes, as: UTF8.self))
      }
      let page = text("/sub/")
      let parts = page.text.split(separator: "\"")
      #expect(page.text.hasPrefix("<body>sub/index.html<script src=\"/.headatlas/reload.js\" data-revision=\""))
      #expect(page.text.hasSuffix("\" defer></script>\n</body>"))
      let revision = try #require(parts.dropFirst(3).first)
      #expect(text("/.headatlas/reload.js").text.contains("location.reload()"))
      #expect(text("/.headatlas/revision.js").text.contains("\"\(revision)\""))
      reloading.siteHasChanged()
      #expect(!text("/.headatlas/revision.js").text.contains("\"\(revision)\""))
      // A page that is not there yet, and a file as it is.
      #expect(text("/later/").status == 404)
      #expect(text("/later/").text.contains("reload.js"))
      #expect(text("/later.png") == (404, "not found\n"))
      #expect(text("/a%20b.css") == (200, ""))
      #expect(try readText(site + "/sub/index.html") == "<body>sub/index.html</body>")
      let plain = SiteServer(site, port: 8000)
      #expect(plain.answer(Question("GET", "/.headatlas/reload.js", host: "localhost:8000")).status == 404)
    }
  }
}
