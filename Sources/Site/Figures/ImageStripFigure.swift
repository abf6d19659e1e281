import Analysis

extension FigureWriter {
  /// The style sheet lays up to so many images out without an orphan in the last row.
  private static var mostInRow: Int { 12 }

  mutating func stripFigure(_ strip: ImageStrip) throws -> Markup {
    let items: [Markup] = strip.items.map { item in
      let badge: Markup? = item.badge.map { "<b class=\"badge\">\($0)</b>" }
      let values: [Markup] = item.values.map { value in
        "<span class=\"value\">\(value.name) <span class=\"n\">\(printed(value.value, value.decimals))</span></span>"
      }
      return "<li><span class=\"frame\">\(thumbnail(item.image))\(badge)</span>\(values)\n"
    }
    let table = Table(strip, caption: captionCell)
    let files = fileLinks(strip.caption, CommaSeparated(table), try contactSheet(strip))
    return """
      <figure class="strip"><figcaption>\(strip.caption)</figcaption><ul class="n\(min(strip.items.count, Self.mostInRow))">
      \(items)</ul>\(twin(table, files))</figure>
      """
  }

  /// The images in rows, with the badge and the numbers of each; nil where it is not in the opening of a page, since the files of all
  /// rows of images would be several times as large as the rest of the site.
  private func contactSheet(_ strip: ImageStrip) throws -> FigureSheet? {
    guard isOpening, hasFigureFiles else { return nil }
    let side = 96.0
    let tiles = try strip.items.map { item -> Drawing in
      let drawn = try embedded(images[item.image]?.thumb, side: side)
      let badge: Markup? = item.badge.map { "<text class=\"badge\" x=\"2\" y=\"11\">\($0)</text>" }
      let values: [Markup] = item.values.enumerated().map { place, value in
        let y = coordinate(side + 14 + 14 * Double(place))
        return """
          <text class="unit" x="0" y="\(y)">\(value.name)</text>\
          <text class="number" x="\(coordinate(side))" y="\(y)">\(printed(value.value, value.decimals))</text>
          """
      }
      return Drawing(
        width: side, height: side + 14 * Double(item.values.count), content: "<g>\(drawn)\(badge)\(values)</g>")
    }
    return FigureSheet(
      title: strip.caption, description: strip.items.map { caption(of: $0.image) }.joined(separator: "; "),
      parts: [Drawing(tiled: tiles, columns: 6, gap: 10)])
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
