import Analysis

extension FigureWriter {
  /// The style sheet lays up to so many images out without an orphan in the last row.
  private static var mostInRow: Int { 12 }

  mutating func stripFigure(_ strip: ImageStrip) -> Markup {
    let items: [Markup] = strip.items.map { item in
      let badge: Markup? = item.badge.map { "<b class=\"badge\">\($0)</b>" }
      let values: [Markup] = item.values.map { value in
        "<span class=\"value\">\(value.name) <span class=\"n\">\(printed(value.value, value.decimals))</span></span>"
      }
      return "<li><span class=\"frame\">\(thumbnail(item.image))\(badge)</span>\(values)\n"
    }
    return """
      <figure class="strip"><figcaption>\(strip.caption)</figcaption><ul class="n\(min(strip.items.count, Self.mostInRow))">
      \(items)</ul>\(twin(Table(strip, caption: captionCell)))</figure>
      """
  }
}

extension Table {
  fileprivate init(_ strip: ImageStrip, caption: (ImageReference) -> Cell) {
    var names: [String] = []
    for value in strip.items.flatMap(\.values) where !names.contains(value.name) { names.append(value.name) }
    self.init(
      caption: strip.caption,
      columns: [Column("image"), Column("caption"), Column("remark")] + names.map { Column($0, isNumeric: true) },
      rows: strip.items.map { item in
        let numbers = names.map { name -> Cell in
          item.values.first { $0.name == name }.map { .number($0.value, decimals: $0.decimals) } ?? .empty
        }
        return [.text(item.image.id), caption(item.image), item.badge.map(Cell.text) ?? .empty] + numbers
      })
  }
}
