import Build
import Files
import Foundation
import TestSupport
import Testing

/// Sites of a few files in place of atlases: what is tested is how they are put in their place.
@Suite("A site's folder") struct StagedFolderTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder(body)
  }

  private func write(_ text: String, _ path: String) throws {
    try makeFolder(Files.folder(of: path))
    try writeFile(text.utf8, to: path)
  }

  private func build(_ files: [String: String], at site: String, only: Bool = false) throws {
    let staged = try StagedFolder(target: site, keepsOld: only)
    for (name, text) in files { try write(text, "\(staged.staging)/\(name)") }
    try staged.commit()
  }

  /// All files below a folder but the site's own two, with their texts; links as where they lead.
  private func files(_ folder: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder)
    where ![".headatlas-site", ".nojekyll"].contains(name) {
      let path = folder + "/" + name
      if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
        found[name] = "-> " + link
      } else if FileKind(of: path) == .file {
        found[name] = try readText(path)
      }
    }
    return found
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("keeps what somebody put into it, and loses what the last build wrote and this one did not") func kept() throws
  {
    try withFolder { folder in
      let site = folder + "/site"
      try build(["index.html": "1", "old/page.html": "1", "gone/with.html": "1"], at: site)
      let mine = [
        ".git/HEAD": "ref", ".git/objects/pack/p": "p", "CNAME": "heads.example", "old/notes.txt": "n",
        "mine/index.html": "m",
      ]
      for (name, text) in mine { try write(text, site + "/" + name) }
      try FileManager.default.createSymbolicLink(atPath: site + "/latest", withDestinationPath: "mine")
      mkdir(site + "/empty", 0o700)
      try build(["index.html": "2", "new/page.html": "2"], at: site)
      #expect(
        try files(site) == mine.merging(["latest": "-> mine", "index.html": "2", "new/page.html": "2"]) { $1 })
      let left = try names(site)
      #expect(left.contains("empty") && !left.contains("gone"))
      #expect(try names(folder) == [".site.lock", "site"])
    }
  }

  @Test("says what was written, in the same bytes each time, and tells Jekyll to keep away") func manifest() throws {
    try withFolder { folder in
      let pages = ["index.html": "1", "a/b/c.json": "2", "a/ä%\n.txt": "3"]
      var lists: [String] = []
      for name in ["one", "two"] {
        try build(pages, at: folder + "/" + name)
        lists.append(try readText("\(folder)/\(name)/.headatlas-site"))
        #expect(try readText("\(folder)/\(name)/.nojekyll").isEmpty)
      }
      #expect(lists[0] == lists[1])
      #expect(
        lists[0].split(separator: "\n").dropFirst() == [".nojekyll", "a/%C3%A4%25%0A.txt", "a/b/c.json", "index.html"])
      try build(["index.html": "2"], at: folder + "/one")
      #expect(try files(folder + "/one") == ["index.html": "2"])
    }
  }

  @Test("is not touched where the new one has a file in the place of somebody's", arguments: ["CNAME", "a/b", "a"])
  func collision(_ name: String) throws {
    try withFolder { folder in
      let site = folder + "/site"
      try build(["index.html": "1"], at: site)
      try write("mine", site + "/" + name)
      let before = try files(site)
      #expect(throws: (any Error).self) {
        try build(["index.html": "2", "CNAME": "theirs", "a/b": "theirs"], at: site)
      }
      #expect(try files(site) == before)
      #expect(try names(folder) == [".site.lock", "site"])
    }
  }

  @Test("may hold the same bytes already") func sameBytes() throws {
    try withFolder { folder in
      try build(["index.html": "1"], at: folder + "/site")
      try write("same", folder + "/site/CNAME")
      try build(["index.html": "2", "CNAME": "same"], at: folder + "/site")
      #expect(try files(folder + "/site") == ["index.html": "2", "CNAME": "same"])
    }
  }

  @Test("may be a checkout of nothing, and not a folder of something else") func bare() throws {
    try withFolder { folder in
      try write("gitdir: elsewhere", folder + "/pages/.git")
      try write("heads.example", folder + "/pages/CNAME")
      try build(["index.html": "1"], at: folder + "/pages")
      #expect(
        try files(folder + "/pages") == [".git": "gitdir: elsewhere", "CNAME": "heads.example", "index.html": "1"])
      try write("years of work", folder + "/work/thesis.txt")
      #expect(throws: BuildError.foreignFolder(path: folder + "/work")) { try build([:], at: folder + "/work") }
      try write("Written by headatlas; a new build replaces this folder.\n", folder + "/before/.headatlas-site")
      #expect(throws: BuildError.unlistedSite(path: folder + "/before")) { try build([:], at: folder + "/before") }
      try write("", folder + "/file")
      #expect(throws: BuildError.foreignFolder(path: folder + "/file")) { try build([:], at: folder + "/file") }
    }
  }

  @Test("is written in part without a step through a link", arguments: ["model", "model/a", "index.json"])
  func links(_ name: String) throws {
    try withFolder { folder in
      let site = folder + "/site"
      let pages = ["index.html": "1", "model/a/index.html": "1", "index.json": "1"]
      try build(pages, at: site)
      try build(["model/a/index.html": "2"], at: site, only: true)
      #expect(try files(site) == pages.merging(["model/a/index.html": "2"]) { $1 })
      try write("mine", folder + "/outside/index.html")
      try removeFolder(site + "/" + name)
      try FileManager.default.createSymbolicLink(
        atPath: site + "/" + name,
        withDestinationPath: folder + "/outside" + (name == "index.json" ? "/index.html" : ""))
      #expect(throws: BuildError.keptFile(path: site + "/" + name)) {
        try build(["model/a/index.html": "3", "index.json": "3"], at: site, only: true)
      }
      #expect(try files(folder + "/outside") == ["index.html": "mine"])
    }
  }

  @Test("may be named by a link, which stays one") func linkedOutput() throws {
    try withFolder { folder in
      mkdir(folder + "/elsewhere", 0o755)
      mkdir(folder + "/elsewhere/www", 0o755)
      symlink("elsewhere/www", folder + "/site")
      for text in ["1", "2"] {
        try build(["index.html": text], at: folder + "/site" + (text == "2" ? "/" : ""))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/site") == "elsewhere/www")
        #expect(try files(folder + "/elsewhere/www") == ["index.html": text])
      }
      #expect(try names(folder + "/elsewhere") == [".www.lock", "www"])
      symlink("nowhere", folder + "/broken")
      #expect(throws: BuildError.brokenLink(path: folder + "/broken")) { try build([:], at: folder + "/broken") }
    }
  }

  @Test("may have a short name, and may not be the working folder or hold it") func names() throws {
    try withFolder { folder in
      try build(["index.html": "1"], at: folder + "/s")
      #expect(try files(folder + "/s") == ["index.html": "1"])
    }
    for name in [".", "./", "..", FileManager.default.currentDirectoryPath] {
      #expect(throws: BuildError.workingFolder(path: name == "./" ? "." : name)) { try build([:], at: name) }
    }
    for name in ["", "/"] { #expect(throws: FileError.self) { try build([:], at: name) } }
  }

  @Test(
    "has folders beside it that are not touched unless builds left them", arguments: [".site.old", ".site.staging"])
  func leftovers(_ name: String) throws {
    try withFolder { folder in
      try build(["index.html": "1"], at: folder + "/site")
      try write("mine", "\(folder)/\(name)/mine")
      #expect(throws: BuildError.foreignLeftover(path: "\(folder)/\(name)")) {
        try build(["index.html": "2"], at: folder + "/site")
      }
      #expect(try files("\(folder)/\(name)") == ["mine": "mine"])
      #expect(try files(folder + "/site") == ["index.html": "1"])
      try removeFolder("\(folder)/\(name)")
      symlink("site", "\(folder)/\(name)")
      #expect(throws: BuildError.foreignLeftover(path: "\(folder)/\(name)")) {
        try build(["index.html": "2"], at: folder + "/site")
      }
    }
  }

  /// The folders that a build may leave when it dies: where the old site is, and the new one, and how far it was.
  static let deaths: [(name: String, old: String, new: String?)] = [
    ("before the exchange", "site", ".site.staging"), ("after the exchange", ".site.staging", "site"),
    ("between two renames", ".site.old", ".site.staging"), ("after two renames", ".site.old", "site"),
    ("before anything was finished", "site", nil),
  ]

  @Test("is whole again after a build that died", arguments: deaths)
  func death(_ name: String, _ old: String, _ new: String?) throws {
    try withFolder { folder in
      try build(["index.html": "1", "a/b": "1"], at: folder + "/site")
      let mine = ["a/mine": "mine", ".git/HEAD": "ref"]
      for (name, text) in mine { try write(text, folder + "/site/" + name) }
      try build(["index.html": "2", "c": "2"], at: folder + "/next")
      rename(folder + "/site", folder + "/held")
      rename(folder + "/next", "\(folder)/\(new ?? "gone")")
      rename(folder + "/held", "\(folder)/\(old)")
      if new == nil {
        try write("Being written by headatlas.\n", folder + "/.site.staging/.headatlas-site")
        try write("half", folder + "/.site.staging/a/b.partial")
      }
      // A build that fails after it has begun mends all the same.
      do { _ = try StagedFolder(target: folder + "/site", keepsOld: false) }
      let found = try files(folder + "/site")
      let isNew = new == "site"
      let pages = isNew ? ["index.html": "2", "c": "2"] : ["index.html": "1", "a/b": "1"]
      #expect(found == pages.merging(mine) { $1 })
      #expect(try names(folder).filter { $0.hasPrefix(".site") } == [".site.lock"])
    }
  }

  /// What a build does after the exchange, in order, with what lies in `.site.staging`: before any of it, and after each.
  @Test("has again what somebody put into it, after a build that died while that went over", arguments: 0...4)
  func deathAfterTheExchange(_ steps: Int) throws {
    try withFolder { folder in
      let (site, staging) = (folder + "/site", folder + "/.site.staging")
      try build(["index.html": "1", "a/b": "1"], at: site)
      let mine = ["a/mine": "mine", ".git/HEAD": "ref"]
      for (name, text) in mine { try write(text, site + "/" + name) }
      try build(["index.html": "2"], at: folder + "/next")
      rename(site, staging)
      rename(folder + "/next", site)
      let doings: [() throws -> Void] = [
        { _ = rename(staging + "/.git", site + "/.git") },
        {
          mkdir(site + "/a", 0o755)
          _ = rename(staging + "/a/mine", site + "/a/mine")
        },
        { for name in [".nojekyll", "a", "index.html"] { try removeFolder("\(staging)/\(name)") } },
        { _ = unlink(staging + "/.headatlas-site") },
      ]
      for step in doings.prefix(steps) { try step() }
      do { _ = try StagedFolder(target: site, keepsOld: false) }
      #expect(try files(site) == mine.merging(["index.html": "2"]) { $1 })
      #expect(try names(folder).filter { $0.hasPrefix(".site") } == [".site.lock"])
    }
  }
}
