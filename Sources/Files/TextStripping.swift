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
