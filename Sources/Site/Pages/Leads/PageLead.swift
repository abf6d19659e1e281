import Analysis
import Attribution

/// The parts of a page around its sections, which come from the content itself: the heading, what precedes the sections and
/// what follows them.
struct PageLead {
  let content: SiteContent
  let pages: PageIndex
  let images: SiteImages
  /// The sections of all pages, in the order of the page.
  let sections: [Address: [Section]]
  let notes: Notes
  let words: WordIndex
  /// The files of the whole atlas.
  let files: [AtlasFile]

  func lead(of page: Page, figures: inout FigureWriter) throws -> Markup {
    switch page.kind {
    case .subject(let subject): try lead(of: subject, page: page.address, figures: &figures)
    case .part(let subject, let model): part(of: subject, model: model, page: page)
    case .list(let list): try listing(list, page: page.address)
    case .search: searchPage(page.address)
    case .alphabet: alphabet(page.address)
    case .letter(let letter): wordList(letter, page: page.address)
    case .glossary: glossary()
    case .compare: comparison(page.address)
    case .about: about(page.address, figures: &figures)
    }
  }

  private func lead(of subject: Subject, page: Address, figures: inout FigureWriter) throws -> Markup {
    switch subject {
    case .atlas: atlas(page, figures: &figures)
    case .model(let id): model(id, page: page)
    case .layer(let id, let layer): self.layer(layer, of: id, page: page, figures: figures)
    case .head(let id, let head): self.head(head, of: id, page: page)
    case .property: ""
    case .image(let id): image(id, page: page)
    case .text: ""
    case .contrast(let id): contrast(id, page: page, figures: figures)
    case .plugin(let id): plugin(id, page: page, figures: &figures)
    case .pluginPage(let id, _): pluginPage(of: id, page: page)
    case .metrics, .method: ""
    }
  }

  /// The part after the sections.
  func tail(of page: Page) -> Markup {
    switch page.kind {
    case .subject(.model(let id)):
      "\(content.models.first { $0.id == id }.map { labelList($0, page: page.address) })\(parts(of: .model(id), page: page.address))"
    case .subject(.property(let id)):
      "\(property(id, page: page.address))\(parts(of: .property(id), page: page.address))"
    case .subject(.method): asData(page.address)
    case .subject(let subject) where subject.model == nil: parts(of: subject, page: page.address)
    default: ""
    }
  }

  /// The heading of a page; that of a head has its name and what it does as separate elements.
  func heading(of page: Page) -> Markup {
    guard case .subject(.head(let id, let head)) = page.kind, let model = content.models.first(where: { $0.id == id })
    else { return "\(page.title)" }
    let verdict = model.verdict(of: head, among: content.properties)
    let subject = verdict.property.map { Subject.property($0.id) } ?? property(named: verdict.label)
    let kind: Markup = verdict.name == nil ? "label ambiguous" : "label"
    let shown = link(to: verdict.name == nil ? nil : subject, from: page.address, "\(verdict.words)")
    return "<span class=\"name\">\("\(head)")</span> <span class=\"\(kind)\">\(shown)</span>"
  }

  func link(to subject: Subject?, from page: Address, _ text: Markup) -> Markup {
    guard let subject, let link = pages.link(from: page, to: subject) else { return text }
    return "<a href=\"\(link)\">\(text)</a>"
  }

  func link(to address: Address, from page: Address, _ text: Markup) -> Markup {
    "<a href=\"\(page.link(to: address.index))\">\(text)</a>"
  }

  /// The property that a label names.
  func property(named label: String) -> Subject? {
    let title = label.lowercased()
    return content.properties.first { $0.title.lowercased() == title }.map { .property($0.id) }
  }

  func headLinks(_ heads: [Head], of model: SiteContent.Model, from page: Address) -> Markup {
    let links = heads.map { link(to: .head(model: model.id, head: $0), from: page, "\("\($0)")") }
    return "<span class=\"headlinks\">\(links.joined(separator: " "))</span>"
  }

  func facts(_ facts: [SiteContent.Fact]) -> Markup {
    let rows: [Markup] = facts.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>\n" }
    return "<dl class=\"facts\">\n\(rows)</dl>"
  }
}
