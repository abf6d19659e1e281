import Diagnostics
import Files
import Foundation
import Synchronization

/// The replies of one labeller, by the keys of their requests: a file of JSON Lines that only grows while models are asked.
///
/// A line is on the disk before its reply counts, so that nothing is asked for twice after the process was killed.
package final class ReplyFile: Sendable {
  package let path: String
  private let state: Mutex<State>

  private struct State {
    var replies: [String: StoredReply] = [:]
    /// The keys as their lines stand in the file.
    var order: [String] = []
    /// The open file, once something was written to it.
    var descriptor: Int32?

    mutating func add(_ reply: StoredReply) {
      if replies.updateValue(reply, forKey: reply.key) == nil { order.append(reply.key) }
    }

    mutating func close() {
      if let descriptor { Foundation.close(descriptor) }
      descriptor = nil
    }
  }

  deinit { state.withLock { $0.close() } }

  /// Reads the file; one that is not there has no replies.
  ///
  /// A last line without an end was cut while it was written, and is none.
  ///
  /// - Throws: `FileError`, `ReplyFileFault` for any other line that is no reply.
  package init(_ path: String) throws {
    self.path = path
    var state = State()
    for reply in try Self.read(path) { state.add(reply) }
    self.state = Mutex(state)
  }

  private static func read(_ path: String) throws -> [StoredReply] {
    guard FileKind(of: path) != nil else { return [] }
    let bytes = try readFile(path)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
    let lines = whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try lines.enumerated().compactMap { number, line in
      guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return nil }
      guard let value = try? JSONValue(json: Array(line)) else {
        throw ReplyFileFault(path: path, line: number + 1, reason: "no JSON")
      }
      guard let reply = StoredReply(line: value) else {
        throw ReplyFileFault(
          path: path, line: number + 1, reason: "no reply, or its key is not that of its request any more")
      }
      return reply
    }
  }

  package subscript(key: String) -> StoredReply? { state.withLock { $0.replies[key] } }

  /// By their names.
  package var replies: [StoredReply] { state.withLock { Self.sorted($0) } }

  private static func sorted(_ state: State) -> [StoredReply] {
    state.replies.values.sorted { ($0.name, $0.key) < ($1.name, $1.key) }
  }

  /// Keeps a reply: it is on the disk when the call returns.
  ///
  /// - Throws: `FileError`.
  package func append(_ reply: StoredReply) throws {
    try state.withLock { state in
      let descriptor = try state.descriptor ?? opened()
      state.descriptor = descriptor
      let end = lseek(descriptor, 0, SEEK_END)
      do {
        try Array((reply.line + "\n").utf8).withUnsafeBytes { bytes in
          try writeAll(bytes, to: descriptor, at: Int(end), path)
        }
      } catch {
        // What fits of a line on a full disk is none.
        _ = ftruncate(descriptor, end)
        throw error
      }
      guard fsync(descriptor) == 0 else { throw FileError.failedWrite(path) }
      state.add(reply)
    }
  }

  /// Opens the file for more lines, and takes off one that was cut.
  private func opened() throws -> Int32 {
    try makeFolder(folder(of: path))
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o644)
    guard descriptor >= 0 else { throw FileError.failedWrite(path) }
    let bytes = try readFile(path)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    if whole < bytes.count, ftruncate(descriptor, off_t(whole)) != 0 { throw FileError.failedWrite(path) }
    // The name of a new file is on the disk with its folder.
    synchronise(folder(of: path))
    return descriptor
  }

  /// Writes all lines anew in the order of their names, so that the file does not depend on which reply came first.
  ///
  /// - Throws: `FileError`.
  package func sort() throws {
    try state.withLock { state in
      let sorted = Self.sorted(state)
      guard sorted.map(\.key) != state.order else { return }
      // Where a link leads: it stays one.
      let file = try PendingFile(realPath(path) ?? path)
      for reply in sorted { try Array((reply.line + "\n").utf8).withUnsafeBytes { try file.append($0) } }
      synchronise(file.temporaryPath)
      try file.putInPlace()
      state.close()
      state.order = sorted.map(\.key)
    }
  }

  /// Waits until what was written to a file or a folder is on the disk, where the system says.
  private func synchronise(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// A line of a file of replies that is none.
package struct ReplyFileFault: Error, Equatable, CustomStringConvertible {
  package let path: String
  package let line: Int
  package let reason: String

  package var description: String {
    "\(path):\(line): \(reason), expected a line that headatlas label wrote; remove the line to have it asked again"
  }
}
