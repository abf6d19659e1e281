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

/// A chart: a drawing with the plot and its axes inside, 480 wide and 276 high, and wider where the numbers at the left are long.
///
/// The vertical axis has its title above it, where no number is.
struct ChartFrame {
  static let (left, right, top, bottom) = (52.0, 468.0, 12.0, 216.0)
  /// The room above the plot for the title of the vertical axis, and the right end of the numbers.
  private static let (above, numbers) = (16.0, 46.0)
  /// No digit and no letter of a number is wider.
  private static let digitWidth = 6.5

  /// `lines` or `dots`, for the style.
  let kind: Markup
  /// For readers who do not see it.
  let label: String
  private let content: Markup
  /// What it is wider at the left.
  private let further: Double

  init(kind: Markup, horizontal: String, vertical: (title: String, axis: Axis), label: String, content: Markup) {
    (self.kind, self.label) = (kind, label)
    let rules = Self.rules(vertical.axis)
    further = max(0, Double(rules.longest) * Self.digitWidth - Self.numbers).rounded(.up)
    self.content = """
      \(rules.drawn)\(content)<text class="axis" x="260" y="254">\(horizontal)</text>\
      <text class="above" x="\(coordinate(Self.left))" y="-4">\(vertical.title)</text>
      """
  }

  private var size: (width: Double, height: Double) { (480 + further, 260 + Self.above) }

  /// On a page, as wide as there is room.
  var markup: Markup {
    let (width, height) = (coordinate(size.width), coordinate(size.height))
    return """
      <div class="scroll chart" tabindex="0" role="group" aria-label="Chart">\
      <svg class="\(kind)" viewBox="\(coordinate(0 - further)) \(coordinate(0 - Self.above)) \(width) \(height)" \
      width="\(coordinate(size.width * 1.5))" height="\(coordinate(size.height * 1.5))" role="img" aria-label="\(label)">\
      \(content)</svg></div>
      """
  }

  /// In a file of its own.
  var drawing: Drawing {
    let place: Markup = "translate(\(coordinate(further)) \(coordinate(Self.above)))"
    return Drawing(
      width: size.width, height: size.height,
      content: "<g class=\"chart\" transform=\"\(place)\"><g class=\"\(kind)\">\(content)</g></g>\n")
  }

  /// A rule across the plot for each tick, with its number, and how many characters the longest number has.
  private static func rules(_ axis: Axis) -> (drawn: [Markup], longest: Int) {
    let numbers = axis.ticks.map { printed($0, axis.decimals) }
    let drawn = zip(axis.ticks, numbers).compactMap { tick, number in
      axis.place(tick).map { y -> Markup in
        """
        <path class="rule\(tick == 0 ? " zero" : "")" d="M\(coordinate(left)) \(coordinate(y))H\(coordinate(right))"/>\
        <text class="left" x="\(coordinate(Self.numbers))" y="\(coordinate(y + 4))">\(number)</text>
        """
      }
    }
    return (drawn, numbers.map(\.count).max() ?? 0)
  }
}
