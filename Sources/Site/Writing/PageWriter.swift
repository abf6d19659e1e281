import Analysis
import Attribution
import Files

/// Writes pages from the content of a site, which is checked and sorted once.
struct PageWriter: Sendable {
  private let content: SiteContent
  private let options: SiteOptions
  private let pages: PageIndex
  private let sections: [Address: [Section]]
  private let notes: Notes
  private let templates: Templates
  private let neighbours: Neighbours
  private let words: WordIndex
  private let sheets: FigureSheets
  /// The files of the whole atlas.
  let files: [AtlasFile]
  /// The pages to be written.
  let wanted: [Page]

  init(_ content: SiteContent, options: SiteOptions) throws {
    for model in content.models where model.labels.count != model.shape.headCount {
      throw SiteError.labelCount(model: model.id, labels: model.labels.count, heads: model.shape.headCount)
    }
    let pages = try PageIndex(content)
    self.content = content
    self.options = options
    self.pages = pages
    sections = try arrange(content, pages: pages)
    notes = try Notes(content, pages: pages)
    templates = try Templates(options)
    neighbours = Neighbours(pages)
    words = WordIndex(content, pages: pages, sections: sections)
    sheets = FigureSheets(content, style: try FigureStyle(options))
    files = AtlasFile.all(of: content)
    wanted = options.isWanted.map { isWanted in pages.pages.filter { isWanted($0.name) } } ?? pages.pages
  }

  func searchScript(_ images: SiteImages) -> String {
    SearchData(content, pages: pages, sections: sections, notes: notes.onPages, images: images).script
  }

  func compareScript(_ images: SiteImages) -> String {
    CompareData(content: content, sections: sections, images: images).script
  }

  /// What `atlas.json` says, with a line feed at its end.
  func document() throws -> String {
    try jsonText(AtlasDocument(content, pages: pages.pages.count, files: files)) + "\n"
  }

  /// Writes a page and the files beside it.
  /// - Returns: the number of their bytes.
  /// - Throws: `SiteError`, `FileError`.
  func write(_ page: Page, images: SiteImages, to site: SiteFolder) throws -> Int {
    let (view, files) = try view(of: page, images: images)
    var bytes = try site.write(templates.render(view), to: page.address.index)
    bytes += try site.write(try twin(of: page).json(), to: page.address.file("index.json"))
    for file in files { bytes += try site.write(file.content, to: page.address.file(file.name)) }
    for (file, content) in notes[page.address].flatMap(\.attachments) { bytes += try site.write(content, to: file) }
    return bytes
  }

  /// Holds links of commentary to files against the site, once it is written as a whole.
  /// - Throws: `SiteError.commentary`.
  func checkLinks(in site: SiteFolder) throws {
    if options.isWanted == nil { try notes.checkLinks(in: site.root) }
  }

  private func provenance(of page: Page) -> [SiteContent.Fact] {
    let model = content.models.first { $0.id == page.model }
    return (model?.provenance ?? []) + content.provenance
  }

  private func twin(of page: Page) -> PageTwin {
    PageTwin(
      page: page.address.path, subject: page.subject, title: page.title, model: page.model,
      sections: sections[page.address] ?? [], provenance: provenance(of: page),
      rebuild: options.rebuildCommand(page.name), date: content.date)
  }
}

// MARK: The values of templates

extension PageWriter {
  private func view(of page: Page, images: SiteImages) throws -> (PageView, [SideFile]) {
    let pageLead = PageLead(
      content: content, pages: pages, images: images, sections: sections, notes: notes, words: words, files: files)
    let taken = (files.map(\.address) + [AtlasFile.document]).filter { page.address.file(fileName($0.path)) == $0 }
    var figures = FigureWriter(
      page: page.address, pages: pages, images: images, content: content, sheets: sheets,
      taken: Set(taken.map { fileName($0.path) }))
    let lead = try pageLead.lead(of: page, figures: &figures)
    let body = try PageBody(
      sections: sections[page.address] ?? [], notes: notes[page.address], content: content, pages: pages,
      figures: &figures)
    let trail = pages.trail(of: page)
    let names = [page.title] + trail.reversed().map(\.title)
    let own = page.address
    let tail = pageLead.tail(of: page)
    let isBare = lead.isEmpty && body.markup.isEmpty && tail.isEmpty
    let view = PageView(
      kind: kind(of: page), documentTitle: "\(names.joined(separator: " · "))", root: root(of: own),
      scripts: scripts(of: page).map { .init(title: "", link: "\(own.link(to: $0))") },
      siteTitle: "\(content.title)", home: "\(own.link(to: Address.root.index))", navigation: navigation(on: page),
      trail: trail.map { .init(title: "\($0.title)", link: "\(own.link(to: $0.address.index))") },
      hasTrail: !trail.isEmpty, heading: pageLead.heading(of: page),
      previous: link(neighbours[own]?.previous, from: own),
      next: link(neighbours[own]?.next, from: own), above: link(layersAway: -1, from: page),
      below: link(layersAway: 1, from: page), contents: body.contents, hasContents: body.contents.count > 2,
      body: isBare
        ? "<p>No analysis of this atlas has results for this page.</p>"
        : "\(lead)\n\(body.markup)\(tail)",
      provenance: provenance(of: page).map { .init(name: "\($0.name)", value: "\($0.value)") },
      rebuild: "\(options.rebuildCommand(page.name))", citation: citation(of: page),
      bibtex: "\(Citation(content).entries(for: page) ?? "")", date: "\(content.date ?? "")")
    return (view, figures.files)
  }

  private func kind(of page: Page) -> Markup {
    switch page.kind {
    case .subject(let subject), .part(let subject, _): "\(subject.kind)"
    case .list: "list"
    case .search: "search"
    case .alphabet, .letter: "alphabet"
    case .glossary: "glossary"
    case .compare: "compare"
    case .about: "about"
    }
  }

  /// Those of one page: its data and what reads them.
  private func scripts(of page: Page) -> [Address] {
    switch page.kind {
    case .search: [page.address.file("data.js"), Address("assets/search.js")]
    case .compare: [page.address.file("data.js"), Address("assets/compare.js")]
    case .subject, .part, .list, .alphabet, .letter, .glossary, .about: []
    }
  }

  private func root(of page: Address) -> Markup { "\(String(repeating: "../", count: page.components.count))" }

  private func link(_ place: Int?, from page: Address) -> PageView.Link? {
    place.map { .init(title: "\(pages.pages[$0].title)", link: "\(page.link(to: pages.pages[$0].address.index))") }
  }

  private func navigation(on page: Page) -> [PageView.Entry] {
    let section = ([page] + pages.trail(of: page)).map(\.address)
    let entries =
      ListPage.allCases.filter { $0 != .plugins }.map { ($0.title, $0.address) } + [
        ("Metrics", Subject.metrics.address), ("Method", Subject.method.address), ("Plugins", ListPage.plugins.address),
        ("About", .about), ("Search", .search),
      ]
    return entries.map { title, address in
      .init(
        title: "\(title)", link: "\(page.address.link(to: address.index))",
        isCurrent: section.contains(address))
    }
  }

  /// The link to the same head of another layer; nil where the page is not of a head, or there is no such layer.
  private func link(layersAway step: Int, from page: Page) -> PageView.Link? {
    guard case .subject(.head(let model, let head)) = page.kind else { return nil }
    let other = Subject.head(model: model, head: Head(layer: head.layer + step, head: head.head))
    return pages[other.address].map { .init(title: "\($0.title)", link: "\(page.address.link(to: $0.address.index))") }
  }

  /// How to cite a page: its title, its atlas with version and date, and its path.
  private func citation(of page: Page) -> Markup {
    let version =
      (content.provenance.first.map { ", \($0.name) \($0.value)" } ?? "")
      + (content.shortHash.map { ", sha256 \($0)" } ?? "")
    let date = content.date.map { ", \($0)" } ?? ""
    return "\(page.title). In: \(content.title)\(version)\(date), page \(page.name)."
  }
}
