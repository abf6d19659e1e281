import Foundation

/// The bytes of a file, mapped for reading; unmapped when the last user lets go.
///
/// `@unchecked Sendable` because the pointer hides from the compiler what is true: the mapping is private and
/// read-only, and never changes between `init` and `deinit`.
final class FileMapping: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  init(path: String) throws(CheckpointError) {
    self.path = path
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .failedCall(path, "open the file") }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0 else { throw .failedCall(path, "read the file's size") }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .system(path: path, action: "read it", reason: "not a regular file")
    }
    let count = Int(information.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw .failedCall(path, "map the file")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Gives the pages that hold `range` back to the system, which reads them from the file again when they are asked
  /// for: mapped pages count as the memory of the process.
  ///
  /// The system maps pages around one that is asked for too, so they are given back with it.
  func release(_ range: Range<Int>) {
    guard let start = bytes.baseAddress else { return }
    // A mapping begins at a page, and `around` is a whole number of them.
    let first = range.lowerBound / Self.around * Self.around
    let end = min((range.upperBound + Self.around - 1) / Self.around * Self.around, bytes.count)
    madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
  }

  /// Linux maps 64 KB around a page, aligned in memory as in the file or not, hence twice that.
  private static let around = max(1 << 17, Int(sysconf(Int32(_SC_PAGESIZE))))

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}

extension CheckpointError {
  /// The system call that just failed, in the system's own words.
  static func failedCall(_ path: String, _ action: String) -> CheckpointError {
    .system(path: path, action: action, reason: String(cString: strerror(errno)))
  }
}
