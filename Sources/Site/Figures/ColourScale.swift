import Analysis
import Diagnostics

/// Nine classes of colour for numbers; the style sheet says which colours.
///
/// Amounts run from the lowest number to the highest in a sequential map (classes q0 to q8). Differences are centred
/// at zero with equal ends in a diverging one (d0 to d8), so that a colour tells the sign.
struct ColourScale: Sendable, Equatable {
  let low: Double
  let high: Double
  let isDiverging: Bool

  init(_ values: some Sequence<Double>, isDiverging: Bool) {
    let finite = values.filter(\.isFinite)
    let (least, most) = (finite.min() ?? 0, finite.max() ?? 0)
    self.isDiverging = isDiverging
    low = isDiverging ? -max(abs(least), abs(most)) : least
    high = isDiverging ? max(abs(least), abs(most)) : most
  }

  /// 0 to 8; nil for what is no number.
  func place(of value: Double) -> Int? {
    guard value.isFinite else { return nil }
    // Halves, because high − low may overflow where the ends are of opposite sign.
    let (span, offset) = (high / 2 - low / 2, value / 2 - low / 2)
    guard span > 0 else { return isDiverging ? 4 : 0 }
    return min(8, max(0, Int(offset / span * 9)))
  }

  func colourClass(_ place: Int) -> String { (isDiverging ? "d" : "q") + String(place) }

  /// The colours in a row between the numbers of their ends.
  func legend(unit: String) -> Markup {
    let digits = decimals(for: [low, high])
    let swatches: [Markup] = (0..<9).map { "<path class=\"\(colourClass($0))\" d=\"M\($0) .5h1\"/>" }
    return """
      <p class="legend"><span class="n">\(printed(low, digits))</span><svg class="ramp" viewBox="0 0 9 1" width="144" \
      height="10" preserveAspectRatio="none" aria-hidden="true">\(swatches)</svg>\
      <span class="n">\(printed(high, digits))</span> <span class="unit">\(unit)</span></p>
      """
  }
}

/// A number for readers; a dash for what is none.
func printed(_ number: Double, _ decimals: Int) -> String {
  number.isFinite ? fixed(number, decimals: min(max(decimals, 0), 12)) : "–"
}
