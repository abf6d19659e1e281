import Analysis
import Foundation
import PluginHost
import TestSupport
import Testing

@Suite("A program that is a plugin and does harm") struct HostilePluginTests {
  @Test("fails by name, with what was found and what was expected", arguments: HostileProgram.all)
  func message(_ harm: HostileProgram) throws {
    var plugin = ShellPlugin(harm.script)
    plugin.limits.seconds = harm.seconds
    #expect(try plugin.message()?.replacing(/\/[^ "]*\/run\.sh/, with: "run.sh") == harm.message)
  }

  @Test("leaves nothing running behind it") func group() throws {
    try Fixtures.withTemporaryFolder { folder in
      let mark = folder + "/alive"
      // Another process of its group, which would write a second later.
      let plugin = ShellPlugin("(sleep 1; echo >'\(mark)') & \(ShellPlugin.saying("").script)")
      try #expect(plugin.message() == nil)
      usleep(1_500_000)
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }

  @Test("sees a short list of variables, a folder of its own, and evidence that it cannot change") func surroundings()
    throws
  {
    setenv("HEADATLAS_SECRET", "token", 1)
    defer { unsetenv("HEADATLAS_SECRET") }
    var warnings: [String] = []
    var plugin = ShellPlugin(
      #"""
      read -r version; read -r request
      evidence=$(printf '%s\n' "$request" | sed 's/.*"evidence":"\([^"]*\)".*/\1/')
      echo '{"headatlas": "1.0"}'
      printf '{"warning": "%s"}\n' "$(env | sed 's/=.*//; s/_NUM_THREADS//' | sort | tr '\n' ' ')"
      printf '{"warning": "%s"}\n' "$(ls -A | wc -l) $(stat -c %a "$evidence" "$evidence/evidence.json" | tr '\n' ' ')"
      number=$(printf '%s\n' "$version" | sed 's/.*:"\(.*\)"}/\1/')
      printf '{"warning": "%s %s"}\n' "$number" "$(ls "$evidence" | tr '\n' ' ')"
      echo '{"end": true}'
      """#)
    plugin.needs = [.probeHeads, .poolEmbeddings]
    plugin.encoded = ["a cat"]
    let (_, failures) = try plugin.run(remark: { warnings.append($0) })
    #expect(failures.isEmpty, "\(failures)")
    #expect(
      warnings.prefix(3) == [
        "plugin shell: HOME LANG MKL OMP OPENBLAS PATH PWD PYTHONDONTWRITEBYTECODE PYTHONHASHSEED TMPDIR TZ ",
        "plugin shell: 0 500 400 ",
        "plugin shell: 1.1 encoded.safetensors evidence.json pool-embeddings.safetensors probe-heads.safetensors ",
      ])
  }

  @Test("is ended when the work is to stop") func stopped() throws {
    struct Stopped: Error {}
    let start = ContinuousClock.now
    #expect(throws: Stopped.self) {
      _ = try ShellPlugin("sleep 60").run(check: {
        if start.duration(to: .now) > .milliseconds(300) { throw Stopped() }
      })
    }
    #expect(start.duration(to: .now) < .seconds(15))
  }

  @Test("that uses too much memory fails alone") func memory() throws {
    var plugin = ShellPlugin("x=x; while :; do x=$x$x$x$x; done")
    plugin.limits.memory = 64
    #expect(try plugin.message() != nil)
  }

  @Test("that is optional leaves the other models' sections") func optional() throws {
    let script = #"""
      read -r version; read -r request
      case $request in *'"id":"alpha"'*) echo sorry >&2; exit 3;; esac
      echo '{"headatlas": "1.0"}'
      echo '\#(ShellPlugin.section("model/beta", HostileProgram.goodBlock))'
      echo '{"end": true}'
      """#
    let (results, failures) = try ShellPlugin(script).run(isOptional: true)
    #expect(results.sections.map(\.subject) == [.model("beta")])
    #expect(failures.map(\.model) == ["alpha"])
    #expect(failures.first?.lastLines == ["sorry"])
  }

  @Test("of which every string is markup shows it as text") func escaping() throws {
    let hostile = "<script>alert(1)</script>"
    let plugin = ShellPlugin.saying(
      ShellPlugin.section(
        title: hostile, #"{"bars": {"caption": "\#(hostile)", "unit": "\#(hostile)", "items": []}}"#)
        + "\n{\"values\": {\"large\": \"\(hostile)\"}}\n{\"warning\": \"one\\ntwo\\u001b[2J\"}")
    var remarks: [String] = []
    let (results, failures) = try plugin.run(remark: { remarks.append($0) })
    // Site escapes what it is given, whoever gives it: its own tests have this string in every field.
    #expect(failures.isEmpty && Set(results.sections.map(\.title)) == [hostile])
    #expect(remarks.first == "plugin shell: one two [2J")
  }
}
