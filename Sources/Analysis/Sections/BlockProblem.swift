extension Block {
  /// How the block contradicts itself, in words, with its caption; nil where it is sound.
  package var problem: String? {
    switch self {
    case .table(let table): table.problem
    case .heatMaps(let maps): maps.problem
    case .series(let series): series.problem
    case .headGrid(let grid): grid.problem
    case .markdown, .imageStrip, .bars, .scatter, .download: nil
    }
  }
}

extension Table {
  fileprivate var problem: String? {
    guard let row = rows.firstIndex(where: { $0.count != columns.count }) else { return nil }
    return "table “\(caption)”: row \(row + 1) has \(rows[row].count) cells, expected \(columns.count), one per column"
  }
}

extension HeatMaps {
  fileprivate var problem: String? {
    guard gridSide > 0 else { return "maps “\(caption)”: a grid of \(gridSide) patches a side, expected at least 1" }
    // Divided, because the square of a plugin's number may overflow.
    if let map = maps.first(where: { $0.values.count % gridSide != 0 || $0.values.count / gridSide != gridSide }) {
      return "map “\(map.title)” of “\(caption)” has \(map.values.count) values, expected \(gridSide)×\(gridSide)"
    }
    let stray = maps.lazy.compactMap { map in
      map.registers.first { !map.values.indices.contains($0) }.map { (map: map, patch: $0) }
    }.first
    return stray.map { map, patch in
      "map “\(map.title)” of “\(caption)” has the register patch \(patch), expected one of 0 to \(map.values.count - 1)"
    }
  }
}

extension Series {
  fileprivate var problem: String? {
    guard let line = lines.first(where: { $0.values.count != ticks.count }) else { return nil }
    return "line “\(line.name)” of “\(caption)” has \(line.values.count) values, expected \(ticks.count), one per tick"
  }
}

extension HeadGrid {
  fileprivate var problem: String? {
    let (count, isTooLarge) = layers.multipliedReportingOverflow(by: heads)
    guard layers > 0, heads > 0, !isTooLarge else {
      return "head grid “\(caption)” has \(layers)×\(heads) heads, expected at least 1×1"
    }
    let found = [("values", values.count), ("labels", labels.count)].first { $0.1 != count }
    return found.map { "head grid “\(caption)” has \($0.1) \($0.0), expected \(count), one per head" }
  }
}
