import ArgumentParser
import Foundation
import Pipeline

@main
struct HeadAtlas: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headatlas",
    abstract: "Builds browsable atlases of the attention heads of CLIP models.",
    discussion: """
      Results go to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 usage, 3 check found \
      something, 130 interrupted and resumable. Nothing but models fetch uses the network.
      """,
    version: headatlasVersion,
    subcommands: [
      Build.self, Serve.self, Check.self, Plan.self, Doctor.self, Encode.self, TextSpan.self, Metrics.self, Models.self,
      Plugin.self, Cache.self,
    ])

  static func main() async {
    stopOnSignals()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      leave(error)
    }
  }

  /// Ends the program with the documented status, after one line on stderr.
  private static func leave(_ error: any Error) -> Never {
    if case PipelineError.interrupted = error {
      complain("\(error)")
      Foundation.exit(130)
    }
    let code = exitCode(for: error)
    if code == .success || code.rawValue == 3 { exit(withError: error) }
    if code == .validationFailure {
      complain(fullMessage(for: error).replacingOccurrences(of: "Error: ", with: ""))
      Foundation.exit(2)
    }
    if let known = error as? ExitCode { Foundation.exit(known.rawValue) }
    complain("\(error)")
    Foundation.exit(1)
  }

  private static func complain(_ message: String) {
    FileHandle.standardError.write(Data("headatlas: error: \(message)\n".utf8))
  }

  /// The first SIGINT or SIGTERM asks the work to stop at its next step; the second ends the program.
  private static func stopOnSignals() {
    // Made here, since nothing may be made inside a handler.
    _ = Interruption.shared
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.shared.isRequested { _exit(130) }
        Interruption.shared.request()
      }
    }
  }
}
