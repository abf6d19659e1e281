import Build
import Files
import Foundation
import TestSupport
import Testing

/// Drives the program itself, as a scheduler does.
@Suite("The program with a shard", .serialized) struct ShardProgramTests {
  private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("headatlas")

  /// - Parameter meanwhile: called while the program runs.
  private func run(
    _ arguments: [String], in folder: String, with variables: [String: String] = [:],
    meanwhile: (Process) throws -> Void = { _ in }
  ) throws -> (status: Int32, result: String, errors: String) {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let (result, errors) = (folder + "/stdout.txt", folder + "/stderr.txt")
    for path in [result, errors] { try writeFile([], to: path) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: result))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    try meanwhile(process)
    process.waitUntilExit()
    return (process.terminationStatus, try readText(result), try readText(errors))
  }

  private func withAtlas(_ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(dividedIn: folder)
      let made = try run(["features", "--config", "atlas.yml", "--output", "shards", "--manifest"], in: folder)
      #expect(made.status == 0, "\(made.errors)")
      try body(atlas)
    }
  }

  private static let shard = ["features", "--output", "shards", "--shard", "0/1", "--jobs", "1"]

  private func report(_ line: String) throws -> ShardReport {
    #expect(line.split(separator: "\n").count == 1)
    return try JSONDecoder().decode(ShardReport.self, from: Data(line.utf8))
  }

  /// Waits until the program is past its first piece of images.
  private func waitForWork(_ process: Process, _ atlas: SmallAtlas) {
    let work = atlas.folder + "/shards/small/.shard-0000-of-0001"
    while process.isRunning {
      let names = (try? FolderNames(of: work).names) ?? []
      if names.contains(where: { $0.hasPrefix("moments-") && !$0.hasSuffix(".partial") }) { break }
      usleep(1000)
    }
    usleep(10_000)
  }

  @Test("that is told that time is up keeps what it began, ends with 75, and goes on", arguments: [SIGTERM, SIGUSR1])
  func stopped(_ signal: Int32) throws {
    try withAtlas { atlas in
      let first = try run(Self.shard, in: atlas.folder) { process in
        waitForWork(process, atlas)
        // However often it is told.
        for _ in 0..<3 { kill(process.processIdentifier, signal) }
      }
      #expect(first.status == 75, "\(first.errors)")
      #expect(first.errors.contains("stopped by a signal"), "\(first.errors)")
      #expect(first.result.isEmpty)
      let second = try run(Self.shard, in: atlas.folder)
      #expect(second.status == 0, "\(second.errors)")
      let report = try report(second.result)
      // One piece of eight was kept at least.
      #expect(report.images == 210 && (1..<200).contains(report.computed), "\(report)")
      try checkMerged(atlas)
    }
  }

  @Test("that is killed at any moment goes on with what is whole") func killed() throws {
    try withAtlas { atlas in
      for pause in [0, 100_000, 300_000] as [UInt32] {
        _ = try run(Self.shard, in: atlas.folder) { process in
          usleep(150_000 + pause)
          kill(process.processIdentifier, SIGKILL)
        }
      }
      #expect(try run(Self.shard, in: atlas.folder).status == 0)
      try checkMerged(atlas)
    }
  }

  @Test("whose files another process takes away computes them again") func robbed() throws {
    try withAtlas { atlas in
      let work = atlas.folder + "/shards/small/.shard-0000-of-0001"
      var (unfinished, finished) = (0, 0)
      let found = try run(Self.shard, in: atlas.folder) { process in
        // As another one does that puts the same shard in its place: what is being written, and what was.
        while process.isRunning {
          for name in (try? FolderNames(of: work).names) ?? [] {
            if name.hasSuffix(".partial") {
              if unfinished < 3, unlink(work + "/" + name) == 0 { unfinished += 1 }
            } else if name.hasPrefix("moments-"), finished < 3, unlink(work + "/" + name) == 0 {
              finished += 1
            }
          }
          usleep(200)
        }
      }
      #expect(found.status == 0 && unfinished == 3 && finished == 3, "\(unfinished) \(finished) \(found.errors)")
      try checkMerged(atlas)
    }
  }

  @Test("that two processes compute at once is one shard") func twice() throws {
    try withAtlas { atlas in
      let other = Process()
      other.executableURL = Self.program
      other.arguments = Self.shard
      other.currentDirectoryURL = URL(fileURLWithPath: atlas.folder)
      other.standardOutput = FileHandle.nullDevice
      other.standardError = FileHandle.nullDevice
      let first = try run(Self.shard, in: atlas.folder) { _ in try other.run() }
      other.waitUntilExit()
      #expect(first.status == 0 && other.terminationStatus == 0, "\(first.errors)")
      try checkMerged(atlas)
    }
  }

  /// What is merged is what a build from nothing keeps, and the folder has nothing else.
  private func checkMerged(_ atlas: SmallAtlas) throws {
    let names = try FolderNames(of: atlas.folder + "/shards/small").names
    #expect(names == ["shard-0000-of-0001"])
    let files = try FolderNames(of: atlas.folder + "/shards/small/" + names[0]).names
    #expect(files.count == 17 && files.contains("shard.json"), "\(files)")
    #expect(try run(["merge", "shards"], in: atlas.folder).status == 0)
    func kept() throws -> [String: Data] {
      try atlas.files(of: atlas.cache.folder).filter { $0.key.hasPrefix("probe-") || $0.key.hasPrefix("moments-") }
    }
    let merged = try kept()
    try atlas.cache.clear()
    try atlas.build()
    #expect(try kept() == merged)
  }

  @Test("takes it from the scheduler, and says what is wrong with its number") func scheduled() throws {
    try withAtlas { atlas in
      let arguments = ["features", "--output", "shards", "--shard", "auto"]
      let none = try run(arguments, in: atlas.folder)
      #expect(none.status == 2 && none.errors.contains("outside an array"), "\(none.errors)")
      let slurm = [
        "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "4",
        "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_CPUS_PER_TASK": "1",
      ]
      let made = try run(arguments, in: atlas.folder, with: slurm)
      let report = try report(made.result)
      #expect(report.shard == 1 && report.of == 4 && report.folder == "shards/small/shard-0001-of-0004")
      let again = try run(arguments, in: atlas.folder, with: slurm)
      #expect(again.status == 0 && again.errors.contains("is finished, nothing to do"), "\(again.errors)")
      let merged = try run(["merge", "shards"], in: atlas.folder)
      #expect(merged.status == 1 && merged.errors.contains("shards 0,2-3 of 4 are missing"), "\(merged.errors)")
    }
  }
}
