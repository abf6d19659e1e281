/// A tar archive that is made member by member, also as no program would make it.
package struct TarFile: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// - Parameters:
  ///   - type: the header's letter.
  ///   - size: what the header says, where it is not the number of bytes; twelve bytes.
  ///   - mark: what stands where ustar has its name; ten bytes.
  package mutating func add(
    _ name: String, _ content: [UInt8] = [], type: Character = "0", size: [UInt8]? = nil,
    mark: String = "ustar\0" + "00"
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ field: some Sequence<UInt8>, at place: Int, _ width: Int) {
      for (offset, byte) in field.prefix(width).enumerated() { header[place + offset] = byte }
    }
    put(name.utf8, at: 0, 100)
    put("0000644\0".utf8, at: 100, 8)
    put(size ?? Array(Self.octal(content.count, digits: 11).utf8), at: 124, 12)
    put(Self.octal(0, digits: 11).utf8, at: 136, 12)
    put("        ".utf8, at: 148, 8)
    header[156] = type.asciiValue ?? 0
    put(mark.utf8, at: 257, 8)
    put((Self.octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ").utf8, at: 148, 8)
    bytes += header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// A record of pax's.
  package static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n".utf8.count
    var length = rest + 1
    while "\(length)".utf8.count + rest != length { length += 1 }
    return Array("\(length) \(key)=\(value)\n".utf8)
  }

  /// With the zeros that end it.
  package var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  private static func octal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
