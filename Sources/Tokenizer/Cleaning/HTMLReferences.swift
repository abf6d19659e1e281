/// HTML character references, resolved as browsers do: names with and without semicolon, decimal and hexadecimal.
enum HTMLReferences {
  /// What a reference stands for, by name without the ampersand; a name that needs its semicolon carries it.
  private static let meanings: [[UInt8]: Scalars] = {
    var meanings: [[UInt8]: Scalars] = [:]
    for entry in EntityTable.text.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
      let parts = entry.split(separator: " ")
      guard parts.count == 2 else { continue }
      let scalars = parts[1].split(separator: "+").compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
      let isLegacy = parts[0].hasSuffix("!")
      let name = [UInt8]((isLegacy ? parts[0].dropLast() : parts[0]).utf8)
      meanings[name + [UInt8(ascii: ";")]] = scalars
      if isLegacy { meanings[name] = scalars }
    }
    return meanings
  }()

  /// Resolves every reference of the text, once, as `html.unescape` of Python does.
  static func resolved(_ text: Scalars) -> Scalars {
    replacingReferences(in: text) { rest in
      if rest.first == "#" { return numeric(rest) }
      let name = rest.prefix(32).prefix { !"\t\n\u{C} <&#;".unicodeScalars.contains($0) }
      guard !name.isEmpty else { return nil }
      let hasSemicolon = rest.dropFirst(name.count).first == ";"
      return longestMeaning(Scalars(name) + (hasSemicolon ? [";"] : []))
    }
  }

  /// Resolves only references that end in a semicolon, and names in capitals that lost their case ("P&EACUTE;REZ").
  static func resolvedStrictly(_ text: Scalars) -> Scalars {
    replacingReferences(in: text) { rest in
      let mark = rest.first == "#" ? 1 : 0
      let body = rest.dropFirst(mark).prefix(25).prefix(while: isASCIIAlphanumeric)
      guard (1...24).contains(body.count), rest.dropFirst(mark + body.count).first == ";" else { return nil }
      let length = mark + body.count + 1
      if mark == 1 {
        guard let (scalars, used) = numeric(rest), used == length else { return nil }
        return (scalars, length)
      }
      return (meanings[bytes(rest.prefix(length))] ?? capitalMeaning(rest.prefix(length))).map { ($0, length) }
    }
  }

  /// Copies the text, and puts what `resolve` makes of the text after an ampersand in place of what it used of it.
  private static func replacingReferences(
    in text: Scalars, with resolve: (ArraySlice<Unicode.Scalar>) -> (Scalars, Int)?
  ) -> Scalars {
    guard text.contains("&") else { return text }
    var result = Scalars()
    var index = 0
    while index < text.count {
      if text[index] == "&", let (scalars, used) = resolve(text[(index + 1)...]) {
        result.append(contentsOf: scalars)
        index += 1 + used
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }

  /// The whole name, or else its longest start that may stand without a semicolon ("&notit;" is "¬it;").
  private static func longestMeaning(_ name: Scalars) -> (Scalars, Int)? {
    for length in stride(from: name.count, to: 1, by: -1) {
      if let scalars = meanings[bytes(name[..<length])] { return (scalars, length) }
    }
    return nil
  }

  /// The capital of what the name would mean in lower case, where the name in capitals means nothing else.
  private static func capitalMeaning(_ name: ArraySlice<Unicode.Scalar>) -> Scalars? {
    let spelled = bytes(name)
    guard !spelled.contains(where: { (0x61...0x7A).contains($0) }), longestMeaning(Scalars(name)) == nil else {
      return nil
    }
    let lower = spelled.map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }
    return meanings[lower]?.flatMap { Scalars($0.properties.uppercaseMapping.unicodeScalars) }
  }

  /// `#233`, `#xE9`, each with or without semicolon: the character, and how many scalars were used.
  private static func numeric(_ rest: ArraySlice<Unicode.Scalar>) -> (Scalars, Int)? {
    let isHexadecimal = rest.dropFirst().first == "x" || rest.dropFirst().first == "X"
    let mark = isHexadecimal ? 2 : 1
    let digits = rest.dropFirst(mark).prefix { digit in
      digit.value < 0x80 && (isHexadecimal ? digit.properties.isASCIIHexDigit : (0x30...0x39).contains(digit.value))
    }
    guard !digits.isEmpty else { return nil }
    var number: UInt32 = 0
    for digit in digits where number <= 0x10FFFF {
      number = number * (isHexadecimal ? 16 : 10) + UInt32(Character(digit).hexDigitValue ?? 0)
    }
    let hasSemicolon = rest.dropFirst(mark + digits.count).first == ";"
    return (character(number), mark + digits.count + (hasSemicolon ? 1 : 0))
  }

  /// The character of a numeric reference: windows-1252 for the C1 range, nothing for controls and non-characters.
  private static func character(_ number: UInt32) -> Scalars {
    switch number {
    case 0: return ["\u{FFFD}"]
    case 0x0D: return ["\r"]
    case 0x80...0x9F: return [CodePage.windows1252.scalar(UInt8(number))]
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
    default:
      guard let scalar = Unicode.Scalar(number) else { return ["\u{FFFD}"] }
      return number & 0xFFFE == 0xFFFE ? [] : [scalar]
    }
  }

  private static func isASCIIAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z": return true
    default: return false
    }
  }

  private static func bytes(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
    scalars.flatMap { Array(String($0).utf8) }
  }
}
