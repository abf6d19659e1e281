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
    let opening = sections.filter(\.isOpening)
    groups = groups.map { ($0.title, $0.sections.filter { !$0.isOpening }) }
    try addOpening(opening, pages: pages, figures: &figures)
    let first = (markup: markup, links: contents)
    markup = ""
    for note in notes where note.order == nil { add(note, pages: pages, figures: &figures) }
    var ordered = notes.filter { $0.order != nil }.sorted { ($0.order ?? 0) < ($1.order ?? 0) }
    for group in groups where !group.sections.isEmpty {
      if let title = group.title {
        let anchor = anchor(for: title)
        contents.append(.init(title: "\(title)", link: "#\(anchor)"))
        markup += "<h2 class=\"group\" id=\"\(anchor)\">\(title)</h2>\n"
      }
      for section in group.sections {
        while let note = ordered.first, let order = note.order, order <= section.order {
          add(ordered.removeFirst(), pages: pages, figures: &figures)
        }
        try add(section, level: group.title == nil ? 2 : 3, pages: pages, figures: &figures)
      }
    }
    for note in ordered { add(note, pages: pages, figures: &figures) }
    if !opening.isEmpty {
      // What stands on the first screen needs no link to it.
      let links: [Markup] = contents.dropFirst(first.links.count).map {
        "<li><a href=\"\($0.link)\">\($0.title)</a></li>"
      }
      let list: Markup? =
        links.count > 2 ? "<nav class=\"contents\" aria-label=\"On this page\"><ol>\(links)</ol></nav>\n" : nil
      markup = "\(first.markup)\(list)\(markup)"
      contents = []
    }
  }

  private mutating func addOpening(_ sections: [Section], pages: PageIndex, figures: inout FigureWriter) throws {
    guard !sections.isEmpty else { return }
    let isHead = if case .head = sections[0].subject { true } else { false }
    if isHead { markup += "<div class=\"opening\">\n" }
    for section in sections {
      let hasImages = section.blocks.contains { block in
        switch block {
        case .imageStrip, .heatMaps: true
        case .markdown, .table, .bars, .series, .scatter, .headGrid, .download: false
        }
      }
      let kind: Markup = !isHead ? "" : hasImages ? " plate" : " panel"
      try add(section, kind: kind, level: 2, pages: pages, figures: &figures)
    }
    if isHead { markup += "</div>\n" }
  }

  /// - Parameter kind: further classes of the section.
  private mutating func add(
    _ section: Section, kind: Markup = "", level: Int, pages: PageIndex, figures: inout FigureWriter
  ) throws {
    let anchor = anchor(for: "\(section.model ?? "") \(section.plugin) \(section.title)")
    if level == 2 { contents.append(.init(title: "\(section.title)", link: "#\(anchor)")) }
    // The name of the plugin links to its page, but not on that page itself.
    let isOwnPage = section.subject == .plugin(section.plugin)
    let source: Markup? =
      pages.contains(.plugin(section.plugin)) && !isOwnPage
      ? "<p class=\"source\">\(figures.linked("\(section.plugin)", to: .plugin(section.plugin)))</p>" : nil
    let (words, shown) = try figures.markup(of: section, level: level + 1)
    let figures: Markup? = shown.isEmpty ? nil : "<div class=\"figures\">\n\(shown)</div>"
    markup += """
      <section class="analysis\(kind)" id="\(anchor)"><div class="words"><h\(level)>\(section.title)</h\(level)>\(source)
      \(words)</div>\(figures)</section>

      """
  }

  private mutating func add(_ note: Note, pages: PageIndex, figures: inout FigureWriter) {
    var heading: Markup = ""
    if let title = note.title {
      let anchor = anchor(for: "commentary \(title)")
      contents.append(.init(title: "\(title)", link: "#\(anchor)"))
      heading = "<h2 id=\"\(anchor)\">\(title)</h2>\n"
    }
    var body: Markup = ""
    for part in note.parts {
      switch part {
      case .markup(let markup): body += markup
      case .table(let table, let name): body += figures.tableFigure(table, of: slug(name))
      }
    }
    let stop = note.stop.map { self.stop($0, pages: pages, page: figures.page) }
    markup += "<section class=\"commentary prose\">\(heading)\(body)\(stop)</section>\n"
  }

  /// Where a tour goes on from here, and where it came from.
  private func stop(_ stop: TourStop, pages: PageIndex, page: Address) -> Markup {
    func link(_ place: Int, _ word: Markup) -> Markup? {
      guard stop.tour.pages.indices.contains(place), let other = pages[stop.tour.pages[place]] else { return nil }
      return "<a href=\"\(page.link(to: other.address.index))\">\(word): \(other.title)</a>"
    }
    let links = [link(stop.place - 1, "Before"), link(stop.place + 1, "Next")].compactMap { $0 }
    return """
      <nav class="tour" aria-label="Tour: \(stop.tour.name)"><p>\(stop.tour.name), stop \(stop.place + 1) of \(stop.tour.pages.count). \
      \(links.joined(separator: " "))</p></nav>
      """
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

extension Section {
  /// On the page of a head or a model, sections of a lower order come first, and on that of a head they stand side by side.
  private static let firstAfterOpening = 10

  /// Whether it is of those that its page begins with.
  var isOpening: Bool {
    switch subject {
    case .head, .model: order < Self.firstAfterOpening
    default: false
    }
  }
}
