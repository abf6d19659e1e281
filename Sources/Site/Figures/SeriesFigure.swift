import Analysis
import Diagnostics

extension FigureWriter {
  mutating func seriesFigure(_ figure: Series) -> Markup {
    let vertical = Axis(figure.lines.flatMap(\.values), from: ChartFrame.bottom, to: ChartFrame.top)
    let last = max(figure.ticks.count - 1, 1)
    func x(_ index: Int) -> Double {
      figure.ticks.count < 2
        ? 260 : ChartFrame.left + 8 + (ChartFrame.right - ChartFrame.left - 16) * Double(index) / Double(last)
    }
    // About a dozen tick labels fit along the axis.
    let stride = (figure.ticks.count + 12) / 13
    let ticks: [Markup] = figure.ticks.enumerated().compactMap { index, tick in
      guard index % max(stride, 1) == 0 else { return nil }
      return "<text class=\"below\" x=\"\(coordinate(x(index)))\" y=\"232\">\(tick)</text>"
    }
    let lines: [Markup] = figure.lines.enumerated().map { number, line in
      let points = line.values.enumerated().map { (x($0), vertical.place($1)) }
      return "<path class=\"line \(style(number, of: figure))\" d=\"\(path(points))\"/>"
    }
    let chart = ChartFrame(
      kind: "lines", horizontal: figure.horizontal, vertical: (figure.vertical, vertical), label: summary(of: figure),
      content: "\(ticks)\(lines)")
    let key = figure.lines.count > 1 ? key(of: figure) : []
    let names: [Markup] = key.map { stroke, name in
      "<li><svg class=\"key\" viewBox=\"0 0 32 8\" width=\"32\" height=\"8\" aria-hidden=\"true\">\(stroke)</svg> \(name)"
    }
    let shownKey: Markup? = key.isEmpty ? nil : "<ul class=\"key\">\(names)</ul>"
    let rows = key.map { stroke, name in
      let words = Drawing(name, kind: "name", size: 12, within: 430)
      return Drawing(
        width: 40 + words.width, height: max(16, words.height),
        content: "<g transform=\"translate(0 4)\">\(stroke)</g>\(words.moved(right: 40))")
    }
    let files = fileLinks(
      figure.caption, CommaSeparated(Table(figure)),
      FigureSheet(
        title: figure.caption, description: chart.label, parts: [chart.drawing, Drawing(stacked: rows, gap: 2)]))
    return """
      <figure class="series"><figcaption>\(figure.caption)</figcaption>\
      \(chart.markup)\(shownKey)\(twin(Table(figure), files))</figure>
      """
  }

  /// A piece of each line, 32 wide and 8 high, with the line's name.
  private func key(of figure: Series) -> [(stroke: Markup, name: String)] {
    figure.lines.enumerated().map { number, line in
      ("<path class=\"line \(style(number, of: figure))\" d=\"M0 4H32\"/>", line.name)
    }
  }

  /// The class of a line: one of six for those that are no controls.
  private func style(_ number: Int, of figure: Series) -> Markup {
    figure.lines[number].isControl ? "chance" : "s\(figure.lines.prefix(number).count { !$0.isControl } % 6)"
  }

  /// A line through the points, interrupted where a value is missing; a point between two gaps is a dot.
  private func path(_ points: [(x: Double, y: Double?)]) -> String {
    var (path, isDown) = ("", false)
    for (index, point) in points.enumerated() {
      guard let y = point.y else {
        isDown = false
        continue
      }
      path += "\(isDown ? "L" : "M")\(coordinate(point.x)) \(coordinate(y))"
      let isAlone = !isDown && (index + 1 == points.count || points[index + 1].y == nil)
      if isAlone { path += "h.01" }
      isDown = true
    }
    return path
  }

  private func summary(of figure: Series) -> String {
    let digits = decimals(for: figure.lines.flatMap(\.values).filter(\.isFinite))
    return figure.lines.map { line in
      let known = line.values.indices.filter { line.values[$0].isFinite }
      guard let first = known.first, let last = known.last,
        let top = known.max(by: { line.values[$0] < line.values[$1] })
      else { return "\(line.name): no numbers" }
      return "\(line.name): from \(printed(line.values[first], digits)) to \(printed(line.values[last], digits)), "
        + "highest \(printed(line.values[top], digits)) at \(figure.ticks[top])"
    }.joined(separator: "; ")
  }
}

extension Table {
  fileprivate init(_ figure: Series) {
    let digits = decimals(for: figure.lines.flatMap(\.values).filter(\.isFinite))
    self.init(
      caption: figure.caption,
      columns: [Column(figure.horizontal)] + figure.lines.map { Column($0.name, isNumeric: true) },
      rows: figure.ticks.enumerated().map { index, tick in
        [.text(tick)] + figure.lines.map { .number($0.values[index], decimals: digits) }
      })
  }
}
