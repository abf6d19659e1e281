import Files
import Foundation
import HTTP

/// A file that is on its way, `blobs/ETAG.incomplete`.
///
/// It stays when the program ends, and the next goes on from it.
final class PartialFile: HTTPReceiver {
  let path: String
  /// Bytes that are there.
  private(set) var count: Int
  private let file: String
  let size: Int
  private let descriptor: Int32
  /// Whether the answer that comes is the file's content.
  private var isContent = false

  /// - Parameters:
  ///   - file: what the file is called in messages.
  ///   - size: bytes it will have.
  /// - Throws: `FileError`.
  init(path: String, file: String, size: Int) throws(FileError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .failedWrite(path) }
    self.path = path
    self.file = file
    self.size = size
    count = sizeOfFile(path) ?? 0
    if count > size { try empty() }
  }

  deinit { close(descriptor) }

  var isWhole: Bool { count == size }

  func empty() throws(FileError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .failedWrite(path) }
    count = 0
  }

  func begin(_ head: HTTPHead) throws {
    isContent = head.status == 200 || head.status == 206
    if head.status == 200 {
      // The whole file, whatever was asked for.
      if head["Content-Encoding"] == nil, let total = head.number("Content-Length") { try checkSize(total) }
      if count > 0 { try empty() }
    } else if head.status == 206 {
      guard let range = head.range, range.start == count else {
        throw HubError.wrongRange(file: file, found: head["Content-Range"] ?? "", expected: count)
      }
      if let total = range.total { try checkSize(total) }
    }
  }

  private func checkSize(_ found: Int) throws(HubError) {
    guard found == size else { throw .wrongSize(file: file, found: found, expected: size) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard isContent else { return }
    try checkSize(max(size, count + bytes.count))
    try writeAll(bytes, to: descriptor, at: count, path)
    count += bytes.count
  }

  /// Makes sure that the bytes are on the disk before a name says they are.
  func flush() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw .failedWrite(path) }
  }
}
