/// Writes small zip archives, honest ones and others.
struct ZipBuilder {
  struct Member {
    var name: String
    var bytes: [UInt8]
    /// What the two headers say where it is not the truth.
    var local = Claims()
    var central = Claims()

    init(_ name: String, _ bytes: [UInt8], local: Claims = Claims(), central: Claims = Claims()) {
      (self.name, self.bytes, self.local, self.central) = (name, bytes, local, central)
    }
  }

  struct Claims {
    var name: String?
    var method: UInt16 = 0
    var flags: UInt16 = 0x800
    var count: UInt32?
    var storedCount: UInt32?
    var offset: UInt32?
    var disk: UInt16 = 0
    var extra: [UInt8] = []
  }

  var members: [Member]
  var comment: [UInt8] = []
  var disk: UInt16 = 0
  var entryCount: UInt16?
  var directoryCount: UInt32?
  var directoryStart: UInt32?
  /// Between the directory and the end record.
  var beforeEnd: [UInt8] = []

  init(_ members: [Member]) { self.members = members }

  /// Adds an end record and locator of zip64; all but the number of entries is the truth.
  mutating func addZip64(entries: UInt64) {
    let end = UInt64(bytes.count - 22 - comment.count)
    let count = members.reduce(0) { $0 + 46 + UInt64($1.name.utf8.count) }
    beforeEnd = [0x50, 0x4B, 6, 6] + little(UInt64(44)) + little(UInt32(0)) + little(UInt64(0)) + little(entries)
    beforeEnd += little(entries) + little(count) + little(end - count)
    beforeEnd += [0x50, 0x4B, 6, 7] + little(UInt32(0)) + little(end) + little(UInt32(1))
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let offset = UInt32(file.count)
      file += [0x50, 0x4B, 3, 4, 0, 0] + header(member.local, of: member) + member.bytes
      let claims = member.central
      let (name, sizes) = parts(claims, of: member)
      directory += [0x50, 0x4B, 1, 2, 0, 0, 0, 0] + little(claims.flags) + little(claims.method)
      directory += little(UInt32(0)) + little(UInt32(0)) + sizes + little(UInt16(name.count))
      directory += little(UInt16(claims.extra.count)) + little(UInt16(0)) + little(claims.disk)
      directory += little(UInt16(0)) + little(UInt32(0)) + little(claims.offset ?? offset) + name + claims.extra
    }
    let start = UInt32(file.count)
    let count = entryCount ?? UInt16(truncatingIfNeeded: members.count)
    file += directory + beforeEnd + [0x50, 0x4B, 5, 6] + little(disk) + little(disk) + little(count) + little(count)
    file += little(directoryCount ?? UInt32(directory.count)) + little(directoryStart ?? start)
    return file + little(UInt16(comment.count)) + comment
  }

  private func header(_ claims: Claims, of member: Member) -> [UInt8] {
    let (name, sizes) = parts(claims, of: member)
    return little(claims.flags) + little(claims.method) + little(UInt32(0)) + little(UInt32(0)) + sizes
      + little(UInt16(name.count)) + little(UInt16(claims.extra.count)) + name + claims.extra
  }

  private func parts(_ claims: Claims, of member: Member) -> (name: [UInt8], sizes: [UInt8]) {
    let count = UInt32(member.bytes.count)
    return (
      Array((claims.name ?? member.name).utf8), little(claims.storedCount ?? count) + little(claims.count ?? count)
    )
  }
}

func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian, Array.init)
}
