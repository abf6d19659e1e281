import Analysis
import Diagnostics

extension FigureWriter {
  mutating func scatterFigure(_ figure: Scatter) -> Markup {
    let horizontal = Axis(figure.points.map(\.x), from: ChartFrame.left + 8, to: ChartFrame.right - 8)
    let vertical = Axis(figure.points.map(\.y), from: ChartFrame.bottom, to: ChartFrame.top)
    let ticks: [Markup] = horizontal.ticks.compactMap { tick in
      horizontal.place(tick).map { x in
        "<text class=\"below\" x=\"\(coordinate(x))\" y=\"232\">\(printed(tick, horizontal.decimals))</text>"
      }
    }
    let dots = figure.points.compactMap { point -> (dot: Markup, link: Subject?)? in
      guard let x = horizontal.place(point.x), let y = vertical.place(point.y) else { return nil }
      let dot: Markup = """
        <circle cx="\(coordinate(x))" cy="\(coordinate(y))" r="4"><title>\(point.label)</title></circle>
        """
      return (dot, point.link)
    }
    func chart(_ dots: [Markup]) -> ChartFrame {
      ChartFrame(
        kind: "dots", horizontal: figure.horizontal, vertical: (figure.vertical, vertical), label: summary(of: figure),
        content: "\(ticks)\(dots)")
    }
    let linkedDots = dots.map { linked($0.dot, to: $0.link) }
    let alone = chart(dots.map(\.dot))
    let files = fileLinks(
      figure.caption, CommaSeparated(Table(figure)),
      FigureSheet(title: figure.caption, description: alone.label, parts: [alone.drawing]))
    return """
      <figure class="scatter"><figcaption>\(figure.caption)</figcaption>\
      \(chart(linkedDots).markup)\(twin(Table(figure), files))</figure>
      """
  }

  private func summary(of figure: Scatter) -> String {
    let known = figure.points.filter { $0.x.isFinite && $0.y.isFinite }
    guard let right = known.max(by: { $0.x < $1.x }), let top = known.max(by: { $0.y < $1.y }) else {
      return "no points"
    }
    return "\(counted(known.count, "point")); highest \(top.label), farthest right \(right.label)"
  }
}

extension Table {
  fileprivate init(_ figure: Scatter) {
    let digits = (decimals(for: figure.points.map(\.x)), decimals(for: figure.points.map(\.y)))
    self.init(
      caption: figure.caption,
      columns: [Column("point"), Column(figure.horizontal, isNumeric: true), Column(figure.vertical, isNumeric: true)],
      rows: figure.points.map { point in
        [
          point.link.map { .link(point.label, $0) } ?? .text(point.label), .number(point.x, decimals: digits.0),
          .number(point.y, decimals: digits.1),
        ]
      })
  }
}
