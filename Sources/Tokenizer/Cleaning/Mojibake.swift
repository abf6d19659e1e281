/// Windows-1252, with the bytes it leaves open read as Latin-1, as browsers do.
enum Windows1252 {
  private static let upper: Scalars = Scalars(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
  private static let bytes = Dictionary(
    uniqueKeysWithValues: upper.enumerated().map { ($1, UInt8(0x80 + $0)) })

  static func scalar(_ byte: UInt8) -> Unicode.Scalar {
    (0x80...0x9F).contains(byte) ? upper[Int(byte) - 0x80] : Unicode.Scalar(byte)
  }

  /// The byte of a scalar.
  ///
  /// The replacement character stands for a byte that was lost, written as 0x1A.
  static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0x1A: return nil
    case 0xFFFD: return 0x1A
    case 0x00..<0x80, 0xA0...0xFF: return UInt8(scalar.value)
    default: return bytes[scalar]
    }
  }

  /// Whether windows-1252 itself, not its lenient reading, gives the byte a meaning.
  static func defines(_ byte: UInt8) -> Bool { ![0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(byte) }
}

/// UTF-8 that was read as Latin-1 or windows-1252 ("cafÃ©"), recognised and undone.
///
/// The rules for what looks wrong, and the order of repairs, are those of ftfy 6.3.1 (Robyn Speer, Apache-2.0),
/// restricted to characters of these two code pages.
enum Mojibake {
  static func repaired(_ text: Scalars) -> Scalars {
    var text = text
    // Text can have been garbled more than once; every repair but the last shortens it or removes controls.
    for _ in 0..<16 {
      let next = repairedOnce(text)
      if next == text { break }
      text = next
    }
    return text
  }

  private static func repairedOnce(_ text: Scalars) -> Scalars {
    guard Suspicion.isRaised(by: text) else { return text }
    let latin1 = text.allSatisfy { $0.value <= 0xFF } ? text.map { UInt8($0.value) } : nil
    if let latin1, let fixed = decoded(restoringNoBreakSpaces(latin1)) { return fixed }
    let windows = text.compactMap(Windows1252.byte)
    if windows.count == text.count,
      let fixed = decoded(markingLostSequences(restoringNoBreakSpaces(windows)))
    {
      return fixed
    }
    let inside = repairingInside(text)
    if inside != text { return inside }
    if let latin1, latin1.allSatisfy(Windows1252.defines) {
      let fixed = latin1.map(Windows1252.scalar)
      if fixed != text { return fixed }
    }
    return text.map { (0x80...0x9F).contains($0.value) ? Windows1252.scalar(UInt8($0.value)) : $0 }
  }

  private static func decoded(_ bytes: [UInt8]) -> Scalars? {
    String(validating: bytes, as: UTF8.self).map { Scalars($0.unicodeScalars) }
  }

  /// Repairs each garbled part of the text separately, where not all of it is garbled.
  private static func repairingInside(_ text: Scalars) -> Scalars {
    var result = Scalars()
    var index = 0
    while index < text.count {
      let end = endOfGarble(text, index)
      let stretch = Scalars(text[index..<end])
      if stretch.isEmpty {
        result.append(text[index])
        index += 1
      } else {
        let isRepaired = stretch.count < text.count && Suspicion.isRaised(by: stretch)
        result.append(contentsOf: isRepaired ? repaired(stretch) : stretch)
        index = end
      }
    }
    return result
  }

  /// The end of the run of UTF-8-like sequences that starts at `start`; `start` itself where there is none.
  private static func endOfGarble(_ text: Scalars, _ start: Int) -> Int {
    if start > 0, isContinuation(text[start - 1], strictly: true) { return start }
    var end = start
    while end < text.count {
      let length: Int
      switch text[end].value {
      case 0xC2...0xDF, 0x160, 0x17D: length = 2
      case 0xE0...0xEF: length = 3
      case 0xF0, 0xF3, 0x161: length = 4
      default: return end
      }
      let rest = text[(end + 1)...].prefix(length - 1)
      guard rest.count == length - 1, rest.allSatisfy({ isContinuation($0, strictly: false) }) else { return end }
      end += length
    }
    return end
  }

  /// Whether a scalar looks like the second or a later byte of a UTF-8 sequence.
  ///
  /// With `strictly`, characters that are often meant as they are do not count: spaces, dashes, bullets, ellipses and
  /// quotation marks.
  private static func isContinuation(_ scalar: Unicode.Scalar, strictly: Bool) -> Bool {
    switch scalar.value {
    case 0x80...0xBF, 0xC6, 0xD8, 0xE6, 0xF8: return true
    case 0x20, 0x201A, 0x201E, 0x2026, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014: return !strictly
    default: return Windows1252.byte(scalar).map { (0x80...0x9F).contains($0) } ?? false
    }
  }

  // MARK: bytes that were altered

  private typealias Pattern = [ClosedRange<UInt8>]

  /// Sequences that are UTF-8 but for a no-break space (0xA0) that was made a plain space.
  private static let alteredSpaces: [[Pattern]] = [
    [[0xC2...0xC3, 0xC5...0xC5, 0xCE...0xCE, 0xD0...0xD0, 0xD9...0xD9], [0x20...0x20]],
    [[0xE2...0xE3], [0x20...0x20], [0x80...0x84, 0x86...0x9F, 0xA1...0xBF]],
    [[0xE0...0xE3], [0x80...0x84, 0x86...0x9F, 0xA1...0xBF], [0x20...0x20]],
    [[0xF0...0xF0], [0x20...0x20], [0x80...0xBF], [0x80...0xBF]],
    [[0xF0...0xF0], [0x80...0xBF], [0x20...0x20], [0x80...0xBF]],
    [[0xF0...0xF0], [0x80...0xBF], [0x80...0xBF], [0x20...0x20]],
  ]

  /// Sequences of which bytes were lost: 0x1A, and once per sequence a question mark, are in their places.
  private static let lostBytes: [[Pattern]] = [
    [[0xC2...0xDF], [0x1A...0x1A]],
    [[0xC2...0xC3], [0x3F...0x3F]],
    [[0xE0...0xEF], [0x1A...0x1A, 0x3F...0x3F], [0x1A...0x1A, 0x80...0xBF]],
    [[0xE0...0xEF], [0x1A...0x1A, 0x80...0xBF], [0x1A...0x1A, 0x3F...0x3F]],
    [[0xF0...0xF4], [0x1A...0x1A, 0x3F...0x3F], [0x1A...0x1A, 0x80...0xBF], [0x1A...0x1A, 0x80...0xBF]],
    [[0xF0...0xF4], [0x1A...0x1A, 0x80...0xBF], [0x1A...0x1A, 0x3F...0x3F], [0x1A...0x1A, 0x80...0xBF]],
    [[0xF0...0xF4], [0x1A...0x1A, 0x80...0xBF], [0x1A...0x1A, 0x80...0xBF], [0x1A...0x1A, 0x3F...0x3F]],
    [[0x1A...0x1A]],
  ]

  private static func restoringNoBreakSpaces(_ bytes: [UInt8]) -> [UInt8] {
    replacing(alteredSpaces, in: keepingGraveWords(bytes)) { $0.map { $0 == 0x20 ? 0xA0 : $0 } }
  }

  private static func markingLostSequences(_ bytes: [UInt8]) -> [UInt8] {
    replacing(lostBytes, in: bytes) { _ in [0xEF, 0xBF, 0xBD] }
  }

  /// "Ã la mode" is "à la mode" and not "àla mode": the space stays, but for the Portuguese words that go on.
  private static func keepingGraveWords(_ bytes: [UInt8]) -> [UInt8] {
    let goingOn = [" ", "quele", "quela", "quilo", "s "].map { [UInt8]($0.utf8) }
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      let isGrave = byte == 0x20 && index > 0 && bytes[index - 1] == 0xC3
      if isGrave, !goingOn.contains(where: { bytes[(index + 1)...].starts(with: $0) }) { result.append(0xA0) }
      result.append(byte)
    }
    return result
  }

  /// Puts `replacement` in place of every match, at each place of the first pattern that fits.
  private static func replacing(
    _ patterns: [[Pattern]], in bytes: [UInt8], with replacement: (ArraySlice<UInt8>) -> [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let match = patterns.first { pattern in
        index + pattern.count <= bytes.count
          && zip(pattern, bytes[index...]).allSatisfy { ranges, byte in ranges.contains { $0.contains(byte) } }
      }
      if let match {
        result.append(contentsOf: replacement(bytes[index..<index + match.count]))
        index += match.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}

/// Decides whether a text looks garbled: neighbouring characters that are rare in writing and common in mojibake.
private enum Suspicion {
  static func isRaised(by text: Scalars) -> Bool {
    guard text.contains(where: { $0.value >= 0x80 }) else { return false }
    let kinds = [Kind.start] + text.map { Kind($0) }
    return kinds.indices.contains { start in
      rules.contains { rule in
        start + rule.count <= kinds.count && rule.indices.allSatisfy { !kinds[start + $0].isDisjoint(with: rule[$0]) }
      }
    }
  }

  /// The kinds that a character belongs to in the rules below.
  struct Kind: OptionSet {
    let rawValue: UInt32

    static let common = Kind(rawValue: 1 << 0)
    static let control = Kind(rawValue: 1 << 1)
    static let bad = Kind(rawValue: 1 << 2)
    static let law = Kind(rawValue: 1 << 3)
    static let currency = Kind(rawValue: 1 << 4)
    static let opening = Kind(rawValue: 1 << 5)
    static let closing = Kind(rawValue: 1 << 6)
    static let numeric = Kind(rawValue: 1 << 7)
    static let upper = Kind(rawValue: 1 << 8)
    static let lower = Kind(rawValue: 1 << 9)
    static let capitalThorn = Kind(rawValue: 1 << 10)
    static let smallASCII = Kind(rawValue: 1 << 11)
    static let capitalASCII = Kind(rawValue: 1 << 12)
    static let notASCIILetter = Kind(rawValue: 1 << 13)
    static let whiteSpace = Kind(rawValue: 1 << 14)
    static let space = Kind(rawValue: 1 << 15)
    static let word = Kind(rawValue: 1 << 16)
    static let ligature = Kind(rawValue: 1 << 17)
    static let degree = Kind(rawValue: 1 << 18)
    static let commonLead = Kind(rawValue: 1 << 19)
    static let commonFollower = Kind(rawValue: 1 << 20)
    static let times = Kind(rawValue: 1 << 21)
    static let power = Kind(rawValue: 1 << 22)
    static let arabicLead = Kind(rawValue: 1 << 23)
    static let arabicFollower = Kind(rawValue: 1 << 24)
    static let indicLead = Kind(rawValue: 1 << 25)
    static let indicFollower = Kind(rawValue: 1 << 26)
    static let aTilde = Kind(rawValue: 1 << 27)
    static let aCircumflex = Kind(rawValue: 1 << 28)
    static let aTildeFollower = Kind(rawValue: 1 << 29)
    static let sentence = Kind(rawValue: 1 << 30)
    static let start = Kind(rawValue: 1 << 31)

    static let accented: Kind = [.lower, .upper]
    static let letterASCII: Kind = [.smallASCII, .capitalASCII]

    init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ scalar: Unicode.Scalar) {
      self = Self.listed[scalar] ?? []
      switch scalar {
      case "a"..."z": formUnion([.smallASCII, .sentence])
      case "A"..."Z": formUnion(.capitalASCII)
      case "\u{80}"..."\u{9F}": formUnion([.control, .notASCIILetter])
      default: formUnion(.notASCIILetter)
      }
      if TextCleaning.isWhiteSpace(scalar) { formUnion(.whiteSpace) }
      let category = scalar.properties.generalCategory
      if scalar == "_" || category.isLetter || category.isNumber { formUnion(.word) }
    }

    private static let listed: [Unicode.Scalar: Kind] = {
      let lists: [(String, Kind)] = [
        ("\u{A0}\u{AD}·´–—―…’", .common),
        ("¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\u{FFFD}ªº", .bad),
        ("¶§", .law),
        ("¢£¥₧€", .currency),
        ("¡«¿©΄΅‘‚“„•‹", .opening),
        ("®»˝”›™", .closing),
        ("²³¹±¼½¾×µ÷", .numeric),
        ("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑØÜÝŒŠŸŽ", .upper),
        ("ßàáâãäåæçèéêëìíîïðñœšüž", .lower),
        ("Þ", .capitalThorn),
        ("Œœ", .ligature),
        ("°", .degree),
        ("ÂÃÎÐ", .commonLead),
        ("€œŠš¢£Ÿž\u{A0}\u{AD}®©°·»¡«¿©΄΅‘‚“„•‹˝”›™–—´", .commonFollower),
        ("×", .times),
        ("²³", .power),
        ("ØÙ", .arabicLead),
        ("ŸŠ®°µ»\u{A0}\u{AD}·´–—―…’¢£¥₧€¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\u{FFFD}ªº²³¹±¼½¾×µ÷¡«¿©΄΅‘‚“„•‹", .arabicFollower),
        ("à", .indicLead),
        ("²µ¹¼½¾", .indicFollower),
        ("Ã", .aTilde),
        ("Â", .aCircumflex),
        ("\u{A0}¡", .aTildeFollower),
        (".,?!", .sentence),
        (" ", .space),
      ]
      var listed: [Unicode.Scalar: Kind] = [:]
      for (scalars, kind) in lists {
        for scalar in scalars.unicodeScalars { listed[scalar, default: []].formUnion(kind) }
      }
      return listed
    }()
  }

  /// Runs of kinds that raise suspicion.
  private static let rules: [[Kind]] = [
    [.control],
    [[.bad, .accented, .opening, .closing, .currency, .numeric, .law], .bad],
    [.letterASCII, .capitalThorn, .bad],
    [.bad, [.accented, .opening, .closing, .currency, .numeric, .law]],
    [[.lower, .closing, .currency, .numeric], .upper],
    [[.closing, .currency, .numeric], .lower],
    [[.lower, .closing], .currency],
    [.whiteSpace, .upper, .currency],
    [.upper, [.numeric, .law]],
    [[.accented, .currency, .closing], .opening, .numeric],
    [[.accented, .currency, .numeric, .law], .closing, .opening],
    [[.currency, .numeric], .opening],
    [.smallASCII, .upper, [.opening, .currency]],
    [.accented, [.opening, .closing], .word],
    [.ligature, .notASCIILetter],
    [.upper, .degree],
    [.commonLead, .commonFollower],
    [.times, .power],
    [.arabicLead, .arabicFollower, .arabicLead, .arabicFollower],
    [.indicLead, .indicFollower],
    [.aTilde, .aTildeFollower],
    [.smallASCII, [.aTilde, .aCircumflex], .space],
    [.smallASCII, .whiteSpace, [.aTilde, .aCircumflex], .space],
    [.start, [.aTilde, .aCircumflex], .space],
    [[.sentence, .closing], .aCircumflex, [.space, .opening, .closing]],
  ]
}

extension Unicode.GeneralCategory {
  /// Whether the scalar is in \p{L}.
  var isLetter: Bool {
    switch self {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return false
    }
  }

  /// Whether the scalar is in \p{N}.
  var isNumber: Bool {
    switch self {
    case .decimalNumber, .letterNumber, .otherNumber: return true
    default: return false
    }
  }
}
