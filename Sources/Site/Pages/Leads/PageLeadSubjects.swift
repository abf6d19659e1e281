import Analysis
import Diagnostics
import Images

extension PageLead {
  func property(_ id: String, page: Address) -> Markup {
    guard let property = content.properties.first(where: { $0.id == id }) else { return "" }
    let rows: [Markup] = content.models.map { model in
      let heads = model.heads(labelled: property)
      let shown = heads.isEmpty ? "none" : headLinks(heads, of: model, from: page)
      return """
        <div><dt>\(link(to: .model(model.id), from: page, "\(model.title)")) \
        <span class="count">\(heads.count)</span></dt>\
        <dd>\(shown)</dd></div>

        """
    }
    return "<section><h2 id=\"heads\">Heads labelled with it</h2><dl class=\"facts labels\">\n\(rows)</dl></section>"
  }

  /// Links to what each model alone says of a subject; nothing where there is no more than stands here.
  func parts(of subject: Subject, page: Address) -> Markup {
    let items: [Markup] = content.models.compactMap { model in
      guard subject.model ?? model.id == model.id else { return nil }
      let address = subject.part(of: model.id)
      guard let sections = sections[address], !sections.isEmpty else { return nil }
      let titles = sections.map(\.title).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return """
        <li>\(link(to: address, from: page, "\(model.title)")) <span class="small">\(titles.joined(separator: "; "))</span>

        """
    }
    guard !items.isEmpty else { return "" }
    let title: Markup = items.count == 1 ? "More of it" : "More of it, model by model"
    return "<section><h2 id=\"parts\">\(title)</h2><ul class=\"entries\">\n\(items)</ul></section>"
  }

  /// What precedes the sections of one model about a subject that models share.
  func part(of subject: Subject, model id: String, page: Page) -> Markup {
    let title = content.models.first { $0.id == id }?.title ?? id
    let whole = page.parent.flatMap { pages[$0] }?.title ?? page.title
    let isEmpty = sections[page.address]?.isEmpty ?? true
    let note: Markup = isEmpty ? " No analysis of this atlas has more." : ""
    let rest = link(to: subject, from: page.address, "\(whole)")
    if subject.model != nil { return "<p class=\"lead\">\(rest) has the rest.\(note)</p>" }
    return """
      <p class="lead">What \(link(to: .model(id), from: page.address, "\(title)")) alone says; \(rest) has the rest.\(note)</p>
      """
  }

  /// The large image with the square that the model sees outlined.
  func image(_ id: String, page: Address) -> Markup {
    guard let image = images[ImageReference(set: .gallery, id: id)] else { return "" }
    let source = image.source
    let credit: Markup? = source.credit.map { "<span>Image: \($0)</span>" }
    let licence: Markup? = source.licence.map { "<span>Licence: \($0)</span>" }
    let squashing = content.models.filter { $0.resize == .squash }.map(\.title)
    let whole: Markup? =
      squashing.isEmpty
      ? nil : " \(squashing.joined(separator: ", ")): all of it, squashed to a square."
    let note: Markup =
      isWhole(image.cropBox)
      ? "The model sees all of it." : "The outlined square is what the model sees.\(whole)"
    return """
      <figure class="image">\(outlined(image, page: page))<figcaption>\
      <span>\(note)</span>\(credit)\(licence)\
      <span>\(compareLink(CompareData.key(image: id), "Beside another image", page: page))</span></figcaption></figure>
      """
  }

  private func isWhole(_ box: FractionalRectangle) -> Bool { box.width > 0.999 && box.height > 0.999 }

  private func outlined(_ image: ShownImage, page: Address) -> Markup {
    let file = image.large ?? image.thumb
    let box = image.cropBox
    let (width, height) = (Double(file.width), Double(file.height))
    let outline: Markup? =
      isWhole(box)
      ? nil
      : """
      <svg viewBox="0 0 \(file.width) \(file.height)" aria-hidden="true"><path class="outside" \
      d="M0 0h\(file.width)v\(file.height)h-\(file.width)z\(square(box, width, height))"/>\
      <path class="crop" d="\(square(box, width, height))"/></svg>
      """
    return """
      <span class="whole"><img src="\(page.link(to: file.file))" alt="\(image.alternative)" width="\(file.width)" \
      height="\(file.height)">\(outline)</span>
      """
  }

  private func square(_ box: FractionalRectangle, _ width: Double, _ height: Double) -> String {
    let (x, y) = (coordinate(box.x * width), coordinate(box.y * height))
    let (across, down) = (coordinate(box.width * width), coordinate(box.height * height))
    return "M\(x) \(y)h\(across)v\(down)h-\(across)z"
  }

  func contrast(_ id: String, page: Address, figures: FigureWriter) -> Markup {
    guard let contrast = content.contrasts.first(where: { $0.id == id }) else { return "" }
    let texts: [Markup] = contrast.texts.map { text in
      let words = content.texts.first { $0.id == text }?.text ?? text
      return "<li>\(link(to: .text(text), from: page, "“\(words)”"))\n"
    }
    let reference = ImageReference(set: .gallery, id: contrast.image)
    guard let image = images[reference] else { return "<ol class=\"texts\">\n\(texts)</ol>" }
    return """
      <figure class="image">\(link(to: .image(contrast.image), from: page, outlined(image, page: page)))\
      <figcaption><ol class="texts">
      \(texts)</ol><span>\(image.alternative)</span></figcaption></figure>
      """
  }

  func plugin(_ id: String, page: Address, figures: inout FigureWriter) -> Markup {
    guard let entry = content.plugins.first(where: { $0.manifest.id == id }) else { return "" }
    let manifest = entry.manifest
    var options: Markup = ""
    if !manifest.options.isEmpty {
      let table = Table(
        caption: "Options, set in atlas.yml",
        columns: [
          Table.Column("Option"), Table.Column("What it does"), Table.Column("Default"), Table.Column("Choices"),
        ],
        rows: manifest.options.map { option in
          [option.name, option.summary, option.defaultValue.words, option.choices].map { .text($0) }
        })
      options = "<section><h2 id=\"options\">Options</h2>\(figures.tableFigure(table, of: "options"))</section>"
    }
    return """
      <p class="lead">\(manifest.summary)</p><p class="small">\(manifest.id) \(manifest.version)</p>
      <div class="prose">\(notes.plugins[id])</div>\(ownPages(of: manifest, page: page))\(options)\(appearances(of: id, page: page))
      """
  }

  /// Links to the pages that a plugin has beside this one.
  private func ownPages(of manifest: PluginManifest, page: Address) -> Markup? {
    guard !manifest.pages.isEmpty else { return nil }
    let items: [Markup] = manifest.pages.map { other in
      "<li>\(link(to: .pluginPage(plugin: manifest.id, page: other.id), from: page, "\(other.title)"))\n"
    }
    return "<section><h2 id=\"own\">Its pages</h2><ul class=\"entries\">\n\(items)</ul></section>"
  }

  /// What precedes the sections of a further page of a plugin.
  func pluginPage(of id: String, page: Address) -> Markup {
    guard let manifest = content.plugins.first(where: { $0.manifest.id == id })?.manifest else { return "" }
    let isEmpty = sections[page]?.isEmpty ?? true
    let note: Markup = isEmpty ? " It has nothing to show in this atlas." : ""
    return
      "<p class=\"lead\">A page of \(link(to: .plugin(id), from: page, "\(manifest.title)")): \(manifest.summary)\(note)</p>"
  }

  /// Links to the pages with sections of a plugin, twelve at most.
  private func appearances(of plugin: String, page: Address) -> Markup? {
    let shown = pages.pages.filter { other in
      other.address != page && sections[other.address]?.contains { $0.plugin == plugin } ?? false
    }
    guard !shown.isEmpty else { return nil }
    let links = shown.prefix(12).map { link(to: $0.address, from: page, "\($0.title)") }
    let rest: Markup? = shown.count > 12 ? " and \(counted(shown.count - 12, "other"))" : nil
    return """
      <section><h2 id="pages">Results on \(counted(shown.count, "page"))</h2>\
      <p>\(links.joined(separator: ", "))\(rest)</p></section>
      """
  }
}
