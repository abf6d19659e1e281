import Analysis
import Attribution
import Diagnostics
import Files
import Parallel

/// Writes the atlas as a static site.
///
/// Every page is a folder with `index.html`, its twin `index.json` and the files of its figures. The same content gives
/// the same bytes, whatever the number of cores.
/// - Parameters:
///   - folder: made where it is missing; files of the same names are replaced, others stay.
///   - progress: called with a sentence now and then, from one thread.
/// - Throws: `SiteError`, and `ImageError` for images that cannot be read.
package func writeSite(
  _ content: SiteContent, options: SiteOptions, to folder: String, progress: (String) -> Void
) throws -> SiteReport {
  let site = SiteFolder(root: folder)
  let writer = try PageWriter(content, options: options)
  progress("\(counted(writer.wanted.count, "page")), \(counted(content.gallery.count, "gallery image"))")
  let (shelf, imageBytes) = try SiteImages.write(content, to: site, threads: options.threads)
  progress("wrote the images")
  let sizes = try inParallel(writer.wanted.count, threads: options.threads) { place in
    try writer.write(writer.wanted[place], shelf: shelf, to: site)
  }
  progress("wrote the pages")
  var bytes = imageBytes + sizes.reduce(0, +)
  for (name, path) in try assets(options) { bytes += try site.write(try readFile(path), to: Address("assets/\(name)")) }
  if writer.wanted.contains(where: { $0.kind == .search }) {
    bytes += try site.write(writer.searchScript, to: Address("search/data.js"))
  }
  return SiteReport(pages: writer.wanted.count, bytes: bytes)
}

/// All that pages are made of, checked and put in order once.
struct PageWriter: Sendable {
  private let content: SiteContent
  private let options: SiteOptions
  private let pages: PageIndex
  private let sections: [Address: [Section]]
  private let notes: [Address: [Note]]
  private let templates: Templates
  private let neighbours: Neighbours
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
    notes = try Site.notes(in: content, pages: pages)
    templates = try Templates(options)
    neighbours = Neighbours(pages)
    wanted = options.isWanted.map { isWanted in pages.pages.filter { isWanted($0.name) } } ?? pages.pages
  }

  var searchScript: String { SearchData(content, pages: pages, sections: sections, notes: notes).script }

  /// Writes a page and the files beside it.
  /// - Returns: how many bytes they have.
  func write(_ page: Page, shelf: SiteImages, to site: SiteFolder) throws -> Int {
    let (view, files) = try view(of: page, shelf: shelf)
    var bytes = try site.write(templates.render(view), to: page.address.index)
    bytes += try site.write(try twin(of: page).json(), to: page.address.file("index.json"))
    for file in files { bytes += try site.write(file.content, to: page.address.file(file.name)) }
    return bytes
  }

  private func provenance(of page: Page) -> [SiteContent.Fact] {
    guard case .subject(let subject) = page.kind, let id = subject.model,
      let model = content.models.first(where: { $0.id == id })
    else { return content.provenance }
    return model.provenance + content.provenance
  }

  private func twin(of page: Page) -> PageTwin {
    var subject: Subject?
    if case .subject(let own) = page.kind { subject = own }
    return PageTwin(
      page: page.address.path, subject: subject, title: page.title, model: subject?.model,
      sections: sections[page.address] ?? [], provenance: provenance(of: page),
      rebuild: options.rebuildCommand(page.name), date: content.date)
  }
}

// MARK: What templates see

extension PageWriter {
  private func view(of page: Page, shelf: SiteImages) throws -> (PageView, [SideFile]) {
    let chrome = Chrome(content: content, pages: pages, shelf: shelf, sections: sections)
    var figures = FigureWriter(page: page.address, pages: pages, shelf: shelf, squashing: content.squashing)
    let lead = try chrome.lead(of: page, figures: &figures)
    let body = try PageBody(
      sections: sections[page.address] ?? [], notes: notes[page.address] ?? [], content: content, pages: pages,
      figures: &figures)
    let trail = pages.trail(of: page)
    let names = [page.title] + trail.reversed().map(\.title)
    let own = page.address
    let isBare = lead.isEmpty && body.markup.isEmpty
    let view = PageView(
      kind: kind(of: page), documentTitle: "\(names.joined(separator: " · "))", root: root(of: own),
      scripts: page.kind == .search
        ? [own.file("data.js"), Address("assets/search.js")].map { .init(title: "", link: "\(own.link(to: $0))") } : [],
      siteTitle: "\(content.title)", home: "\(own.link(to: Address("").index))", navigation: navigation(on: page),
      trail: trail.map { .init(title: "\($0.title)", link: "\(own.link(to: $0.address.index))") },
      hasTrail: !trail.isEmpty, heading: chrome.heading(of: page), previous: link(neighbours[own]?.previous, from: own),
      next: link(neighbours[own]?.next, from: own), contents: body.contents, hasContents: body.contents.count > 2,
      body: isBare
        ? "<p>No analysis of this atlas has anything on this page.</p>"
        : "\(lead)\n\(body.markup)\(chrome.tail(of: page))",
      provenance: provenance(of: page).map { .init(name: "\($0.name)", value: "\($0.value)") },
      rebuild: "\(options.rebuildCommand(page.name))", citation: citation(of: page), date: "\(content.date ?? "")")
    return (view, figures.files)
  }

  private func kind(of page: Page) -> Markup {
    switch page.kind {
    case .subject(let subject): "\(subject.kind)"
    case .list: "list"
    case .search: "search"
    case .alphabet: "alphabet"
    case .about: "about"
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
        ("About", Address("about")), ("Search", Address("search")),
      ]
    return entries.map { title, address in
      .init(
        title: "\(title)", link: "\(page.address.link(to: address.index))",
        isCurrent: section.contains(address))
    }
  }

  /// How to cite a page: what it is, where it stands, and what it was made from.
  private func citation(of page: Page) -> Markup {
    let version = content.provenance.first.map { ", \($0.name) \($0.value)" } ?? ""
    let date = content.date.map { ", \($0)" } ?? ""
    return "\(page.title). In: \(content.title)\(version)\(date), page \(page.name)."
  }
}

/// The pages before and after a page among those of its kind.
private struct Neighbours: Sendable {
  struct Pair: Sendable {
    var previous: Int?
    var next: Int?
  }
  private var pairs: [Address: Pair] = [:]

  init(_ pages: PageIndex) {
    var last: [String: Int] = [:]
    for (place, page) in pages.pages.enumerated() {
      guard case .subject(let subject) = page.kind else { continue }
      // Heads and layers are walked within their model, all else among its kind.
      let row = "\(subject.kind) \(subject.model ?? "")"
      if case .model = subject { continue }
      if let before = last[row] {
        pairs[page.address, default: Pair()].previous = before
        pairs[pages.pages[before].address, default: Pair()].next = place
      }
      last[row] = place
    }
  }

  subscript(_ page: Address) -> Pair? { pairs[page] }
}

// MARK: Order

/// The sections of every page in their order, each checked against what the atlas has.
private func arrange(_ content: SiteContent, pages: PageIndex) throws -> [Address: [Section]] {
  let models = Set(content.models.map(\.id))
  let images = Set((content.gallery + content.probe).map(\.reference))
  for section in content.sections {
    let path = section.subject.path
    guard pages.contains(section.subject) else {
      throw SiteError.sectionWithoutPage(
        path: path, plugin: section.plugin, title: section.title,
        nearest: nearestName(to: path, in: pages.pages.map(\.address.path)))
    }
    if let model = section.model, !models.contains(model) {
      throw SiteError.unknownModel(
        path: path, plugin: section.plugin, model: model, nearest: nearestName(to: model, in: models.sorted()))
    }
    if let missing = imagesShown(in: [section]).filter({ !images.contains($0) }).min() {
      let known = images.filter { $0.set == missing.set }.map(\.id).sorted()
      throw SiteError.unknownImage(
        path: path, plugin: section.plugin, image: "\(missing.set.rawValue)/\(missing.id)",
        nearest: nearestName(to: missing.id, in: known))
    }
  }
  return Dictionary(grouping: content.sections, by: \.subject.address).mapValues { sections in
    // A stable sort: sections that tie stay in the order in which they were given.
    sections.enumerated().sorted { left, right in
      (left.element.order, left.element.plugin, left.element.title, left.offset)
        < (right.element.order, right.element.plugin, right.element.title, right.offset)
    }.map(\.element)
  }
}
