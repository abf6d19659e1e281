import Diagnostics
import Foundation

/// A lock on a file, held by one process, and one thread of it, at a time; let go when the last reference goes.
package final class FileLock {
  private let descriptor: Int32

  /// Takes the lock at `path`, making the file and its folder where they are missing.
  ///
  /// - Returns: nil where another holds it.
  /// - Throws: `FileError`.
  package init?(_ path: String) throws(FileError) {
    try makeFolder(folder(of: path))
    while true {
      // Writable by the group, so that users who share a cache can wait for each other.
      let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o664)
      guard descriptor >= 0 else { throw .failedWrite(path) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK || code == EACCES { return nil }
        if code == EINTR { continue }
        throw .unwritable(path: path, reason: systemReason(code))
      }
      // A lock on a file that was removed meanwhile keeps nobody out.
      guard Self.isStill(descriptor, at: path) else {
        close(descriptor)
        continue
      }
      self.descriptor = descriptor
      return
    }
  }

  deinit {
    // A child process that another thread is just starting has the descriptor too, until it runs its program: closing it here would leave
    // the lock with the child.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func isStill(_ descriptor: Int32, at path: String) -> Bool {
    var (held, named) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
  }
}

/// Runs `body` while no other process, nor another thread of this one, holds the lock at `path`.
///
/// - Parameter wait: called between attempts while another holds it; may throw to give up.
package func withFileLock<Result>(
  _ path: String, wait: () throws -> Void, body: () throws -> Result
) throws -> Result {
  while true {
    if let lock = try FileLock(path) { return try withExtendedLifetime(lock) { try body() } }
    try wait()
  }
}
