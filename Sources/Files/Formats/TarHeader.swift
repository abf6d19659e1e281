/// A header of a tar archive: a block of 512 bytes before a member, or before what says more about the next one.
struct TarHeader {
  enum Kind: Sendable, Equatable {
    case file, folder, link, other
    /// Records in front of the next member, which take the place of what its own header says.
    case paxHeader
    /// The name of the next member, where it does not fit.
    case longName
    /// Something about the archive, or about the next member's target or owner.
    case passedOver
    /// A member that is not stored byte for byte, or not all of it here.
    case sparse, continued
  }

  enum Block {
    case header(TarHeader)
    /// Nothing but zeros, which end an archive.
    case zeros
    /// Bytes that are no header.
    case other
  }

  static let size = 512

  let name: [UInt8]
  /// Bytes that follow the header.
  let size: Int
  let kind: Kind

  /// What a block is; a header has the sum of its own bytes in it.
  static func read(_ block: [UInt8]) -> Block {
    guard block.count == size else { return .other }
    if block.allSatisfy({ $0 == 0 }) { return .zeros }
    guard let sum = number(block[148..<156]),
      sum == Self.sum(block, signed: false) || sum == Self.sum(block, signed: true),
      let size = number(block[124..<136])
    else { return .other }
    let isUstar = block[257..<263].elementsEqual("ustar\0".utf8)
    var name = text(block[0..<100])
    let prefix = isUstar ? text(block[345..<500]) : []
    if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
    return .header(TarHeader(name: name, size: size, type: block[156]))
  }

  private init(name: [UInt8], size: Int, type: UInt8) {
    self.name = name
    switch Unicode.Scalar(type) {
    // Before ustar a folder was a file whose name ends with a slash.
    case "\0", "0", "7": kind = name.last == UInt8(ascii: "/") && type != UInt8(ascii: "7") ? .folder : .file
    case "1", "2": kind = .link
    case "5": kind = .folder
    case "3", "4", "6": kind = .other
    case "x", "X": kind = .paxHeader
    case "L": kind = .longName
    case "K", "g", "N", "V": kind = .passedOver
    case "S": kind = .sparse
    case "M": kind = .continued
    default: kind = .other
    }
    // No bytes follow links, folders and devices, whatever size their headers have; as Python's tarfile reads them.
    self.size = "123456".unicodeScalars.contains(Unicode.Scalar(type)) ? 0 : size
  }

  private static func sum(_ block: [UInt8], signed: Bool) -> Int {
    // The sum's own bytes count as spaces.
    block.indices.reduce(0) { sum, place in
      let byte = (148..<156).contains(place) ? 0x20 : block[place]
      return sum + (signed ? Int(Int8(bitPattern: byte)) : Int(byte))
    }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

  /// Octal digits, or where the first bit is set a number of 8 bits a byte; nil for anything else, and below 0.
  static func number(_ field: ArraySlice<UInt8>) -> Int? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first & 0x40 == 0 else { return nil }
      return field.dropFirst().reduce(Int(first & 0x3F)) { number, byte in
        number.flatMap { $0 >> 55 == 0 ? $0 << 8 | Int(byte) : nil }
      }
    }
    let space = UInt8(ascii: " ")
    let digits = field.prefix { $0 != 0 }.drop { $0 == space }
    let end = digits.lastIndex { $0 != space }.map { $0 + 1 } ?? digits.startIndex
    return digits[..<end].reduce(0) { number, byte in
      number.flatMap { (0x30...0x37).contains(byte) && $0 >> 59 == 0 ? $0 << 3 | Int(byte & 7) : nil }
    }
  }
}
