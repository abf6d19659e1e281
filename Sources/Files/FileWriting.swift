import Diagnostics
import Foundation

/// A file that is written beside its place and put there when it is whole: a reader sees the old bytes or the new ones,
/// and one that is let go before leaves nothing behind.
package final class PendingFile {
  package let path: String
  /// Where the bytes are until then.
  package let temporaryPath: String
  private let descriptor: Int32
  private var count = 0
  private var isInPlace = false

  /// - Throws: `FileError`.
  package init(_ path: String) throws(FileError) {
    self.path = path
    temporaryPath = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
    descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw .failedWrite(path) }
  }

  deinit {
    close(descriptor)
    if !isInPlace { unlink(temporaryPath) }
  }

  /// Writes after all that was appended before.
  ///
  /// - Throws: `FileError`.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// - Throws: `FileError`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    try writeAll(bytes, to: descriptor, at: offset, path)
  }

  /// Reads bytes that were written before.
  ///
  /// - Throws: `FileError`: also where there are not as many.
  package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = retried { pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
      guard count > 0 else { throw .failedRead(path) }
      done += count
    }
  }

  /// Makes it `count` bytes long; new ones are zeros.
  ///
  /// - Throws: `FileError`.
  package func resize(to count: Int) throws(FileError) {
    guard ftruncate(descriptor, off_t(count)) == 0 else { throw .failedWrite(path) }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `FileError`.
  package func putInPlace() throws(FileError) {
    guard rename(temporaryPath, path) == 0 else { throw .failedWrite(path) }
    isInPlace = true
  }
}

/// Writes a file beside its place and puts it there.
///
/// - Throws: `FileError`.
package func writeFile(_ bytes: some Collection<UInt8>, to path: String) throws(FileError) {
  let file = try PendingFile(path)
  let whole = Array(bytes)
  let result = whole.withUnsafeBytes { bytes in Result { () throws(FileError) in try file.append(bytes) } }
  try result.get()
  try file.putInPlace()
}

/// Writes all bytes into an open file.
///
/// - Parameter path: what the file is called in messages.
/// - Throws: `FileError`.
package func writeAll(
  _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, _ path: String
) throws(FileError) {
  var (rest, place) = (bytes[...], offset)
  while !rest.isEmpty {
    let part = UnsafeRawBufferPointer(rebasing: rest)
    let written = retried { pwrite(descriptor, part.baseAddress, part.count, off_t(place)) }
    guard written > 0 else { throw .failedWrite(path) }
    rest = rest.dropFirst(written)
    place += written
  }
}

/// Makes a folder and those above it where they are missing.
///
/// - Throws: `FileError`.
package func makeFolder(_ path: String) throws(FileError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    let reason = obstacle(to: path).map { "\($0.path) is \($0.kind.rawValue), expected a folder" }
    throw .unwritable(path: path, reason: reason ?? systemReason(error))
  }
}

/// What is no folder and stands where a folder is to be, or one above it; nil where nothing does.
private func obstacle(to path: String) -> (path: String, kind: FileKind)? {
  var place = path
  while FileKind(of: place) == nil {
    let above = folder(of: place)
    guard above != place else { return nil }
    place = above
  }
  guard let kind = FileKind(of: place), kind != .folder else { return nil }
  return (place, kind)
}

/// Gives a regular file that holds these very bytes a second place; no link is followed at its end.
///
/// - Returns: whether it did; nothing has changed where it did not, as where the place is taken or lies on another file system.
package func shareFile(_ path: String, holding bytes: [UInt8], with place: String) -> Bool {
  var status = stat()
  guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == bytes.count,
    let found = try? readFile(path), found == bytes
  else { return false }
  return link(path, place) == 0
}

/// The place of a file that somebody names to be written: where a link leads, else the path itself.
///
/// Asked before any work: what is there must be a file that may be replaced, or nothing in a folder that may be written.
///
/// - Throws: `FileError`.
package func outputPath(_ named: String) throws(FileError) -> String {
  var status = stat()
  guard lstat(named, &status) == 0 else {
    let place = folder(of: named)
    guard FileKind(of: place) == .folder else { throw .unwritable(path: named, reason: "no folder \(place)") }
    guard access(place, W_OK | X_OK) == 0 else { throw .failedWrite(named) }
    return named
  }
  switch FileKind(status) {
  case .link:
    guard let real = realPath(named) else { throw .unwritable(path: named, reason: "a link that leads nowhere") }
    return try outputPath(real)
  case .file:
    // Who may do everything may also write a file of which its mode says that nobody should.
    guard status.st_mode & 0o222 != 0 else { throw .unwritable(path: named, reason: "the file is read-only") }
    guard access(named, W_OK) == 0, access(folder(of: named), W_OK | X_OK) == 0 else { throw .failedWrite(named) }
    return named
  case let kind: throw .unwritable(path: named, reason: "it is \(kind.rawValue), expected a file, or nothing yet")
  }
}

/// Gives a file a second place, or on another file system puts a copy there; what is in the place is replaced in one step.
///
/// - Throws: `FileError`.
package func shareOrCopyFile(_ path: String, to place: String) throws(FileError) {
  let temporary = "\(place).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
  if link(path, temporary) == 0 {
    let isDone = rename(temporary, place) == 0
    let error = FileError.failedWrite(place)
    // Where both names are the same file already, the system leaves both.
    unlink(temporary)
    guard isDone else { throw error }
    return
  }
  let copy = try PendingFile(place)
  try forEachPiece(ofFile: path) { bytes throws(FileError) in try copy.append(bytes) }
  try copy.putInPlace()
}
