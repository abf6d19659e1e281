import Analysis
import Attribution
import Diagnostics
import Files
import Images

// MARK: Properties, images, contrasts, plugins

extension Chrome {
  func property(_ id: String, page: Address) -> Markup {
    guard let property = content.properties.first(where: { $0.id == id }) else { return "" }
    let rows: [Markup] = content.models.map { model in
      let heads = model.heads(carrying: property)
      let shown = heads.isEmpty ? "none" : headLinks(heads, of: model, from: page)
      return """
        <div><dt>\(link(to: .model(model.id), from: page, "\(model.title)")) \
        <span class="count">\(heads.count)</span></dt>\
        <dd>\(shown)</dd></div>

        """
    }
    return "<section><h2 id=\"heads\">Heads that carry it</h2><dl class=\"facts labels\">\n\(rows)</dl></section>"
  }

  /// The image large, with what the model sees of it outlined.
  func image(_ id: String, page: Address) -> Markup {
    guard let image = shelf[ImageReference(set: .gallery, id: id)] else { return "" }
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
      <figure class="plate">\(plate(image, page: page))<figcaption>\
      <span>\(note)</span>\(credit)\(licence)</figcaption></figure>
      """
  }

  private func isWhole(_ box: FractionalRectangle) -> Bool { box.width > 0.999 && box.height > 0.999 }

  private func plate(_ image: ShownImage, page: Address) -> Markup {
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
    guard let image = shelf[reference] else { return "<ol class=\"sides\">\n\(texts)</ol>" }
    return """
      <figure class="plate">\(link(to: .image(contrast.image), from: page, plate(image, page: page)))\
      <figcaption><ol class="sides">
      \(texts)</ol><span>\(image.alternative)</span></figcaption></figure>
      """
  }

  func plugin(_ id: String, page: Address, figures: inout FigureWriter) throws -> Markup {
    guard let entry = content.plugins.first(where: { $0.manifest.id == id }) else { return "" }
    let manifest = entry.manifest
    let text = try Prose(file: "plugins/\(id).md", text: entry.page)
      .markup(values: content.values, headingLevel: 2, page: page)
    var options: Markup = ""
    if !manifest.options.isEmpty {
      let table = Table(
        caption: "Options, set in atlas.yml",
        columns: [
          Table.Column("Option"), Table.Column("What it does"), Table.Column("Standard", isNumeric: true),
          Table.Column("Least", isNumeric: true), Table.Column("Most", isNumeric: true),
        ],
        rows: manifest.options.map { option in
          let numbers = [option.defaultValue, option.range.lowerBound, option.range.upperBound]
          return [.text(option.name), .text(option.summary)] + numbers.map { .number(Double($0), decimals: 0) }
        })
      options = "<section><h2 id=\"options\">Options</h2>\(figures.tableFigure(table, of: "options"))</section>"
    }
    return """
      <p class="lead">\(manifest.summary)</p><p class="small">\(manifest.id) \(manifest.version)</p>
      <div class="prose">\(text)</div>\(options)\(appearances(of: id, page: page))
      """
  }

  /// The pages that a plugin has something to say on; the first few of many.
  private func appearances(of plugin: String, page: Address) -> Markup? {
    let shown = pages.pages.filter { other in
      other.address != page && sections[other.address]?.contains { $0.plugin == plugin } ?? false
    }
    guard !shown.isEmpty else { return nil }
    let links = shown.prefix(12).map { link(to: $0.address, from: page, "\($0.title)") }
    let rest: Markup? = shown.count > 12 ? " and \(counted(shown.count - 12, "other"))" : nil
    return """
      <section><h2 id="pages">On \(counted(shown.count, "page"))</h2>\
      <p>\(links.joined(separator: ", "))\(rest)</p></section>
      """
  }
}

// MARK: Pages that list

extension Chrome {
  func listing(_ list: ListPage, page: Address) throws -> Markup {
    switch list {
    case .models:
      entries(content.models.map { (.model($0.id), $0.title, "\(sizeSentence($0)), \($0.labelledSentence)") }, page)
    case .properties: entries(content.properties.map { (.property($0.id), $0.title, carriers($0)) }, page)
    case .texts: entries(content.texts.map { (.text($0.id), "“\($0.text)”", "") }, page)
    case .plugins:
      entries(content.plugins.map { (.plugin($0.manifest.id), $0.manifest.title, $0.manifest.summary) }, page)
    case .images:
      plates(content.gallery.map { (.image($0.reference.id), $0.reference, name(of: $0)) }, page)
    case .contrasts:
      plates(
        content.contrasts.map { (.contrast($0.id), ImageReference(set: .gallery, id: $0.image), $0.title) }, page)
    }
  }

  private func carriers(_ property: SiteContent.PropertyEntry) -> String {
    content.models.map { "\($0.title): \(counted($0.heads(carrying: property).count, "head"))" }.joined(separator: "; ")
  }

  private func entries(_ entries: [(subject: Subject, title: String, remark: String)], _ page: Address) -> Markup {
    guard !entries.isEmpty else { return "<p>None in this atlas.</p>" }
    let items: [Markup] = entries.map { entry in
      let remark: Markup? = entry.remark.isEmpty ? nil : " <span class=\"small\">\(entry.remark)</span>"
      return "<li>\(link(to: entry.subject, from: page, "\(entry.title)"))\(remark)\n"
    }
    return "<ul class=\"entries\">\n\(items)</ul>"
  }

  private func plates(_ entries: [(Subject, ImageReference, String)], _ page: Address) -> Markup {
    guard !entries.isEmpty else { return "<p>None in this atlas.</p>" }
    let items: [Markup] = entries.map { subject, reference, title in
      // The words beside it name the link, so the image itself is decoration here.
      let image: Markup? = shelf[reference].map { image in
        """
        <img src="\(page.link(to: image.thumb.file))" alt="" width="\(image.thumb.width)" \
        height="\(image.thumb.height)" loading="lazy" decoding="async">
        """
      }
      return "<li>\(link(to: subject, from: page, "<span class=\"frame\">\(image)</span> <span>\(title)</span>"))\n"
    }
    return "<ul class=\"plates\">\n\(items)</ul>"
  }

  func searchPage(_ page: Address) -> Markup {
    """
    <div id="search" hidden><label for="query">Words of a label, a description, a caption, a text, a commentary</label>
    <input id="query" type="search" autocomplete="off" autocapitalize="off" spellcheck="false">
    <p id="count" role="status"></p><ol id="results"></ol></div>
    <noscript><p>The search needs scripts. Without them, everything that has a name stands in \
    \(link(to: Address("az"), from: page, "the list from A to Z")).</p></noscript>
    <p class="small">Or leaf through \(link(to: Address("az"), from: page, "everything from A to Z")).</p>
    """
  }

  func alphabet(_ page: Address) -> Markup {
    var groups: [String: [(title: String, markup: Markup)]] = [:]
    func add(_ title: String, _ markup: Markup) {
      let first = title.first { $0.isLetter || $0.isNumber }.map { String($0).uppercased() } ?? "#"
      groups[first.first?.isNumber ?? false ? "0–9" : first, default: []].append((title, markup))
    }
    for (label, markup) in labelEntries(page) { add(label, markup) }
    for other in pages.pages {
      guard case .subject(let subject) = other.kind, let kind = kindInList(subject) else { continue }
      add(other.title, "\(link(to: other.address, from: page, "\(other.title)")) <span class=\"small\">\(kind)</span>")
    }
    let letters = groups.keys.sorted()
    let jumps: [Markup] = letters.enumerated().map { "<a href=\"#letter-\($0.offset)\">\($0.element)</a>" }
    let lists: [Markup] = letters.enumerated().map { number, letter in
      let entries = (groups[letter] ?? []).sorted { left, right in
        (left.title.lowercased(), left.markup.html) < (right.title.lowercased(), right.markup.html)
      }
      let items: [Markup] = entries.map { "<li>\($0.markup)\n" }
      return "<section><h2 id=\"letter-\(number)\">\(letter)</h2><ul class=\"entries\">\n\(items)</ul></section>\n"
    }
    return "<p class=\"headlinks\">\(jumps.joined(separator: " "))</p>\n\(lists)"
  }

  /// A line for each label of each model, with its heads.
  private func labelEntries(_ page: Address) -> [(String, Markup)] {
    content.models.flatMap { model in
      model.headsByLabel.map { label, heads in
        let name: Markup = "\(label) <span class=\"small\">heads of \(model.title)</span>"
        return (label, "\(name) \(headLinks(heads, of: model, from: page))")
      }
    }
  }

  private func kindInList(_ subject: Subject) -> String? {
    switch subject {
    case .atlas, .layer, .head: nil
    case .model, .property, .image, .text, .contrast, .plugin: subject.kind
    case .metrics, .method: "page"
    }
  }
}

// MARK: About

extension Chrome {
  func about(_ page: Address, figures: inout FigureWriter) -> Markup {
    let models: [Markup] = content.models.map { model in
      """
      <section><h3 id="model-\(slug(model.id))">\(link(to: .model(model.id), from: page, "\(model.title)"))</h3>\
      \(facts(model.provenance))</section>

      """
    }
    let credits = Table(
      caption: "Credits and licences of the images",
      columns: [Table.Column("Image"), Table.Column("Credit"), Table.Column("Licence")],
      rows: content.gallery.map { image in
        [
          .link(name(of: image), .image(image.reference.id)), .text(image.credit ?? "–"),
          .text(image.licence ?? "–"),
        ]
      })
    let images: Markup? =
      content.gallery.isEmpty
      ? nil : "<section><h2 id=\"images\">Images</h2>\(figures.tableFigure(credits, of: "credits"))</section>"
    return """
      <section><h2 id="made">How it was made</h2><p>HeadAtlas wrote these pages from the models, images and \
      texts named here. Beside every page stands <code>index.json</code>, the same for programs: the page's path, \
      its subject, its title, its sections with all their numbers, and where they come from. Beside every figure \
      stands its CSV file.</p>\
      \(facts(content.provenance))</section>
      <section><h2 id="models">Models</h2>
      \(models)</section>
      \(images)
      <section><h2 id="keys">Keys</h2><dl class="facts keys">\
      <div><dt>← →</dt><dd>the page before, the page after</dd></div>\
      <div><dt>/</dt><dd>search</dd></div><div><dt>?</dt><dd>this list</dd></div></dl></section>
      """
  }
}
