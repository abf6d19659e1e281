import Files
import Foundation

/// All batches of one parser.
struct ParserRun {
  /// How many cases a process reads; memory that it does not give back adds up over them.
  private static let batch = 4000
  /// After so many failures a parser is left.
  private static let mostFailures = 5

  let parser: FuzzedParser
  let seed: UInt64
  let folder: String
  let root: String
  /// The folder for files that fail.
  let output: String

  /// Runs the cases, prints a line for each failure and one for all, and returns the number of failures.
  func run(first: Int, count: Int, seconds: Double) throws -> Int {
    try makeFolder(folder)
    let batch = try Batch(parser, seed: seed, folder: folder, root: root)
    try batch.check()
    let start = ContinuousClock.now
    var (total, next, failures) = (Status(), first, 0)
    while next < first + count, failures < Self.mostFailures {
      let left = seconds - start.duration(to: .now) / .seconds(1)
      guard left > 0 else { break }
      let (status, fault) = try process(first: next, count: min(Self.batch, first + count - next), seconds: left)
      total.add(status)
      next += status.done
      guard let fault else { continue }
      next = max(next, status.current + 1)
      failures += 1
      let file = output + "/\(parser.name)-\(seed)-\(status.current)"
      try makeFolder(output)
      try writeFile(batch.input(status.current), to: file)
      report("\(parser.name): case \(status.current) \(fault); its file is \(file)")
    }
    let time = start.duration(to: .now) / .seconds(1)
    report(
      "\(parser.name): \(total.done) cases in \(String(format: "%.1f", time)) s, \(total.read) read and the others refused; "
        + "slowest \(total.slowest) with \(total.slowestTime / 1_000_000) ms, "
        + "most memory \(total.largest) with \(total.growth >> 20) MB; \(failures) failures")
    return failures
  }

  /// Runs one batch; its fault where it did not end as it should.
  private func process(first: Int, count: Int, seconds: Double) throws -> (Status, fault: String?) {
    let status = try SharedStatus(path: folder + "/status", isNew: true)
    let log = folder + "/log"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "--parser", parser.name, "--seed", "\(seed)", "--first", "\(first)", "--cases", "\(count)", "--seconds",
      "\(seconds)",
      "--batch", folder,
    ]
    // The order of dictionaries is part of a case.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "SWIFT_DETERMINISTIC_HASHING": "1", "SWIFT_BACKTRACE": "enable=no",
    ]) { $1 }
    try writeFile([], to: log)
    process.standardOutput = FileHandle(forWritingAtPath: log)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    return (status.value, fault(of: process, log: log, status.value))
  }

  private func fault(of process: Process, log: String, _ status: Status) -> String? {
    let code = process.terminationStatus
    if process.terminationReason == .uncaughtSignal {
      if code == SIGPROF || code == SIGALRM { return "takes more than \(Batch.seconds) s" }
      let lines = (try? readText(log))?.split(whereSeparator: \.isNewline) ?? []
      let line = lines.first { $0.contains("rror:") } ?? lines.first ?? "no message"
      return "ends the process with signal \(code): \(line)"
    }
    if code == 0 { return nil }
    if code == Batch.tooLarge, status.isTooLarge {
      return "takes \(status.growth >> 20) MB, the batch before it included"
    }
    return "ends the process with status \(code): \((try? readText(log)) ?? "")"
  }

  private func report(_ line: String) {
    print(line)
    fflush(nil)
  }
}

extension Batch {
  /// The bytes of a case.
  func input(_ number: Int) -> [UInt8] { parser.input(seeds, seed: seed, case: number).bytes }
}
