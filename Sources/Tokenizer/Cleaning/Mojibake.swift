/// UTF-8 that was read in a character set of one byte a character ("cafÃ©", "caf√©"), recognised and undone.
///
/// The order of repairs is that of ftfy 6.3.1 (Robyn Speer, Apache-2.0).
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
    for page in CodePage.all {
      if let bytes = page.bytes(of: text), let fixed = decoded(restored(bytes, page)) { return fixed }
    }
    let inside = repairingInside(text)
    if inside != text { return inside }
    if let latin1 = CodePage.latin1.bytes(of: text), latin1.allSatisfy({ !openInWindows.contains($0) }) {
      let fixed = latin1.map(CodePage.windows1252.scalar)
      if fixed != text { return fixed }
    }
    return text.map { (0x80...0x9F).contains($0.value) ? CodePage.windows1252.scalar(UInt8($0.value)) : $0 }
  }

  /// The bytes to which windows-1252 itself, not its lenient reading, gives no meaning.
  private static let openInWindows: [UInt8] = [0x81, 0x8D, 0x8F, 0x90, 0x9D]

  private static func restored(_ bytes: [UInt8], _ page: CodePage) -> [UInt8] {
    switch page.kind {
    case .windows: markingLostSequences(restoringNoBreakSpaces(bytes))
    case .latin1, .other: restoringNoBreakSpaces(bytes)
    case .macRoman: bytes
    }
  }

  private static func decoded(_ bytes: [UInt8]) -> Scalars? {
    String(validating: withoutVariants(bytes), as: UTF8.self).map { Scalars($0.unicodeScalars) }
  }

  /// As UTF-8 has it what CESU-8 has as a pair of surrogates, and Java's zero of two bytes.
  private static func withoutVariants(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0xED) || bytes.contains(0xC0) else { return bytes }
    return replacing([[[0xC0...0xC0], [0x80...0x80]], surrogates], in: bytes) { found in
      let part = found.map { UInt32($0) }
      guard part.count == 6 else { return [0] }
      let number = (part[1] & 0x0F) << 16 + (part[2] & 0x3F) << 10 + (part[4] & 0x0F) << 6 + part[5] & 0x3F
      return Unicode.Scalar(0x10000 + number).map { Array(String($0).utf8) } ?? Array(found)
    }
  }

  private static let surrogates: [Pattern] = [
    [0xED...0xED], [0xA0...0xAF], [0x80...0xBF], [0xED...0xED], [0xB0...0xBF], [0x80...0xBF],
  ]

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
    if start > 0, strictContinuations.contains(text[start - 1]) { return start }
    var end = start
    while end < text.count {
      let follow = text[(end + 1)...].prefix(3).prefix { continuations.contains($0) }.count
      guard let length = leads.first(where: { $0.length <= follow + 1 && $0.scalars.contains(text[end]) })?.length
      else {
        return end
      }
      end += length
    }
    return end
  }

  private static func letters(_ bytes: [UInt8]) -> Set<Unicode.Scalar> {
    Set(CodePage.likeLatin1.flatMap { page in bytes.map { page.scalar($0) } })
  }

  /// What the first bytes of UTF-8's sequences look like, by the length of the sequence; of four bytes those of emoji and of
  /// rare letters.
  private static let leads = [
    (length: 2, scalars: letters(Array(0xC2...0xDF))), (length: 3, scalars: letters(Array(0xE0...0xEF))),
    (length: 4, scalars: letters([0xF0, 0xF3])),
  ]
  /// What later bytes look like, a space being a no-break space that was altered.
  private static let continuations = letters(Array(0x80...0xBF)).union([" "])
  /// Without what is often meant as it is: spaces, dashes, bullets, ellipses and quotation marks.
  private static let strictContinuations = continuations.subtracting(" –—―‘’‚“”„•…".unicodeScalars)

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
    [
      [0xED...0xED], [0xA0...0xAF], [0x1A...0x1A, 0x3F...0x3F], [0xED...0xED], [0xB0...0xBF],
      [0x1A...0x1A, 0x3F...0x3F, 0x80...0xBF],
    ],
    [
      [0xED...0xED], [0xA0...0xAF], [0x1A...0x1A, 0x3F...0x3F, 0x80...0xBF], [0xED...0xED], [0xB0...0xBF],
      [0x1A...0x1A, 0x3F...0x3F],
    ],
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
