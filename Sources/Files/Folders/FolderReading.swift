import Foundation

/// The names in a folder, `.` and `..` left out.
package struct FolderNames: Sendable {
  /// In ascending order.
  package let names: [String]
  /// Names that are not UTF-8, as a shell takes them: `$'caf\xe9.jpg'`; in ascending order.
  package let undecodable: [String]

  /// - Throws: `FileError`.
  package init(of folder: String) throws(FileError) {
    guard let stream = opendir(folder) else { throw .failedRead(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    var undecodable: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let bytes = Self.name(of: entry)
      if let name = String(validating: bytes, as: UTF8.self) {
        if name != ".", name != ".." { names.append(name) }
      } else {
        undecodable.append(shellWord(bytes))
      }
      errno = 0
    }
    guard errno == 0 else { throw .failedRead(folder) }
    // Names that are equal as texts may differ in bytes.
    self.names = names.sorted { $0 == $1 ? $0.utf8.lexicographicallyPrecedes($1.utf8) : $0 < $1 }
    self.undecodable = undecodable.sorted()
  }

  /// An entry is only as long as its name needs, so that it must not be copied whole.
  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
    let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
    return UnsafeRawBufferPointer(start: start, count: strlen(start)).map { $0 }
  }
}

/// Bytes that need not be text as a shell takes them: `$'caf\xe9.jpg'`.
package func shellWord(_ bytes: some Sequence<UInt8>) -> String {
  bytes.reduce(into: "$'") { word, byte in
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): word += "\\" + String(Unicode.Scalar(byte))
    case 0x20..<0x7F: word.unicodeScalars.append(Unicode.Scalar(byte))
    default: word += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  } + "'"
}

/// A text as one word of a shell.
package func shellWord(_ text: String) -> String {
  let isPlain =
    !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./=:@%+,".utf8.contains(byte)
      }
    }
  return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}

/// How files get names in UTF-8.
package let nameConversion = "convmv -f latin1 -t utf8 --notest"

/// The first bytes of a regular file, links followed; nothing else is ever waited for.
///
/// - Throws: `FileError`: also for anything but a regular file.
package func readStart(of path: String, count: Int) throws(FileError) -> [UInt8] {
  // Opening a device may do something; it is not opened.
  guard let kind = FileKind(of: path) else { throw .failedRead(path) }
  guard kind == .file else { throw .wrongKind(path: path, found: kind, expected: "a file") }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
  guard descriptor >= 0 else { throw .failedRead(path) }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: count)
  let length = bytes.withUnsafeMutableBytes { buffer in retried { read(descriptor, buffer.baseAddress, count) } }
  guard length >= 0 else { throw .failedRead(path) }
  return Array(bytes.prefix(length))
}
