import ArgumentParser
import Files
import Foundation

/// Reads mutated files with every parser of files from strangers.
///
/// Case `n` of seed `k` is the same file wherever it is made. Cases run in batches, each in a process of its own, which
/// the system ends where a case crashes or takes too long; the next batch begins after that case.
@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "headatlas-fuzz",
    abstract: "Reads mutated files with every parser; no case may crash, take 2 s, or 64 MB over twice its size.",
    discussion: "Run it in the root of the repository. Parsers: "
      + FuzzedParser.all.map(\.name).joined(separator: ", ") + ".")

  @Option(help: "Only this parser; may be repeated.") var parser: [String] = []
  @Option(help: "The most cases of each parser.") var cases = 1_000_000
  @Option(help: "The most seconds of each parser.") var seconds = 4.0
  @Option(help: "What the mutations are drawn from.") var seed: UInt64 = 1
  @Option(help: "The first case; with --cases 1, that one alone.") var first = 0
  @Option(help: "The folder for files that fail.") var output = ".build/fuzz"
  /// A batch's folder: this is the process that runs it.
  @Option(help: .hidden) var batch: String?

  func validate() throws {
    for name in parser where !FuzzedParser.all.contains(where: { $0.name == name }) {
      throw ValidationError("no parser \(name), expected \(FuzzedParser.all.map(\.name).joined(separator: ", "))")
    }
    guard (0...1 << 40).contains(cases), (0...1 << 40).contains(first), seconds > 0 else {
      throw ValidationError("--cases and --first are whole numbers from 0 on, --seconds a number above 0")
    }
    guard FileManager.default.fileExists(atPath: "Tests/Goldens") else {
      throw ValidationError("no Tests/Goldens here; run it in the root of the repository")
    }
  }

  func run() throws {
    let root = FileManager.default.currentDirectoryPath
    let chosen = FuzzedParser.all.filter { parser.isEmpty || parser.contains($0.name) }
    if let batch, let only = chosen.first {
      return try Batch(only, seed: seed, folder: batch, root: root).run(first: first, count: cases, seconds: seconds)
    }
    // Every case writes a file: in memory, where the system has such a folder.
    let memory = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = memory + "/headatlas-fuzz-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var failures = 0
    for parser in chosen {
      let run = ParserRun(
        parser: parser, seed: seed, folder: folder + "/" + parser.name, root: root, output: output)
      failures += try run.run(first: first, count: cases, seconds: seconds)
    }
    if failures > 0 { throw ExitCode(1) }
  }
}
