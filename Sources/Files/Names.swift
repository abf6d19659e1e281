/// A name for addresses: lower-case letters and digits of ASCII, other runs as one hyphen, at most 60 bytes.
///
/// A text that loses more than spaces that way is told apart by a few digits of its hash.
package func uniqueSlug(_ text: String) -> String {
  let (result, isLossy) = shortened(text)
  guard isLossy || result.isEmpty else { return result }
  return (result.isEmpty ? "" : result + "-") + String(hexDigest(of: text.utf8).prefix(6))
}

/// The same where others of that name do no harm; empty where the text has no letter or digit of ASCII.
package func slug(_ text: String) -> String { shortened(text).slug }

private func shortened(_ text: String) -> (slug: String, isLossy: Bool) {
  var result = ""
  var isLossy = false
  for character in text.lowercased() {
    if character.isASCII, character.isLetter || character.isNumber {
      result.append(character)
    } else {
      if !"- _.".contains(character) { isLossy = true }
      if !result.isEmpty, result.last != "-" { result.append("-") }
    }
  }
  while result.last == "-" { result.removeLast() }
  if result.utf8.count > 60 {
    result = String(result.prefix(60))
    isLossy = true
  }
  return (result, isLossy)
}

/// A text in which every byte but ASCII letters, digits and those of `kept` is written as `%XX`.
package func percentEncoded(_ text: String, keeping kept: String) -> String {
  percentEncoded(text.utf8, keeping: kept)
}

/// The same of bytes that need not be text.
package func percentEncoded(_ bytes: some Sequence<UInt8>, keeping kept: String) -> String {
  var result = ""
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    case let byte where kept.utf8.contains(byte): result.unicodeScalars.append(Unicode.Scalar(byte))
    default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }
  }
  return result
}
