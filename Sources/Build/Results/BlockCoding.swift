import Analysis

extension Cell: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    switch self {
    case .empty: writer.add(bits: UInt8(0))
    case .text(let text):
      writer.add(bits: UInt8(1))
      writer.add(text)
    case .number(let value, let decimals):
      writer.add(bits: UInt8(2))
      writer.add(value)
      writer.add(decimals)
    case .link(let text, let subject):
      writer.add(bits: UInt8(3))
      writer.add(text)
      writer.add(subject)
    case .image(let image):
      writer.add(bits: UInt8(4))
      writer.add(image)
    }
  }

  package init(from reader: inout ByteReader) throws {
    switch try reader.bits() as UInt8 {
    case 0: self = .empty
    case 1: self = .text(try reader.read())
    case 2: self = .number(try reader.read(), decimals: try reader.read())
    case 3: self = .link(try reader.read(), try reader.read())
    case 4: self = .image(try reader.read())
    default: throw DamagedBytes()
    }
  }
}

extension Table: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(columns)
    writer.add(rows)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), columns: try reader.read(), rows: try reader.read())
  }
}

extension Table.Column: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(title)
    writer.add(note)
    writer.add(isNumeric)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      try reader.read(), note: try reader.read(), isNumeric: try reader.read())
  }
}

extension ImageStrip: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(items)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), items: try reader.read())
  }
}

extension ImageStrip.Item: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(image)
    writer.add(values)
    writer.add(badge)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      image: try reader.read(), values: try reader.read(), badge: try reader.read())
  }
}

extension NamedValue: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(name)
    writer.add(value)
    writer.add(decimals)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      try reader.read(), try reader.read(), decimals: try reader.read())
  }
}

extension HeatMaps: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(gridSide)
    writer.add(unit)
    writer.add(isDiverging)
    writer.add(sharesScale)
    writer.add(maps)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), gridSide: try reader.read(), unit: try reader.read(), isDiverging: try reader.read(),
      sharesScale: try reader.read(), maps: try reader.read())
  }
}

extension HeatMaps.Map: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(title)
    writer.add(image)
    writer.add(values)
    writer.add(link)
    writer.add(registers)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      title: try reader.read(), image: try reader.read(), values: try reader.read(), link: try reader.read(),
      registers: try reader.read())
  }
}

extension Bars: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(unit)
    writer.add(decimals)
    writer.add(items)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), unit: try reader.read(), decimals: try reader.read(), items: try reader.read())
  }
}

extension Bars.Item: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(label)
    writer.add(value)
    writer.add(link)
    writer.add(note)
    writer.add(chance)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      label: try reader.read(), value: try reader.read(), link: try reader.read(), note: try reader.read(),
      chance: try reader.read())
  }
}

extension Series: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(horizontal)
    writer.add(vertical)
    writer.add(ticks)
    writer.add(lines)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), horizontal: try reader.read(), vertical: try reader.read(), ticks: try reader.read(),
      lines: try reader.read())
  }
}

extension Series.Line: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(name)
    writer.add(values)
    writer.add(isControl)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      name: try reader.read(), values: try reader.read(), isControl: try reader.read())
  }
}

extension Scatter: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(horizontal)
    writer.add(vertical)
    writer.add(points)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), horizontal: try reader.read(), vertical: try reader.read(), points: try reader.read())
  }
}

extension Scatter.Point: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(label)
    writer.add(x)
    writer.add(y)
    writer.add(link)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      label: try reader.read(), x: try reader.read(), y: try reader.read(), link: try reader.read())
  }
}

extension HeadGrid: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(caption)
    writer.add(model)
    writer.add(layers)
    writer.add(heads)
    writer.add(measure)
    writer.add(isDiverging)
    writer.add(values)
    writer.add(labels)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      caption: try reader.read(), model: try reader.read(), layers: try reader.read(), heads: try reader.read(),
      measure: try reader.read(), isDiverging: try reader.read(), values: try reader.read(), labels: try reader.read())
  }
}

extension Download: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(title)
    writer.add(fileName)
    writer.add(content)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      title: try reader.read(), fileName: try reader.read(), content: try reader.read())
  }
}
