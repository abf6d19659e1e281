import Files
import Foundation
import TestSupport
import Testing

/// Drives the program itself, which is built beside the tests.
@Suite("The program", .serialized) struct ProgramTests {
  private static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appendingPathComponent("headatlas").path

  private func start(
    _ arguments: [String], _ folder: String, output: FileHandle = .nullDevice, with variables: [String: String] = [:]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["HEADATLAS_TEMPLATES": Fixtures.root.path + "/Templates"]
    ) { $1 }.merging(variables) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.standardOutput = output
    let errors = folder + "/stderr.txt"
    try writeFile([], to: errors)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    return process
  }

  private func build(_ atlas: SmallAtlas, _ output: String = "site") throws -> Process {
    try start(["build", "--config", "atlas.yml", "--output", output], atlas.folder)
  }

  @Test("that is killed at any moment leaves a whole site, and what was put into it") func killed() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try build(atlas).waitUntilExit()
      let old = try atlas.files()
      try atlas.edit("title: Small", "title: Another")
      try build(atlas, "clean/site").waitUntilExit()
      let new = try atlas.files(of: folder + "/clean/site")
      for name in [".git/HEAD", "CNAME", "model/note"] {
        try makeFolder(Files.folder(of: "\(atlas.site)/\(name)"))
        try writeFile("mine".utf8, to: "\(atlas.site)/\(name)")
      }
      for _ in 0..<6 {
        let process = try build(atlas)
        while process.isRunning, FileKind(of: folder + "/.site.staging/index.html") == nil { usleep(1000) }
        usleep(UInt32.random(in: 0...400_000))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let found = try atlas.files().filter { String(decoding: $0.value, as: UTF8.self) != "mine" }
        #expect(found == old || found == new)
      }
      try build(atlas).waitUntilExit()
      let mine = Data("mine".utf8)
      #expect(try atlas.files() == new.merging([".git/HEAD": mine, "CNAME": mine, "model/note": mine]) { $1 })
      let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".site") }
      #expect(left == [".site.lock"])
    }
  }

  @Test("builds again what it serves when it changes, and shows nothing broken") func watch() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      let port = LocalClient.freePort()
      let process = try start(["serve", "--watch", "--config", "atlas.yml", "--port", String(port)], folder)
      defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
      func get(_ path: String) -> String {
        let request = "GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n"
        return (try? LocalClient.answer(request, port))?.components(separatedBy: "\r\n\r\n").last ?? ""
      }
      // Nothing is timed: this is how long to wait before calling it broken.
      func eventually(_ isSo: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<1200 {
          if try isSo() { return true }
          usleep(100_000)
        }
        return false
      }
      #expect(eventually { get("/").contains("<title>Small") })
      // A site is in its place a moment before its build has ended and open pages are told.
      #expect(eventually { get("/.headatlas/revision.js").contains("-1\"") })
      #expect(get("/").contains("/.headatlas/reload.js"))

      try atlas.edit("title: Small", "title: Another")
      #expect(eventually { get("/").contains("<title>Another") })
      #expect(eventually { get("/.headatlas/revision.js").contains("-2\"") })

      let second = get("/.headatlas/revision.js")
      try atlas.write("", to: "pool.txt")
      #expect(try eventually { try readText(folder + "/stderr.txt").contains("the build failed") })
      #expect(get("/").contains("<title>Another"))
      #expect(get("/.headatlas/revision.js") == second)

      try atlas.write("a red car\na blue sky\na dog\n", to: "pool.txt")
      #expect(eventually { get("/.headatlas/revision.js") != second })
      #expect(try !readText(atlas.site + "/index.html").contains("/.headatlas/"))
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 0)
    }
  }

  /// Standard streams of a command that prints some lines, as a shell gives them, and the exit status.
  static let streams: [(redirection: String, status: Int32)] = [
    (">/dev/full", 1), (">&-", 1), ("2>/dev/full", 0), ("2>&-", 0), (">/dev/full 2>/dev/full", 1), ("<&- >&- 2>&-", 1),
  ]

  @Test("fails where its results cannot be written, and not where its messages cannot", arguments: streams)
  func results(_ redirection: String, _ status: Int32) throws {
    for (command, failure) in [("plugin list", 0), ("--version", 0), ("plan --config none.yml", 1)] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "'\(Self.program)' \(command) \(redirection)"]
      (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == max(status, Int32(failure)), "\(command)")
    }
  }

  /// What a command prints, and how it ends.
  private func output(
    _ arguments: [String], _ folder: String, with variables: [String: String] = [:]
  ) throws -> (status: Int32, lines: [Substring], errors: String) {
    let file = folder + "/stdout.txt"
    try writeFile([], to: file)
    let process = try start(
      arguments, folder, output: FileHandle(forWritingTo: URL(fileURLWithPath: file)), with: variables)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return (
      process.terminationStatus, try readText(file).split(separator: "\n"), try readText(folder + "/stderr.txt")
    )
  }

  @Test("prints results of one line, whatever names are in them") func hostileNames() throws {
    try Fixtures.withTemporaryFolder { folder in
      let name = "a\n\u{1B}[31mb\u{85}"
      for part in ["", "/content", "/models/m"] { try makeFolder("\(folder)/\(name)\(part)") }
      try writeFile(Array("{}".utf8), to: "\(folder)/\(name)/models/m/open_clip_config.json")
      try makeFolder("\(folder)/\(name)/site")
      for page in ["index", name] {
        try writeFile(Array("<a href=gone>".utf8), to: "\(folder)/\(name)/site/\(page).html")
      }
      try writeFile(jsonText([name: ["L0.H0": "A"]]).utf8, to: folder + "/labels.json")
      let commands: [(arguments: [String], lines: Int?)] = [
        (["doctor", "--config", name + "/atlas.yml", "--output", name + "/out"], nil),
        (["models", "list", name], 1), (["models", "list", name + "/models"], 1),
        (["cache", "--config", name + "/atlas.yml"], 1), (["check", name + "/site"], nil),
        (["metrics", "--labels", "labels.json"], 5),
      ]
      for (arguments, count) in commands {
        let found = try output(arguments, folder)
        #expect(!found.lines.isEmpty && (count ?? found.lines.count) == found.lines.count, "\(found)")
        #expect(!found.lines.joined().unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(found)")
      }
    }
  }

  @Test("refuses arguments that are not UTF-8, and says how the file is renamed") func undecodableArgument() throws {
    try Fixtures.withTemporaryFolder { folder in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "exec '\(Self.program)' check \"$(printf 'caf\\351')\" 2>\(folder)/stderr.txt"]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 2)
      let errors = try readText(folder + "/stderr.txt")
      #expect(errors.contains(#"the argument $'caf\xe9' is not UTF-8"#) && errors.contains("convmv"), "\(errors)")
    }
  }

  /// Commands that write nothing where they are not refused.
  @Test(
    "refuses empty arguments, which would name the root of the file system",
    arguments: [
      ["check", ""], ["plan", "--config", ""], ["encode", "--model", "m", "--texts", "", "--output", "o"],
    ])
  func emptyArgument(_ arguments: [String]) throws {
    try Fixtures.withTemporaryFolder { folder in
      let found = try output(arguments, folder)
      #expect(found.status == 2 && found.errors.hasPrefix("headatlas: error: an argument is empty"), "\(found)")
    }
  }

  @Test("without OpenBLAS does what multiplies nothing, and the doctor finds all else too") func noOpenBLAS() throws {
    try Fixtures.withTemporaryFolder { folder in
      _ = try SmallAtlas(in: folder)
      try writeFile([], to: folder + "/libopenblas.so.0")
      func run(_ arguments: String...) throws -> (status: Int32, lines: [Substring], errors: String) {
        try output(arguments, folder, with: ["LD_LIBRARY_PATH": folder])
      }
      let doctor = try run("doctor", "--config", "atlas.yml")
      #expect(doctor.status == 3 && doctor.errors.isEmpty, "\(doctor)")
      #expect(doctor.lines.contains { $0.hasPrefix("missing linear algebra: OpenBLAS cannot be loaded: ") })
      for subject in ["templates", "configuration", "images", "cache", "output"] {
        #expect(doctor.lines.contains { $0.hasPrefix("ok      \(subject): ") }, "\(doctor)")
      }
      let plan = try run("plan", "--count-only", "--config", "atlas.yml")
      #expect(plan.status == 0 && plan.lines.count == 2, "\(plan)")
      for arguments in [["plan", "--config", "atlas.yml"], ["build", "--config", "atlas.yml"]] {
        let failed = try output(arguments, folder, with: ["LD_LIBRARY_PATH": folder])
        #expect(failed.status == 1 && failed.errors.contains("install libopenblas0"), "\(failed)")
      }
    }
  }

  @Test("ends by itself where nobody reads its messages and SIGPIPE is ignored") func brokenPipe() throws {
    let process = try Fixtures.withTemporaryFolder { folder in
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      signal(SIGPIPE, SIG_IGN)
      defer { signal(SIGPIPE, SIG_DFL) }
      let process = try start(["plugin", "list"], folder, output: pipe.fileHandleForWriting)
      process.waitUntilExit()
      return process
    }
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 1)
  }
}
