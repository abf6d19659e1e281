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
    let greyIsChance: Markup? = bars.items.contains { $0.chance != nil } ? "; in grey what chance reaches" : nil
    let noteHead: Markup? = hasNotes ? "<td>" : nil
    let link = csvLink(CommaSeparated(Table(bars)))
    return """
      <div class="figure"><div class="scroll" tabindex="0" role="group" aria-label="\(bars.caption)">\
      <table class="bars"><caption>\(bars.caption)</caption>\
      <thead><tr><td><th scope="col" colspan="2">\(bars.unit)\(greyIsChance)\(noteHead)</thead><tbody>
      \(rows)</tbody></table></div><p class="files">\(link)</p></div>
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
    guard value.isFinite else { return "" }
    let (zero, end) = (place(0), place(value))
    let grey: Markup? = chance.flatMap { chance in
      chance.isFinite ? "<path class=\"chance\" d=\"M\(coordinate(zero)) .5H\(coordinate(place(chance)))\"/>" : nil
    }
    let baseline: Markup? = low < 0 ? "<path class=\"zero\" d=\"M\(coordinate(zero)) 0v1\"/>" : nil
    return """
      <svg class="bar" viewBox="0 0 100 1" width="200" height="10" preserveAspectRatio="none" aria-hidden="true">\(grey)\
      <path\(value < 0 ? " class=\"negative\"" as Markup : "") d="M\(coordinate(zero)) .5H\(coordinate(end))"/>\
      \(baseline)</svg>
      """
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
