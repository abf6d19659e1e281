import Analysis

extension [Section] {
  func about(_ subject: Subject) -> [Section] { filter { $0.subject == subject } }
}

extension Section {
  var markdown: [String] {
    blocks.compactMap { block in
      guard case .markdown(let text) = block else { return nil }
      return text
    }
  }
  var strips: [ImageStrip] {
    blocks.compactMap { block in
      guard case .imageStrip(let strip) = block else { return nil }
      return strip
    }
  }
  var heatMaps: [HeatMaps] {
    blocks.compactMap { block in
      guard case .heatMaps(let maps) = block else { return nil }
      return maps
    }
  }
  var tables: [Table] {
    blocks.compactMap { block in
      guard case .table(let table) = block else { return nil }
      return table
    }
  }
  var series: [Series] {
    blocks.compactMap { block in
      guard case .series(let series) = block else { return nil }
      return series
    }
  }
  var grids: [HeadGrid] {
    blocks.compactMap { block in
      guard case .headGrid(let grid) = block else { return nil }
      return grid
    }
  }
}

extension ImageStrip {
  /// The rows of the probe set that the strip shows, in order.
  var probeRows: [Int] {
    items.filter { $0.image.set == .probe }.compactMap { Int($0.image.id.dropFirst("probe-".count)) }
  }

  /// The rows under one badge.
  func probeRows(badge: String) -> [Int] {
    ImageStrip(caption: caption, items: items.filter { $0.badge == badge }).probeRows
  }

  func values(_ name: String) -> [Double] {
    items.flatMap { $0.values.filter { $0.name == name }.map(\.value) }
  }
}
