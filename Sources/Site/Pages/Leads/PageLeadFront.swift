import Analysis
import Attribution
import Diagnostics
import Files

/// What the front page begins with: a head as an example, and which heads vary with each property.
extension PageLead {
  /// A box that leads to the search; scripts show it.
  func searchBox(_ page: Address) -> Markup {
    """
    <div class="find" role="search" hidden><label for="find">Search heads, images and texts</label>\
    <input id="find" type="search" autocomplete="off" spellcheck="false">\
    \(link(to: .search, from: page, "Search"))</div>

    """
  }

  /// The head of all models with most evidence for a property, with its images at both ends; nil where there is none.
  func featuredHead(_ page: Address, figures: FigureWriter) -> Markup? {
    let known = content.models.flatMap { model in
      model.shape.allHeads.compactMap { head -> (model: SiteContent.Model, head: Head, excess: Double)? in
        model.verdict(of: head, among: content.properties).strength.map { (model, head, $0) }
      }
    }
    guard let found = known.max(by: { $0.excess < $1.excess }) else { return nil }
    let subject = Subject.head(model: found.model.id, head: found.head)
    let strips = (sections[subject.address] ?? []).flatMap(\.blocks).compactMap { block -> ImageStrip? in
      if case .imageStrip(let strip) = block { strip } else { nil }
    }
    guard let high = strips.first, strips.count > 2 else { return nil }
    func row(_ strip: ImageStrip) -> Markup {
      let images: [Markup] = strip.items.prefix(6).map { "<li>\(figures.thumbnail($0.image))\n" }
      return "<ul>\n\(images)</ul>"
    }
    let verdict = found.model.verdict(of: found.head, among: content.properties)
    let ends = verdict.summary?.ends ?? []
    func end(_ word: Markup, _ place: Int) -> Markup {
      ends.indices.contains(place)
        ? "<p>\(word) along its first direction: “\(ends[place])”</p>" : "<p>\(word) along its first direction</p>"
    }
    return """
      <aside class="example" aria-labelledby="example"><h2 id="example">\
      \(link(to: subject, from: page, "\("\(found.head)") \(verdict.words)")) <span class="small">\(found.model.title)</span></h2>
      <p>\(fixed((verdict.strength ?? 0) * 100, decimals: 0)) % of what this head writes varies along the words of \
      \(verdict.words), beyond chance: more than any other head's.</p>
      \(end("Most", 0))\(row(high))\(end("Least", 1))\(row(strips[2]))\(anotherHead)</aside>

      """
  }

  /// A link that scripts lead to a head drawn at random: models with their layers and heads.
  private var anotherHead: Markup {
    let models = content.models.map { "\(percentEncoded($0.id, keeping: "-_.")) \($0.shape.layers) \($0.shape.heads)" }
    return
      "<p><a id=\"another\" href=\"#example\" data-models=\"\(models.joined(separator: ","))\" hidden>A head at random</a></p>"
  }

  /// A row per property and a column per model: the head with most evidence of it, in grey where that is within chance; nil where
  /// no head has any.
  func propertyMatrix(_ page: Address, figures: inout FigureWriter) -> Markup? {
    let rows = content.properties.map { property in
      (property: property, cells: content.models.map { strongest(property, in: $0) })
    }.filter { $0.cells.contains { $0 != nil } }
    guard !rows.isEmpty else { return nil }
    let heads: [Markup] = content.models.map {
      "<th scope=\"col\">\(link(to: .model($0.id), from: page, "\($0.title)"))"
    }
    let body: [Markup] = rows.map { row in
      let cells = zip(content.models, row.cells).map { model, found in matrixCell(found, of: model, page: page) }
      return
        "<tr><th scope=\"row\">\(link(to: .property(row.property.id), from: page, "\(row.property.title)"))\(cells)\n"
    }
    let numbers = Table(
      caption: "The head that varies most with each property",
      columns: [Table.Column("property")]
        + content.models.flatMap { [Table.Column($0.title), Table.Column("share beyond chance", isNumeric: true)] },
      rows: rows.map { row in
        [.text(row.property.title)]
          + row.cells.flatMap { found -> [Cell] in
            found.map { [.text("\($0.head)"), .number($0.evidence.excess, decimals: 3)] } ?? [.empty, .empty]
          }
      })
    let title =
      "The head of each model whose variance lies most along a property's words, with the share beyond chance: 0 by chance, 1 for a head "
      + "that writes along nothing else. Grey is within chance."
    let files = figures.fileLinks(numbers, of: "properties-by-model", matrixSheet(title, rows))
    return """
      <section><h2 id="properties">Which head varies with what</h2>
      <figure class="matrix"><figcaption>\(title)</figcaption>\
      <div class="scroll" tabindex="0" role="group" aria-label="Properties by models"><table><thead><tr><td>\(heads)</thead><tbody>
      \(body)</tbody></table></div>\(files.markup)</figure></section>

      """
  }

  private func strongest(
    _ property: SiteContent.PropertyEntry, in model: SiteContent.Model
  ) -> (head: Head, evidence: HeadSummary.Evidence)? {
    let known = zip(model.shape.allHeads, model.summaries).compactMap { head, summary in
      summary.evidence.first { $0.property == property.id }.map { (head: head, evidence: $0) }
    }
    return known.max { $0.evidence.excess < $1.evidence.excess }
  }

  private func matrixCell(
    _ found: (head: Head, evidence: HeadSummary.Evidence)?, of model: SiteContent.Model, page: Address
  ) -> Markup {
    guard let (head, evidence) = found else { return "<td>–" }
    return """
      <td class="\(kind(of: evidence))"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">\(square(of: evidence))</svg> \
      \(link(to: .head(model: model.id, head: head), from: page, "\("\(head)")")) \
      <span class="n">\(fixed(evidence.excess, decimals: 2))</span>
      """
  }

  private func kind(of evidence: HeadSummary.Evidence) -> Markup { evidence.isBeyondChance ? "beyond" : "chance" }

  /// A square in a room of 20 by 20, whose area is the share.
  private func square(of evidence: HeadSummary.Evidence) -> Markup {
    let side = coordinate((max(0, min(1, evidence.excess))).squareRoot() * 20)
    return "<path d=\"M0 20h\(side)v-\(side)h-\(side)z\"/>"
  }

  /// The matrix in a file of its own.
  private func matrixSheet(
    _ title: String,
    _ rows: [(property: SiteContent.PropertyEntry, cells: [(head: Head, evidence: HeadSummary.Evidence)?])]
  ) -> FigureSheet {
    func row(_ name: Drawing, _ cells: [Drawing]) -> Drawing {
      let height = ([name] + cells).map(\.height).max() ?? 0
      let placed: [Markup] = cells.enumerated().map { place, cell in cell.moved(right: 130 + Double(place) * 130) }
      return Drawing(
        width: 130 + Double(cells.count) * 130, height: height, content: "\(name.moved(down: 2))\(placed)")
    }
    func name(_ text: String) -> Drawing { Drawing(text, kind: "name", size: 12, within: 120) }
    let head = row(name(""), content.models.map { name($0.title) })
    let lines = rows.map { line in
      row(
        name(line.property.title),
        line.cells.map { found in
          guard let (head, evidence) = found else { return name("–") }
          return Drawing(
            width: 130, height: 24,
            content: """
              <g class="\(kind(of: evidence))">\(square(of: evidence))</g>\
              <text class="name" x="26" y="15">\("\(head)") \(fixed(evidence.excess, decimals: 2))</text>
              """)
        })
    }
    return FigureSheet(
      title: title, description: "", parts: [Drawing(stacked: [head] + lines, gap: 4).within("matrix")])
  }
}
