import Analysis
import Files

/// The commentary and the sections of a page as HTML, with its table of contents.
struct PageBody {
  private(set) var markup: Markup = ""
  private(set) var contents: [PageView.Link] = []
  private var anchors: Set<String> = []

  init(
    sections: [Section], notes: [Note], content: SiteContent, pages: PageIndex, figures: inout FigureWriter
  ) throws {
    // Sections of no model come first, then those of each model, in the order of the atlas.
    var groups: [(title: String?, sections: [Section])] = [(nil, sections.filter { $0.model == nil })]
    let isShared = sections.contains { $0.subject.model == nil }
    let isGrouped = isShared && content.models.count > 1
    for model in content.models {
      groups.append((isGrouped ? model.title : nil, sections.filter { $0.model == model.id }))
    }
    for note in notes where note.order == nil { add(note) }
    var ordered = notes.filter { $0.order != nil }.sorted { ($0.order ?? 0) < ($1.order ?? 0) }
    for group in groups where !group.sections.isEmpty {
      if let title = group.title {
        let anchor = anchor(for: title)
        contents.append(.init(title: "\(title)", link: "#\(anchor)"))
        markup += "<h2 class=\"group\" id=\"\(anchor)\">\(title)</h2>\n"
      }
      for section in group.sections {
        while let note = ordered.first, let order = note.order, order <= section.order { add(ordered.removeFirst()) }
        try add(section, level: group.title == nil ? 2 : 3, pages: pages, figures: &figures)
      }
    }
    for note in ordered { add(note) }
  }

  private mutating func add(_ section: Section, level: Int, pages: PageIndex, figures: inout FigureWriter) throws {
    let anchor = anchor(for: "\(section.model ?? "") \(section.plugin) \(section.title)")
    if level == 2 { contents.append(.init(title: "\(section.title)", link: "#\(anchor)")) }
    // The name of the plugin links to its page, but not on that page itself.
    let isOwnPage = section.subject == .plugin(section.plugin)
    let source: Markup? =
      pages.contains(.plugin(section.plugin)) && !isOwnPage
      ? "<p class=\"source\">\(figures.linked("\(section.plugin)", to: .plugin(section.plugin)))</p>" : nil
    markup += """
      <section class="analysis" id="\(anchor)"><h\(level)>\(section.title)</h\(level)>\(source)
      \(try figures.markup(of: section, level: level + 1))</section>

      """
  }

  private mutating func add(_ note: Note) {
    var heading: Markup = ""
    if let title = note.title {
      let anchor = anchor(for: "commentary \(title)")
      contents.append(.init(title: "\(title)", link: "#\(anchor)"))
      heading = "<h2 id=\"\(anchor)\">\(title)</h2>\n"
    }
    markup += "<section class=\"commentary prose\">\(heading)\(note.body)</section>\n"
  }

  /// An anchor that is unique on the page.
  private mutating func anchor(for title: String) -> String {
    let start = "s-" + slug(title)
    var (anchor, count) = (start, 1)
    while !anchors.insert(anchor).inserted {
      count += 1
      anchor = "\(start)-\(count)"
    }
    return anchor
  }
}
