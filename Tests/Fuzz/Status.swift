import Foundation

/// What a batch says of itself in memory that its parent shares, so that it is known of one that died too.
struct Status: Sendable {
  /// The case that is being read.
  var current = 0
  var done = 0
  /// How many files were read; the others were refused.
  var read = 0
  var slowest = 0
  /// In nanoseconds of processor time.
  var slowestTime = 0
  var largest = 0
  /// How many bytes the process grew by in its whole life.
  var growth = 0
  /// Whether the current case took more memory than it may.
  var isTooLarge = false

  /// Adds what a later batch says.
  mutating func add(_ other: Status) {
    done += other.done
    read += other.read
    if other.slowestTime > slowestTime { (slowest, slowestTime) = (other.slowest, other.slowestTime) }
    if other.growth > growth { (largest, growth) = (other.largest, other.growth) }
  }
}

/// A status in a file that two processes map.
struct SharedStatus: ~Copyable {
  private let pointer: UnsafeMutablePointer<Status>

  /// - Throws: `FuzzFailure`.
  init(path: String, isNew: Bool) throws {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FuzzFailure(description: "\(path): cannot be opened") }
    defer { close(file) }
    let count = MemoryLayout<Status>.size
    guard ftruncate(file, count) == 0,
      let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), start != MAP_FAILED
    else { throw FuzzFailure(description: "\(path): cannot be mapped") }
    pointer = start.bindMemory(to: Status.self, capacity: 1)
    if isNew { pointer.initialize(to: Status()) }
  }

  deinit { munmap(pointer, MemoryLayout<Status>.size) }

  var value: Status {
    get { pointer.pointee }
    nonmutating set { pointer.pointee = newValue }
  }
}

/// Why fuzzing cannot begin.
struct FuzzFailure: Error, CustomStringConvertible {
  let description: String
}
