import Build
import Files
import Foundation
import TestSupport
import Testing

/// Whether Python is there with numpy.
private let numpy: Bool = {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", "import numpy"]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}()

@Suite("A plugin to begin with") struct NewPluginTests {
  private func findings(_ language: NewPlugin) throws -> [Finding] {
    try Fixtures.withTemporaryFolder { folder in
      _ = try language.write("my-plugin", in: folder)
      return try testPlugin(in: folder + "/my-plugin")
    }
  }

  @Test("of shell is as every plugin has to be") func shell() throws {
    let found = try findings(.shell)
    #expect(found.count > 5 && found.allSatisfy(\.isFine), "\(found)")
    #expect(found.first?.detail == "8 sections on 8 pages")
  }

  @Test("of Python is as every plugin has to be", .enabled(if: numpy, "needs Python with numpy")) func python() throws {
    let found = try findings(.python)
    #expect(found.count > 5 && found.allSatisfy(\.isFine), "\(found)")
    #expect(found.first?.detail == "8 sections on 8 pages")
  }

  @Test("of Python has under 40 lines") func short() throws {
    try Fixtures.withTemporaryFolder { folder in
      let files = try NewPlugin.python.write("my-plugin", in: folder)
      let program = try #require(files.first { $0.hasSuffix("my_plugin.py") })
      #expect(splitLines(try readText(program)).count < 41)
      #expect(access(program, X_OK) == 0)
    }
  }

  @Test("takes the place of nothing", arguments: ["My Plugin", "../x", "", "there"]) func refused(_ name: String) throws
  {
    try Fixtures.withTemporaryFolder { folder in
      try makeFolder(folder + "/there")
      #expect(throws: BuildError.self) { _ = try NewPlugin.shell.write(name, in: folder) }
      #expect(try FolderNames(of: folder + "/there").names.isEmpty)
    }
  }

  @Test(
    "that is wrong is told so",
    arguments: [
      (
        #"\{"table": \{"caption": "One head"#, #"{"markdown": "<b>x</b>"}, {"table": {"caption": "One head"#,
        "escaping",
        "HTML or a text of users in Markdown, in section "
      ),
      ("One head", "", "captions", "an empty caption in section "),
      (#"\[\["%s"\]\]"#, #"[["%s '$$'"]]"#, "determinism", "another answer the second time; "),
      (
        #"\{"title": "Head"\}"#, #"{"title": "'$(head -c 160000 /dev/zero | tr '\0' x)'"}"#, "page budget",
        "160 KB on the page "
      ),
    ])
  func wrong(_ old: String, _ new: String, _ subject: String, _ detail: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      _ = try NewPlugin.shell.write("my-plugin", in: folder)
      let file = folder + "/my-plugin/run.sh"
      let text = try readText(file)
      let changed = text.replacingOccurrences(
        of: old, with: NSRegularExpression.escapedTemplate(for: new), options: .regularExpression)
      #expect(changed != text)
      try writeFile(changed.utf8, to: file)
      let found = try testPlugin(in: folder + "/my-plugin").filter { !$0.isFine }
      #expect(found.map(\.subject) == [subject] && found.first?.detail.hasPrefix(detail) == true, "\(found)")
    }
  }
}
