import Attribution
import Images
import Site

extension ImageRenditions.File: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(raw: bytes)
    writer.add(width)
    writer.add(height)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(bytes: Array(try reader.raw()), width: try reader.read(), height: try reader.read())
  }
}

extension ImageRenditions: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(large)
    writer.add(thumb)
    writer.add(crop)
    writer.add(squashed)
    for value in [cropBox.x, cropBox.y, cropBox.width, cropBox.height] { writer.add(value) }
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      large: try reader.read(), thumb: try reader.read(), crop: try reader.read(), squashed: try reader.read(),
      cropBox: FractionalRectangle(
        x: try reader.read(), y: try reader.read(), width: try reader.read(), height: try reader.read()))
  }
}
