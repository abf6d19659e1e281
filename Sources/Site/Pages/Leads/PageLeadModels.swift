import Analysis
import Attribution
import Diagnostics
import Files

extension PageLead {
  /// Most images on the front page.
  private static let imagesOnFront = 60

  /// The images of the gallery as the way in, evenly spaced where they are many.
  private func galleryWall(_ page: Address) -> Markup? {
    let gallery = content.gallery
    let count = min(Self.imagesOnFront, gallery.count)
    let samples = (0..<count).compactMap { images[gallery[$0 * gallery.count / count].reference] }
    guard !samples.isEmpty else { return nil }
    let items: [Markup] = samples.map { shown in
      let thumb = shown.thumb
      let image: Markup = """
        <img src="\(page.link(to: thumb.file))" alt="\(shown.alternative)" width="\(thumb.width)" \
        height="\(thumb.height)" loading="lazy" decoding="async">
        """
      return "<li>\(link(to: .image(shown.source.reference.id), from: page, image))\n"
    }
    return "<section><h2 id=\"images\">Images</h2><ul class=\"sample\">\n\(items)</ul></section>"
  }

  func atlas(_ page: Address, figures: inout FigureWriter) -> Markup {
    let models: [Markup] = content.models.map { model in
      """
      <li><a href="\(page.link(to: Subject.model(model.id).address.index))">\(drawing(of: model))\
      <span class="title">\(model.title)</span></a><span class="small">\(sizeSentence(model)), \
      \(model.toldSentence)</span>

      """
    }
    let featured = featuredHead(page, figures: figures)
    return """
      <div class="front\(featured == nil ? "" : " featured" as Markup)"><div><div class="prose lead">\(notes.introduction)</div>\
      \(searchBox(page))\(startingPoints(page))\(tourList(page))</div>\(featured)</div>
      <div class="overview">\(propertyMatrix(page, figures: &figures) ?? propertyTable(figures: &figures))
      <section><h2 id="models">\(counted(content.models.count, "model").capitalizedFirst)</h2><ul class="models">
      \(models)</ul></section></div>
      \(galleryWall(page))
      """
  }

  /// How much each head varies with its strongest property, or, where no evidence is at hand, which have labels.
  private func drawing(of model: SiteContent.Model) -> Markup {
    guard model.summaries.count == model.shape.headCount, model.summaries.contains(where: { !$0.evidence.isEmpty })
    else {
      return MiniGrid(model: model).drawing
    }
    let grid = HeadGrid(
      caption: model.title, model: model.id, layers: model.shape.layers, heads: model.shape.heads,
      measure: "share beyond chance", isDiverging: false, values: model.summaries.map { $0.strongest?.excess },
      labels: model.labels)
    return HeadGridDrawing(grid, isSmall: true).small(sentence: "\(model.title): \(model.toldSentence)")
  }

  private func startingPoints(_ page: Address) -> Markup {
    let lists: [(list: ListPage, count: Int, word: String, what: String)] = [
      (.models, content.models.count, "A model", "all its heads, layer by layer"),
      (.properties, content.properties.count, "A property", "the heads that vary with it, in every model"),
      (.images, content.gallery.count, "An image", "what each head writes for it"),
      (.texts, content.texts.count, "A text", "the heads that answer to it most"),
      (.contrasts, content.contrasts.count, "A contrast", "two texts compared on one image"),
    ]
    let items: [Markup] = lists.filter { $0.count > 0 }.map { list, count, word, what in
      """
      <li>\(link(to: list.address, from: page, "\(word)")) <span>\(what)</span> \
      <span class="n">\(count)</span>

      """
    }
    let side = link(to: .compare, from: page, "Two heads")
    let comparison: Markup = "<li>\(side) <span>side by side, up to four of any models</span>\n"
    return "<h2 id=\"start\">Where to start</h2><ul class=\"start\">\n\(items)\(comparison)</ul>"
  }

  /// The tours with the pages where they begin; nil where there are none.
  private func tourList(_ page: Address) -> Markup? {
    let items: [Markup] = notes.tours.compactMap { tour in
      tour.pages.first.map {
        "<li>\(link(to: $0, from: page, "\(tour.name)")) <span class=\"small\">\(counted(tour.pages.count, "page"))</span>\n"
      }
    }
    return items.isEmpty ? nil : "<h2 id=\"tours\">Tours</h2><ul class=\"entries\">\n\(items)</ul>"
  }

  /// How many heads are labelled with each property: where no evidence for properties is at hand.
  private func propertyTable(figures: inout FigureWriter) -> Markup? {
    guard !content.properties.isEmpty, !content.models.isEmpty else { return nil }
    let rows = content.properties.map { property -> [Cell] in
      [.link(property.title, .property(property.id))]
        + content.models.map { .number(Double($0.heads(labelled: property).count), decimals: 0) }
    }
    let table = Table(
      caption: "How many heads are labelled with each property",
      columns: [Table.Column("Property")] + content.models.map { Table.Column($0.title, isNumeric: true) }, rows: rows)
    return "<section><h2 id=\"properties\">Properties</h2>\(figures.tableFigure(table, of: "properties"))</section>"
  }

  func sizeSentence(_ model: SiteContent.Model) -> String {
    "\(counted(model.shape.layers, "layer")) of \(counted(model.shape.heads, "head"))"
  }

  func model(_ id: String, page: Address) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let layers: [Markup] = (0..<model.shape.layers).map { layer in
      link(to: .layer(model: id, layer: layer), from: page, "L\(layer)")
    }
    let beside: Markup? =
      content.models.count > 1
      ? " \(compareLink(CompareData.key(model: id), "Beside another model", page: page))" : nil
    return """
      <p class="lead">\(sizeSentence(model)), \(model.shape.headWidth) dimensions per head; \
      a joint embedding of \(model.shape.embeddingWidth) dimensions; \(model.shape.gridSide)×\(model.shape.gridSide) patches; \
      \(model.toldSentence).\(beside)</p>
      <p class="headlinks">Layers: \(layers.joined(separator: " "))</p>
      <p class="files"><a href="\(page.link(to: page.file(AtlasFile.heads)))" download>All its heads as CSV</a></p>
      """
  }

  /// Links to heads for one label at most; the property's page has all.
  private static let headsOfLabel = 24

  func labelList(_ model: SiteContent.Model, page: Address) -> Markup {
    let labels: [Markup] = model.headsByLabel.map { label, heads in
      let further = heads.count - Self.headsOfLabel
      let more: Markup? = further > 0 ? " <span class=\"small\">and \(further) more</span>" : nil
      return """
        <div><dt>\(link(to: property(named: label), from: page, "\(label)")) \
        <span class="count">\(heads.count)</span></dt>\
        <dd>\(headLinks(Array(heads.prefix(Self.headsOfLabel)), of: model, from: page))\(more)</dd></div>

        """
    }
    return """
      <section><h2 id="labels">Labels and their heads</h2><dl class="facts labels">
      \(labels)</dl></section>
      """
  }

  func layer(_ layer: Int, of id: String, page: Address, figures: FigureWriter) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let cards: [Markup] = (0..<model.shape.heads).map { number in
      card(Head(layer: layer, head: number), of: model, page: page, figures: figures)
    }
    return """
      <div class="position">\(link(to: .model(id), from: page, MiniGrid(model: model, layer: layer).drawing))</div>
      <section><h2 id="heads">\(counted(model.shape.heads, "head").capitalizedFirst)</h2><ul class="cards">
      \(cards)</ul></section>
      """
  }

  /// A summary of a head: its label, its first three descriptions and its first two images.
  private func card(_ head: Head, of model: SiteContent.Model, page: Address, figures: FigureWriter) -> Markup {
    let subject = Subject.head(model: model.id, head: head)
    let blocks = (sections[subject.address] ?? []).flatMap(\.blocks)
    let bars = describingBars(in: blocks)
    let strip = blocks.lazy.compactMap { if case .imageStrip(let strip) = $0 { strip } else { nil } }.first
    let lines: [Markup] = (bars?.items.prefix(3) ?? []).map { "<li>\($0.label)\n" }
    let images = (strip?.items ?? []).filter { $0.badge != "query" }.prefix(2).map { figures.thumbnail($0.image) }
    let verdict = model.verdict(of: head, among: content.properties)
    let shownImages: Markup? = images.isEmpty ? nil : "<div class=\"pair\">\(images)</div>"
    let shownLines: Markup? = lines.isEmpty ? nil : "<ol>\(lines)</ol>"
    return """
      <li><h3>\(link(to: subject, from: page, "\("\(head)")")) \
      <span class="label\(verdict.name == nil ? " ambiguous" : "")">\(verdict.words)</span></h3>\(shownImages)\(shownLines)

      """
  }

  /// The verdict in sentences, and the head's place in the model.
  func head(_ head: Head, of id: String, page: Address) -> Markup {
    guard let model = content.models.first(where: { $0.id == id }) else { return "" }
    let row: [Markup] = (0..<model.shape.heads).map { number in
      let other = Head(layer: head.layer, head: number)
      return other == head
        ? "<b aria-current=\"page\">H\(number)</b>" : link(to: .head(model: id, head: other), from: page, "H\(number)")
    }
    let beside = compareLink(CompareData.key(head, of: model), "Beside another head", page: page)
    return """
      <div class="verdict"><p>\(verdictSentences(head, of: model, page: page)) \
      \(beside)</p>
      <div class="position">\(link(to: .model(id), from: page, MiniGrid(model: model, head: head).drawing))
      <p class="headlinks">\(link(to: .layer(model: id, layer: head.layer), from: page, "Layer \(head.layer)")): \
      \(row.joined(separator: " "))</p></div></div>
      """
  }
}
