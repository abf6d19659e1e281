import Diagnostics
import Files
import Foundation

/// A program that runs with limits of its own, in a group of processes of its own.
struct PluginProcess {
  let words: [String]
  /// The folder that it runs in.
  let folder: String
  /// The file that is its standard input.
  let input: String
  let environment: [String: String]
  let limits: ExternalPlugin.Limits

  /// How a run ended.
  struct End {
    /// Nil where it ended by itself with exit status 0.
    let problem: PluginProblem?
    /// The last lines that it wrote to standard error.
    let lastLines: [String]
  }

  /// Sets limits that the calls which start a program cannot set, and becomes the program.
  private static let script = """
    cd -- "$1" || exit 126
    unset OLDPWD
    ulimit -c 0
    ulimit -t "$2"
    ulimit -v "$3"
    ulimit -f "$4"
    shift 4
    exec "$@"
    """

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - check: called several times a second; what it throws ends the program and is thrown.
  ///   - take: gets what comes on standard output; a problem that it throws ends the program.
  func run(
    check: () throws -> Void, _ take: (ArraySlice<UInt8>) throws(PluginProblem) -> Void
  ) throws -> End {
    guard let output = ChildPipe(), let errors = ChildPipe() else {
      return End(problem: .notStarted(reason: systemReason()), lastLines: [])
    }
    var process: pid_t = 0
    let code = start(&process, output: output, errors: errors)
    guard code == 0 else { return End(problem: .notStarted(reason: systemReason(code)), lastLines: []) }
    var child = RunningChild(process: process, output: output, errors: errors)
    defer { child.stop() }
    let problem = try child.listen(limits, check: check, take)
    let status = child.stop()
    return End(problem: problem ?? Self.problem(status), lastLines: child.lastLines)
  }

  private func start(_ process: inout pid_t, output: ChildPipe, errors: ChildPipe) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that all that it starts ends with it; and no signal blocked or ignored.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    // The program's time is that of all its threads; the clock is looked at besides.
    let seconds = limits.seconds * ProcessInfo.processInfo.activeProcessorCount
    let numbers = [seconds, limits.memory << 10, limits.output << 11].map(String.init)
    var list = (["sh", "-c", Self.script, "sh", folder] + numbers + words).map { strdup($0) } + [nil]
    var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in list + variables { free(word) } }
    return posix_spawn(&process, "/bin/sh", &actions, &attributes, &list, &variables)
  }

  private static func problem(_ status: Int32) -> PluginProblem? {
    let signal = Int(status & 0x7F)
    if signal != 0 { return .killed(signal: signal) }
    let code = Int((status >> 8) & 0xFF)
    // A shell says so of a program that a signal ended.
    return code == 0 ? nil : code > 128 && code < 160 ? .killed(signal: code - 128) : .ended(status: code)
  }
}

/// A pipe from a program to this one.
private final class ChildPipe {
  let reading: Int32
  private(set) var writing: Int32

  /// Nil where the system has none to give.
  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  deinit {
    closeWriting()
    close(reading)
  }
}

/// A started program that is listened to.
private struct RunningChild {
  private let process: pid_t
  private let output: ChildPipe
  private let errors: ChildPipe
  private var status: Int32?
  private var errorTail: [UInt8] = []

  /// The most that is kept of standard error.
  private static let keptErrors = 4096
  private static let shownLines = 3

  init(process: pid_t, output: ChildPipe, errors: ChildPipe) {
    (self.process, self.output, self.errors) = (process, output, errors)
    output.closeWriting()
    errors.closeWriting()
  }

  var lastLines: [String] {
    let lines = splitLines(String(decoding: errorTail, as: UTF8.self)).map(String.init)
    return lines.filter { !$0.allSatisfy(\.isWhitespace) }.suffix(Self.shownLines)
  }

  /// Takes what it writes until it ends.
  mutating func listen(
    _ limits: ExternalPlugin.Limits, check: () throws -> Void,
    _ take: (ArraySlice<UInt8>) throws(PluginProblem) -> Void
  ) throws -> PluginProblem? {
    let deadline = ContinuousClock.now + .seconds(limits.seconds)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var isOpen = (output: true, errors: true)
    var total = 0
    while true {
      try check()
      if ContinuousClock.now >= deadline { return .tooSlow(seconds: limits.seconds) }
      // A program that has ended may have left others, which hold the pipes open.
      if status == nil, reap() { kill(-process, SIGKILL) }
      let isClosed = !isOpen.output && !isOpen.errors
      if isClosed, status != nil { return nil }
      var awaited = [
        pollfd(fd: isOpen.output ? output.reading : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen.errors ? errors.reading : -1, events: Int16(POLLIN), revents: 0),
      ]
      // What it wrote before it ended can be read at once.
      if poll(&awaited, 2, isClosed ? 2 : 50) <= 0, status != nil { return nil }
      if awaited[0].revents != 0 {
        let count = retried { read(output.reading, &buffer, buffer.count) }
        isOpen.output = count > 0
        total += max(count, 0)
        if total > limits.output << 20 { return .tooMuchOutput(megabytes: limits.output) }
        do {
          if count > 0 { try take(buffer[..<count]) }
        } catch {
          return error
        }
      }
      if awaited[1].revents != 0 {
        let count = retried { read(errors.reading, &buffer, buffer.count) }
        isOpen.errors = count > 0
        if count > 0 { errorTail = (errorTail + buffer[..<count]).suffix(Self.keptErrors) }
      }
    }
  }

  /// Asks the system whether it has ended.
  private mutating func reap() -> Bool {
    var found: Int32 = 0
    guard waitpid(process, &found, WNOHANG) == process else { return false }
    status = found
    return true
  }

  /// Ends it and all of its group; its status, which is that of its own end where it has ended before.
  @discardableResult
  mutating func stop() -> Int32 {
    if let status { return status }
    kill(-process, SIGKILL)
    var found: Int32 = 0
    while waitpid(process, &found, 0) < 0 && errno == EINTR {}
    status = found
    return found
  }
}
