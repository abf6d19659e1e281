import Foundation

/// Where bytes lie: a file, or a part of one such as a member of a tar archive.
///
/// There may be millions: places in one folder or archive share the text of its path.
package struct FilePlace: Sendable, Hashable {
  /// The folder, or the file where no name follows.
  private let container: String
  /// What it is called in its folder or archive; empty for a file that was named by its path alone.
  package let name: String
  private let start: Int
  /// Below 0 for a whole file.
  private let count: Int

  /// The whole of a file.
  package init(_ path: String) { (container, name, start, count) = (path, "", 0, -1) }

  /// The whole of a file in a folder.
  ///
  /// - Parameter name: a path from the folder on.
  package init(_ name: String, in folder: String) { (container, self.name, start, count) = (folder, name, 0, -1) }

  /// A part of a file.
  ///
  /// - Parameters:
  ///   - member: what the part is called, no path of anything on disk.
  ///   - range: where its bytes are in the file.
  package init(member: String, of archive: String, range: Range<Int>) {
    (container, name, start, count) = (archive, member, range.lowerBound, range.count)
  }

  /// The path of the file that is opened.
  package var path: String { range != nil || name.isEmpty ? container : "\(container)/\(name)" }

  /// What a part of a file is called; nil for a whole file.
  package var member: String? { range == nil ? nil : name }

  /// The same with the path of the file taken from a folder on.
  package func resolved(in folder: String) -> FilePlace {
    guard let range else { return FilePlace(resolve(path, in: folder)) }
    return FilePlace(member: name, of: resolve(container, in: folder), range: range)
  }

  /// The bytes of the file that are meant; nil for all of it.
  package var range: Range<Int>? { count < 0 ? nil : start..<start + count }
}

extension FilePlace: CustomStringConvertible {
  /// As messages call it: a path, or that of an archive with the member after a colon.
  package var description: String { range == nil ? path : "\(container):\(name)" }
}

/// The bytes at a place in a regular file.
///
/// - Throws: `FileError`: also for anything but a regular file, which is never waited for.
package func readFile(at place: FilePlace) throws(FileError) -> [UInt8] {
  guard let range = place.range else { return try readFile(place.path) }
  return try OpenFile(place.path).read(range, of: "\(place)")
}

/// The first bytes at a place in a regular file; fewer where there are no more.
///
/// - Throws: `FileError`: also for anything but a regular file.
package func readStart(at place: FilePlace, count: Int) throws(FileError) -> [UInt8] {
  guard let range = place.range else { return try readStart(of: place.path, count: count) }
  let end = min(range.upperBound, range.lowerBound + count)
  return try OpenFile(place.path).read(range.lowerBound..<end, of: "\(place)")
}

/// SHA-256 of the bytes at a place, in hexadecimal.
///
/// - Throws: `FileError`.
package func hexDigest(at place: FilePlace) throws(FileError) -> String {
  try place.range == nil ? hexDigest(ofFile: place.path) : hexDigest(of: readFile(at: place))
}

/// A regular file that is open for reading parts of it.
///
/// A class, since it is closed when the last reference goes; parts may be read on several threads.
package final class OpenFile: Sendable {
  package let path: String
  /// Bytes, when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// - Throws: `FileError`: also for anything but a regular file.
  package init(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw .failedRead(path) }
    self.path = path
    self.descriptor = descriptor
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    size = Int(status.st_size)
    guard isKnown else { throw .failedRead(path) }
    let kind = FileKind(status)
    guard kind == .file else { throw .wrongKind(path: path, found: kind, expected: "a file") }
  }

  deinit { close(descriptor) }

  /// - Parameter name: what is read, for messages.
  /// - Throws: `FileError`: also where the file has become shorter.
  package func read(_ range: Range<Int>, of name: String) throws(FileError) -> [UInt8] {
    // A file that was exchanged for a shorter one is not asked for room for the old one's bytes.
    guard range.upperBound <= size else { throw cutShort(at: size, name) }
    var done = 0
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      while done < range.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done..<range.count])
        let read = retried { pread(descriptor, rest.baseAddress, rest.count, off_t(range.lowerBound + done)) }
        guard read > 0 else {
          failure = read < 0 ? .failedRead(path) : cutShort(at: range.lowerBound + done, name)
          break
        }
        done += read
      }
      initialized = done
    }
    if let failure { throw failure }
    return bytes
  }

  private func cutShort(at end: Int, _ name: String) -> FileError {
    .unreadable(path: name, reason: "the file ends at byte \(end), before it")
  }
}
