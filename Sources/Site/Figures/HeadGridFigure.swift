import Analysis
import Attribution
import Diagnostics

extension FigureWriter {
  /// The grid as a table with a row per layer and a column per head, and label and number in each cell.
  mutating func gridFigure(_ grid: HeadGrid) -> Markup {
    let scale = ColourScale(grid.values.compactMap(\.self), isDiverging: grid.isDiverging)
    let digits = decimals(for: grid.values.compactMap(\.self).filter(\.isFinite))
    let heads: [Markup] = (0..<grid.heads).map { "<th scope=\"col\">H\($0)" }
    let rows: [Markup] = (0..<grid.layers).map { layer in
      let cells = (0..<grid.heads).map {
        gridCell(Head(layer: layer, head: $0), in: grid, scale: scale, digits: digits)
      }
      let name = linked("L\(layer)", to: .layer(model: grid.model, layer: layer))
      return "<tr><th scope=\"row\">\(name)\(cells)\n"
    }
    let link = csvLink(CommaSeparated(Table(grid, digits: digits)))
    return """
      <div class="figure"><div class="scroll" tabindex="0" role="group" aria-label="\(grid.caption)">\
      <table class="heads"><caption>\(grid.caption)</caption><thead><tr><td>\(heads)</thead><tbody>
      \(rows)</tbody></table></div>\(scale.legend(unit: grid.measure))<p class="files">\(link)</p></div>
      """
  }

  private func gridCell(_ head: Head, in grid: HeadGrid, scale: ColourScale, digits: Int) -> Markup {
    let index = head.layer * grid.heads + head.head
    let (value, label) = (grid.values[index], grid.labels[index])
    let place = value.flatMap(scale.place)
    let number = value.map { printed($0, digits) } ?? "–"
    let content: Markup = "<b>\(label)</b> <i>\(number)</i>"
    let title = "\(head) \(label): \(number)"
    let link = pages.link(from: page, to: .head(model: grid.model, head: head))
    let shown: Markup =
      link.map { "<a href=\"\($0)\" title=\"\(title)\">\(content)</a>" } ?? "<span title=\"\(title)\">\(content)</span>"
    return "<td class=\"\(place.map(scale.colourClass) ?? "none")\">\(shown)"
  }
}

extension Table {
  fileprivate init(_ grid: HeadGrid, digits: Int) {
    self.init(
      caption: grid.caption,
      columns: [Column("head"), Column("label"), Column(grid.measure, isNumeric: true)],
      rows: grid.values.indices.map { index in
        let head = Head(layer: index / grid.heads, head: index % grid.heads)
        let value: Cell = grid.values[index].map { .number($0, decimals: digits) } ?? .empty
        return [.text("\(head)"), .text(grid.labels[index]), value]
      })
  }
}
