import Files
import Foundation

/// Cases of one parser, read one after the other in a process of their own.
struct Batch {
  /// Seconds of processor time that a case may take.
  static let seconds = 2
  /// What a case may take over twice its bytes and what its format asks for.
  static let bytes = 64 << 20
  /// The exit status of a process whose case took more memory.
  static let tooLarge: Int32 = 3

  let parser: FuzzedParser
  let seeds: [FuzzedParser.Seed]
  let seed: UInt64
  let folder: String

  /// Writes what lies beside the mutated files into `folder`.
  init(_ parser: FuzzedParser, seed: UInt64, folder: String, root: String) throws {
    (self.parser, self.seed, self.folder) = (parser, seed, folder)
    seeds = try parser.seeds(root)
    for (name, bytes) in try parser.others(root) { try write(bytes, to: name) }
    for file in Set(seeds.map(\.file)) { try restore(file) }
  }

  /// Reads cases from `first` on until `count` are read or the time is over.
  func run(first: Int, count: Int, seconds: Double) throws {
    let status = try SharedStatus(path: folder + "/status", isNew: false)
    let start = ContinuousClock.now
    let (before, parent) = (peakMemory(), getppid())
    var highest = 0
    var last: String?
    for number in first..<first + count {
      guard start.duration(to: .now) < .seconds(seconds), getppid() == parent else { return }
      status.value.current = number
      let (file, bytes) = parser.input(seeds, seed: seed, case: number)
      if let last, last != file { try restore(last) }
      last = file
      try write(bytes, to: file)
      let asked = parser.bytesAsked(bytes)
      let begin = processorTime()
      setLimit(seconds: Self.seconds + asked >> 26)
      let isRead = outcome(file, bytes)
      setLimit(seconds: 0)
      let (time, growth) = (processorTime() - begin, peakMemory() - before)
      status.value.add(
        Status(
          done: 1, read: isRead ? 1 : 0, slowest: number, slowestTime: time, largest: number, growth: growth))
      // The peak may be that of an earlier case, which was asked for more.
      if growth > highest, growth > Self.bytes + 2 * bytes.count + asked {
        status.value.isTooLarge = true
        exit(Self.tooLarge)
      }
      highest = growth
    }
  }

  /// Proves that at least one of the files is read as it is: where all are refused, so is all that is made of them.
  ///
  /// - Throws: `FuzzFailure`.
  func check() throws {
    var refusal = "there are none"
    for seed in seeds {
      let bytes = seed.finish?(seed.bytes) ?? seed.bytes
      try write(bytes, to: seed.file)
      defer { try? restore(seed.file) }
      do { return try parser.read(folder + "/" + seed.file, bytes) } catch { refusal = "\(error)" }
    }
    throw FuzzFailure(description: "\(parser.name): none of the files to mutate is read: \(refusal)")
  }

  private func outcome(_ file: String, _ bytes: [UInt8]) -> Bool {
    do {
      try parser.read(folder + "/" + file, bytes)
      return true
    } catch {
      // The message is made of what the file says, too.
      return "\(error)".isEmpty
    }
  }

  private func restore(_ file: String) throws {
    guard let seed = seeds.first(where: { $0.file == file }) else { return }
    try write(seed.finish?(seed.bytes) ?? seed.bytes, to: file)
  }

  /// Writes in place: nothing else reads here, and renaming takes longer than most parsers.
  private func write(_ bytes: [UInt8], to name: String) throws {
    let path = folder + "/" + name
    try makeFolder(Files.folder(of: path))
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FuzzFailure(description: "\(path): cannot be opened") }
    defer { close(file) }
    guard bytes.isEmpty || Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw FuzzFailure(description: "\(path): cannot be written")
    }
  }
}

/// Has the system end the process after so much processor time, or ten times as much by the clock; 0 for never.
private func setLimit(seconds: Int) {
  var limit = itimerval()
  limit.it_value.tv_sec = seconds
  setitimer(Int32(ITIMER_PROF.rawValue), &limit, nil)
  limit.it_value.tv_sec = seconds * 10
  setitimer(Int32(ITIMER_REAL.rawValue), &limit, nil)
}

/// The nanoseconds that this process has computed for.
private func processorTime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The most bytes that this process has had in memory.
private func peakMemory() -> Int {
  var usage = rusage()
  getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss << 10
}
