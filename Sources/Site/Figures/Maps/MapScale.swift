import Analysis
import Diagnostics

/// The colours of one map, or of several on one scale, and what lies beyond them.
///
/// The scale ends at the limit of the map: the 99th percentile of its |values|, by the order statistic below
/// (`numpy.percentile(…, 99, method="lower")`), register patches and what is not finite left out. So at least the largest of two or more
/// patches may lie beyond it, and one outlier never makes all else pale. Of several maps the largest limit holds, not the percentile
/// of all values together: each map may have an outlier, and together they would be more than a hundredth.
/// Where the percentile is 0, the limit is the largest |value|.
struct MapScale: Sendable, Equatable {
  let colours: ColourScale
  let limit: Double
  /// How many maps have this scale.
  let maps: Int
  /// How many values lie beyond it, register patches among them.
  let beyond: Int
  /// The value that lies farthest beyond it; nil where none does.
  let farthest: Double?

  init(_ maps: [HeatMaps.Map], isDiverging: Bool) {
    limit = maps.map(Self.limit).max() ?? 0
    self.maps = maps.count
    let finite = maps.flatMap(\.values).map(Double.init).filter(\.isFinite)
    let outside = finite.filter { [limit] in abs($0) > limit }
    beyond = outside.count
    farthest = outside.max { abs($0) < abs($1) }
    let low = isDiverging ? -limit : max(min(0, finite.min() ?? 0), -limit)
    colours = ColourScale(
      low: low, high: isDiverging ? limit : min(limit, max(0, finite.max() ?? 0)), isDiverging: isDiverging)
  }

  func isBeyond(_ value: Float) -> Bool { value.isFinite && Double(abs(value)) > limit }

  /// The 99th percentile of a map's |values|.
  private static func limit(of map: HeatMaps.Map) -> Double {
    let registers = Set(map.registers)
    let all = map.values.indices.filter { map.values[$0].isFinite }
    let counted = all.contains { !registers.contains($0) } ? all.filter { !registers.contains($0) } : all
    let sorted = counted.map { Double(abs(map.values[$0])) }.sorted()
    guard let largest = sorted.last else { return 0 }
    let percentile = sorted[(sorted.count - 1) * 99 / 100]
    return percentile > 0 ? percentile : largest
  }

  /// What the ends are, and what is ringed because it lies beyond them; nil where nothing does.
  var remark: String? {
    guard let farthest else { return nil }
    let end = maps > 1 ? "the largest 99th percentile of a map’s |values|" : "the 99th percentile of |values|"
    let value = printed(farthest, decimals(for: [farthest]))
    let ringed =
      beyond == 1
      ? "1 patch beyond is ringed, at \(value)" : "\(beyond) patches beyond are ringed, the farthest at \(value)"
    return "Colours end at \(end); \(ringed)."
  }

  /// The colours in a row between their ends, and what lies beyond.
  func legend(unit: String) -> Markup {
    let told: Markup? = remark.map { "<span class=\"beyond\">\($0)</span>" }
    return colours.legend(unit: unit, remark: told)
  }

  /// The same in a file of a figure.
  func drawing(unit: String, within width: Double) -> Drawing {
    let told = remark.map { [Drawing($0, kind: "unit", size: 11, within: width)] } ?? []
    return Drawing(stacked: [colours.drawing(unit: unit)] + told, gap: 4)
  }
}
