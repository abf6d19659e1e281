import Diagnostics

/// Finds the files and anchors that links lead to.
struct LinkResolver: Sendable {
  private let files: Set<String>
  private let folders: Set<String>
  private let anchors: [String: Set<String>]

  init(files: Set<String>, scans: [PageScan]) {
    self.files = files
    var folders: Set<String> = [""]
    for file in files {
      var path = file[...]
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        if !folders.insert(String(path)).inserted { break }
      }
    }
    self.folders = folders
    anchors = Dictionary(scans.map { ($0.page, $0.anchors) }) { first, _ in first }
  }

  /// The problem with a link; nil where its target exists.
  func problem(with link: PageScan.Link, on page: String) -> SiteProblem? {
    func problem(_ what: String, _ fix: String) -> SiteProblem { SiteProblem(page: page, what: what, fix: fix) }
    let target = String(String.UnicodeScalarView(link.target.unicodeScalars.filter { $0.value > 0x20 }))
    let shown = "<\(link.element)> to “\(target)”"
    if let scheme = scheme(of: target) {
      if !link.isRequest, ["http", "https", "mailto"].contains(scheme) { return nil }
      return ["javascript", "vbscript"].contains(scheme)
        ? problem("script in a link: \(shown)", "link to a page")
        : scheme == "file" || scheme == "data"
          ? problem("\(scheme): address: \(shown)", "put the file into the site and link to it")
          : problem("request to another host: \(shown)", "put the file into the site")
    }
    if target.hasPrefix("//") {
      return link.isRequest
        ? problem("request to another host: \(shown)", "put the file into the site")
        : problem("address without a scheme: \(shown)", "write https: before it")
    }
    if target.hasPrefix("/") || target.hasPrefix("\\") {
      return problem("absolute link: \(shown)", "make it relative, so that it works from a disk")
    }
    return missing(target, shown: shown, on: page)
  }

  private func missing(_ target: String, shown: String, on page: String) -> SiteProblem? {
    let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts.first?.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
    guard let file = resolve(path, from: page) else {
      return SiteProblem(page: page, what: "\(shown) leads out of the site", fix: "link to a file of the site")
    }
    if path.hasSuffix("/") || folders.contains(file) && !files.contains(file) {
      let index = file.isEmpty ? "index.html" : "\(file)/index.html"
      return SiteProblem(
        page: page, what: "link to a folder: \(shown)",
        fix: files.contains(index) ? "link to its index.html" : "link to a file in it")
    }
    guard files.contains(file) else {
      let near =
        nearestName(to: file, in: siblings(of: file))
        ?? (files.count > 20_000 ? nil : nearestName(to: file, in: files.sorted()))
      return SiteProblem(
        page: page, what: "no such file: \(shown)", fix: near.map { "did you mean “\($0)”?" } ?? "remove the link")
    }
    // What begins with a slash is no place on the page, but what a script of it shows: which heads are compared.
    guard parts.count > 1, !parts[1].isEmpty, !parts[1].hasPrefix("/"), let known = anchors[file] else { return nil }
    let anchor = percentDecoded(parts[1])
    if known.contains(anchor) || anchor == "top" { return nil }
    let near = nearestName(to: anchor, in: known.sorted())
    return SiteProblem(
      page: page, what: "no such anchor: \(shown)", fix: near.map { "did you mean “#\($0)”?" } ?? "remove the link")
  }

  private func siblings(of file: String) -> [String] {
    let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
    return files.filter { $0.hasPrefix(folder) }.sorted()
  }

  /// The file that a relative address names; nil where it is above the root.
  private func resolve(_ path: Substring, from page: String) -> String? {
    path.isEmpty ? page : resolvedPath(path, in: page.split(separator: "/").dropLast())
  }
}
