import Build
import Files
import Foundation
import TestSupport
import Testing

@Suite("A job for a cluster", .serialized) struct ClusterTests {
  private static let job = ClusterJob(
    folder: "/data/my atlas", configuration: "atlas.yml", output: "shards", site: "it's here", shards: 8, cpus: 4,
    models: [
      .init(id: "ViT-B-32", resources: .init(minutes: 90, memory: 1700)),
      .init(id: "ViT-L-14", resources: .init(minutes: 600, memory: 4200)),
    ], manifest: .init(minutes: 20, memory: 500), build: .init(minutes: 45, memory: 3000),
    options: ["--partition=long", "--account=it's"])

  @Test("is printed as it was reviewed", arguments: ["job.sh", "Snakefile"]) func goldens(_ name: String) throws {
    let text = name == "Snakefile" ? Self.job.snakefile : Self.job.slurmScript
    #expect(text == (try readText(Fixtures.golden("cluster/" + name))))
  }

  private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path

  /// Runs a script with some programs of its own in front of the system's.
  private func run(
    _ arguments: [String], in folder: String, programs: [String: String], meanwhile: (Process) throws -> Void = { _ in }
  ) throws -> (status: Int32, output: String) {
    try makeFolder(folder + "/bin")
    for (name, text) in programs {
      try writeFile(("#!/bin/bash\n" + text).utf8, to: "\(folder)/bin/\(name)")
      chmod("\(folder)/bin/\(name)", 0o755)
    }
    let process = Process()
    // Threads of Dispatch block signals, which a shell that they start could not do anything about.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["--default-signal=USR1,TERM", "bash"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PATH": "\(folder)/bin:\(Self.program):\(path)", "HEADATLAS_TEMPLATES": Fixtures.root.path + "/Templates",
    ]) { $1 }
    let output = folder + "/output.txt"
    try writeFile([], to: output)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    (process.standardOutput, process.standardError) = (handle, handle)
    try process.run()
    try meanwhile(process)
    process.waitUntilExit()
    return (process.terminationStatus, try readText(output))
  }

  /// Stands for Slurm: runs what is submitted at once, and notes the options.
  private static let sbatch = #"""
    job=$(($(cat jobs 2>/dev/null || echo 0) + 1))
    echo $job > jobs
    printf '%s\n' "$*" >> calls
    script=$(cat)
    last=
    for option in "$@"; do case $option in --array=0-*) last=${option#--array=0-};; esac; done
    for task in $(seq 0 ${last:-0}); do
      SLURM_JOB_ID=$job ${last:+env SLURM_ARRAY_TASK_ID=$task} bash -c "$script" >> log 2>&1 || exit 1
    done
    echo "$job;cluster"
    """#

  @Test("for Slurm computes the atlas when its steps are run, each after those before it") func slurm() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      let options = ClusterOptions(
        configuration: "atlas.yml", output: "my shards", site: "site", shards: 3, cpus: 2, minutes: 5, memory: 1000,
        sbatch: ["--partition=long"])
      let planned = try ClusterJob(
        ClusterOptions(
          configuration: atlas.configuration, output: options.output, site: options.site, shards: 3, cpus: 2,
          minutes: 5,
          memory: 1000), plugins: allPlugins, progress: SilentProgress())
      let job = ClusterJob(
        folder: folder, configuration: "atlas.yml", output: planned.output, site: planned.site, shards: 3, cpus: 2,
        models: planned.models, manifest: planned.manifest, build: planned.build, options: options.sbatch)
      try writeFile(job.slurmScript.utf8, to: folder + "/job.sh")
      let found = try run(["job.sh"], in: folder, programs: ["sbatch": Self.sbatch])
      #expect(found.status == 0, "\(found.output) \((try? readText(folder + "/log")) ?? "")")
      #expect(found.output.contains("manifest 1, shards 2, merge 3, build 4"), "\(found.output)")
      let calls = try readText(folder + "/calls").split(separator: "\n")
      #expect(calls.count == 4 && calls.allSatisfy { $0.hasPrefix("--parsable --partition=long --job-name=") })
      for (call, words) in zip(
        calls.dropFirst(),
        ["--dependency=afterok:1 --kill-on-invalid-dep=yes --array=0-2", "--dependency=afterok:2 --kill", "afterok:3"])
      {
        #expect(call.contains(words), "\(call)")
      }
      let site = try atlas.files()
      for name in ["site", ".headatlas"] { try removeFolder(folder + "/" + name) }
      try atlas.build()
      #expect(try atlas.files() == site)
      // Once more there is nothing to compute.
      #expect(try run(["job.sh"], in: folder, programs: [:]).status == 0)
      #expect(try readText(folder + "/log").components(separatedBy: "nothing to do").count == 4)
    }
  }

  /// The script of the array alone, as Slurm runs it.
  private static var task: String {
    get throws {
      let parts = job.slurmScript.components(separatedBy: "<<'JOB'\n")
      return try #require(parts[2].components(separatedBy: "\nJOB\n").first)
    }
  }

  @Test("hands signals on, and puts a task into the queue again that keeps what it has", arguments: [SIGUSR1, SIGTERM])
  func requeue(_ signal: Int32) throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(Self.task.utf8, to: folder + "/task.sh")
      let programs = [
        "headatlas": """
        trap 'sleep 0.2; exit 75' USR1
        echo "$*" > started
        while :; do sleep 0.02; done
        """, "scontrol": "echo \"$*\" >> requeued\n",
      ]
      let found = try run(["task.sh"], in: folder, programs: programs) { process in
        while process.isRunning, FileKind(of: folder + "/started") == nil { usleep(1000) }
        for _ in 0..<2 {
          kill(process.processIdentifier, signal)
          usleep(50_000)
        }
      }
      #expect(found.status == 0, "\(found.output)")
      #expect(try readText(folder + "/started") == "features --output shards --model ViT-B-32 --shard auto/8\n")
      #expect(try readText(folder + "/requeued").split(separator: "\n").count == 1)
    }
  }

  @Test("fails where a task fails", arguments: [0, 1, 2, 130] as [Int32]) func status(_ status: Int32) throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(Self.task.utf8, to: folder + "/task.sh")
      let programs = ["headatlas": "exit \(status)\n", "scontrol": "touch requeued\n"]
      #expect(try run(["task.sh"], in: folder, programs: programs).status == status)
      #expect(FileKind(of: folder + "/requeued") == nil)
    }
  }
}
