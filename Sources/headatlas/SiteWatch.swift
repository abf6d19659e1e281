import Build
import Diagnostics
import Files
import Foundation

/// Builds a site, and again whenever something that it is made of has changed.
///
/// A build is a process of its own: one that fails, or is killed for want of memory, leaves the server and the old site
/// as they are. Changes are found by looking at the files, which works on every file system, unlike the kernel's notices.
struct SiteWatch: Sendable {
  let configuration: String
  let site: String
  /// More of the build's arguments.
  let arguments: [String]

  /// The shortest time between two looks; with very many files a look takes part of the processor's time, no more than a
  /// tenth.
  private static let pause = Duration.milliseconds(300)

  /// Begins on a thread of its own, which ends when the program is asked to stop.
  ///
  /// - Parameter built: called after each build that ended well.
  /// - Returns: what is left when the thread has ended.
  func start(built: @escaping @Sendable () -> Void) -> DispatchGroup {
    let group = DispatchGroup()
    DispatchQueue(label: "watch").async(group: group) { watch(built) }
    return group
  }

  private func watch(_ built: () -> Void) {
    while !Interruption.shared.isRequested {
      let before = stamps()
      switch build() {
      case 0: built()
      case ExitStatus.interrupted.rawValue where Interruption.shared.isRequested: return
      default: say("the build failed; the site is served as it was, and built again after the next change\n")
      }
      guard let changed = waitForChange(since: before) else { return }
      sayLine("\(changed) has changed: building")
    }
  }

  private func stamps() -> FileStamps {
    FileStamps(of: atlasInputs(configuration: configuration), without: realPath(site))
  }

  /// Waits until files differ from `before` and have come to rest, as an editor may write several.
  ///
  /// - Returns: one of them; nil where the program is to stop.
  private func waitForChange(since before: FileStamps) -> String? {
    var last: FileStamps?
    while !Interruption.shared.isRequested {
      let start = ContinuousClock.now
      let now = stamps()
      if now == last, let changed = now.firstDifference(from: before) { return changed }
      last = now
      let pause = max(Self.pause, start.duration(to: .now) * 9)
      usleep(UInt32(min(pause / .milliseconds(1), 10_000) * 1000))
    }
    return nil
  }

  /// - Returns: the exit status; that of a failure where there is none.
  private func build() -> Int32 {
    let words = ["headatlas", "build", "--config", configuration, "--output", site] + arguments
    var list = words.map { strdup($0) } + [nil]
    defer { for word in list { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // What a build says of its end goes to the messages: the server has no results.
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    var process: pid_t = 0
    let code = posix_spawn(&process, "/proc/self/exe", &actions, nil, &list, environ)
    guard code == 0 else {
      say("headatlas: error: the build cannot be started: \(systemReason(code))\n")
      return ExitStatus.failed.rawValue
    }
    var status: Int32 = 0
    var isAsked = false
    while waitpid(process, &status, WNOHANG) == 0 {
      if Interruption.shared.isRequested, !isAsked {
        kill(process, SIGTERM)
        isAsked = true
      }
      usleep(50_000)
    }
    let hasExited = status & 0x7F == 0
    return hasExited ? (status >> 8) & 0xFF : ExitStatus.failed.rawValue
  }
}
