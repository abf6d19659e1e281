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
    let opening = sections.filter(\.isOpening)
    try addOpening(opening, pages: pages, figures: &figures)
    let first = (markup: markup, links: contents)
    markup = ""
    for note in notes where note.order == nil { add(note, pages: pages, figures: &figures) }
    var ordered = notes.filter { $0.order != nil }.sorted { ($0.order ?? 0) < ($1.order ?? 0) }
    for group in Self.groups(sections.filter { !$0.isOpening }, content: content) {
      while let note = ordered.first, let order = note.order, order <= group[0].order {
        add(ordered.removeFirst(), pages: pages, figures: &figures)
      }
      if figures.isShared(group[0]) {
        try addCompared(group, content: content, pages: pages, figures: &figures)
      } else {
        try add(group[0], pages: pages, figures: &figures)
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

  /// Sections of no model come first.
  ///
  /// On a page that several models share, those that say the same of each model stand beside one another; the others follow in their
  /// order.
  private static func groups(_ sections: [Section], content: SiteContent) -> [[Section]] {
    let (shared, ofModels) = (sections.filter { $0.model == nil }, sections.filter { $0.model != nil })
    var groups = shared.map { [$0] }
    var places: [String: Int] = [:]
    let ranks = Dictionary(content.models.enumerated().map { ($1.id, $0) }) { first, _ in first }
    for section in ofModels {
      let key = "\(section.plugin) \(section.title)"
      if let place = places[key], groups[place].allSatisfy({ $0.model != section.model }) {
        groups[place].append(section)
      } else {
        places[key] = groups.count
        groups.append([section])
      }
    }
    return groups.map { group in
      group.sorted { ranks[$0.model ?? "", default: 0] < ranks[$1.model ?? "", default: 0] }
    }
  }

  /// What several models say, in columns.
  private mutating func addCompared(
    _ group: [Section], content: SiteContent, pages: PageIndex, figures: inout FigureWriter
  ) throws {
    let anchor = anchor(for: "\(group[0].plugin) \(group[0].title)")
    contents.append(.init(title: "\(group[0].title)", link: "#\(anchor)"))
    var columns: Markup = ""
    for section in group {
      let model = content.models.first { $0.id == section.model }
      let own = self.anchor(for: "\(section.model ?? "") \(section.plugin) \(section.title)")
      let (words, shown) = try figures.markup(of: section, level: 4)
      columns += """
        <section id="\(own)"><h3>\(figures.linked("\(model?.title ?? "")", to: section.model.map { .model($0) }))</h3>
        \(words)\(shown.isEmpty ? nil : "<div class=\"figures\">\n\(shown)</div>" as Markup)</section>

        """
    }
    markup += """
      <section class="analysis compared" id="\(anchor)"><h2>\(group[0].title)</h2>\(source(of: group[0], pages, figures))
      <div class="columns">
      \(columns)</div></section>

      """
  }

  /// The name of the plugin, which links to its page, but not on that page itself.
  private func source(of section: Section, _ pages: PageIndex, _ figures: FigureWriter) -> Markup? {
    guard pages.contains(.plugin(section.plugin)), section.subject != .plugin(section.plugin) else { return nil }
    return "<p class=\"source\">\(figures.linked("\(section.plugin)", to: .plugin(section.plugin)))</p>"
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
      try add(section, kind: kind, pages: pages, figures: &figures)
    }
    if isHead { markup += "</div>\n" }
  }

  /// - Parameter kind: further classes of the section.
  private mutating func add(
    _ section: Section, kind: Markup = "", pages: PageIndex, figures: inout FigureWriter
  ) throws {
    let anchor = anchor(for: "\(section.model ?? "") \(section.plugin) \(section.title)")
    contents.append(.init(title: "\(section.title)", link: "#\(anchor)"))
    let source = source(of: section, pages, figures)
    let (words, shown) = try figures.markup(of: section, level: 3)
    let figures: Markup? = shown.isEmpty ? nil : "<div class=\"figures\">\n\(shown)</div>"
    markup += """
      <section class="analysis\(kind)" id="\(anchor)"><div class="words"><h2>\(section.title)</h2>\(source)
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

  /// On pages of subjects that models share, those of this order and above stand on the page of their model.
  static let firstOfPart = 100

  /// Whether it is of those that its page begins with.
  var isOpening: Bool {
    switch subject {
    case .head, .model: order < Self.firstAfterOpening
    default: false
    }
  }
}
