import Analysis
import Diagnostics

extension FigureWriter {
  /// Maps over the part of an image that the model sees, side by side.
  mutating func mapFigure(_ figure: HeatMaps) throws -> Markup {
    let shared = MapScale(figure.maps, isDiverging: figure.isDiverging)
    func scale(_ map: HeatMaps.Map) -> MapScale {
      figure.sharesScale ? shared : MapScale([map], isDiverging: figure.isDiverging)
    }
    let maps: [Markup] = figure.maps.map { mapItem($0, in: figure, scale: scale($0)) }
    let summaries = figure.maps.map { map in
      "\(map.title): \(MapSummary(map.values, side: figure.gridSide, isDiverging: figure.isDiverging).sentence)"
    }
    let hatching = figure.hatchingWords
    let sheet = FigureSheet(
      title: figure.caption, description: summaries.joined(separator: "; "),
      parts: [try mapSheet(figure, scale: scale)]
        + (figure.sharesScale ? [shared.drawing(unit: figure.unit, within: 500).within("maps")] : [])
        + (hatching.map { [Drawing($0, kind: "unit", size: 11, within: 500)] } ?? []))
    let files = fileLinks(figure.caption, mapRows(figure), sheet)
    let term = "\(page.link(to: Address.glossary.index))#\(GlossaryTerm.registerPatch)"
    let words: Markup? = hatching.map {
      "<p class=\"legend\">\($0) <a href=\"\(term)\">Glossary: register patch</a></p>"
    }
    return """
      <figure class="maps"><figcaption>\(figure.caption)</figcaption><ul>
      \(maps)</ul>\(figure.sharesScale ? shared.legend(unit: figure.unit) : nil)\(words)\(mapTwin(figure, files))</figure>
      """
  }

  private func mapItem(_ map: HeatMaps.Map, in figure: HeatMaps, scale: MapScale) -> Markup {
    let side = figure.gridSide
    let peak = MapSummary(map.values, side: side, isDiverging: figure.isDiverging).sentence
    let image: Markup? = mapped(map.image).map { self.image($0, alternative: caption(of: map.image)) }
    let marks = MapMarks(map, side: side, scale: scale)
    let kind: Markup = figure.isDiverging ? "map signed" : "map"
    let drawing: Markup = """
      <span class="\(kind)">\(image)<svg viewBox="0 0 \(side) \(side)" role="img" \
      aria-label="\(peak)">\(runs(map.values, side: side, scale: scale.colours))</svg>\(marks.layer)</span>
      """
    let legend: Markup? = figure.sharesScale ? nil : scale.legend(unit: figure.unit)
    let share: Markup? = map.registerWords.map { " <span class=\"share\">\($0)</span>" }
    return "<li>\(linked(drawing, to: map.link))<span class=\"title\">\(map.title)</span>\(share)\(legend)\n"
  }

  /// The maps in rows, each image once.
  private func mapSheet(_ figure: HeatMaps, scale: (HeatMaps.Map) -> MapScale) throws -> Drawing {
    let side = 150.0
    var names: [ImageReference: String] = [:]
    let tiles = try figure.maps.map { map -> Drawing in
      var image: Markup?
      if let name = names[map.image] {
        image = "<use href=\"#\(name)\"/>"
      } else {
        let name = "image-\(names.count)"
        names[map.image] = name
        image = try embedded(mapped(map.image), side: side, id: name, isCovering: true)
      }
      let own = scale(map)
      let runs = runs(map.values, side: figure.gridSide, scale: own.colours)
      let marks = MapMarks(map, side: figure.gridSide, scale: own).paths
      let kind: Markup = figure.isDiverging ? "map signed" : "map"
      let drawn: Markup = """
        \(image)<g class="\(kind)" transform="scale(\(coordinate(side / Double(figure.gridSide))))">\(runs)\(marks)</g>
        """
      let title = Drawing(map.title, kind: "name", size: 12, within: side)
      let share = map.registerWords.map { [Drawing($0, kind: "unit", size: 11, within: side)] } ?? []
      let legend = figure.sharesScale ? [] : [own.drawing(unit: figure.unit, within: side)]
      return Drawing(stacked: [Drawing(width: side, height: side, content: drawn), title] + share + legend, gap: 4)
    }
    return Drawing(tiled: tiles, columns: 4, gap: 12).within("maps")
  }

  /// The part of an image that the section's model sees.
  private func mapped(_ reference: ImageReference) -> SizedFile? {
    images[reference].flatMap { isSquashed ? $0.squashed : $0.crop }
  }

  /// One path per colour: a stroke as wide as a patch through each run of patches of that colour; none for the colour of zero, which is
  /// transparent over images.
  private func runs(_ values: [Float], side: Int, scale: ColourScale) -> [Markup] {
    let transparent = scale.isDiverging ? 4 : 0
    var paths = [String](repeating: "", count: 9)
    for row in 0..<side {
      var column = 0
      while column < side {
        let place = scale.place(of: Double(values[row * side + column]))
        var end = column + 1
        while end < side, scale.place(of: Double(values[row * side + end])) == place { end += 1 }
        if let place, place != transparent { paths[place] += "M\(column) \(row).5H\(end)" }
        column = end
      }
    }
    return paths.enumerated().filter { !$0.element.isEmpty }.map { place, path in
      "<path class=\"\(scale.colourClass(place))\" d=\"\(path)\"/>"
    }
  }

  /// A table per map with a row per row of patches.
  ///
  /// The numbers of a row share one cell, because a cell for each would make pages of many maps several times as large.
  /// A number at the start of a row is the head of the row without a scope, since its column has no data.
  private func mapTwin(_ figure: HeatMaps, _ files: FileLinks) -> Markup {
    let power = MapPower(figure.maps.flatMap(\.values))
    // For scripts, which say a number as it is.
    let exponent: Markup? = power.exponent == 0 ? nil : " data-power=\"\(power.exponent)\""
    let tables: [Markup] = figure.maps.map { map in
      let rows: [Markup] = (0..<figure.gridSide).map { row in
        let numbers = map.values[row * figure.gridSide..<(row + 1) * figure.gridSide]
        return "<tr><th>\(row + 1)<td>\(numbers.map(power.printed).joined(separator: " "))"
      }
      return "<table class=\"patches\"><caption>\(map.title)</caption><tbody>\(rows)</tbody></table>"
    }
    return """
      <details class="twin"\(exponent)><summary>Numbers</summary>\
      <p>Patches row by row from the top left, in \(power.name)\(figure.unit).</p><div class="scroll" tabindex="0" \
      role="group" aria-label="Numbers">\(tables)</div>\(files.numbers)</details>\(files.figure)
      """
  }

  private func mapRows(_ figure: HeatMaps) -> CommaSeparated {
    var rows = CommaSeparated()
    rows.add(["map", "image", "row"] + (1...figure.gridSide).map { "column \($0)" })
    for map in figure.maps {
      let title = CommaSeparated.field(map.title)
      for row in 0..<figure.gridSide {
        let numbers = map.values[row * figure.gridSide..<(row + 1) * figure.gridSide]
        rows.add([title, map.image.id, "\(row + 1)"] + numbers.map { "\($0)" })
      }
    }
    return rows
  }
}

/// A sentence that describes a map to readers who do not see it.
struct MapSummary {
  let sentence: String

  init(_ values: [Float], side: Int, isDiverging: Bool) {
    let finite = values.indices.filter { values[$0].isFinite }
    guard let most = finite.max(by: { values[$0] < values[$1] }),
      let least = finite.min(by: { values[$0] < values[$1] })
    else {
      sentence = "no numbers"
      return
    }
    func place(_ index: Int) -> String { "row \(index / side + 1), column \(index % side + 1)" }
    let (high, low) = (Double(values[most]), Double(values[least]))
    let digits = decimals(for: [high, low])
    guard high > low else {
      sentence = "\(printed(high, digits)) everywhere"
      return
    }
    let mean = finite.reduce(0.0) { $0 + Double(values[$1]) } / Double(finite.count)
    if isDiverging {
      sentence =
        "highest at \(place(most)), \(printed(high, digits)); lowest at \(place(least)), \(printed(low, digits))"
    } else if mean > 0, high / mean < 1000 {
      sentence = "peak at \(place(most)), \(printed(high / mean, 1)) times the mean"
    } else {
      sentence = "peak at \(place(most)), \(printed(high, digits)), mean \(printed(mean, digits))"
    }
  }
}

/// The power of ten for which the largest of some numbers has three digits before the point.
private struct MapPower {
  let exponent: Int

  init(_ values: [Float]) {
    var largest = values.reduce(0.0) { $1.isFinite ? max($0, Double(abs($1))) : $0 }
    var exponent = 0
    while largest > 0, largest < 99.95, exponent > -40 {
      largest *= 10
      exponent -= 1
    }
    while largest >= 9999.5 {
      largest /= 10
      exponent += 1
    }
    self.exponent = exponent
  }

  /// `10⁻⁴ × `, which precedes the unit; empty for 1.
  var name: String {
    guard exponent != 0 else { return "" }
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    let raised = String(abs(exponent)).compactMap(\.wholeNumberValue).map { digits[$0] }
    return "10" + (exponent < 0 ? "⁻" : "") + String(raised) + " × "
  }

  /// The number in units of the power, right-aligned in four characters.
  func printed(_ value: Float) -> String {
    guard value.isFinite else { return "   –" }
    var scaled = Double(value)
    for _ in 0..<abs(exponent) { scaled = exponent < 0 ? scaled * 10 : scaled / 10 }
    let text = fixed(scaled, decimals: 0)
    return String(repeating: " ", count: max(0, 4 - text.unicodeScalars.count)) + text
  }
}
