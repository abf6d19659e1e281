import Diagnostics
import Files

/// The entries of a zip archive, read from its central directory.
///
/// `init` proves that no two entries share bytes of the file. The rest is proven when an entry is asked for: that its
/// local header says the same as the directory, and that its bytes end before the next entry. An entry is inflated only
/// into a buffer of the size that it promises, below a limit. Checksums are not compared, because torch.save can leave
/// them out and reading a checkpoint twice would be slow. (Format: APPNOTE.TXT 6.3.10, PKWARE.)
struct ZipArchive {
  let file: FileMapping
  private let entries: [String: ZipEntry]

  /// - Throws: `CheckpointError`.
  init(_ file: FileMapping) throws(CheckpointError) {
    self.file = file
    let directory = try ZipDirectory(file)
    entries = try directory.entries()
  }

  /// The names of the entries, in no order.
  var names: some Collection<String> { entries.keys }

  /// The place of a stored entry's bytes; nil where there is none of that name.
  func range(of name: String) throws(CheckpointError) -> Range<Int>? {
    guard let entry = entries[name] else { return nil }
    guard entry.method == ZipEntry.stored else {
      throw .archive(
        path: file.path,
        .entry(
          name, found: "is compressed",
          expected: "stored as it is; save the checkpoint again with torch.save"))
    }
    return try dataRange(of: entry)
  }

  /// Calls `body` with the contents of entry `name`, inflated where necessary.
  ///
  /// - Returns: the result of `body`; nil where there is no such entry.
  /// - Throws: `CheckpointError` where the entry is damaged or has more than `limit` bytes, and what `body` throws.
  func withContents<Result>(
    of name: String, limit: Int, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result? {
    guard let entry = entries[name] else { return nil }
    guard entry.count <= limit else {
      throw .tooLarge(path: file.path, part: "the bytes of \(quoted(name))", found: entry.count, limit: limit)
    }
    let range = try dataRange(of: entry)
    let stored = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    if entry.method == ZipEntry.stored { return try body(stored) }
    guard let inflated = inflated(stored, count: entry.count) else {
      throw .archive(
        path: file.path,
        .entry(
          name, found: "does not inflate to the \(entry.count) bytes it promises",
          expected: "the whole of them and no more; the file is damaged: fetch it again"))
    }
    defer { inflated.deallocate() }
    return try body(UnsafeRawBufferPointer(inflated))
  }

  /// Compares the local header with the directory, and finds the bytes behind it.
  private func dataRange(of entry: ZipEntry) throws(CheckpointError) -> Range<Int> {
    let bytes = file.bytes
    let header = entry.room.lowerBound
    guard let signature = bytes.number(UInt32.self, at: header), signature == 0x0403_4B50,
      let flags = bytes.number(UInt16.self, at: header + 6), let method = bytes.number(UInt16.self, at: header + 8),
      let storedCount = bytes.number(UInt32.self, at: header + 18),
      let count = bytes.number(UInt32.self, at: header + 22),
      let nameCount = bytes.number(UInt16.self, at: header + 26),
      let extraCount = bytes.number(UInt16.self, at: header + 28)
    else { throw .archive(path: file.path, .malformed(offset: header, found: "no local header", expected: "one")) }
    let nameStart = header + 30
    let start = nameStart + Int(nameCount) + Int(extraCount)
    guard start <= entry.room.upperBound, entry.storedCount <= entry.room.upperBound - start else {
      throw .archive(
        path: file.path,
        .entry(
          entry.name, found: "has \(entry.storedCount) bytes from byte \(start)",
          expected: "an end before byte \(entry.room.upperBound), where the next part of the file begins"))
    }
    let name = bytes[nameStart..<nameStart + Int(nameCount)]
    let extra = UnsafeRawBufferPointer(rebasing: bytes[nameStart + Int(nameCount)..<start])
    // Where bit 3 is set the sizes may follow the bytes, and are 0 here.
    let isLater = flags & 8 != 0 && storedCount == 0 && count == 0
    let sizes = ZipSizes(count: count, storedCount: storedCount, header: 0, extra: extra)
    guard name.elementsEqual(entry.name.utf8), method == entry.method, flags & ZipEntry.encrypted == 0,
      isLater || (sizes?.count == UInt64(entry.count) && sizes?.storedCount == UInt64(entry.storedCount))
    else {
      throw .archive(
        path: file.path,
        .entry(
          entry.name, found: "has a local header of another name, method or size",
          expected: "what the central directory says; the file is damaged or forged"))
    }
    return start..<start + entry.storedCount
  }
}
