/// The text without white space at its ends, as Python's `str.strip` takes it away: Unicode's white space and the four
/// information separators, but no zero-width space, which is a token to CLIP.
package func stripped(_ text: Substring) -> String {
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !isWhiteSpace($0) }),
    let last = scalars.lastIndex(where: { !isWhiteSpace($0) })
  else { return "" }
  return String(scalars[first...last])
}

/// Whether a scalar is white space to Python's `str.split` and `str.strip`.
package func isWhiteSpace(_ scalar: Unicode.Scalar) -> Bool {
  (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
}

/// The lines of a text, which end with `\n`, `\r\n` or `\r`, as Python's universal newlines do, and nowhere else: a line
/// separator or a form feed may stand inside one.
///
/// What follows the last end is a line too, also where it is empty.
package func splitLines(_ text: String) -> [Substring] { lineRanges(text.utf8).map { text[$0] } }

/// The places of the lines of bytes, by the same rule.
func lineRanges<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> [Range<Bytes.Index>] {
  var ranges: [Range<Bytes.Index>] = []
  var start = bytes.startIndex
  while let end = bytes[start...].firstIndex(where: isLineEnd) {
    ranges.append(start..<end)
    start = bytes.index(after: end)
    if bytes[end] == UInt8(ascii: "\r"), start < bytes.endIndex, bytes[start] == UInt8(ascii: "\n") {
      start = bytes.index(after: start)
    }
  }
  ranges.append(start..<bytes.endIndex)
  return ranges
}

/// Whether a byte ends a line; `\r\n` ends one, not two.
package func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
