import Foundation

/// Runs `body` while no other process, nor another thread of this one, holds the lock at `path`.
/// - Parameter wait: called between attempts while another holds it; may throw to give up.
func withFileLock<Result>(
  _ path: String, wait: () throws -> Void, body: () throws -> Result
) throws -> Result {
  try makeFolder(ofFile: path)
  while true {
    // Writable by the group, so that users who share a cache can wait for each other.
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o664)
    guard descriptor >= 0 else { throw HubError.failedCall(path, "open the lock") }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      // A lock on a file that was removed meanwhile keeps nobody out.
      if isStill(descriptor, at: path) { return try body() }
    } else if errno == EWOULDBLOCK || errno == EACCES {
      try wait()
    } else if errno != EINTR {
      throw HubError.failedCall(path, "lock the file")
    }
  }
}

private func isStill(_ descriptor: Int32, at path: String) -> Bool {
  var (held, named) = (stat(), stat())
  return fstat(descriptor, &held) == 0 && lstat(path, &named) == 0 && held.st_ino == named.st_ino
    && held.st_dev == named.st_dev
}

func makeFolder(ofFile path: String) throws(HubError) {
  let folder = (path as NSString).deletingLastPathComponent
  do {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  } catch {
    throw .failedCall(folder, "make the folder")
  }
}

extension HubError {
  /// The system call that just failed, in the system's own words.
  static func failedCall(_ path: String, _ action: String) -> HubError {
    .system(path: path, action: action, reason: String(cString: strerror(errno)))
  }
}
