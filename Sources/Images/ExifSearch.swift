/// The EXIF data of a JPEG: the first APP1 segment that starts with "Exif\0\0", without that start.
func exifOfJPEG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
  var offset = 2
  while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
    let marker = bytes[offset + 1]
    // Fill bytes may stand before a marker.
    if marker == 0xFF {
      offset += 1
      continue
    }
    // After the start of the scan come no more segments that matter.
    if marker == 0xDA || marker == 0xD9 { return nil }
    let end = offset + 2 + Int(bytes[offset + 2]) << 8 + Int(bytes[offset + 3])
    guard end <= bytes.count, end >= offset + 4 else { return nil }
    let content = bytes[offset + 4..<end]
    if marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) { return content.dropFirst(6) }
    offset = end
  }
  return nil
}

/// The EXIF data of a PNG: its eXIf chunk.
func exifOfPNG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
  var offset = 8
  while offset + 12 <= bytes.count {
    let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    let end = offset + 8 + length
    guard end + 4 <= bytes.count else { return nil }
    if bytes[offset + 4..<offset + 8].elementsEqual("eXIf".utf8) { return bytes[offset + 8..<end] }
    offset = end + 4
  }
  return nil
}
