import Analysis
import Diagnostics

/// What is drawn on a map besides its colours: a hatching on register patches, and a ring on each patch beyond the scale.
struct MapMarks: Sendable {
  private let side: Int
  /// Ascending.
  let hatched: [Int]
  /// Ascending.
  let ringed: [Int]

  init(_ map: HeatMaps.Map, side: Int, scale: MapScale) {
    self.side = side
    hatched = Set(map.registers).sorted()
    ringed = map.values.indices.filter { scale.isBeyond(map.values[$0]) }
  }

  var isEmpty: Bool { hatched.isEmpty && ringed.isEmpty }

  /// Paths in units of patches, from which scripts read what is marked.
  ///
  /// Hatchings are drawn twice, dark on light, because they must be seen on any image.
  var paths: Markup {
    let lines = hatched.map { patch in
      let (row, column) = (patch / side, patch % side)
      return "M\(column) \(row).5l.5-.5M\(column) \(row + 1)l1-1M\(column).5 \(row + 1)l.5-.5"
    }.joined()
    let rings = ringed.map { "M\($0 % side).1 \($0 / side).5a.4.4 0 1 0 .8 0 .4.4 0 1 0-.8 0" }.joined()
    let hatching: Markup? =
      hatched.isEmpty ? nil : "<path class=\"under hatch\" d=\"\(lines)\"/><path class=\"hatch\" d=\"\(lines)\"/>"
    let ring: Markup? = ringed.isEmpty ? nil : "<path class=\"ring\" d=\"\(rings)\"/>"
    return "\(hatching)\(ring)"
  }

  /// The marks over a map; nil where there are none.
  var layer: Markup? {
    isEmpty ? nil : "<svg class=\"marks\" viewBox=\"0 0 \(side) \(side)\">\(paths)</svg>"
  }
}

extension HeatMaps.Map {
  /// How much of the map lies on register patches, in words; nil where it has none.
  var registerWords: String? {
    registers.isEmpty ? nil : "\(percent(massShare(of: values, on: registers))) of the map on register patches"
  }
}

extension HeatMaps {
  /// What hatched patches are; nil where there are none.
  var hatchingWords: String? {
    guard maps.contains(where: { !$0.registers.isEmpty }) else { return nil }
    return """
      Hatched: register patches, which are large in most images of the gallery, whatever they show and whatever the text. Colours \
      are scaled without them, and shares are of the sum of |values|.
      """
  }
}
