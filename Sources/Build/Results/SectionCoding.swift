import Analysis
import Attribution

extension AnalysisResults: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(sections)
    writer.add(values)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(sections: try reader.read(), values: try reader.read())
  }
}

extension Section: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(subject)
    writer.add(plugin)
    writer.add(model)
    writer.add(title)
    writer.add(order)
    writer.add(blocks)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      subject: try reader.read(), plugin: try reader.read(), model: try reader.read(), title: try reader.read(),
      order: try reader.read(), blocks: try reader.read())
  }
}

extension Subject: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    func add(_ kind: UInt8, _ id: String? = nil) {
      writer.add(bits: kind)
      if let id { writer.add(id) }
    }
    switch self {
    case .atlas: add(0)
    case .model(let id): add(1, id)
    case .layer(let model, let layer):
      add(2, model)
      writer.add(layer)
    case .head(let model, let head):
      add(3, model)
      writer.add(head.layer)
      writer.add(head.head)
    case .property(let id): add(4, id)
    case .image(let id): add(5, id)
    case .text(let id): add(6, id)
    case .contrast(let id): add(7, id)
    case .plugin(let id): add(8, id)
    case .pluginPage(let plugin, let page):
      add(11, plugin)
      writer.add(page)
    case .metrics: add(9)
    case .method: add(10)
    }
  }

  package init(from reader: inout ByteReader) throws {
    switch try reader.bits() as UInt8 {
    case 0: self = .atlas
    case 1: self = .model(try reader.read())
    case 2: self = .layer(model: try reader.read(), layer: try reader.read())
    case 3: self = .head(model: try reader.read(), head: Head(layer: try reader.read(), head: try reader.read()))
    case 4: self = .property(try reader.read())
    case 5: self = .image(try reader.read())
    case 6: self = .text(try reader.read())
    case 7: self = .contrast(try reader.read())
    case 8: self = .plugin(try reader.read())
    case 9: self = .metrics
    case 10: self = .method
    case 11: self = .pluginPage(plugin: try reader.read(), page: try reader.read())
    default: throw DamagedBytes()
    }
  }
}

extension Block: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    func add(_ kind: UInt8, _ value: some ByteCodable) {
      writer.add(bits: kind)
      writer.add(value)
    }
    switch self {
    case .markdown(let value): add(0, value)
    case .table(let value): add(1, value)
    case .imageStrip(let value): add(2, value)
    case .heatMaps(let value): add(3, value)
    case .bars(let value): add(4, value)
    case .series(let value): add(5, value)
    case .scatter(let value): add(6, value)
    case .headGrid(let value): add(7, value)
    case .download(let value): add(8, value)
    }
  }

  package init(from reader: inout ByteReader) throws {
    switch try reader.bits() as UInt8 {
    case 0: self = .markdown(try reader.read())
    case 1: self = .table(try reader.read())
    case 2: self = .imageStrip(try reader.read())
    case 3: self = .heatMaps(try reader.read())
    case 4: self = .bars(try reader.read())
    case 5: self = .series(try reader.read())
    case 6: self = .scatter(try reader.read())
    case 7: self = .headGrid(try reader.read())
    case 8: self = .download(try reader.read())
    default: throw DamagedBytes()
    }
  }
}

extension ImageReference: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(set == .gallery)
    writer.add(id)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(set: try reader.read(Bool.self) ? .gallery : .probe, id: try reader.read())
  }
}
