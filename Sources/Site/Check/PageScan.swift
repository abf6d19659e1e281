/// The anchors and links of a page, and what is wrong with the page by itself.
struct PageScan: Sendable {
  struct Link: Sendable {
    let target: String
    /// The element that has it, for messages.
    let element: String
    /// Whether the browser follows it by itself; otherwise a reader does.
    let isRequest: Bool
  }

  let page: String
  /// The bytes of the file.
  let size: Int
  private(set) var anchors: Set<String> = []
  private(set) var links: [Link] = []
  private(set) var problems: [SiteProblem] = []
  private var hasTitle = false
  private var hasLanguage = false
  private var hasPolicy = false

  init(page: String, bytes: [UInt8]) {
    self.page = page
    size = bytes.count
    for tag in HTMLScanner(bytes) { read(tag) }
    if !hasTitle { report("no title", "add a <title>") }
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
    case "title": hasTitle = hasTitle || !tag.text.allSatisfy(\.isWhitespace)
    case "html": hasLanguage = !(tag["lang"] ?? "").isEmpty
    case "script": readScript(tag)
    case "style": report("inline style sheet", "move its rules to a file of assets/")
    case "base":
      report("<base>", "remove it; links are relative to their page")
      return
    case "meta": readMeta(tag)
    case "img":
      if tag["alt"] == nil { report("<img> without alt: \(tag["src"] ?? "")", "describe it in alt") }
    case "svg":
      if tag["role"] == "img", (tag["aria-label"] ?? "").isEmpty, tag["aria-labelledby"] == nil {
        report("<svg role=\"img\"> without a name", "describe it in aria-label")
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
          report("the id “\(attribute.value)” is duplicated", "rename one of them")
        }
      case "style": report("inline style in <\(tag.name)>", "use a class of atlas.css")
      case "integrity", "crossorigin":
        report("\(attribute.name) in <\(tag.name)>", "remove it; browsers do not load such files from a disk")
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
      report("module script", "make it a classic script; browsers do not load modules from a disk")
    }
  }

  private mutating func readMeta(_ tag: HTMLTag) {
    switch tag["http-equiv"]?.lowercased() {
    case "content-security-policy":
      hasPolicy = true
      if (tag["content"] ?? "").contains("'unsafe-") {
        report("the Content-Security-Policy allows inline code", "remove the 'unsafe-…' keywords")
      }
    case "refresh": report("the page redirects its reader", "link to the other page instead")
    default: break
    }
  }

  private mutating func readLinks(of tag: HTMLTag) {
    for attribute in tag.attributes {
      switch (tag.name, attribute.name) {
      case ("a", "href"), ("area", "href"), ("a", "xlink:href"):
        links.append(Link(target: attribute.value, element: tag.name, isRequest: false))
      case ("link", "href"):
        // Some links, such as that to the page's JSON file, are not followed by browsers; their files must exist all the same.
        links.append(Link(target: attribute.value, element: tag.name, isRequest: true))
      case (_, "srcset"), (_, "imagesrcset"):
        for candidate in attribute.value.split(separator: ",") {
          let target = candidate.split(whereSeparator: \.isWhitespace).first ?? ""
          links.append(Link(target: String(target), element: tag.name, isRequest: true))
        }
      case (_, "src"), (_, "href"), (_, "xlink:href"), (_, "poster"), (_, "data"), (_, "action"), (_, "formaction"),
        (_, "ping"), (_, "background"), (_, "manifest"):
        links.append(Link(target: attribute.value, element: tag.name, isRequest: true))
      default: break
      }
    }
  }
}
