/// Changes to the bytes of a file, from one bit to blocks of other files.
struct Mutation {
  /// Mutated files are no longer than this.
  static let mostBytes = 1 << 18

  /// Numbers at which sizes, counts and offsets go wrong.
  private static let numbers: [UInt64] = [
    0, 1, 2, 3, 7, 8, 15, 16, 63, 64, 100, 127, 128, 255, 256, 512, 1000, 1024, 4096, 32767, 32768, 65535, 65536,
    0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
    .max - 7, .max,
  ]

  /// Words of the format.
  let words: [String]
  /// Whether the format is a text, whose words are mutated as well as its bytes.
  let isText: Bool
  /// Whole files of the format, to take blocks from.
  let others: [[UInt8]]

  /// Makes one to nine changes.
  func apply(to bytes: inout [UInt8], _ random: inout Random) {
    var count = 1
    while count < 9, !random.once(in: 3) { count += 1 }
    for _ in 0..<count {
      if isText, !random.once(in: 4) {
        mutateWords(&bytes, &random)
      } else {
        mutateBytes(&bytes, &random)
      }
      if bytes.count > Self.mostBytes { bytes.removeLast(bytes.count - Self.mostBytes) }
    }
  }

  private func mutateBytes(_ bytes: inout [UInt8], _ random: inout Random) {
    guard !bytes.isEmpty else {
      bytes = others[random.index(others.count)]
      return
    }
    let place = random.index(bytes.count)
    switch random.index(16) {
    case 0...3: bytes[place] ^= 1 << UInt8(random.index(8))
    case 4...6: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 7, 8: bytes[place] &+= UInt8(truncatingIfNeeded: random.index(9) - 4)
    case 9, 10: setNumber(&bytes, at: place, &random)
    case 11: bytes.removeSubrange(place..<place + random.index(min(bytes.count - place, 64) + 1))
    case 12: bytes.insert(contentsOf: block(of: bytes, &random), at: place)
    case 13:
      let block = block(of: bytes, &random).prefix(bytes.count - place)
      bytes.replaceSubrange(place..<place + block.count, with: block)
    case 14:
      if random.once(in: 2) { bytes.removeLast(bytes.count - place) } else { splice(&bytes, at: place, &random) }
    default: bytes.insert(contentsOf: word(&random), at: place)
    }
  }

  /// Overwrites one to eight bytes with a number, in either order of its bytes.
  private func setNumber(_ bytes: inout [UInt8], at place: Int, _ random: inout Random) {
    let number = Self.numbers[random.index(Self.numbers.count)]
    let width = 1 << random.index(4)
    let isBig = random.once(in: 2)
    for index in 0..<width where place + index < bytes.count {
      let shift = UInt64(8 * (isBig ? width - 1 - index : index))
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> shift)
    }
  }

  private func block(of bytes: [UInt8], _ random: inout Random) -> ArraySlice<UInt8> {
    let source = random.once(in: 4) ? others[random.index(others.count)] : bytes
    guard !source.isEmpty else { return [] }
    let start = random.index(source.count)
    return source[start...].prefix(1 + random.index(random.once(in: 4) ? 1024 : 32))
  }

  private func splice(_ bytes: inout [UInt8], at place: Int, _ random: inout Random) {
    let other = others[random.index(others.count)]
    bytes.replaceSubrange(place..., with: other.dropFirst(random.index(other.count + 1)))
  }

  private func word(_ random: inout Random) -> [UInt8] {
    words.isEmpty ? [UInt8(truncatingIfNeeded: random.next())] : Array(words[random.index(words.count)].utf8)
  }

  // MARK: Words

  private func mutateWords(_ bytes: inout [UInt8], _ random: inout Random) {
    let found = Self.wordRanges(bytes)
    guard let first = pick(found, &random), let second = pick(found, &random) else {
      bytes.insert(contentsOf: word(&random), at: 0)
      return
    }
    switch random.index(8) {
    case 0: bytes.removeSubrange(first)
    case 1: bytes.replaceSubrange(first, with: Array(bytes[second]))
    case 2: bytes.insert(contentsOf: Array(bytes[second]), at: first.lowerBound)
    case 3, 4: bytes.replaceSubrange(first, with: word(&random))
    case 5: bytes.insert(contentsOf: word(&random), at: first.lowerBound)
    case 6:
      let (lower, upper) = (min(first.lowerBound, second.lowerBound), max(first.upperBound, second.upperBound))
      bytes.insert(contentsOf: Array(bytes[lower..<upper].prefix(4096)), at: upper)
    default:
      // Depth and number: the same word over and over.
      let word = random.once(in: 2) ? word(&random) : Array(bytes[first].prefix(16))
      let count = random.once(in: 32) ? 20_000 : random.once(in: 8) ? 600 : 1 + random.index(16)
      bytes.insert(contentsOf: Array(repeatElement(word, count: count).joined()), at: first.lowerBound)
    }
  }

  private func pick(_ ranges: [Range<Int>], _ random: inout Random) -> Range<Int>? {
    ranges.isEmpty ? nil : ranges[random.index(ranges.count)]
  }

  /// Runs of letters and digits, runs of white space, and every other byte by itself.
  private static func wordRanges(_ bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while start < bytes.count {
      let kind = kind(of: bytes[start])
      var end = start + 1
      while kind != 0, end < bytes.count, Self.kind(of: bytes[end]) == kind { end += 1 }
      ranges.append(start..<end)
      start = end
    }
    return ranges
  }

  private static func kind(of byte: UInt8) -> Int {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: 1
    case 0x20, 0x0A, 0x0D, 0x09: 2
    default: 0
    }
  }
}
