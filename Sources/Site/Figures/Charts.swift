import Analysis
import Diagnostics

/// An axis with round numbers on it.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  let decimals: Int

  /// An axis that holds all the values, from one round number to another.
  init(_ values: [Double], from start: Double, to end: Double) {
    self.start = start
    self.end = end
    let finite = values.filter { $0.isFinite && abs($0) < 1e300 }
    var (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    if least == most {
      least -= least == 0 ? 0 : abs(least) / 2
      most += most == 0 ? 1 : abs(most) / 2
    }
    let step = Self.roundStep((most - least) / 4)
    low = (least / step).rounded(.down) * step
    high = (most / step).rounded(.up) * step
    let count = min(12, Int(((high - low) / step).rounded()))
    let (first, stride) = (low, step)
    ticks = (0...max(count, 1)).map { first + Double($0) * stride }
    var (digits, remainder) = (0, step)
    while remainder < 0.999, digits < 12 {
      remainder *= 10
      digits += 1
    }
    decimals = digits
  }

  private let start: Double
  private let end: Double

  /// Where a value stands, in the drawing's own unit; nil for what is no number.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    return start + (value - low) / (high - low) * (end - start)
  }

  /// 1, 2 or 5 times a power of ten, no smaller than `least`.
  private static func roundStep(_ least: Double) -> Double {
    guard least > 0, least.isFinite else { return 1 }
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 >= least } ?? 10 * power
  }
}

/// The frame of a chart: a drawing 480 wide and 260 high, with the plot inside.
private enum Frame {
  static let (left, right, top, bottom) = (52.0, 468.0, 12.0, 216.0)

  static func chart(kind: Markup, horizontal: String, vertical: String, label: String, content: Markup) -> Markup {
    """
    <div class="scroll chart" tabindex="0" role="group" aria-label="Chart">\
    <svg class="\(kind)" viewBox="0 0 480 260" width="720" height="390" role="img" aria-label="\(label)">\
    \(content)<text class="axis" x="260" y="254">\(horizontal)</text>\
    <text class="axis" x="14" y="114" transform="rotate(-90 14 114)">\(vertical)</text></svg></div>
    """
  }

  static func rules(_ axis: Axis) -> [Markup] {
    axis.ticks.compactMap { tick in
      axis.place(tick).map { y in
        """
        <path class="rule\(tick == 0 ? " zero" : "")" d="M\(coordinate(left)) \(coordinate(y))H\(coordinate(right))"/>\
        <text class="left" x="46" y="\(coordinate(y + 4))">\(printed(tick, axis.decimals))</text>
        """
      }
    }
  }
}

extension FigureWriter {
  mutating func seriesFigure(_ figure: Series) -> Markup {
    let vertical = Axis(figure.lines.flatMap(\.values), from: Frame.bottom, to: Frame.top)
    let last = max(figure.ticks.count - 1, 1)
    func x(_ index: Int) -> Double {
      figure.ticks.count < 2 ? 260 : Frame.left + 8 + (Frame.right - Frame.left - 16) * Double(index) / Double(last)
    }
    // At most about a dozen words fit along the axis.
    let stride = (figure.ticks.count + 12) / 13
    let ticks: [Markup] = figure.ticks.enumerated().compactMap { index, tick in
      guard index % max(stride, 1) == 0 else { return nil }
      return "<text class=\"below\" x=\"\(coordinate(x(index)))\" y=\"232\">\(tick)</text>"
    }
    let lines: [Markup] = figure.lines.enumerated().map { number, line in
      let points = line.values.enumerated().map { (x($0), vertical.place($1)) }
      return "<path class=\"line s\(number % 6)\" d=\"\(path(points))\"/>"
    }
    let names: [Markup] = figure.lines.enumerated().map { number, line in
      """
      <li><svg class="key" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">\
      <path class="line s\(number % 6)" d="M0 4H32"/></svg> \(line.name)
      """
    }
    let key: Markup? = figure.lines.count > 1 ? "<ul class=\"key\">\(names)</ul>" : nil
    return """
      <figure class="series"><figcaption>\(figure.caption)</figcaption>\
      \(Frame.chart(
        kind: "lines", horizontal: figure.horizontal, vertical: figure.vertical, label: summary(of: figure),
        content: "\(Frame.rules(vertical))\(ticks)\(lines)"))\(key)\(twin(Table(figure)))</figure>
      """
  }

  /// Lines through the numbers, broken where one is missing; a number between two gaps is a dot.
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

  mutating func scatterFigure(_ figure: Scatter) -> Markup {
    let horizontal = Axis(figure.points.map(\.x), from: Frame.left + 8, to: Frame.right - 8)
    let vertical = Axis(figure.points.map(\.y), from: Frame.bottom, to: Frame.top)
    let ticks: [Markup] = horizontal.ticks.compactMap { tick in
      horizontal.place(tick).map { x in
        "<text class=\"below\" x=\"\(coordinate(x))\" y=\"232\">\(printed(tick, horizontal.decimals))</text>"
      }
    }
    let dots: [Markup] = figure.points.compactMap { point in
      guard let x = horizontal.place(point.x), let y = vertical.place(point.y) else { return nil }
      let dot: Markup = """
        <circle cx="\(coordinate(x))" cy="\(coordinate(y))" r="4"><title>\(point.label)</title></circle>
        """
      return linked(dot, to: point.link)
    }
    return """
      <figure class="scatter"><figcaption>\(figure.caption)</figcaption>\
      \(Frame.chart(
        kind: "dots", horizontal: figure.horizontal, vertical: figure.vertical, label: summary(of: figure),
        content: "\(Frame.rules(vertical))\(ticks)\(dots)"))\(twin(Table(figure)))</figure>
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
  fileprivate init(_ figure: Series) {
    let digits = decimals(for: figure.lines.flatMap(\.values).filter(\.isFinite))
    self.init(
      caption: figure.caption,
      columns: [Column(figure.horizontal)] + figure.lines.map { Column($0.name, isNumeric: true) },
      rows: figure.ticks.enumerated().map { index, tick in
        [.text(tick)] + figure.lines.map { .number($0.values[index], decimals: digits) }
      })
  }

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
