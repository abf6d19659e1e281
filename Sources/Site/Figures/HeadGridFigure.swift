import Analysis
import Attribution
import Diagnostics

/// The drawing of a grid of heads, a row per layer and a column per head, for any number of them: large with linked cells, or as
/// one of several small ones.
///
/// A cell's colour is its number's; the two letters in it are the property that the head varies with most, where one is
/// beyond chance.
struct HeadGridDrawing {
  let grid: HeadGrid
  let scale: ColourScale
  /// The width and height of a cell, the gap included, in pixels.
  let cell: (width: Int, height: Int)

  /// The room for the names of layers and heads, in pixels.
  private static let margin = (left: 30, top: 18)

  init(_ grid: HeadGrid, isSmall: Bool) {
    self.grid = grid
    scale = ColourScale(grid.values.compactMap(\.self), isDiverging: grid.isDiverging)
    if isSmall {
      let side = max(4, min(12, 176 / grid.heads))
      cell = (side, grid.layers > 16 ? min(side, 8) : side)
    } else {
      cell = grid.heads <= 8 ? (72, 36) : grid.heads <= 12 ? (52, 28) : grid.heads <= 16 ? (42, 24) : (32, 20)
    }
  }

  private func corner(_ head: Head) -> (x: Int, y: Int) { (head.head * cell.width, head.layer * cell.height) }

  /// A stroked path for all cells of a colour, without links: small grids are many on a page.
  func small(sentence: String) -> Markup {
    let (width, height) = (grid.heads * cell.width - 1, grid.layers * cell.height - 1)
    return """
      <svg class="grid small" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" \
      aria-label="\(sentence)"><g transform="translate(0 \(coordinate(Double(cell.height - 1) / 2)))" \
      stroke-width="\(cell.height - 1)">\(cells { "M\($0) \($1)h\(cell.width - 1)" })</g></svg>
      """
  }

  private var squares: Markup {
    cells { "M\($0) \($1)h\(cell.width - 1)v\(cell.height - 1)h-\(cell.width - 1)z" }
  }

  /// A path for each colour.
  /// - Parameter cell: what is drawn for the cell with this corner.
  private func cells(_ cell: (_ x: Int, _ y: Int) -> String) -> Markup {
    var paths = [String](repeating: "", count: 9)
    var missing = ""
    for index in grid.values.indices {
      let (x, y) = corner(Head(layer: index / grid.heads, head: index % grid.heads))
      let square = cell(x, y)
      if let place = grid.values[index].flatMap(scale.place) { paths[place] += square } else { missing += square }
    }
    let shown: [Markup] = paths.enumerated().filter { !$0.element.isEmpty }.map { place, path in
      "<path class=\"\(scale.colourClass(place))\" d=\"\(path)\"/>"
    }
    let rest: Markup? = missing.isEmpty ? nil : "<path class=\"none\" d=\"\(missing)\"/>"
    return "\(shown)\(rest)"
  }

  /// The names of heads and layers at the edges.
  private func axes(link: (Subject) -> String?) -> (heads: [Markup], layers: [Markup]) {
    let (left, top) = Self.margin
    let heads: [Markup] = (0..<grid.heads).map {
      "<text class=\"axis\" x=\"\(left + $0 * cell.width + cell.width / 2)\" y=\"12\">H\($0)</text>"
    }
    let layers: [Markup] = (0..<grid.layers).map { layer in
      let text: Markup =
        "<text class=\"axis\" x=\"\(left / 2)\" y=\"\(top + layer * cell.height + cell.height / 2 + 4)\">L\(layer)</text>"
      return link(.layer(model: grid.model, layer: layer)).map { "<a href=\"\($0)\">\(text)</a>" } ?? text
    }
    return (heads, layers)
  }

  /// The class of a head's colour.
  private func colour(_ index: Int) -> Markup {
    grid.values[index].flatMap(scale.place).map { "\(scale.colourClass($0))" } ?? "none"
  }

  private func number(_ index: Int, digits: Int) -> String { grid.values[index].map { printed($0, digits) } ?? "–" }

  /// What is written in a cell: the property's two letters, and the number where there is room.
  private func words(_ index: Int, digits: Int, code: (Head) -> String?) -> Markup {
    let head = Head(layer: index / grid.heads, head: index % grid.heads)
    let (x, y) = (Self.margin.left + corner(head).x, Self.margin.top + corner(head).y)
    let (middle, hasNumbers) = (x + (cell.width - 1) / 2, cell.height >= 36)
    let letters: Markup? = code(head).map { code in
      "<text x=\"\(middle)\" y=\"\(y + cell.height / 2 + (hasNumbers ? -2 : 4))\">\(code)</text>"
    }
    let shown: Markup? =
      hasNumbers
      ? "<text class=\"value\" x=\"\(middle)\" y=\"\(y + cell.height - 6)\">\(number(index, digits: digits))</text>"
      : nil
    return "\(letters)\(shown)"
  }

  private var size: (width: Int, height: Int) {
    (Self.margin.left + grid.heads * cell.width, Self.margin.top + grid.layers * cell.height)
  }

  /// In a file of its own: as large, without links, and cells of one colour in one path.
  func drawing(digits: Int, code: (Head) -> String?) -> Drawing {
    let axes = axes { _ in nil }
    let words: [Markup] = grid.values.indices.compactMap { index in
      let content = self.words(index, digits: digits, code: code)
      return content.isEmpty ? nil : "<g class=\"\(colour(index))\">\(content)</g>"
    }
    let cells: Markup = "<g transform=\"translate(\(Self.margin.left) \(Self.margin.top))\">\(squares)</g>"
    return Drawing(
      width: Double(size.width), height: Double(size.height), content: "\(axes.heads)\(axes.layers)\(cells)\(words)"
    ).within("grid")
  }

  /// Cells that link to their heads and show the property's two letters, with the number beneath where there is room.
  func large(digits: Int, code: (Head) -> String?, name: (Head) -> String, link: (Subject) -> String?) -> Markup {
    let (left, top) = Self.margin
    let axes = axes(link: link)
    let cells: [Markup] = grid.values.indices.map { index in
      let head = Head(layer: index / grid.heads, head: index % grid.heads)
      let (x, y) = (left + corner(head).x, top + corner(head).y)
      let kind = colour(index)
      let square: Markup = "<path d=\"M\(x) \(y)h\(cell.width - 2)v\(cell.height - 2)h-\(cell.width - 2)z\"/>"
      let content: Markup =
        "<title>\("\(head) \(name(head)): \(number(index, digits: digits))")</title>\(square)\(words(index, digits: digits, code: code))"
      return link(.head(model: grid.model, head: head)).map { "<a class=\"\(kind)\" href=\"\($0)\">\(content)</a>" }
        ?? "<g class=\"\(kind)\">\(content)</g>"
    }
    return """
      <svg class="grid" viewBox="0 0 \(size.width) \(size.height)" width="\(size.width)" height="\(size.height)" role="group" \
      aria-label="\(grid.caption)">\(axes.heads)\(axes.layers)
      \(cells)</svg>
      """
  }
}

extension FigureWriter {
  /// A grid with linked cells and its legend.
  mutating func gridFigure(_ grid: HeadGrid) -> Markup {
    let drawing = HeadGridDrawing(grid, isSmall: false)
    let digits = decimals(for: grid.values.compactMap(\.self).filter(\.isFinite))
    let codes = codes(in: grid)
    let names: [Markup] = codes.used.map { code, property in
      "<span><b>\(code)</b> \(linked("\(property.title)", to: .property(property.id)))</span>"
    }
    let key: Markup? =
      names.isEmpty
      ? nil
      : "<p class=\"codes\">\(Self.codeSentence) \(names.joined(separator: " "))</p>"
    let files = gridFiles(grid)
    let page = page
    let pages = pages
    let svg = drawing.large(
      digits: digits, code: { codes.of[$0] }, name: { grid.labels[$0.layer * grid.heads + $0.head] },
      link: { pages.link(from: page, to: $0) })
    return """
      <figure class="grid"><figcaption>\(grid.caption)</figcaption>\
      <div class="scroll" tabindex="0" role="group" aria-label="\(grid.caption)">\(svg)</div>\
      \(drawing.scale.legend(unit: grid.measure))\(key)\(files.markup)</figure>
      """
  }

  private static let codeSentence = "The property that a head varies with most, beyond chance:"

  /// Two letters for the heads of a grid that vary with a property, and the properties that they stand for.
  private func codes(
    in grid: HeadGrid
  ) -> (of: [Head: String], used: [(code: String, property: SiteContent.PropertyEntry)]) {
    guard let model = models.first(where: { $0.id == grid.model }) else { return ([:], []) }
    let codes = properties.codes
    let known = grid.values.indices.compactMap { index -> (Head, String)? in
      let head = Head(layer: index / grid.heads, head: index % grid.heads)
      return model.verdict(of: head, among: properties).property.flatMap { codes[$0.id] }.map { (head, $0) }
    }
    let shown = Set(known.map(\.1))
    return (
      Dictionary(known) { first, _ in first },
      properties.compactMap { property in
        codes[property.id].flatMap { shown.contains($0) ? (code: $0, property: property) : nil }
      }
    )
  }

  /// The numbers of a grid, and the grid large, in files of their own.
  private mutating func gridFiles(_ grid: HeadGrid) -> FileLinks {
    let drawing = HeadGridDrawing(grid, isSmall: false)
    let digits = decimals(for: grid.values.compactMap(\.self).filter(\.isFinite))
    let codes = codes(in: grid)
    let key = codes.used.map { "\($0.code) = \($0.property.title)" }.joined(separator: ", ")
    let cells = drawing.drawing(digits: digits) { codes.of[$0] }
    let words = codes.used.isEmpty ? "" : "\(Self.codeSentence) \(key)"
    return fileLinks(
      grid.measure, CommaSeparated(Table(grid, digits: digits)),
      FigureSheet(
        title: grid.caption, description: grid.sentence(digits: digits),
        parts: [
          cells, drawing.scale.drawing(unit: grid.measure),
          Drawing(words, kind: "unit", size: 11, within: max(440, cells.width)),
        ]))
  }

  /// Several grids side by side, each with its own scale.
  mutating func smallGrids(_ grids: [HeadGrid]) -> Markup {
    let items: [Markup] = grids.map { grid in
      let drawing = HeadGridDrawing(grid, isSmall: true)
      let digits = decimals(for: grid.values.compactMap(\.self).filter(\.isFinite))
      let files = gridFiles(grid)
      return """
        <li><figure class="grid"><figcaption>\(grid.caption)</figcaption>\
        \(drawing.small(sentence: grid.sentence(digits: digits)))\(drawing.scale.legend(unit: grid.measure))\
        \(files.markup)</figure>

        """
    }
    return "<ul class=\"multiples\">\n\(items)</ul>"
  }
}

extension HeadGrid {
  /// The heads of the largest and the smallest number, for readers who do not see the drawing.
  fileprivate func sentence(digits: Int) -> String {
    let known = values.indices.filter { values[$0]?.isFinite ?? false }
    func number(_ index: Int) -> Double { values[index] ?? 0 }
    guard let most = known.max(by: { number($0) < number($1) }), let least = known.min(by: { number($0) < number($1) })
    else { return "no numbers" }
    func name(_ index: Int) -> String {
      "\(Head(layer: index / heads, head: index % heads)) \(printed(number(index), digits))"
    }
    return "highest \(name(most)), lowest \(name(least)), \(measure)"
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
