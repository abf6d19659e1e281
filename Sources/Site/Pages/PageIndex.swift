import Analysis
import Attribution
import Files

/// A page of the site.
struct Page: Sendable {
  enum Kind: Sendable, Equatable {
    case subject(Subject)
    /// What one model says of a subject that models share, in more detail than the subject's own page.
    case part(Subject, model: String)
    case list(ListPage)
    case search
    /// The list from A to Z of all that has a name, for readers without scripts.
    case alphabet
    /// The words that begin with a letter.
    case letter(String)
    case glossary
    /// Heads side by side.
    case compare
    case about
  }

  let kind: Kind
  let address: Address
  let title: String
  /// The page above it; nil for the atlas.
  let parent: Address?

  /// What it is about; nil for lists and the like.
  var subject: Subject? {
    switch kind {
    case .subject(let subject), .part(let subject, _): subject
    case .list, .search, .alphabet, .letter, .glossary, .compare, .about: nil
    }
  }

  /// The model that the whole of it is about.
  var model: String? {
    switch kind {
    case .subject(let subject): subject.model
    case .part(_, let model): model
    case .list, .search, .alphabet, .letter, .glossary, .compare, .about: nil
    }
  }
}

/// A page that lists all subjects of one kind.
enum ListPage: String, Sendable, CaseIterable {
  case models, properties, images, texts, contrasts, plugins

  var title: String { rawValue.capitalizedFirst }
  var address: Address { Address(rawValue) }
}

extension Subject {
  var address: Address { Address(path) }

  /// Whether the subject has a page of each model beneath its own, in an atlas of so many models.
  ///
  /// Pages of properties show images of the whole gallery and would be too long even with one model.
  fileprivate func hasParts(among models: Int) -> Bool {
    switch self {
    case .property: true
    case .image, .text, .contrast: models > 1
    case .atlas, .model, .layer, .head, .plugin, .pluginPage, .metrics, .method: false
    }
  }

  /// The page beneath the subject's own with what a model says of it at length; that of a model itself has a name of its own.
  func part(of model: String) -> Address { address.file(self == .model(model) ? "more" : model) }
}

/// All pages of the site, in the order in which they are written.
struct PageIndex: Sendable {
  let pages: [Page]
  private let places: [Address: Int]
  /// All folders of the site that no page's own file may be named as, in lower case.
  private let folders: Set<String>

  /// - Throws: `SiteError.identifier`, `.duplicatePage`.
  init(_ content: SiteContent) throws {
    try checkIdentifiers(content)
    pages = Self.pages(of: content)
    var paths: Set<String> = []
    for page in pages where !paths.insert(page.address.path.lowercased()).inserted {
      throw SiteError.duplicatePage(path: page.address.path)
    }
    places = Dictionary(uniqueKeysWithValues: pages.enumerated().map { ($1.address, $0) })
    var folders: Set<String> = ["assets", "images", "schema"]
    for page in pages {
      let parts = page.address.path.lowercased().split(separator: "/")
      for count in parts.indices { folders.insert(parts[...count].joined(separator: "/")) }
      folders.insert(page.address.file("commentary").path.lowercased())
    }
    self.folders = folders
  }

  /// Whether the site has a folder of this name, with or without pages.
  func hasFolder(_ address: Address) -> Bool { folders.contains(address.path.lowercased()) }

  fileprivate static func pages(of content: SiteContent) -> [Page] {
    var pages: [Page] = []
    func add(_ kind: Page.Kind, _ address: Address, _ title: String, under parent: Address?) {
      pages.append(Page(kind: kind, address: address, title: title, parent: parent))
    }
    func add(_ subject: Subject, _ title: String, under parent: Address?) {
      add(.subject(subject), subject.address, title, under: parent)
    }
    add(.atlas, content.title, under: nil)
    for list in ListPage.allCases { add(.list(list), list.address, list.title, under: .root) }
    for model in content.models { addPages(of: model, in: content, add: add) }
    func addShared(_ subject: Subject, _ title: String, under list: ListPage) {
      add(subject, title, under: list.address)
      for model in content.models where subject.hasParts(among: content.models.count) {
        add(
          .part(subject, model: model.id), subject.part(of: model.id), "\(title), \(model.title)",
          under: subject.address)
      }
    }
    for property in content.properties { addShared(.property(property.id), property.title, under: .properties) }
    for image in content.gallery { addShared(.image(image.reference.id), name(of: image), under: .images) }
    for text in content.texts { addShared(.text(text.id), "“\(text.text)”", under: .texts) }
    for contrast in content.contrasts { addShared(.contrast(contrast.id), contrast.title, under: .contrasts) }
    for plugin in content.plugins {
      let own = Subject.plugin(plugin.manifest.id)
      add(own, plugin.manifest.title, under: ListPage.plugins.address)
      for page in plugin.manifest.pages {
        add(.pluginPage(plugin: plugin.manifest.id, page: page.id), page.title, under: own.address)
      }
    }
    add(.metrics, "Metrics", under: .root)
    add(.method, "Method", under: .root)
    add(.search, .search, "Search", under: .root)
    add(.alphabet, .alphabet, "A to Z", under: .search)
    for letter in WordIndex.letters {
      add(
        .letter(letter), .letter(letter), letter == "other" ? "Other words" : "Words with \(letter.uppercased())",
        under: .alphabet)
    }
    add(.compare, .compare, "Compare", under: .root)
    add(.glossary, .glossary, "Glossary", under: .root)
    add(.about, .about, "About", under: .root)
    return pages
  }

  subscript(_ address: Address) -> Page? { places[address].map { pages[$0] } }

  func contains(_ subject: Subject) -> Bool { places[subject.address] != nil }

  /// Where a section stands: on its subject's page, or on that of its model beneath it.
  func address(of section: Section) -> Address {
    guard section.order >= Section.firstOfPart, let model = section.model else { return section.subject.address }
    let part = section.subject.part(of: model)
    return places[part] == nil ? section.subject.address : part
  }

  /// The link from a page to the page of a subject; nil where that has none.
  func link(from page: Address, to subject: Subject) -> String? {
    contains(subject) ? page.link(to: subject.address.index) : nil
  }

  /// The pages above a page, the atlas first.
  func trail(of page: Page) -> [Page] {
    var trail: [Page] = []
    var next = page.parent
    while let address = next, let above = self[address] {
      trail.append(above)
      next = above.parent
    }
    return trail.reversed()
  }
}

/// The paths of all pages that a site with this content has, in the order they are written; the atlas's own is empty.
package func pagePaths(of content: SiteContent) -> [String] { PageIndex.pages(of: content).map(\.address.path) }

/// Models of more heads than this have a second page: their grids alone are a third of what a page may weigh.
private let headsOfOnePage = 200

private func addPages(
  of model: SiteContent.Model, in content: SiteContent, add: (Page.Kind, Address, String, Address?) -> Void
) {
  add(.subject(.model(model.id)), Subject.model(model.id).address, model.title, ListPage.models.address)
  if model.shape.headCount > headsOfOnePage {
    let own = Subject.model(model.id)
    add(.part(own, model: model.id), own.part(of: model.id), "\(model.title), further", own.address)
  }
  for layer in 0..<model.shape.layers {
    let subject = Subject.layer(model: model.id, layer: layer)
    add(.subject(subject), subject.address, "Layer \(layer)", Subject.model(model.id).address)
  }
  for head in model.shape.allHeads {
    let name = model.verdict(of: head, among: content.properties).name
    let subject = Subject.head(model: model.id, head: head)
    add(
      .subject(subject), subject.address, ["\(head)", name].compactMap(\.self).joined(separator: " "),
      Subject.layer(model: model.id, layer: head.layer).address)
  }
}

/// An image's caption, or its identifier where it has none.
func name(of image: SiteContent.ImageFile) -> String {
  image.caption.isEmpty ? image.reference.id : image.caption
}

private func checkIdentifiers(_ content: SiteContent) throws {
  let identifiers: [(kind: String, ids: [String])] = [
    ("model", content.models.map(\.id)), ("property", content.properties.map(\.id)),
    ("gallery image", content.gallery.map(\.reference.id)), ("probe image", content.probe.map(\.reference.id)),
    ("text", content.texts.map(\.id)), ("contrast", content.contrasts.map(\.id)),
    ("plugin", content.plugins.map(\.manifest.id)),
    ("plugin page", content.plugins.flatMap { $0.manifest.pages.map(\.id) }),
  ]
  for (kind, ids) in identifiers {
    if let bad = ids.first(where: { !isFileName($0) }) { throw SiteError.identifier(kind: kind, id: bad) }
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
