import Diagnostics
import Foundation

/// An open folder whose entries are reached through it alone: no link is followed, and no name has to be text.
package final class OpenFolder {
  /// A name in a folder, as the system has it.
  package struct Name: Hashable, Comparable {
    let bytes: [CChar]

    package init(_ text: String) { bytes = text.utf8CString.map { $0 } }

    fileprivate init(_ entry: UnsafeMutablePointer<dirent>) {
      bytes = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
    }

    /// As ASCII text that no other name has.
    package var encoded: String { percentEncoded(bytes.dropLast().map(UInt8.init(bitPattern:)), keeping: "-_.~") }

    package static func < (a: Self, b: Self) -> Bool {
      a.bytes.lexicographicallyPrecedes(b.bytes) { UInt8(bitPattern: $0) < UInt8(bitPattern: $1) }
    }
  }

  /// What an entry itself is.
  package enum Kind: Sendable { case file, folder, other }

  /// As it is called in messages.
  package let path: String
  let descriptor: Int32

  /// - Throws: `FileError`: also where a link stands at the path.
  package convenience init(_ path: String) throws(FileError) {
    try self.init(AT_FDCWD, Name(path), path)
  }

  private init(_ parent: Int32, _ name: Name, _ path: String) throws(FileError) {
    self.path = path
    descriptor = openat(parent, name.bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .failedRead(path) }
  }

  deinit { close(descriptor) }

  private func path(of name: Name) -> String { "\(path)/\(name.encoded)" }

  /// The folder of that name in it.
  ///
  /// - Parameter isMade: make it where it is missing.
  /// - Throws: `FileError`.
  package func folder(_ name: Name, isMade: Bool = false) throws(FileError) -> OpenFolder {
    if isMade, mkdirat(descriptor, name.bytes, 0o777) != 0, errno != EEXIST { throw .failedWrite(path(of: name)) }
    return try OpenFolder(descriptor, name, path(of: name))
  }

  /// The names of its entries, by their bytes.
  ///
  /// - Throws: `FileError`.
  package func names() throws(FileError) -> [Name] {
    // A description of its own: the place where reading goes on belongs to it.
    let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = fdopendir(copy) else { throw .failedRead(path) }
    defer { closedir(stream) }
    var names: [Name] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      names.append(Name(entry))
    }
    guard errno == 0 else { throw .failedRead(path) }
    let own = [Name("."), Name("..")]
    return names.filter { !own.contains($0) }.sorted()
  }

  /// Nil where nothing of that name is there.
  package func kind(of name: Name) -> Kind? {
    var status = stat()
    guard fstatat(descriptor, name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// The bytes of a regular file in it.
  ///
  /// - Throws: `FileError`.
  package func read(_ name: Name) throws(FileError) -> [UInt8] {
    let file = openat(descriptor, name.bytes, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { throw .failedRead(path(of: name)) }
    defer { close(file) }
    return try readFile(file, path(of: name), limit: .max, kinds: [.file], expected: "a file")
  }

  /// Moves an entry into another folder of the same file system, with all that is in it.
  ///
  /// - Throws: `FileError`.
  package func move(_ name: Name, to folder: OpenFolder) throws(FileError) {
    guard renameat(descriptor, name.bytes, folder.descriptor, name.bytes) == 0 else {
      throw .unwritable(path: folder.path(of: name), reason: "cannot be moved from \(path): \(systemReason())")
    }
  }

  /// Gives a file a second place in another folder: a link where the file system has them, else a copy.
  ///
  /// - Throws: `FileError`.
  package func share(_ name: Name, with folder: OpenFolder) throws(FileError) {
    if linkat(descriptor, name.bytes, folder.descriptor, name.bytes, 0) == 0 { return }
    try folder.create(name, try read(name))
  }

  /// Makes a file, which is seen before it is whole.
  ///
  /// - Throws: `FileError`: also where something of that name is there.
  package func create(_ name: Name, _ bytes: [UInt8]) throws(FileError) {
    let file = openat(descriptor, name.bytes, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw .failedWrite(path(of: name)) }
    defer { close(file) }
    let path = path(of: name)
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try writeAll(bytes, to: file, at: 0, path) }
    }
    try result.get()
  }

  /// Removes a file, or a folder that is empty.
  ///
  /// - Throws: `FileError`.
  package func remove(_ name: Name, isFolder: Bool = false) throws(FileError) {
    guard unlinkat(descriptor, name.bytes, isFolder ? AT_REMOVEDIR : 0) == 0 else {
      throw .failedWrite(path(of: name))
    }
  }
}

/// Removes a folder with all that is in it.
///
/// - Throws: `FileError`.
package func removeFolder(_ path: String) throws(FileError) {
  do {
    try FileManager.default.removeItem(atPath: path)
  } catch {
    throw .unwritable(path: path, reason: systemReason(error))
  }
}
