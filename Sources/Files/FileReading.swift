import Foundation

/// The bytes of a regular file.
///
/// - Parameter limit: how many it may have.
/// - Throws: `FileError`: also for anything but a regular file, which is never waited for.
package func readFile(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
  try readFile(path, limit: limit, kinds: [.file], expected: "a file")
}

/// The text of a regular file.
///
/// A byte-order mark is passed over.
///
/// - Parameters:
///   - limit: how many bytes it may have.
///   - pipes: whether the path may be a pipe, of which all is read that is written until it ends.
/// - Throws: `FileError`: `notText` with the first line that is not UTF-8.
package func readText(_ path: String, limit: Int = .max, pipes: Bool = false) throws(FileError) -> String {
  let bytes = try readFile(
    path, limit: limit, kinds: pipes ? [.file, .pipe] : [.file], expected: pipes ? "a file or a pipe" : "a file")
  let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  let content = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
  if let text = String(validating: content, as: UTF8.self) { return text }
  // The first line that does not stand alone as UTF-8.
  let line = lineRanges(content).firstIndex { String(validating: content[$0], as: UTF8.self) == nil } ?? 0
  throw .notText(path: path, line: line + 1)
}

private func readFile(
  _ path: String, limit: Int, kinds: Set<FileKind>, expected: String
) throws(FileError) -> [UInt8] {
  // A pipe that may be read is waited for, as a shell's <(…) needs; nothing else is.
  let waits = kinds.contains(.pipe) && FileKind(of: path) == .pipe
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (waits ? 0 : O_NONBLOCK))
  guard descriptor >= 0 else { throw .failedRead(path) }
  defer { close(descriptor) }
  return try readFile(descriptor, path, limit: limit, kinds: kinds, expected: expected)
}

/// How many bytes a text may have that a person writes as a whole, such as a page of commentary: a megabyte is a long book.
package let longestWrittenText = 1 << 20

/// The bytes of an open file.
func readFile(
  _ descriptor: Int32, _ path: String, limit: Int, kinds: Set<FileKind>, expected: String
) throws(FileError) -> [UInt8] {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw .failedRead(path) }
  let kind = FileKind(status)
  guard kinds.contains(kind) else { throw .wrongKind(path: path, found: kind, expected: expected) }
  guard Int(status.st_size) <= limit else { throw .tooLarge(path: path, limit: limit) }
  // A file that has the size that it says takes one read, and one more to see that nothing follows.
  var (isRead, follows) = (true, false)
  var bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size) + 1) { buffer, filled in
    while filled < buffer.count {
      let count = retried { read(descriptor, buffer.baseAddress! + filled, buffer.count - filled) }
      isRead = count >= 0
      guard count > 0 else { return }
      filled += count
    }
    follows = true
  }
  guard isRead else { throw .failedRead(path) }
  if follows { try forEachPiece(of: descriptor, path) { bytes.append(contentsOf: $0) } }
  guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
  return bytes
}

/// Calls `body` with the bytes of a file from `start` on, a few megabytes at a time.
///
/// - Throws: `FileError`, and what `body` throws.
package func forEachPiece(
  ofFile path: String, from start: Int = 0, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
) throws(FileError) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
  guard descriptor >= 0 else { throw .failedRead(path) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw .failedRead(path) }
  guard FileKind(status) == .file else { throw .wrongKind(path: path, found: FileKind(status), expected: "a file") }
  guard lseek(descriptor, off_t(start), SEEK_SET) >= 0 else { throw .failedRead(path) }
  try forEachPiece(of: descriptor, path, body)
}

private func forEachPiece(
  of descriptor: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) throws(FileError) -> Void
) throws(FileError) {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    let count = retried { read(descriptor, buffer.baseAddress, buffer.count) }
    guard count >= 0 else { throw .failedRead(path) }
    guard count > 0 else { return }
    try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }
}

/// The result of a system call, made again for as long as a signal interrupts it.
package func retried(_ call: () -> Int) -> Int {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
