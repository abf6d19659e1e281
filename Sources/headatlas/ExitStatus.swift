import Foundation

/// How the program ends where not all is done and well, as docs/commands.md says it.
///
/// Thrown by a command that has said everything already.
enum ExitStatus: Int32, Error {
  /// Something cannot be read, written or computed.
  case failed = 1
  /// The arguments are wrong.
  case usage = 2
  /// A command that looks for flaws has found some.
  case found = 3
  /// A shard was asked to stop by SIGTERM or SIGUSR1, and goes on where it was when it is run again.
  case tryAgain = 75
  /// Asked to stop by SIGINT or SIGTERM.
  case interrupted = 130

  func leave() -> Never { exit(rawValue) }
}
