import Analysis
import Foundation
import Site
import TestSupport
import Testing

/// Maps as readers see them: where their colours end, what is ringed, and what is hatched.
@Suite struct `A figure of maps` {
  private static let image = ImageReference(set: .gallery, id: "gallery-0")

  private static func map(_ values: [Float], _ registers: [Int] = []) -> HeatMaps.Map {
    HeatMaps.Map(title: "t", image: image, values: values, registers: registers)
  }

  private static func page(
    _ maps: [HeatMaps.Map], side: Int, isDiverging: Bool = false, sharesScale: Bool = true,
    _ body: (String) throws -> Void
  ) throws {
    let figure = HeatMaps(
      caption: "c", gridSide: side, unit: "u", isDiverging: isDiverging, sharesScale: sharesScale, maps: maps)
    try BuiltSite.withPage(of: .heatMaps(figure), body)
  }

  /// The patches that are ringed, map by map: `M`, column`.1`, row`.5`, and an arc.
  private static func ringed(_ html: String, side: Int) -> [String] { marked(html, #/M(\d+)\.1 (\d+)\.5a/#, side) }

  /// The patches that are hatched, map by map.
  private static func hatched(_ html: String, side: Int) -> [String] { marked(html, #/M(\d+) (\d+)\.5l/#, side) }

  private static func marked(_ html: String, _ start: Regex<(Substring, Substring, Substring)>, _ side: Int) -> [String]
  {
    html.components(separatedBy: "<span class=\"map").dropFirst().map { part in
      let places = part.components(separatedBy: "</span>")[0].matches(of: start).compactMap { match in
        Int(match.2).flatMap { row in Int(match.1).map { row * side + $0 } }
      }
      return Set(places).sorted().map(String.init).joined(separator: " ")
    }
  }

  /// Expected: numpy 2.4, `numpy.percentile(numpy.abs(values), 99, method="lower")`.
  @Test(arguments: [
    (count: 1, limit: 1, ringed: ""), (4, 9, "3"), (9, 64, "8"), (49, 2304, "48"), (100, 9801, "99"),
    (196, 37636, "194 195"), (256, 64009, "253 254 255"),
  ]) func `ends its colours at the 99th percentile of the values without their sign, and rings what is beyond`(
    count: Int, limit: Int, ringed: String
  ) throws {
    let side = Int(Double(count).squareRoot())
    let values = (1...count).map { Float($0 * $0) * ($0 % 2 == 0 ? -1 : 1) }
    try Self.page([Self.map(values)], side: side, isDiverging: true) { html in
      #expect(Self.ringed(html, side: side) == [ringed])
      #expect(html.contains("−\(limit).00</span><svg class=\"ramp\""))
      #expect(html.components(separatedBy: "class=\"ring\"").count == (ringed.isEmpty ? 1 : 2))
      #expect(html.contains("class=\"beyond\"") == !ringed.isEmpty)
    }
  }

  @Test func `keeps its colours where one patch is a thousand times as large as all others`() throws {
    var values = (0..<49).map { Float($0 % 9 + 1) }
    values[20] = 9000
    try Self.page([Self.map(values)], side: 7) { html in
      // Without clipping all but one would have the palest colour.
      for colour in 1...8 { #expect(html.contains("<path class=\"q\(colour)\"")) }
      #expect(Self.ringed(html, side: 7) == ["20"])
      #expect(
        html.contains(
          "Colours end at the 99th percentile of |values|; 1 patch beyond is ringed, at 9000.00."))
    }
  }

  @Test func `on one scale with others ends at the largest of their percentiles, though each has an outlier`() throws {
    let maps = (1...4).map { factor -> HeatMaps.Map in
      var values = (0..<49).map { Float($0 % 9 * factor) }
      values[factor] = -5000
      return Self.map(values)
    }
    try Self.page(maps, side: 7, isDiverging: true) { html in
      #expect(html.contains("−32.00</span><svg class=\"ramp\""))
      #expect(Self.ringed(html, side: 7) == ["1", "2", "3", "4"])
      #expect(
        html.contains(
          "Colours end at the largest 99th percentile of a map’s |values|; 4 patches beyond are ringed, the farthest at −5000.00."
        ))
    }
  }

  @Test func `with a scale of its own says so below it`() throws {
    let maps = [Self.map([1, 2, 3, 40]), Self.map([5, 5, 5, 5])]
    try Self.page(maps, side: 2, sharesScale: false) { html in
      #expect(Self.ringed(html, side: 2) == ["3", ""])
      #expect(html.components(separatedBy: "class=\"legend\"").count == 3)
      #expect(html.components(separatedBy: "class=\"beyond\"").count == 2)
    }
  }

  @Test func `is not scaled by register patches, which are hatched, and says how much lies on them`() throws {
    let maps = [Self.map([1, 2, 3, 90, 1, 2, 3, 2, -80], [8, 3]), Self.map([1, 1, 1, 1, 1, 1, 1, 1, 1])]
    try Self.page(maps, side: 3, isDiverging: true) { html in
      #expect(Self.hatched(html, side: 3) == ["3 8", ""] && Self.ringed(html, side: 3) == ["3 8", ""])
      #expect(html.contains("−3.00</span><svg class=\"ramp\""))
      #expect(html.contains("<span class=\"share\">92 % of the map on register patches</span>"))
      #expect(html.components(separatedBy: "class=\"share\"").count == 2)
      #expect(html.components(separatedBy: "class=\"under hatch\"").count == 2)
      #expect(html.contains("Hatched: register patches, which are large in most images of the gallery"))
      #expect(html.contains("<a href=\"../glossary/index.html#term-register-patch\">"))
    }
    try Self.page([maps[1]], side: 3) { html in
      #expect(!html.contains("ister patch") && !html.contains("class=\"marks\""))
    }
  }

  @Test func `of nothing but register patches, zeros or no numbers is drawn all the same`() throws {
    let maps = [
      Self.map([1, 2, 3, 4], [0, 1, 2, 3]), Self.map([0, 0, 0, 0]), Self.map([.nan, .infinity, 1, 0]),
    ]
    try Self.page(maps, side: 2, sharesScale: false) { html in
      #expect(Self.ringed(html, side: 2) == ["3", "", ""])
    }
  }

  @Test func `is taken along with its marks`() throws {
    try BuiltSite.with(change: { content in
      content.sections = [
        Section(
          subject: .metrics, plugin: "p", model: nil, title: "T",
          blocks: [
            .heatMaps(
              HeatMaps(
                caption: "c", gridSide: 2, unit: "u", isDiverging: true, maps: [Self.map([1, 2, 3, 40], [0])]))
          ])
      ]
    }) { site in
      let svg = try site.text("metrics/t.svg")
      for kind in ["class=\"hatch\"", "class=\"ring\"", ".map .hatch {", ".signed .ring {"] {
        #expect(svg.contains(kind), "\(kind)")
      }
      // The words stand in lines.
      for words in ["Colours end at the 99th", "Hatched: register patches", "% of the map on"] {
        #expect(svg.contains(words), "\(words)")
      }
    }
  }
}
