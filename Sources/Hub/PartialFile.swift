import Files
import Foundation
import Synchronization

/// A file that is on its way, `blobs/ETAG.incomplete`. It stays when the program ends, and the next goes on from it.
final class PartialFile: BodySink {
  let path: String
  private let file: String
  private let size: Int
  private let descriptor: Int32
  private let state: Mutex<(count: Int, isWanted: Bool)>

  /// - Parameters:
  ///   - file: what the file is called in messages.
  ///   - size: bytes it will have.
  init(path: String, file: String, size: Int) throws(HubError) {
    try makeFolder(ofFile: path)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw .failedWrite(path) }
    self.path = path
    self.file = file
    self.size = size
    state = Mutex((sizeOfFile(path) ?? 0, false))
    if count > size { try empty() }
  }

  deinit { close(descriptor) }

  /// Bytes that are there.
  var count: Int { state.withLock { $0.count } }

  func empty() throws(HubError) {
    guard ftruncate(descriptor, 0) == 0 else { throw .failedWrite(path) }
    state.withLock { $0.count = 0 }
  }

  func begin(_ head: ResponseHead) throws(HubError) {
    switch head.status {
    case 200:
      // The whole file, whatever was asked for.
      if head["Content-Encoding"] == nil, let total = head.number("Content-Length") { try checkSize(total) }
      if count > 0 { try empty() }
    case 206: try checkRange(head["Content-Range"] ?? "")
    default: break
    }
    state.withLock { $0.isWanted = head.status == 200 || head.status == 206 }
  }

  /// `bytes FIRST-LAST/TOTAL`, the total perhaps `*`.
  private func checkRange(_ text: String) throws(HubError) {
    guard let match = text.wholeMatch(of: /bytes (\d+)-\d+\/(\d+|\*)/), Int(match.1) == count else {
      throw .wrongRange(file: file, found: text, expected: count)
    }
    if let total = Int(match.2) { try checkSize(total) }
  }

  private func checkSize(_ found: Int) throws(HubError) {
    guard found == size else { throw .wrongSize(file: file, found: found, expected: size) }
  }

  func take(_ data: Data) throws(HubError) {
    let (count, isWanted) = state.withLock { $0 }
    guard isWanted else { return }
    try checkSize(max(size, count + data.count))
    guard writeAll(data, at: count) else { throw .failedWrite(path) }
    state.withLock { $0.count += data.count }
  }

  private func writeAll(_ data: Data, at offset: Int) -> Bool {
    data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  /// Makes sure that the bytes are on the disk before a name says they are.
  func flush() throws(HubError) {
    guard fsync(descriptor) == 0 else { throw .failedWrite(path) }
  }
}
