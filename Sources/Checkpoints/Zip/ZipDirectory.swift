import Diagnostics
import Files

/// The central directory's description of one file, proven to fit the archive; its local header is not read yet.
struct ZipEntry {
  let name: String
  let method: UInt16
  let count: Int
  let storedCount: Int
  /// The bytes from its local header to the next one or to the directory.
  var room: Range<Int>

  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
  /// The flags of encryption: of the bytes, with a strong algorithm, of the header.
  static let encrypted: UInt16 = 1 << 0 | 1 << 6 | 1 << 13
}

/// The sizes and place that a header states, from the zip64 field where the header's own are saturated.
struct ZipSizes {
  var count: UInt64
  var storedCount: UInt64
  var header: UInt64

  /// Reads a header's fields; nil where the extra fields are no list of fields, or lack a size that is needed.
  init?(count: UInt32, storedCount: UInt32, header: UInt32, extra: UnsafeRawBufferPointer) {
    (self.count, self.storedCount, self.header) = (UInt64(count), UInt64(storedCount), UInt64(header))
    guard let zip64 = Self.zip64(in: extra) else { return nil }
    var offset = 0
    func next() -> UInt64? {
      defer { offset += 8 }
      return zip64.number(UInt64.self, at: offset)
    }
    for (field, value) in [(\Self.count, count), (\.storedCount, storedCount), (\.header, header)] where value == .max {
      guard let wide = next() else { return nil }
      self[keyPath: field] = wide
    }
  }

  /// The zip64 field, empty where there is none; nil where the fields do not fill the bytes.
  private static func zip64(in extra: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var found = UnsafeRawBufferPointer(start: nil, count: 0)
    var offset = 0
    while offset < extra.count {
      guard let tag = extra.number(UInt16.self, at: offset), let count = extra.number(UInt16.self, at: offset + 2),
        Int(count) <= extra.count - offset - 4
      else { return nil }
      if tag == 1 { found = UnsafeRawBufferPointer(rebasing: extra[offset + 4..<offset + 4 + Int(count)]) }
      offset += 4 + Int(count)
    }
    return found
  }
}

/// The central directory of a zip archive.
struct ZipDirectory {
  private let file: FileMapping
  private let range: Range<Int>
  private let entryCount: Int

  static let maximumEntryCount = 1 << 16
  static let maximumNameLength = 1024
  static let maximumByteCount = 16 << 20

  /// Finds the directory from the end of the file, which no byte may follow but the archive's comment.
  init(_ file: FileMapping) throws(CheckpointError) {
    let bytes = file.bytes
    guard let end = Self.endRecord(in: bytes), let disk = bytes.number(UInt16.self, at: end + 4),
      let firstDisk = bytes.number(UInt16.self, at: end + 6), let here = bytes.number(UInt16.self, at: end + 8),
      let entries = bytes.number(UInt16.self, at: end + 10), let count = bytes.number(UInt32.self, at: end + 12),
      let start = bytes.number(UInt32.self, at: end + 16)
    else {
      throw .archive(
        path: file.path, .malformed(offset: bytes.count, found: "the end", expected: "an end record before it"))
    }
    var fields = EndFields(
      disks: [UInt64(disk), UInt64(firstDisk)], here: UInt64(here), entries: UInt64(entries), count: UInt64(count),
      start: UInt64(start), end: end)
    if bytes.number(UInt32.self, at: end - 20) == 0x0706_4B50 {
      let wide = try Self.zip64Fields(file, locator: end - 20)
      guard fields.agree(with: wide) else {
        throw .archive(
          path: file.path,
          .malformed(offset: end, found: "other numbers than in the zip64 end record", expected: "the same"))
      }
      fields = wide
    }
    guard fields.disks.allSatisfy({ $0 == 0 }), fields.here == fields.entries else {
      throw .archive(
        path: file.path, .malformed(offset: end, found: "a part of several disks", expected: "a whole archive"))
    }
    try self.init(file, fields)
  }

  private init(_ file: FileMapping, _ fields: EndFields) throws(CheckpointError) {
    self.file = file
    guard fields.entries <= UInt64(Self.maximumEntryCount) else {
      throw .tooLarge(
        path: file.path, part: "the entries of the zip archive", found: Int(clamping: fields.entries),
        limit: Self.maximumEntryCount)
    }
    guard fields.count <= UInt64(Self.maximumByteCount) else {
      throw .tooLarge(
        path: file.path, part: "the bytes of the zip directory", found: Int(clamping: fields.count),
        limit: Self.maximumByteCount)
    }
    guard fields.start <= UInt64(fields.end), fields.count == UInt64(fields.end) - fields.start else {
      throw .archive(
        path: file.path,
        .malformed(
          offset: fields.end,
          found: "a directory of \(fields.count) bytes from byte \(fields.start)", expected: "one that ends here"))
    }
    range = Int(fields.start)..<fields.end
    entryCount = Int(fields.entries)
  }

  /// The fields of an end record, in the widths of zip64.
  private struct EndFields {
    var disks: [UInt64]
    var here: UInt64
    var entries: UInt64
    var count: UInt64
    var start: UInt64
    /// The byte at which the record begins and the directory must end.
    var end: Int

    /// Whether each field is that of the zip64 record, or saturated.
    func agree(with wide: EndFields) -> Bool {
      (here == 0xFFFF || here == wide.here) && (entries == 0xFFFF || entries == wide.entries)
        && (count == 0xFFFF_FFFF || count == wide.count) && (start == 0xFFFF_FFFF || start == wide.start)
        && zip(disks, wide.disks).allSatisfy { $0 == 0xFFFF || $0 == $1 }
    }
  }

  /// The last end record whose comment ends with the file.
  private static func endRecord(in bytes: UnsafeRawBufferPointer) -> Int? {
    let last = bytes.count - 22
    guard last >= 0 else { return nil }
    return stride(from: last, through: max(0, last - 0xFFFF), by: -1).first { offset in
      bytes.number(UInt32.self, at: offset) == 0x0605_4B50
        && bytes.number(UInt16.self, at: offset + 20).map { Int($0) == last - offset } == true
    }
  }

  private static func zip64Fields(_ file: FileMapping, locator: Int) throws(CheckpointError) -> EndFields {
    let bytes = file.bytes
    guard let disk = bytes.number(UInt32.self, at: locator + 4),
      let offset = bytes.number(UInt64.self, at: locator + 8), offset <= UInt64(locator),
      case let end = Int(offset), bytes.number(UInt32.self, at: end) == 0x0606_4B50,
      locator - end >= 56, bytes.number(UInt64.self, at: end + 4) == UInt64(locator - end - 12),
      let here = bytes.number(UInt32.self, at: end + 16), let firstDisk = bytes.number(UInt32.self, at: end + 20),
      let entriesHere = bytes.number(UInt64.self, at: end + 24), let entries = bytes.number(UInt64.self, at: end + 32),
      let count = bytes.number(UInt64.self, at: end + 40), let start = bytes.number(UInt64.self, at: end + 48)
    else {
      throw .archive(
        path: file.path,
        .malformed(offset: locator, found: "a zip64 locator without its record", expected: "one before it"))
    }
    return EndFields(
      disks: [UInt64(here), UInt64(firstDisk), UInt64(disk)], here: entriesHere, entries: entries, count: count,
      start: start, end: end)
  }

  // MARK: Entries

  /// All files; folders are left out.
  func entries() throws(CheckpointError) -> [String: ZipEntry] {
    var listed: [ZipEntry] = []
    var offset = range.lowerBound
    for _ in 0..<entryCount { listed.append(try entry(at: &offset)) }
    guard offset == range.upperBound else {
      throw malformed(offset, found: "more bytes", expected: "the end of the directory after \(entryCount) entries")
    }
    listed.sort { $0.room.lowerBound < $1.room.lowerBound }
    var entries: [String: ZipEntry] = [:]
    for (index, entry) in listed.enumerated() {
      let end = index + 1 < listed.count ? listed[index + 1].room.lowerBound : range.lowerBound
      // A local header takes 30 bytes and the name.
      let needed = 30 + entry.name.utf8.count + entry.storedCount
      guard needed <= end - entry.room.lowerBound else {
        throw .archive(
          path: file.path,
          .entry(
            entry.name,
            found: "has bytes \(entry.room.lowerBound) to at least "
              + "\(entry.room.lowerBound + needed)", expected: "an end before byte \(end), where the next part begins"))
      }
      var entry = entry
      entry.room = entry.room.lowerBound..<end
      if entry.name.hasSuffix("/") { continue }
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw .archive(path: file.path, .entry(entry.name, found: "is there twice", expected: "one of each name"))
      }
    }
    return entries
  }

  private func entry(at offset: inout Int) throws(CheckpointError) -> ZipEntry {
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[..<range.upperBound])
    guard bytes.number(UInt32.self, at: offset) == 0x0201_4B50, let flags = bytes.number(UInt16.self, at: offset + 8),
      let method = bytes.number(UInt16.self, at: offset + 10),
      let storedCount = bytes.number(UInt32.self, at: offset + 20),
      let count = bytes.number(UInt32.self, at: offset + 24),
      let nameCount = bytes.number(UInt16.self, at: offset + 28),
      let extraCount = bytes.number(UInt16.self, at: offset + 30),
      let commentCount = bytes.number(UInt16.self, at: offset + 32),
      let disk = bytes.number(UInt16.self, at: offset + 34), let header = bytes.number(UInt32.self, at: offset + 42),
      case let nameStart = offset + 46, case let extraStart = nameStart + Int(nameCount),
      case let end = extraStart + Int(extraCount) + Int(commentCount), end <= bytes.count
    else { throw malformed(offset, found: "no whole entry", expected: "\(entryCount) entries") }
    let name = try name(Array(bytes[nameStart..<extraStart]), at: offset)
    let extra = UnsafeRawBufferPointer(rebasing: bytes[extraStart..<extraStart + Int(extraCount)])
    guard let sizes = ZipSizes(count: count, storedCount: storedCount, header: header, extra: extra) else {
      throw malformed(offset, found: "extra fields without the sizes of \(quoted(name))", expected: "a zip64 field")
    }
    guard flags & ZipEntry.encrypted == 0 else {
      throw .archive(path: file.path, .entry(name, found: "is encrypted", expected: "plain bytes"))
    }
    guard disk == 0 || (disk == 0xFFFF && extraCount > 0) else {
      throw .archive(path: file.path, .entry(name, found: "is on disk \(disk)", expected: "all on one"))
    }
    guard method == ZipEntry.deflated || (method == ZipEntry.stored && sizes.count == sizes.storedCount) else {
      throw .archive(
        path: file.path,
        .entry(
          name,
          found: "has method \(method), \(sizes.storedCount) bytes stored for \(sizes.count)",
          expected: "stored (0, with equal sizes) or deflated (8)"))
    }
    guard sizes.header <= UInt64(range.lowerBound), sizes.storedCount <= UInt64(range.lowerBound),
      let whole = Int(exactly: sizes.count)
    else {
      throw .archive(
        path: file.path,
        .entry(
          name, found: "has \(sizes.storedCount) bytes from byte \(sizes.header)",
          expected: "all before byte \(range.lowerBound), where the directory begins"))
    }
    offset = end
    let start = Int(sizes.header)
    return ZipEntry(
      name: name, method: method, count: whole, storedCount: Int(sizes.storedCount), room: start..<start)
  }

  /// The name of an entry, which must be a relative path that does not leave the archive.
  private func name(_ bytes: [UInt8], at offset: Int) throws(CheckpointError) -> String {
    guard bytes.count <= Self.maximumNameLength else {
      throw .tooLarge(
        path: file.path, part: "the bytes of an entry's name", found: bytes.count, limit: Self.maximumNameLength)
    }
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw malformed(offset, found: "a name that is no UTF-8", expected: "one that is")
    }
    let parts = (name.hasSuffix("/") ? String(name.dropLast()) : name).split(
      separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !["", ".", ".."].contains($0) }), !bytes.contains(0), !bytes.contains(UInt8(ascii: "\\"))
    else {
      throw .archive(
        path: file.path, .entry(name, found: "has a name that leaves the archive", expected: "a relative path"))
    }
    return name
  }

  private func malformed(_ offset: Int, found: String, expected: String) -> CheckpointError {
    .archive(path: file.path, .malformed(offset: offset, found: found, expected: expected))
  }
}
