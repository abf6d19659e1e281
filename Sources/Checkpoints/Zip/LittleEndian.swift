extension UnsafeRawBufferPointer {
  /// The little-endian number at `offset`; nil where it would leave the bytes.
  func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number? {
    guard offset >= 0, count >= MemoryLayout<Number>.size, offset <= count - MemoryLayout<Number>.size else {
      return nil
    }
    return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}
