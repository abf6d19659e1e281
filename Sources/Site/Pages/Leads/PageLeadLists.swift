import Analysis
import Attribution
import Diagnostics
import Files

extension PageLead {
  func listing(_ list: ListPage, page: Address) throws -> Markup {
    switch list {
    case .models:
      entries(content.models.map { (.model($0.id), $0.title, "\(sizeSentence($0)), \($0.toldSentence)") }, page)
    case .properties: entries(content.properties.map { (.property($0.id), $0.title, headCounts($0)) }, page)
    case .texts: entries(content.texts.map { (.text($0.id), "“\($0.text)”", "") }, page)
    case .plugins:
      entries(content.plugins.map { (.plugin($0.manifest.id), $0.manifest.title, $0.manifest.summary) }, page)
    case .images:
      thumbnails(content.gallery.map { (.image($0.reference.id), $0.reference, name(of: $0)) }, page)
    case .contrasts:
      thumbnails(
        content.contrasts.map { (.contrast($0.id), ImageReference(set: .gallery, id: $0.image), $0.title) }, page)
    }
  }

  /// How many heads of each model vary with a property beyond chance, and which most; the heads labelled with it, where there is no
  /// evidence.
  private func headCounts(_ property: SiteContent.PropertyEntry) -> String {
    content.models.map { model in
      guard model.summaries.contains(where: { !$0.evidence.isEmpty }) else {
        return "\(model.title): \(counted(model.heads(labelled: property).count, "head")) labelled with it"
      }
      let found = zip(model.shape.allHeads, model.summaries).compactMap { head, summary in
        summary.evidence.first { $0.property == property.id && $0.isBeyondChance }.map {
          (head: head, excess: $0.excess)
        }
      }
      let most = found.max { $0.excess < $1.excess }.map { ", \($0.head) most" } ?? ""
      return "\(model.title): \(counted(found.count, "head"))\(most)"
    }.joined(separator: "; ")
  }

  private func entries(_ entries: [(subject: Subject, title: String, remark: String)], _ page: Address) -> Markup {
    guard !entries.isEmpty else { return "<p>None in this atlas.</p>" }
    let items: [Markup] = entries.map { entry in
      let remark: Markup? = entry.remark.isEmpty ? nil : " <span class=\"small\">\(entry.remark)</span>"
      return "<li>\(link(to: entry.subject, from: page, "\(entry.title)"))\(remark)\n"
    }
    let isPlain: Markup? = entries.allSatisfy(\.remark.isEmpty) ? " plain" : nil
    return "<ul class=\"entries\(isPlain)\">\n\(items)</ul>"
  }

  private func thumbnails(_ entries: [(Subject, ImageReference, String)], _ page: Address) -> Markup {
    guard !entries.isEmpty else { return "<p>None in this atlas.</p>" }
    let items: [Markup] = entries.map { subject, reference, title in
      // The text beside it names the link, so the image needs no alternative text.
      let image: Markup? = images[reference].map { image in
        """
        <img src="\(page.link(to: image.thumb.file))" alt="" width="\(image.thumb.width)" \
        height="\(image.thumb.height)" loading="lazy" decoding="async">
        """
      }
      return "<li>\(link(to: subject, from: page, "<span class=\"frame\">\(image)</span> <span>\(title)</span>"))\n"
    }
    return "<ul class=\"thumbnails\">\n\(items)</ul>"
  }

  func searchPage(_ page: Address) -> Markup {
    """
    <div id="search" hidden><label for="query">Search labels, descriptions, captions, texts and commentary</label>
    <input id="query" type="search" autocomplete="off" autocapitalize="off" spellcheck="false">
    <p id="count" role="status"></p><div id="results"></div></div>
    <noscript><p>The search needs JavaScript. Without it, use \
    \(link(to: .alphabet, from: page, "the list from A to Z")).</p></noscript>
    <p class="small">Or browse \(link(to: .alphabet, from: page, "the list from A to Z")).</p>
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
    return "\(letterLinks(page))<p class=\"headlinks\">\(jumps.joined(separator: " "))</p>\n\(lists)"
  }

  /// An entry for each label of each model, with its heads.
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
    case .model, .property, .image, .text, .contrast, .plugin, .pluginPage: subject.kind
    case .metrics, .method: "page"
    }
  }
}

extension PageLead {
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
      \(cited)
      \(asData(page))
      \(headColumns)
      <section><h2 id="made">How it was made</h2><p>HeadAtlas made these pages from the models, images and \
      texts listed here. Every page has a file <code>index.json</code> with the same content for programs: the page's \
      path, its subject, its title, its sections with all their numbers, and their provenance. Every figure has a CSV \
      file of its numbers, and every drawing an SVG file.</p>\
      \(facts(content.provenance))</section>
      <section><h2 id="models">Models</h2>
      \(models)</section>
      \(images)
      <section><h2 id="keys">Keys</h2><dl class="facts keys">\
      <div><dt>← →</dt><dd>previous page, next page</dd></div>\
      <div><dt>Shift ↑ ↓</dt><dd>the same head, a layer before, a layer after</dd></div>\
      <div><dt>c</dt><dd>on the page of a head, an image or a model: it beside another</dd></div>\
      <div><dt>/</dt><dd>search</dd></div><div><dt>?</dt><dd>this list</dd></div></dl></section>
      """
  }

  /// How the atlas is cited.
  private var cited: Markup? {
    pages[.root].flatMap { Citation(content).entries(for: $0) }.map {
      """
      <section class="cite"><h2 id="cite">To cite it</h2><pre tabindex="0" aria-label="BibTeX">\($0)</pre>\
      <p class="small">Pages of models and heads have entries of their own.</p></section>
      """
    }
  }

  /// The files of the whole atlas.
  func asData(_ page: Address) -> Markup {
    func item(_ address: Address, _ what: String) -> Markup {
      "<li><a href=\"\(page.link(to: address))\" download>\(address.path)</a> <span class=\"small\">\(what)</span>\n"
    }
    let items = files.map { item($0.address, "\($0.what), \($0.text.utf8.count) bytes") }
    return """
      <section><h2 id="data">The atlas as data</h2><p>All that stands on a page is in the file <code>index.json</code> \
      beside it. These are of the whole atlas; the first says what it is made from and what the others' hashes are. What every head \
      wrote for every image is larger than the atlas: <code>headatlas encode</code> writes it as safetensors, and <code>headatlas \
      moments</code> the means and second moments of heads.</p>\
      <ul class="entries">
      \(item(AtlasFile.document, "models, image sets, plugins and files, with hashes"))\(items)</ul></section>
      """
  }

  /// What stands in the columns of the tables of heads.
  private var headColumns: Markup {
    let rows: [Markup] = (HeadTable.columns + HeadTable.further).map { name, meaning in
      "<div><dt>\(name)</dt><dd>\(meaning)</dd></div>\n"
    }
    return """
      <section><h2 id="columns">Columns of heads.csv</h2><p>A row per head; a field is empty where a fact is not known.</p>\
      <dl class="facts">
      \(rows)</dl></section>
      """
  }
}
