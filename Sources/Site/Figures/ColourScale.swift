import Diagnostics

/// Assigns numbers to nine classes, whose colours the style sheet defines.
///
/// A sequential scale (classes q0 to q8) goes from zero, which has the colour of the paper, to the highest number; from the lowest
/// where that is negative. A diverging scale (d0 to d8), for
/// differences, is centred at zero with equal ends, so that the colour shows the sign.
struct ColourScale: Sendable, Equatable {
  let low: Double
  let high: Double
  let isDiverging: Bool

  init(low: Double, high: Double, isDiverging: Bool) {
    (self.low, self.high, self.isDiverging) = (low, high, isDiverging)
  }

  init(_ values: some Sequence<Double>, isDiverging: Bool) {
    let finite = values.filter(\.isFinite)
    let (least, most) = (finite.min() ?? 0, finite.max() ?? 0)
    self.isDiverging = isDiverging
    low = isDiverging ? -max(abs(least), abs(most)) : min(0, least)
    high = isDiverging ? max(abs(least), abs(most)) : max(0, most)
  }

  /// The class of a number, 0 to 8; nil where it is not finite.
  func place(of value: Double) -> Int? {
    guard value.isFinite else { return nil }
    // Halved, because high − low may overflow where the ends have opposite signs.
    let (span, offset) = (high / 2 - low / 2, value / 2 - low / 2)
    guard span > 0 else { return isDiverging ? 4 : 0 }
    return min(8, max(0, Int(offset / span * 9)))
  }

  func colourClass(_ place: Int) -> String { (isDiverging ? "d" : "q") + String(place) }

  private var swatches: [Markup] { (0..<9).map { "<path class=\"\(colourClass($0))\" d=\"M\($0) .5h1\"/>" } }

  /// The colours in a row, between the lowest and the highest number.
  ///
  /// - Parameter remark: what follows the unit.
  func legend(unit: String, remark: Markup? = nil) -> Markup {
    let digits = decimals(for: [low, high])
    return """
      <p class="legend"><span class="n">\(printed(low, digits))</span><svg class="ramp" viewBox="0 0 9 1" width="144" \
      height="10" preserveAspectRatio="none" aria-hidden="true">\(swatches)</svg>\
      <span class="n">\(printed(high, digits))</span> <span class="unit">\(unit)</span>\(remark)</p>
      """
  }

  /// The same in a file of a figure.
  func drawing(unit: String) -> Drawing {
    let digits = decimals(for: [low, high])
    let ends = [low, high].map { printed($0, digits) }
    let start = widthOfText(ends[0], size: 11) + 6
    let rest = Drawing("\(ends[1])  \(unit)", kind: "unit", size: 11, within: 400)
    return Drawing(
      width: start + 150 + rest.width, height: max(14, rest.height),
      content: """
        <text class="unit" x="0" y="11">\(ends[0])</text>\
        <g class="ramp" transform="translate(\(coordinate(start)) 2) scale(16 10)">\(swatches)</g>\
        \(rest.moved(right: start + 150))
        """)
  }
}
