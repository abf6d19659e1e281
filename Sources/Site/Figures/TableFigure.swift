import Analysis

extension FigureWriter {
  mutating func tableFigure(_ table: Table) -> Markup {
    let files = fileLinks(table.caption, CommaSeparated(table))
    return """
      <div class="figure"><div class="scroll" tabindex="0" role="group" aria-label="\(table.caption)">\
      \(tableBody(table, isTwin: false))</div>\(files.markup)</div>
      """
  }

  /// The table itself, without the end tags that HTML makes optional: that makes a large table much smaller.
  ///
  /// A column without a value in any row is in the files only: it is of something that this atlas has not.
  func tableBody(_ table: Table, isTwin: Bool) -> Markup {
    let shown = table.columns.indices.filter { column in
      column == 0 || table.rows.isEmpty
        || !table.rows.allSatisfy { if case .empty = $0[column] { true } else { false } }
    }
    let heads = shown.map { column in
      // A table of a figure's numbers keeps the numbers in view instead.
      columnHead(table.columns[column], letters: isTwin ? 0 : table.rows.map { letters($0[column]) }.max() ?? 0)
    }
    let decimals = table.columns.indices.map { column in mostDecimals(table.rows.map { $0[column] }) }
    let rows: [Markup] = table.rows.map { row in
      let cells = shown.map { column in
        tableCell(
          row[column], isNumeric: table.columns[column].isNumeric, isHead: column == 0 && !isTwin,
          decimals: decimals[column])
      }
      return "<tr>\(cells)\n"
    }
    let caption: Markup = isTwin ? "" : "<caption>\(table.caption)</caption>"
    return "<table class=\"sortable\">\(caption)<thead><tr>\(heads)</thead><tbody>\n\(rows)</tbody></table>"
  }

  /// - Parameter letters: of the longest text in the column. One with sentences keeps a minimum width on small screens, and one with a few
  ///   words on all, beside many numbers.
  private func columnHead(_ column: Table.Column, letters: Int) -> Markup {
    let note: Markup? = column.note.map { " <small>\($0)</small>" }
    let kind: Markup =
      column.isNumeric ? " class=\"n\"" : letters > 60 ? " class=\"t\"" : letters > 20 ? " class=\"w\"" : ""
    return "<th scope=\"col\"\(kind)>\(column.title)\(note)"
  }

  private func letters(_ cell: Cell) -> Int {
    switch cell {
    case .text(let text), .link(let text, _): text.count
    case .number, .image, .empty: 0
    }
  }

  private func tableCell(_ cell: Cell, isNumeric: Bool, isHead: Bool, decimals: Int) -> Markup {
    let content = content(of: cell, decimals: decimals)
    if isHead, case .number = cell { return "<th scope=\"row\" class=\"n\">\(content)" }
    if isHead { return "<th scope=\"row\">\(content)" }
    return isNumeric ? "<td class=\"n\">\(content)" : "<td>\(content)"
  }

  private func content(of cell: Cell, decimals: Int) -> Markup {
    switch cell {
    case .text(let text): "\(text)"
    case .number(let number, let own): "\(printed(number, own))\(padding(own: own, column: decimals))"
    case .link(let text, let subject): linked("\(text)", to: subject)
    case .image(let reference): thumbnail(reference, kind: " class=\"small\"")
    case .empty: ""
    }
  }

  private func mostDecimals(_ cells: [Cell]) -> Int {
    cells.reduce(0) { most, cell in
      if case .number(_, let decimals) = cell { max(most, decimals) } else { most }
    }
  }

  /// Spaces as wide as the missing decimals, so that decimal points align.
  private func padding(own: Int, column: Int) -> Markup {
    guard own < column else { return "" }
    let digits = String(repeating: "\u{2007}", count: min(column, 12) - min(max(own, 0), 12))
    return own > 0 ? "\(digits)" : "\u{2008}\(digits)"
  }
}
