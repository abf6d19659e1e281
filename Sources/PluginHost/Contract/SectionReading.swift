import Analysis
import Diagnostics
import Files

extension Section {
  /// Reads a section that has the shape of one.
  ///
  /// - Parameters:
  ///   - plugin: who made it; nil where the section says so itself.
  ///   - model: the model of a section that names none.
  init(_ json: JSONValue, plugin: String?, model: String?) {
    self.init(
      subject: json["subject"]?.subject ?? .atlas, plugin: plugin ?? json["plugin"]?.string ?? "sections",
      model: json["model"]?.string ?? model, title: json.text("title"), order: json.whole("order", default: 100),
      blocks: json.items("blocks").compactMap(Block.init))
  }
}

extension Block {
  fileprivate init?(_ json: JSONValue) {
    if let text = json["markdown"]?.string {
      self = .markdown(text)
    } else if let table = json["table"] {
      self = .table(Table(table))
    } else if let strip = json["imageStrip"] {
      self = .imageStrip(ImageStrip(strip))
    } else if let maps = json["heatMaps"] {
      self = .heatMaps(HeatMaps(maps))
    } else if let bars = json["bars"] {
      self = .bars(Bars(bars))
    } else if let series = json["series"] {
      self = .series(Series(series))
    } else if let scatter = json["scatter"] {
      self = .scatter(Scatter(scatter))
    } else if let grid = json["headGrid"] {
      self = .headGrid(HeadGrid(grid))
    } else if let download = json["download"] {
      self = .download(
        Download(
          title: download.text("title"), fileName: download.text("fileName"), content: download.text("content")))
    } else {
      return nil
    }
  }
}

extension ImageReference {
  fileprivate init(_ json: JSONValue?) {
    self.init(set: Origin(rawValue: json?.text("set") ?? "") ?? .gallery, id: json?.text("id") ?? "")
  }
}

extension Table {
  fileprivate init(_ json: JSONValue) {
    let rows = json.items("rows").map(\.items)
    let columns = json.items("columns").enumerated().map { place, column in
      (column: column, cells: rows.compactMap { $0.count > place ? $0[place] : nil })
    }
    let decimals = columns.map { Self.decimals(of: $0.cells) }
    self.init(
      caption: json.text("caption"),
      columns: columns.map { column, cells in
        Column(
          column.text("title"), note: column["note"]?.string,
          isNumeric: column.isTrue("isNumeric", default: Self.isNumeric(cells)))
      },
      rows: rows.map { row in
        row.enumerated().map { place, cell in Cell(cell, decimals: place < decimals.count ? decimals[place] : 3) }
      })
  }

  private static func isNumeric(_ cells: [JSONValue]) -> Bool {
    cells.contains { $0 != .null } && cells.allSatisfy { $0 == .null || $0.double != nil || $0["number"] != nil }
  }

  /// None for whole numbers, else as many as show three digits of the largest.
  private static func decimals(of cells: [JSONValue]) -> Int {
    let numbers = cells.compactMap(\.double)
    return numbers.allSatisfy { $0 == $0.rounded() } ? 0 : Diagnostics.decimals(for: numbers)
  }
}

extension Cell {
  /// - Parameter decimals: of a number that does not say how many.
  fileprivate init(_ json: JSONValue, decimals: Int) {
    if let text = json.string {
      self = .text(text)
    } else if let number = json.double {
      self = .number(number, decimals: decimals)
    } else if let number = json["number"]?.double {
      self = .number(number, decimals: json.whole("decimals", default: decimals))
    } else if let subject = json["subject"]?.subject {
      self = .link(json.text("text"), subject)
    } else if json["set"] != nil {
      self = .image(ImageReference(json))
    } else {
      self = .empty
    }
  }
}

extension ImageStrip {
  fileprivate init(_ json: JSONValue) {
    self.init(
      caption: json.text("caption"),
      items: json.items("items").map { item in
        Item(
          image: ImageReference(item["image"]),
          values: item.items("values").map {
            NamedValue($0.text("name"), $0.number("value"), decimals: $0.whole("decimals", default: 3))
          }, badge: item["badge"]?.string)
      })
  }
}

extension HeatMaps {
  fileprivate init(_ json: JSONValue) {
    self.init(
      caption: json.text("caption"), gridSide: json.whole("gridSide", default: 1), unit: json.text("unit"),
      isDiverging: json.isTrue("isDiverging"), sharesScale: json.isTrue("sharesScale", default: true),
      maps: json.items("maps").map { map in
        Map(
          title: map.text("title"), image: ImageReference(map["image"]),
          values: map.items("values").map { Float($0.double ?? 0) }, link: map["link"]?.subject,
          registers: map.items("registers").compactMap(\.whole))
      })
  }
}

extension Bars {
  fileprivate init(_ json: JSONValue) {
    self.init(
      caption: json.text("caption"), unit: json.text("unit"), decimals: json.whole("decimals", default: 3),
      items: json.items("items").map {
        Item(
          label: $0.text("label"), value: $0.number("value"), link: $0["link"]?.subject, note: $0["note"]?.string,
          chance: $0["chance"]?.double)
      })
  }
}

extension Series {
  fileprivate init(_ json: JSONValue) {
    self.init(
      caption: json.text("caption"), horizontal: json.text("horizontal"), vertical: json.text("vertical"),
      ticks: json.items("ticks").map { $0.string ?? "" },
      lines: json.items("lines").map { line in
        Line(
          name: line.text("name"), values: line.items("values").map { $0.double ?? 0 },
          isControl: line.isTrue("isControl"))
      })
  }
}

extension Scatter {
  fileprivate init(_ json: JSONValue) {
    self.init(
      caption: json.text("caption"), horizontal: json.text("horizontal"), vertical: json.text("vertical"),
      points: json.items("points").map {
        Point(label: $0.text("label"), x: $0.number("x"), y: $0.number("y"), link: $0["link"]?.subject)
      })
  }
}

extension HeadGrid {
  fileprivate init(_ json: JSONValue) {
    let values = json.items("values").map(\.double)
    self.init(
      caption: json.text("caption"), model: json.text("model"), layers: json.whole("layers", default: 1),
      heads: json.whole("heads", default: 1), measure: json.text("measure"), isDiverging: json.isTrue("isDiverging"),
      values: values,
      labels: json["labels"]?.items.map { $0.string ?? "" } ?? [String](repeating: "", count: values.count))
  }
}

/// Reads a file of ready-made sections: one, a list of them, or an object with the key `sections`, as pages of a site have beside
/// them.
///
/// - Parameter bytes: of the file.
/// - Throws: `JSONFault`, `ShapeProblem`.
package func readSections(_ bytes: [UInt8]) throws -> [Section] {
  let json = try JSONValue(json: bytes, readsNaN: true)
  try Shape.sectionFile.check(json)
  let list = json["sections"]?.items ?? (json["blocks"] == nil ? json.items : [json])
  return list.map { Section($0, plugin: nil, model: nil) }
}
