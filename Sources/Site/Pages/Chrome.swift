import Analysis
import Attribution
import Diagnostics

/// What stands at the head of a page before its sections, made of the content itself.
struct Chrome {
  let content: SiteContent
  let pages: PageIndex
  let shelf: SiteImages
  /// Of all pages, in their order.
  let sections: [Address: [Section]]

  func lead(of page: Page, figures: inout FigureWriter) throws -> Markup {
    switch page.kind {
    case .subject(let subject): try lead(of: subject, page: page.address, figures: &figures)
    case .list(let list): try listing(list, page: page.address)
    case .search: searchPage(page.address)
    case .alphabet: alphabet(page.address)
    case .about: about(page.address, figures: &figures)
    }
  }

  private func lead(of subject: Subject, page: Address, figures: inout FigureWriter) throws -> Markup {
    switch subject {
    case .atlas: try atlas(page, figures: &figures)
    case .model(let id): model(id, page: page)
    case .layer(let id, let layer): self.layer(layer, of: id, page: page, figures: figures)
    case .head(let id, let head): self.head(head, of: id, page: page)
    case .property(let id): property(id, page: page)
    case .image(let id): image(id, page: page)
    case .text: ""
    case .contrast(let id): contrast(id, page: page, figures: figures)
    case .plugin(let id): try plugin(id, page: page, figures: &figures)
    case .metrics, .method: ""
    }
  }

  /// What stands after the sections.
  func tail(of page: Page) -> Markup {
    guard case .subject(.model(let id)) = page.kind, let model = content.models.first(where: { $0.id == id }) else {
      return ""
    }
    return labelList(model, page: page.address)
  }

  /// The heading of a page; for a head its name and its label apart.
  func heading(of page: Page) -> Markup {
    guard case .subject(.head(let id, let head)) = page.kind, let model = content.models.first(where: { $0.id == id })
    else { return "\(page.title)" }
    let label = model.label(of: head)
    let kind: Markup = isAmbiguous(label) ? "label ambiguous" : "label"
    let shown = link(to: property(named: label), from: page.address, "\(label)")
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

// MARK: The atlas and its models

extension Chrome {
  /// A dozen images from all over the gallery: the first thing a reader may want to open.
  private func wall(_ page: Address) -> Markup? {
    let (gallery, most) = (content.gallery, 12)
    let count = min(most, gallery.count)
    let images = (0..<count).compactMap { shelf[gallery[$0 * gallery.count / count].reference] }
    guard !images.isEmpty else { return nil }
    let items: [Markup] = images.map { shown in
      let thumb = shown.thumb
      let image: Markup = """
        <img src="\(page.link(to: thumb.file))" alt="\(shown.alternative)" width="\(thumb.width)" \
        height="\(thumb.height)" decoding="async">
        """
      return "<li>\(link(to: .image(shown.source.reference.id), from: page, image))\n"
    }
    return "<ul class=\"wall\">\n\(items)</ul>"
  }

  private func atlas(_ page: Address, figures: inout FigureWriter) throws -> Markup {
    let introduction = try Prose(file: "the introduction in atlas.yml", text: content.introduction)
      .markup(values: content.values, headingLevel: 2, page: page)
    let models: [Markup] = content.models.map { model in
      """
      <li><a href="\(page.link(to: Subject.model(model.id).address.index))">\(MiniGrid(model: model).drawing)\
      <span class="title">\(model.title)</span></a><span class="small">\(sizeSentence(model)), \
      \(model.labelledSentence)</span>

      """
    }
    return """
      <div class="prose lead">\(introduction)</div>\(wall(page))
      <section><h2 id="models">\(counted(content.models.count, "model").capitalizedFirst)</h2><ul class="models">
      \(models)</ul></section>
      <section><h2 id="ways">Five ways in</h2>\(waysIn(page))</section>
      \(propertyTable(figures: &figures))
      """
  }

  private func waysIn(_ page: Address) -> Markup {
    let ways: [(list: ListPage, count: Int, word: String, what: String)] = [
      (.models, content.models.count, "A model", "all its heads at a glance, layer by layer"),
      (.properties, content.properties.count, "A property", "which heads carry it, in every model"),
      (.images, content.gallery.count, "An image", "what each head makes of it"),
      (.texts, content.texts.count, "A text", "which heads answer to it"),
      (.contrasts, content.contrasts.count, "A contrast", "two texts set against each other on one image"),
    ]
    let items: [Markup] = ways.filter { $0.count > 0 }.map { way in
      """
      <li>\(link(to: way.list.address, from: page, "\(way.word)")) <span>\(way.what)</span> \
      <span class="n">\(way.count)</span>

      """
    }
    return "<ul class=\"ways\">\n\(items)</ul>"
  }

  private func propertyTable(figures: inout FigureWriter) -> Markup? {
    guard !content.properties.isEmpty, !content.models.isEmpty else { return nil }
    let rows = content.properties.map { property -> [Cell] in
      [.link(property.title, .property(property.id))]
        + content.models.map { .number(Double($0.heads(carrying: property).count), decimals: 0) }
    }
    let table = Table(
      caption: "How many heads carry each property",
      columns: [Table.Column("Property")] + content.models.map { Table.Column($0.title, isNumeric: true) }, rows: rows)
    return "<section><h2 id=\"properties\">Properties</h2>\(figures.tableFigure(table, of: "properties"))</section>"
  }

  func sizeSentence(_ model: SiteContent.Model) -> String {
    "\(counted(model.shape.layers, "layer")) of \(counted(model.shape.heads, "head"))"
  }

  private func model(_ id: String, page: Address) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let layers: [Markup] = (0..<model.shape.layers).map { layer in
      link(to: .layer(model: id, layer: layer), from: page, "L\(layer)")
    }
    return """
      <p class="lead">\(sizeSentence(model)), each writing \(model.shape.headWidth) numbers; \
      a joint embedding of \(model.shape.embeddingWidth); \(model.shape.gridSide)×\(model.shape.gridSide) patches; \
      \(model.labelledSentence).</p>
      <p class="headlinks">Layers: \(layers.joined(separator: " "))</p>
      """
  }

  private func labelList(_ model: SiteContent.Model, page: Address) -> Markup {
    let labels: [Markup] = model.headsByLabel.map { label, heads in
      """
      <div><dt>\(link(to: property(named: label), from: page, "\(label)")) \
      <span class="count">\(heads.count)</span></dt>\
      <dd>\(headLinks(heads, of: model, from: page))</dd></div>

      """
    }
    return """
      <section><h2 id="labels">Labels and their heads</h2><dl class="facts labels">
      \(labels)</dl></section>
      """
  }

  private func layer(_ layer: Int, of id: String, page: Address, figures: FigureWriter) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let cards: [Markup] = (0..<model.shape.heads).map { number in
      card(Head(layer: layer, head: number), of: model, page: page, figures: figures)
    }
    return """
      <div class="place">\(link(to: .model(id), from: page, MiniGrid(model: model, layer: layer).drawing))</div>
      <section><h2 id="heads">\(counted(model.shape.heads, "head").capitalizedFirst)</h2><ul class="cards">
      \(cards)</ul></section>
      """
  }

  /// A head in short: its label, its first three descriptions and its first two images.
  private func card(_ head: Head, of model: SiteContent.Model, page: Address, figures: FigureWriter) -> Markup {
    let subject = Subject.head(model: model.id, head: head)
    let blocks = (sections[subject.address] ?? []).flatMap(\.blocks)
    let bars = blocks.lazy.compactMap { if case .bars(let bars) = $0 { bars } else { nil } }.first
    let strip = blocks.lazy.compactMap { if case .imageStrip(let strip) = $0 { strip } else { nil } }.first
    let lines: [Markup] = (bars?.items.prefix(3) ?? []).map { "<li>\($0.label)\n" }
    let images = (strip?.items ?? []).filter { $0.badge != "query" }.prefix(2).map { figures.thumbnail($0.image) }
    let label = model.label(of: head)
    let shownImages: Markup? = images.isEmpty ? nil : "<div class=\"pair\">\(images)</div>"
    let shownLines: Markup? = lines.isEmpty ? nil : "<ol>\(lines)</ol>"
    return """
      <li><h3>\(link(to: subject, from: page, "\("\(head)")")) \
      <span class="label\(isAmbiguous(label) ? " ambiguous" : "")">\(label)</span></h3>\(shownImages)\(shownLines)

      """
  }

  private func head(_ head: Head, of id: String, page: Address) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let row: [Markup] = (0..<model.shape.heads).map { number in
      let other = Head(layer: head.layer, head: number)
      return other == head
        ? "<b aria-current=\"page\">H\(number)</b>" : link(to: .head(model: id, head: other), from: page, "H\(number)")
    }
    return """
      <div class="place">\(link(to: .model(id), from: page, MiniGrid(model: model, head: head).drawing))
      <p class="headlinks">\(link(to: .layer(model: id, layer: head.layer), from: page, "Layer \(head.layer)")): \
      \(row.joined(separator: " "))</p></div>
      """
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
