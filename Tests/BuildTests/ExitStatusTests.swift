import Foundation
import TestSupport
import Testing

/// Drives the program itself, which is built beside the tests, through every row of the table in docs/commands.md.
@Suite("The exit status") struct ExitStatusTests {
  private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("headatlas")

  private static func environment() -> [String: String] {
    ProcessInfo.processInfo.environment.merging(["HEADATLAS_TEMPLATES": Fixtures.root.path + "/Templates"]) { $1 }
  }

  /// - Parameter meanwhile: called while the program runs.
  private func run(
    _ arguments: [String], in folder: String, with variables: [String: String] = [:],
    meanwhile: (Process) throws -> Void = { _ in }
  ) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = Self.environment().merging(variables) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = FileHandle.nullDevice
    let errors = URL(fileURLWithPath: folder + "/stderr.txt")
    try Data().write(to: errors)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    try meanwhile(process)
    process.waitUntilExit()
    // A signal that ends the program would be no exit at all.
    #expect(process.terminationReason == .exit)
    return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
  }

  private static let world = Fixtures.root.path + "/content/models/picture-world"

  /// Arguments, the status, and words of the message.
  private static let table: [(arguments: String, status: Int32, words: String)] = [
    ("--help", 0, ""), ("--version", 0, ""), ("plan --count-only", 0, ""), ("plugin list", 0, ""),
    ("encode --model \(world) --texts texts.txt --output out.safetensors", 0, ""), ("check site", 0, ""),
    ("build --config none.yml", 1, "none.yml: cannot be read"),
    ("build --only nothing", 1, "no page matches --only"),
    ("check nowhere", 1, "nowhere: cannot be read"), ("metrics --labels texts.txt", 1, "not the JSON"),
    ("encode --model nowhere --texts texts.txt --output out.safetensors", 1, "no such folder or file"),
    ("textspan --model \(world) --images gallery --texts pool.txt --layers 6 --output o.json", 1, "layers 0 to 5"),
    ("encode --model \(world) --texts none.txt --output out.safetensors", 1, "none.txt"),
    ("frobnicate", 2, "frobnicate"), ("build --frobnicate", 2, "--frobnicate"), ("build --offline", 2, "--offline"),
    ("build --jobs 0", 2, "--jobs 0, expected 1 to 1024"),
    ("build --precision fp8", 2, "--precision \"fp8\", expected fp32 or bf16"),
    ("serve site --port 0", 2, "--port 0, expected 1 to 65535"),
    ("serve nowhere", 1, "build the site first"),
    ("serve site --config atlas.yml", 2, "--config is what --watch builds"),
    ("build --output .", 1, "the working folder is in it"),
    ("encode --model \(world) --output out.safetensors", 2, "nothing to encode"),
    ("encode --model \(world) --texts texts.txt --patches --output o", 2, "--patches needs --images"),
    ("encode --model \(world) --texts texts.txt --skip-unreadable --output o", 2, "--skip-unreadable needs --images"),
    ("textspan --model m --images gallery --texts pool.txt --output o.json --count 0", 2, "--count 0"),
    ("textspan --model m --images gallery --texts pool.txt --output o.json --rank=-1", 2, "--rank -1"),
    ("textspan --model m --images gallery --texts pool.txt --output o.json --layers 5-3", 2, "--layers \"5-3\""),
    ("check broken", 3, ""), ("doctor --config none.yml", 3, ""), ("build", 130, "interrupted"),
    ("features --output shards --shard 0/1", 1, "freeze the image set first"),
    ("features --output shards", 2, "--manifest or --shard"),
    ("features --output shards --shard 8/8", 2, "--shard \"8/8\", expected i/n"),
    ("features --output shards --shard 0/8 --features bf16", 2, "--features \"bf16\", expected fp32 or fp16 or none"),
    ("features --output shards --shard 0/8", 75, "stopped by a signal"), ("merge shards", 1, "freeze the image set"),
    ("textspan --model m --texts pool.txt --output o.json", 2, "--images or --moments"),
    ("describe --model m --texts pool.txt --output o.json", 2, "--images or --moments"),
    ("describe --model m --images gallery --texts pool.txt --output o.json --count 0", 2, "--count 0"),
    (
      "describe --model m --images gallery --texts pool.txt --output o.json --method compp", 2,
      "--method \"compp\", did you mean \"comp\"?"
    ),
  ]

  /// The statuses that the documentation lists.
  private static func documented() throws -> Set<Int32> {
    let text = try String(contentsOf: Fixtures.root.appendingPathComponent("docs/commands.md"), encoding: .utf8)
    let rows = text.components(separatedBy: "| exit status | meaning |\n|---|---|\n")[1].components(
      separatedBy: "\n\n")[0]
    return Set(rows.split(separator: "\n").compactMap { Int32($0.split(separator: "|")[0].filter(\.isNumber)) })
  }

  @Test("is what docs/commands.md says, and an error is a line that says what is wrong") func statuses() throws {
    #expect(Set(Self.table.map(\.status)) == (try Self.documented()))
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try FileManager.default.createDirectory(atPath: folder + "/content", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/content/atlas.yml", withDestinationPath: atlas.configuration)
      for name in ["gallery", "probe", "captions.jsonl", "texts.txt", "pool.txt", "examples.yml"] {
        try FileManager.default.createSymbolicLink(
          atPath: folder + "/content/" + name, withDestinationPath: "\(folder)/\(name)")
      }
      try atlas.build()
      try FileManager.default.createDirectory(atPath: folder + "/broken", withIntermediateDirectories: true)
      try atlas.write("<a href=\"gone.html\">x</a>", to: "broken/index.html")
      for row in Self.table where ![75, 130].contains(row.status) {
        let arguments = row.arguments.split(separator: " ").map(String.init)
        let found = try run(arguments, in: folder)
        #expect(found.status == row.status, "\(row.arguments): \(found.errors)")
        #expect(found.errors.contains("headatlas: error: ") == [1, 2].contains(row.status), "\(row.arguments)")
        #expect(row.words.isEmpty || found.errors.contains(row.words), "\(row.arguments): \(found.errors)")
      }
    }
  }

  @Test(
    "of a build whose date is none is that of a failure, before any work",
    arguments: ["abc", "1e9", "", "-1", "9999999999999999999"])
  func date(_ text: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      _ = try SmallAtlas(in: folder)
      let found = try run(["build", "--config", "atlas.yml"], in: folder, with: ["SOURCE_DATE_EPOCH": text])
      #expect(found.status == 1)
      #expect(
        found.errors
          == "headatlas: error: SOURCE_DATE_EPOCH is \"\(text)\", expected a whole number of seconds since 1970; "
          + "correct it or unset it\n")
      #expect(!FileManager.default.fileExists(atPath: folder + "/.headatlas"))
    }
  }

  @Test("comes with messages of one line, whatever names are in them") func hostileNames() throws {
    try Fixtures.withTemporaryFolder { folder in
      let name = "a\n\u{1B}[31mb"
      for arguments in [
        ["plan", "--config", name], ["check", name], ["encode", "--model", name, "--texts", name, "--output", "o"],
        ["serve", name],
        ["build", "--output", "x", "--" + name],
      ] {
        let errors = try run(arguments, in: folder).errors
        #expect(errors.hasPrefix("headatlas: error: ") && !errors.contains("\u{1B}"), "\(errors)")
        #expect(errors.split(separator: "\n").count == 1 || arguments[0] == "build", "\(errors)")
      }
    }
  }

  @Test("of work that waits for a pipe and is asked to stop is that, within half a minute") func hung() throws {
    try Fixtures.withTemporaryFolder { folder in
      mkfifo(folder + "/pipe", 0o600)
      let start = ContinuousClock.now
      let found = try run(["encode", "--model", Self.world, "--texts", "pipe", "--output", "out"], in: folder) {
        process in
        sleep(2)
        kill(process.processIdentifier, SIGTERM)
      }
      #expect(found.status == 130)
      #expect(found.errors.contains("headatlas: error: interrupted"), "\(found.errors)")
      // Long enough for a machine that does much else.
      #expect(start.duration(to: .now) < .seconds(120))
    }
  }

  @Test("of a build that is asked to stop is that of an interrupted one", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) throws {
    try Fixtures.withTemporaryFolder { folder in
      _ = try SmallAtlas(in: folder)
      let found = try run(["build", "--config", "atlas.yml"], in: folder) { process in
        // The folder that the site is made in is there before anything is computed.
        while process.isRunning, !FileManager.default.fileExists(atPath: folder + "/.site.staging") { usleep(1000) }
        kill(process.processIdentifier, signal)
      }
      #expect(found.status == 130)
      #expect(found.errors.contains("headatlas: error: interrupted"), "\(found.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("site") }
      #expect(left == [".site.lock"])
    }
  }
}
