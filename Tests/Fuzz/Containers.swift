/// What makes mutated bytes pass the first checks, so that they reach what lies behind them.
enum Containers {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian, Array.init)
  }

  static func number(_ bytes: [UInt8], at place: Int, width: Int) -> Int? {
    guard place >= 0, place + width <= bytes.count else { return nil }
    return bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A PNG with the right checksum behind every chunk.
  static func png(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    var place = 8
    while place + 12 <= result.count {
      let count = result[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + count
      guard end + 4 <= result.count else { break }
      let sum = checksum(result[place + 4..<end])
      result.replaceSubrange(end..<end + 4, with: little(sum).reversed())
      place = end + 4
    }
    return result
  }

  /// A WebP with the right size in its first header.
  static func webp(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 12 else { return bytes }
    var result = bytes
    result.replaceSubrange(4..<8, with: little(UInt32(truncatingIfNeeded: bytes.count - 8)))
    return result
  }

  /// A gzip file with the bytes in stored blocks.
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let block = bytes[start...].prefix(0xFFFF)
      start += block.count
      let count = UInt16(block.count)
      result += [start == bytes.count ? 1 : 0] + little(count) + little(~count) + block
    } while start < bytes.count
    return result + little(checksum(bytes)) + little(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// A tar archive with the right sum in every block that is marked as a header.
  static func tar(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for start in stride(from: 0, to: result.count - 511, by: 512)
    where result[start + 257..<start + 262].elementsEqual("ustar".utf8) {
      result.replaceSubrange(start + 148..<start + 156, with: [UInt8](repeating: 0x20, count: 8))
      let sum = String(result[start..<start + 512].reduce(0) { $0 + Int($1) }, radix: 8)
      let digits = String(repeating: "0", count: max(0, 6 - sum.utf8.count)) + sum
      result.replaceSubrange(start + 148..<start + 156, with: Array((digits + "\0 ").utf8))
    }
    return result
  }

  /// A file that begins with the length of a header: the header in place of its own.
  static func safetensors(header: [UInt8], of file: [UInt8]) -> [UInt8] {
    let length = number(file, at: 0, width: 8) ?? 0
    return little(UInt64(header.count)) + header + file.dropFirst(8 + length)
  }

  struct Member {
    let name: [UInt8]
    var bytes: [UInt8]
  }

  /// The stored files of an archive; none where it has other ones.
  static func members(ofZip bytes: [UInt8]) -> [Member] {
    var members: [Member] = []
    var place = 0
    while number(bytes, at: place, width: 4) == 0x0403_4B50 {
      guard number(bytes, at: place + 8, width: 2) == 0, number(bytes, at: place + 6, width: 2).map({ $0 & 8 }) == 0,
        let count = number(bytes, at: place + 18, width: 4), let name = number(bytes, at: place + 26, width: 2),
        let extra = number(bytes, at: place + 28, width: 2), place + 30 + name + extra + count <= bytes.count
      else { return [] }
      let start = place + 30 + name + extra
      members.append(
        Member(name: Array(bytes[place + 30..<place + 30 + name]), bytes: Array(bytes[start..<start + count])))
      place = start + count
    }
    return members
  }

  /// An archive of stored files, its sizes and checksums right.
  static func zip(_ members: [Member]) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for member in members {
      let count = little(UInt32(member.bytes.count))
      let about =
        [0, 0, 0, 8, 0, 0, 0, 0, 0, 0] + little(checksum(member.bytes)) + count + count
        + little(UInt16(member.name.count)) + [0, 0]
      directory += [0x50, 0x4B, 1, 2, 0, 0] + about + [UInt8](repeating: 0, count: 10)
      directory += little(UInt32(file.count)) + member.name
      file += [0x50, 0x4B, 3, 4] + about + member.name + member.bytes
    }
    let count = little(UInt16(members.count))
    return file + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count))
      + little(UInt32(file.count)) + [0, 0]
  }
}
