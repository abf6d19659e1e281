import Analysis

extension FigureWriter {
  /// A table with a bar in each row.
  ///
  /// The numbers are beside the bars, so it needs no other table.
  mutating func barFigure(_ bars: Bars) -> Markup {
    let scale = BarScale(bars.items.flatMap { [$0.value] + ($0.chance.map { [$0] } ?? []) })
    let hasNotes = bars.items.contains { $0.note != nil }
    let rows: [Markup] = bars.items.map { item in
      let note: Markup? = hasNotes ? "<td>\(item.note ?? "")" : nil
      return """
        <tr><th scope="row">\(linked("\(item.label)", to: item.link))\
        <td class="n">\(printed(item.value, bars.decimals))\
        <td class="b">\(scale.bar(item.value, chance: item.chance))\(note)

        """
    }
    let greyIsChance: Markup? = bars.items.contains { $0.chance != nil } ? "; grey: by chance" : nil
    let noteHead: Markup? = hasNotes ? "<td>" : nil
    let files = fileLinks(bars.caption, CommaSeparated(Table(bars)), BarDrawing(bars, scale: scale).sheet)
    return """
      <div class="figure"><div class="scroll" tabindex="0" role="group" aria-label="\(bars.caption)">\
      <table class="bars"><caption>\(bars.caption)</caption>\
      <thead><tr><td><th scope="col" colspan="2">\(bars.unit)\(greyIsChance)\(noteHead)</thead><tbody>
      \(rows)</tbody></table></div>\(files.markup)</div>
      """
  }
}

/// The positions of bars, in hundredths of the available width.
struct BarScale {
  private let low: Double
  private let high: Double

  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite)
    low = min(0, finite.min() ?? 0)
    high = max(0, finite.max() ?? 0)
  }

  private func place(_ value: Double) -> Double {
    let span = high / 2 - low / 2
    return span > 0 ? (value / 2 - low / 2) / span * 100 : 0
  }

  /// - Parameter chance: what chance reaches, in grey behind the bar.
  func bar(_ value: Double, chance: Double? = nil) -> Markup {
    guard let paths = paths(value, chance: chance) else { return "" }
    return """
      <svg class="bar" viewBox="0 0 100 1" width="200" height="10" preserveAspectRatio="none" aria-hidden="true">\(paths)</svg>
      """
  }

  /// What is drawn, 100 wide and 1 high; nil where the value is not finite.
  func paths(_ value: Double, chance: Double?) -> Markup? {
    guard value.isFinite else { return nil }
    let (zero, end) = (place(0), place(value))
    let grey: Markup? = chance.flatMap { chance in
      chance.isFinite ? "<path class=\"chance\" d=\"M\(coordinate(zero)) .5H\(coordinate(place(chance)))\"/>" : nil
    }
    let baseline: Markup? = low < 0 ? "<path class=\"zero\" d=\"M\(coordinate(zero)) 0v1\"/>" : nil
    return """
      \(grey)<path\(value < 0 ? " class=\"negative\"" as Markup : "") d="M\(coordinate(zero)) .5H\(coordinate(end))"/>\
      \(baseline)
      """
  }
}

/// Bars in a file of their own: names, numbers, bars and notes in columns.
private struct BarDrawing {
  let bars: Bars
  let scale: BarScale

  init(_ bars: Bars, scale: BarScale) { (self.bars, self.scale) = (bars, scale) }

  private static let (nameWidth, barWidth, size) = (330.0, 200.0, 12.0)

  var sheet: FigureSheet {
    let names = bars.items.map { Drawing($0.label, kind: "name", size: Self.size, within: Self.nameWidth) }
    let numbers = bars.items.map { printed($0.value, bars.decimals) }
    let left = (names.map(\.width).max() ?? 0) + 14
    let bar = left + (numbers.map { widthOfText($0, size: Self.size) }.max() ?? 0) + 12
    let after = bar + Self.barWidth + 12
    let rows = bars.items.indices.map { place -> Drawing in
      let (item, middle) = (bars.items[place], max(16, names[place].height) / 2)
      let note = Drawing(item.note ?? "", kind: "unit", size: 11, within: 200)
      let drawn = scale.paths(item.value, chance: item.chance).map { paths -> Markup in
        """
        <g class="bar" transform="translate(\(coordinate(bar)) \(coordinate(middle - 5))) scale(2 10)">\(paths)</g>
        """
      }
      return Drawing(
        width: after + note.width, height: 2 * middle,
        content: """
          \(names[place].moved(down: middle - names[place].height / 2))\
          <text class="number" x="\(coordinate(bar - 12))" y="\(coordinate(middle + 4))">\(numbers[place])</text>\(drawn)\
          \(note.moved(right: after, down: middle - note.height / 2))
          """)
    }
    let unit = bars.unit + (bars.items.contains { $0.chance != nil } ? "; grey: by chance" : "")
    let head = Drawing(unit, kind: "unit", size: 11, within: 400)
    let most = bars.items.filter(\.value.isFinite).max { $0.value < $1.value }
    return FigureSheet(
      title: bars.caption,
      description: most.map { "\(bars.items.count) bars; highest \($0.label), \(printed($0.value, bars.decimals))" }
        ?? "",
      parts: [head, Drawing(stacked: rows, gap: 4)])
  }
}

extension Table {
  fileprivate init(_ bars: Bars) {
    func chance(_ value: Double?) -> Cell { value.map { .number($0, decimals: bars.decimals) } ?? .empty }
    let hasChance = bars.items.contains { $0.chance != nil }
    self.init(
      caption: bars.caption,
      columns: [Column("item"), Column(bars.unit, isNumeric: true), Column("note")]
        + (hasChance ? [Column("chance reaches", isNumeric: true)] : []),
      rows: bars.items.map { item in
        [.text(item.label), .number(item.value, decimals: bars.decimals), item.note.map(Cell.text) ?? .empty]
          + (hasChance ? [chance(item.chance)] : [])
      })
  }
}
