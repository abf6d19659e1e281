import Diagnostics
import Foundation

/// How a folder took another's place.
package enum FolderExchange: Sendable {
  /// In one step: the old folder is where the new one was.
  case exchanged
  /// The file system cannot do that: the old folder was moved aside first.
  case movedAside

  private typealias Rename =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  /// Lets two folders change places.
  ///
  /// - Parameter aside: where the old one goes if it has to be done in two steps.
  /// - Throws: `FileError`; the old folder is in its place then.
  package static func put(_ new: String, inPlaceOf old: String, aside: String) throws(FileError) -> FolderExchange {
    // Swift's Glibc leaves the function out, and other C libraries may not have it.
    if let symbol = dlsym(nil, "renameat2") {
      let rename = unsafeBitCast(symbol, to: Rename.self)
      let exchange: UInt32 = 2  // RENAME_EXCHANGE
      if rename(AT_FDCWD, new, AT_FDCWD, old, exchange) == 0 { return .exchanged }
      guard [EINVAL, ENOSYS, ENOTSUP].contains(errno) else { throw failure(old) }
    }
    guard rename(old, aside) == 0 else { throw failure(old) }
    guard rename(new, old) == 0 else {
      let error = failure(old)
      rename(aside, old)
      throw error
    }
    return .movedAside
  }

  private static func failure(_ path: String) -> FileError {
    errno == EBUSY
      ? .unwritable(path: path, reason: "a file system is mounted there; choose a folder in it")
      : .failedWrite(path)
  }
}
