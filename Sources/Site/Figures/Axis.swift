/// An axis with ticks at round numbers.
struct Axis {
  let low: Double
  let high: Double
  let ticks: [Double]
  let decimals: Int

  /// An axis from one round number to another that includes all values, drawn from `start` to `end`.
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

  /// The position of a value in the units of the drawing; nil where the value is not finite.
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

/// A chart: a drawing 480 wide and 260 high, with the plot and its axes inside.
struct ChartFrame {
  static let (left, right, top, bottom) = (52.0, 468.0, 12.0, 216.0)

  /// `lines` or `dots`, for the style.
  let kind: Markup
  /// For readers who do not see it.
  let label: String
  private let content: Markup

  init(kind: Markup, horizontal: String, vertical: String, label: String, content: Markup) {
    (self.kind, self.label) = (kind, label)
    self.content = """
      \(content)<text class="axis" x="260" y="254">\(horizontal)</text>\
      <text class="axis" x="14" y="114" transform="rotate(-90 14 114)">\(vertical)</text>
      """
  }

  /// On a page, as wide as there is room.
  var markup: Markup {
    """
    <div class="scroll chart" tabindex="0" role="group" aria-label="Chart">\
    <svg class="\(kind)" viewBox="0 0 480 260" width="720" height="390" role="img" aria-label="\(label)">\
    \(content)</svg></div>
    """
  }

  /// In a file of its own.
  var drawing: Drawing {
    Drawing(width: 480, height: 260, content: "<g class=\"chart\"><g class=\"\(kind)\">\(content)</g></g>\n")
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
