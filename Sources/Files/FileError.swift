import Diagnostics
import Foundation

/// What can be wrong with a file or folder apart from what stands in it, in facts; `description` words each on one line.
package enum FileError: Error, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)
  /// Something else is there than is needed.
  case wrongKind(path: String, found: FileKind, expected: String)
  /// A link, or anything else but a folder, where a folder is written to.
  case noPlainFolder(path: String)
  case tooLarge(path: String, limit: Int)
  /// The text is not UTF-8 in the line given, which counts from 1.
  case notText(path: String, line: Int)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason); check the path and its permissions"
    case .unwritable(let path, let reason):
      "\(path): cannot be written: \(reason); check the path, its permissions and the space on the disk"
    case .wrongKind(let path, let found, let expected):
      "\(path): cannot be read: it is \(found.rawValue), expected \(expected)"
    case .noPlainFolder(let path):
      "\(path): not a folder, or a link to one, expected a folder of its own to write to; remove it"
    case .tooLarge(let path, let limit):
      "\(path): more than \(limit >> 20 > 0 ? "\(limit >> 20) MiB" : "\(limit >> 10) KiB"), expected less"
    case .notText(let path, let line):
      "\(path):\(line): bytes that are not UTF-8, expected UTF-8 text; save the file as UTF-8"
    }
  }

  /// What is wrong without the path, for messages about another path: the system's words where it had any.
  package var reason: String {
    switch self {
    case .unreadable(_, let reason), .unwritable(_, let reason): reason
    default: description
    }
  }

  /// The system call that just failed, with the system's own words.
  package static func failedRead(_ path: String) -> FileError { .unreadable(path: path, reason: systemReason()) }

  /// The system call that just failed, with the system's own words.
  package static func failedWrite(_ path: String) -> FileError { .unwritable(path: path, reason: systemReason()) }
}

/// What is found under a path.
package enum FileKind: String, Sendable {
  case file = "a file"
  case folder = "a folder"
  case pipe = "a pipe"
  case device = "a device or a socket"
  case link = "a link"

  /// Nil where nothing is there, or nothing that may be looked at.
  ///
  /// - Parameter followsLinks: whether a link is what it leads to; else it is `link`.
  package init?(of path: String, followsLinks: Bool = true) {
    var status = stat()
    guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .pipe
    case S_IFLNK: self = .link
    default: self = .device
    }
  }
}

/// Bytes of a regular file, symbolic links followed; nil where there is none.
package func sizeOfFile(_ path: String) -> Int? {
  var information = stat()
  guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(information.st_size)
}
