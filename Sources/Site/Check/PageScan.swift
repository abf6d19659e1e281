import Diagnostics
import Files
import Foundation

/// What a page holds: its anchors, its links, and what is wrong with it alone.
struct PageScan: Sendable {
  struct Link: Sendable {
    let target: String
    /// The element that has it, for messages.
    let element: String
    /// Whether the browser follows it on its own; else a reader does.
    let isRequest: Bool
  }

  let page: String
  private(set) var anchors: Set<String> = []
  private(set) var links: [Link] = []
  private(set) var problems: [SiteProblem] = []
  private var title = ""
  private var hasLanguage = false
  private var hasPolicy = false

  init(page: String, bytes: [UInt8]) {
    self.page = page
    var element: String?
    for token in HTMLScanner(bytes) {
      switch token {
      case .tag(let tag):
        element = tag.isEnd ? nil : tag.name
        if !tag.isEnd { read(tag) }
      case .text(let text):
        if element == "title" { title += text }
      }
    }
    if title.allSatisfy(\.isWhitespace) { report("no title", "give it a <title>") }
    if !hasLanguage { report("no language", "write <html lang=\"en\">") }
    if !hasPolicy {
      report("no Content-Security-Policy", "keep the <meta http-equiv=\"Content-Security-Policy\"> of head.mustache")
    }
  }

  private mutating func report(_ what: String, _ fix: String) {
    problems.append(SiteProblem(page: page, what: what, fix: fix))
  }

  private mutating func read(_ tag: HTMLTag) {
    readAttributes(of: tag)
    switch tag.name {
    case "html": hasLanguage = !(tag["lang"] ?? "").isEmpty
    case "script": readScript(tag)
    case "style": report("inline style sheet", "move its rules to a file of assets/")
    case "base":
      report("<base>", "leave it out; links are relative to their page")
      return
    case "meta": readMeta(tag)
    case "img":
      if tag["alt"] == nil { report("<img> without alt: \(tag["src"] ?? "")", "say in alt what it shows") }
    case "svg":
      if tag["role"] == "img", (tag["aria-label"] ?? "").isEmpty, tag["aria-labelledby"] == nil {
        report("<svg role=\"img\"> without a name", "say in aria-label what it shows")
      }
    default: break
    }
    readLinks(of: tag)
  }

  private mutating func readAttributes(of tag: HTMLTag) {
    for attribute in tag.attributes {
      switch attribute.name {
      case "id":
        if !anchors.insert(attribute.value).inserted {
          report("the id “\(attribute.value)” stands twice", "rename one of them")
        }
      case "style": report("inline style in <\(tag.name)>", "use a class of atlas.css")
      case "integrity", "crossorigin":
        report("\(attribute.name) in <\(tag.name)>", "leave it out; such files do not load from a disk")
      case let name where name.hasPrefix("on") && name.count > 2:
        report("inline script in \(name) of <\(tag.name)>", "listen for the event in a file of assets/")
      default: break
      }
    }
    if tag.name == "a", let name = tag["name"] { anchors.insert(name) }
  }

  private mutating func readScript(_ tag: HTMLTag) {
    if tag["src"] == nil { report("inline script", "move it to a file of assets/") }
    if tag["type"]?.lowercased() == "module" {
      report("a module script", "make it a classic one; modules do not load from a disk")
    }
  }

  private mutating func readMeta(_ tag: HTMLTag) {
    switch tag["http-equiv"]?.lowercased() {
    case "content-security-policy":
      hasPolicy = true
      if (tag["content"] ?? "").contains("'unsafe-") {
        report("the Content-Security-Policy allows inline code", "take the 'unsafe-…' words out of it")
      }
    case "refresh": report("the page sends its reader elsewhere", "link to the other page instead")
    default: break
    }
  }

  private mutating func readLinks(of tag: HTMLTag) {
    for attribute in tag.attributes {
      switch (tag.name, attribute.name) {
      case ("a", "href"), ("area", "href"), ("a", "xlink:href"):
        links.append(Link(target: attribute.value, element: tag.name, isRequest: false))
      case ("link", "href"):
        // What is only named, such as the twin for programs, is not fetched; but it must be there.
        links.append(Link(target: attribute.value, element: tag.name, isRequest: true))
      case (_, "srcset"), (_, "imagesrcset"):
        for candidate in attribute.value.split(separator: ",") {
          let target = candidate.split(whereSeparator: \.isWhitespace).first ?? ""
          links.append(Link(target: String(target), element: tag.name, isRequest: true))
        }
      case (_, "src"), (_, "href"), (_, "xlink:href"), (_, "poster"), (_, "data"), (_, "action"), (_, "formaction"):
        links.append(Link(target: attribute.value, element: tag.name, isRequest: true))
      case (_, "ping"), (_, "background"), (_, "manifest"):
        links.append(Link(target: attribute.value, element: tag.name, isRequest: true))
      default: break
      }
    }
  }
}

/// Where links lead.
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

  /// What is wrong with a link; nil where it leads to something.
  func problem(with link: PageScan.Link, on page: String) -> SiteProblem? {
    func problem(_ what: String, _ fix: String) -> SiteProblem { SiteProblem(page: page, what: what, fix: fix) }
    let target = String(String.UnicodeScalarView(link.target.unicodeScalars.filter { $0.value > 0x20 }))
    let shown = "<\(link.element)> to “\(target)”"
    if let scheme = scheme(of: target) {
      if !link.isRequest, ["http", "https", "mailto"].contains(scheme) { return nil }
      return ["javascript", "vbscript"].contains(scheme)
        ? problem("script in an address: \(shown)", "link to a page")
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

  private func scheme(of target: String) -> String? {
    let start = target.prefix { !"/?#".contains($0) }
    guard let colon = start.firstIndex(of: ":") else { return nil }
    return start[..<colon].lowercased()
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
      let near = nearestName(to: file, in: files.count > 20_000 ? siblings(of: file) : files.sorted())
      return SiteProblem(
        page: page, what: "nothing is there: \(shown)", fix: near.map { "did you mean “\($0)”?" } ?? "take it out")
    }
    guard parts.count > 1, !parts[1].isEmpty, let known = anchors[file] else { return nil }
    let anchor = percentDecoded(parts[1])
    if known.contains(anchor) || anchor == "top" { return nil }
    let near = nearestName(to: anchor, in: known.sorted())
    return SiteProblem(
      page: page, what: "no such anchor: \(shown)", fix: near.map { "did you mean “#\($0)”?" } ?? "take it out")
  }

  private func siblings(of file: String) -> [String] {
    let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
    return files.filter { $0.hasPrefix(folder) }.sorted()
  }

  /// The file that a relative address means; nil above the root.
  private func resolve(_ path: Substring, from page: String) -> String? {
    if path.isEmpty { return page }
    var parts = page.split(separator: "/").dropLast().map(String.init)
    for part in path.split(separator: "/") {
      switch part {
      case ".": continue
      case "..":
        if parts.isEmpty { return nil }
        parts.removeLast()
      default: parts.append(percentDecoded(part))
      }
    }
    return parts.joined(separator: "/")
  }
}

private func percentDecoded(_ text: Substring) -> String {
  guard text.contains("%") else { return String(text) }
  return String(text).removingPercentEncoding ?? String(text)
}
