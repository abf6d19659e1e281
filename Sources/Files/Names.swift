/// A name for addresses: lower-case letters and digits of ASCII, other runs as one hyphen, at most 60 bytes.
///
/// A text that loses more than spaces that way, or whose name Windows keeps for a device, is told apart by a few digits of
/// its hash.
package func uniqueSlug(_ text: String) -> String {
  let (result, isLossy) = shortened(text)
  guard isLossy || result.isEmpty || isDeviceName(result) else { return result }
  return (result.isEmpty ? "" : result + "-") + String(hexDigest(of: text.utf8).prefix(6))
}

/// The same where others of that name do no harm; empty where the text has no letter or digit of ASCII.
package func slug(_ text: String) -> String { shortened(text).slug }

/// Whether Windows keeps a name for a device, whatever its case and with any extension: `con`, `AUX.jpg`, `com1`.
package func isDeviceName(_ name: String) -> Bool {
  let stem = name.lowercased().prefix { $0 != "." }
  if ["con", "prn", "aux", "nul"].contains(stem) { return true }
  guard stem.hasPrefix("com") || stem.hasPrefix("lpt"), stem.count == 4, let last = stem.last else { return false }
  return "0123456789¹²³".contains(last)
}

/// What `isFileName` takes, in words.
package let fileNameRule =
  "letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con"

/// Whether a string from outside may name a file or folder of the site.
///
/// It has no separators, no leading dot (so it is neither `..` nor a hidden file), and nothing that URLs or Windows read
/// otherwise: no other characters, no dot at its end, no name of a device.
package func isFileName(_ name: String) -> Bool {
  guard let first = name.first, first != ".", name.last != ".", name.utf8.count <= 120 else { return false }
  return !isDeviceName(name) && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }
}

private func shortened(_ text: String) -> (slug: String, isLossy: Bool) {
  var result: [UInt8] = []
  var isLossy = false
  let hyphen = UInt8(ascii: "-")
  func add(letter: UInt8) { result.append(letter) }
  func addOther(isLoss: Bool) {
    isLossy = isLossy || isLoss
    if let last = result.last, last != hyphen { result.append(hyphen) }
  }
  // Nearly all names are ASCII, and characters take ten times as long as bytes.
  if text.utf8.allSatisfy({ $0 < 0x80 }) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): add(letter: byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): add(letter: byte | 0x20)
      case hyphen, UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "."): addOther(isLoss: false)
      default: addOther(isLoss: true)
      }
    }
  } else {
    for character in text.lowercased() {
      if let byte = character.asciiValue, character.isLetter || character.isNumber {
        add(letter: byte)
      } else {
        addOther(isLoss: !"- _.".contains(character))
      }
    }
  }
  while result.last == hyphen { result.removeLast() }
  if result.count > 60 {
    result.removeLast(result.count - 60)
    isLossy = true
  }
  return (String(decoding: result, as: UTF8.self), isLossy)
}

/// A text in which every byte but ASCII letters, digits and those of `kept` is written as `%XX`.
package func percentEncoded(_ text: String, keeping kept: String) -> String {
  text.utf8.allSatisfy { isKept($0, kept) } ? text : percentEncoded(text.utf8, keeping: kept)
}

/// The same of bytes that need not be text.
package func percentEncoded(_ bytes: some Sequence<UInt8>, keeping kept: String) -> String {
  var result = ""
  for byte in bytes {
    if isKept(byte, kept) {
      result.unicodeScalars.append(Unicode.Scalar(byte))
    } else {
      result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }
  }
  return result
}

private func isKept(_ byte: UInt8, _ kept: String) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"):
    true
  default: kept.utf8.contains(byte)
  }
}
