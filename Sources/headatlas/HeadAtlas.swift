import ArgumentParser
import Build
import Diagnostics
import Files
import Foundation

@main
struct HeadAtlas: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headatlas",
    abstract: "Builds browsable atlases of the attention heads of CLIP models.",
    discussion: """
      Results go to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 wrong arguments, 3 a check \
      found something, 75 a shard was stopped and goes on when it is run again, 130 interrupted and resumable. Nothing but models fetch and label run uses the network.
      """,
    version: headatlasVersion,
    subcommands: [
      New.self, Build.self, Serve.self, Check.self, Plan.self, Doctor.self, Encode.self, Moments.self, TextSpan.self,
      Describe.self, Segmentation.self,
      Metrics.self, Models.self,
      Plugin.self, Cache.self, Features.self, Label.self, Merge.self, Cluster.self, MeasureProducts.self,
    ])

  /// Runs the command that the arguments name.
  ///
  /// It is not asynchronous itself: the threads that Swift runs such functions on would be waited for for ever where the system starts none.
  static func main() {
    openStreams()
    giveBackLargeBlocks()
    stopOnSignals()
    do {
      try checkArguments()
      var command = try parseAsRoot()
      if command is Features { comeBackAfterSignals() }
      if let options = try (command as? any ComputingCommand)?.computeOptions,
        let warning = try chooseProducts(for: options)
      {
        sayLine("headatlas: \(warning)")
      }
      guard let asynchronous = command as? any AsyncParsableCommand else { return try command.run() }
      runAsynchronously(asynchronous)
    } catch {
      leave(error)
    }
  }

  /// - Throws: `ValidationError` for an argument that is not UTF-8, which would name another file than was meant, and for an empty
  ///   one, such as that of a variable which a script has not set: as a folder it would be the root of the file system.
  private static func checkArguments() throws {
    for argument in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst() {
      guard let argument else { continue }
      guard argument.pointee != 0 else {
        throw ValidationError("an argument is empty, expected a path, a name or a number; is a variable not set?")
      }
      guard String(validatingCString: argument) == nil else { continue }
      let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
      throw ValidationError(
        "the argument \(shellWord(bytes)) is not UTF-8, expected names in UTF-8; rename the file: \(nameConversion) FILE"
      )
    }
  }

  private static func runAsynchronously(_ command: any AsyncParsableCommand) -> Never {
    // Nothing else uses the command.
    nonisolated(unsafe) var command = command
    Task {
      do {
        try await command.run()
        Foundation.exit(0)
      } catch {
        leave(error)
      }
    }
    dispatchMain()
  }

  /// Blocks of a megabyte and more go back to the system once they are free.
  ///
  /// Left to itself glibc keeps ever larger ones, on each thread's heap, and the peak of a build depends on which
  /// threads happened to run what.
  private static func giveBackLargeBlocks() {
    // Swift's Glibc leaves malloc.h out; other C libraries have no such function.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let threshold: Int32 = -3
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)(threshold, 1 << 20)
  }

  /// Ends the program with the status that the error asks for, after its words on stderr: a line for every problem.
  private static func leave(_ error: any Error) -> Never {
    switch error {
    case let status as ExitStatus: status.leave()
    case BuildError.interrupted: fail(["\(error)"], .interrupted)
    case let several as InputProblems: fail(several.problems.map(\.description), .failed)
    case let several as BuildError: fail(several.lines, .failed)
    case _ where exitCode(for: error) == .success:  // --help and --version
      do { try printDocument(fullMessage(for: error)) } catch { leave(error) }
      Foundation.exit(0)
    case _ where exitCode(for: error) == .validationFailure:
      // How the command is used follows, in lines of its own.
      let lines = fullMessage(for: error).replacingOccurrences(of: "Error: ", with: "").split(separator: "\n")
      fail(lines.prefix(1).map(String.init), notes: lines.dropFirst().map(String.init), .usage)
    // Foundation's errors are for programmers.
    case let other where other is CocoaError || type(of: other) == NSError.self: fail([systemReason(other)], .failed)
    case let other: fail(["\(other)"], .failed)
    }
  }

  private static func fail(_ messages: [String], notes: [String] = [], _ status: ExitStatus) -> Never {
    for line in messages.map({ "headatlas: error: \($0)" }) + notes { sayLine(line) }
    status.leave()
  }

  /// The first SIGINT or SIGTERM asks the work to stop at its next step, and ends the program where that does not come within half
  /// a minute, as while a pipe is waited for that nobody writes into; the second ends it at once.
  private static func stopOnSignals() {
    // A file that has come to a limit of size is an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    // Made here, since nothing may be made inside a handler.
    _ = Interruption.shared
    // Whoever started the program may have blocked them, as threads of Dispatch do.
    var awaited = sigset_t()
    sigemptyset(&awaited)
    for number in [SIGINT, SIGTERM, SIGALRM] { sigaddset(&awaited, number) }
    pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.shared.isRequested { _exit(ExitStatus.interrupted.rawValue) }
        Interruption.shared.request()
        alarm(30)
      }
    }
    signal(SIGALRM) { _ in
      let words: StaticString =
        "\nheadatlas: error: interrupted within a step that did not end: run the command again\n"
      _ = Foundation.write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
      _exit(ExitStatus.interrupted.rawValue)
    }
  }

  /// SIGTERM and SIGUSR1, by which schedulers say that time is up, ask the work to stop at its next step, however often they come.
  private static func comeBackAfterSignals() {
    var awaited = sigset_t()
    sigemptyset(&awaited)
    sigaddset(&awaited, SIGUSR1)
    pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
    for number in [SIGTERM, SIGUSR1] { signal(number) { _ in Interruption.shared.request(comesBack: true) } }
  }
}
