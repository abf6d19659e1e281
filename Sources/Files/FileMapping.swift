import Foundation

/// The bytes of a file, mapped for reading; unmapped when the last user lets go.
///
/// `@unchecked Sendable` because the pointer hides from the compiler what is true: the mapping is private and
/// read-only, and never changes between `init` and `deinit`.
package final class FileMapping: @unchecked Sendable {
  package let path: String
  package let bytes: UnsafeRawBufferPointer

  package init(path: String) throws(FileError) {
    self.path = path
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw .failedRead(path) }
    defer { close(file) }
    var information = stat()
    guard fstat(file, &information) == 0 else { throw .failedRead(path) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .wrongKind(path: path, found: FileKind(information), expected: "a file")
    }
    let count = Int(information.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else {
      throw .failedRead(path)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Gives the pages that hold `range` back to the system, which reads them from the file again when they are asked
  /// for: mapped pages count as the memory of the process.
  ///
  /// The system maps pages around one that is asked for too, so they are given back with it.
  package func release(_ range: Range<Int>) {
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
