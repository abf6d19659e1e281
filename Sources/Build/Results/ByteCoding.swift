/// A value that is written as bytes and read again.
///
/// Nothing in the bytes says what they are, so that only the program that wrote them can read them: they are for the cache, whose
/// files say which program that was.
package protocol ByteCodable {
  func write(to writer: inout ByteWriter)
  /// - Throws: `DamagedBytes`.
  init(from reader: inout ByteReader) throws
}

/// The bytes are not what was written.
package struct DamagedBytes: Error {}

package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func add(_ value: some ByteCodable) { value.write(to: &self) }

  package mutating func add(bits: some FixedWidthInteger) {
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func add(utf8 text: String) { add(raw: text.utf8) }

  package mutating func add(raw part: some Collection<UInt8>) {
    add(bits: UInt64(part.count))
    bytes.append(contentsOf: part)
  }
}

package struct ByteReader {
  private let bytes: ArraySlice<UInt8>
  private var next: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    next = bytes.startIndex
  }

  package var isAtEnd: Bool { next == bytes.endIndex }

  package mutating func read<Value: ByteCodable>(_: Value.Type = Value.self) throws -> Value { try Value(from: &self) }

  package mutating func bits<Bits: FixedWidthInteger>() throws -> Bits {
    let part = try take(MemoryLayout<Bits>.size)
    return Bits(littleEndian: part.withUnsafeBytes { $0.loadUnaligned(as: Bits.self) })
  }

  /// A number of values, each of at least one byte.
  package mutating func count() throws -> Int {
    let count: UInt64 = try bits()
    guard count <= UInt64(bytes.endIndex - next) else { throw DamagedBytes() }
    return Int(count)
  }

  package mutating func text() throws -> String { String(decoding: try raw(), as: UTF8.self) }

  package mutating func raw() throws -> ArraySlice<UInt8> { try take(try count()) }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - next else { throw DamagedBytes() }
    defer { next += count }
    return bytes[next..<next + count]
  }
}

extension Int: ByteCodable {
  package func write(to writer: inout ByteWriter) { writer.add(bits: Int64(self)) }
  package init(from reader: inout ByteReader) throws { self.init(try reader.bits() as Int64) }
}

extension Double: ByteCodable {
  package func write(to writer: inout ByteWriter) { writer.add(bits: bitPattern) }
  package init(from reader: inout ByteReader) throws { self.init(bitPattern: try reader.bits()) }
}

extension Float: ByteCodable {
  package func write(to writer: inout ByteWriter) { writer.add(bits: bitPattern) }
  package init(from reader: inout ByteReader) throws { self.init(bitPattern: try reader.bits()) }
}

extension Bool: ByteCodable {
  package func write(to writer: inout ByteWriter) { writer.add(bits: UInt8(self ? 1 : 0)) }
  package init(from reader: inout ByteReader) throws { self = try reader.bits() as UInt8 == 1 }
}

extension String: ByteCodable {
  package func write(to writer: inout ByteWriter) { writer.add(utf8: self) }
  package init(from reader: inout ByteReader) throws { self = try reader.text() }
}

extension Optional: ByteCodable where Wrapped: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(self != nil)
    if let self { writer.add(self) }
  }

  package init(from reader: inout ByteReader) throws {
    self = try reader.read(Bool.self) ? try reader.read(Wrapped.self) : nil
  }
}

extension Array: ByteCodable where Element: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(bits: UInt64(count))
    for element in self { writer.add(element) }
  }

  package init(from reader: inout ByteReader) throws {
    let count = try reader.count()
    self = []
    reserveCapacity(Swift.min(count, 4096))
    for _ in 0..<count { append(try reader.read(Element.self)) }
  }
}

extension Dictionary: ByteCodable where Key == String, Value == String {
  package func write(to writer: inout ByteWriter) {
    let sorted = sorted { $0.key < $1.key }
    writer.add(sorted.map(\.key))
    writer.add(sorted.map(\.value))
  }

  package init(from reader: inout ByteReader) throws {
    let keys = try reader.read([String].self)
    self.init(zip(keys, try reader.read([String].self))) { first, _ in first }
  }
}
