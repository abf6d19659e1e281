import Analysis
import Foundation
import PluginHost
import TestSupport
import Testing

@Suite("A program that is a plugin and does harm") struct HostilePluginTests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let plugin: ShellPlugin
    let message: String
    var testDescription: String { name }

    init(_ name: String, _ plugin: ShellPlugin, _ message: String) {
      (self.name, self.plugin, self.message) = (name, plugin, message)
    }

    init(_ name: String, section block: String, subject: String = "model/alpha/head/L00.H00", _ message: String) {
      self.init(name, .saying(ShellPlugin.section(subject, block)), message)
    }
  }

  private static func quick(_ script: String, seconds: Int = 1) -> ShellPlugin {
    var plugin = ShellPlugin(script)
    plugin.limits.seconds = seconds
    return plugin
  }

  private static let head = "section \"T\" of model/alpha/head/L00.H00"

  static let ends: [Case] = [
    Case(
      "exit 1", ShellPlugin("echo '{\"headatlas\": \"1.0\"}'; echo one >&2; echo 'two \"2\"' >&2; exit 1"),
      #"it ended with exit status 1, expected 0; its last words were "one", "two \"2\"""#),
    Case(
      "no such program", ShellPlugin("exec nosuchprogram"),
      "it ended with exit status 127, expected 0; is its program installed?; its last words were \"run.sh: 1: exec: nosuchprogram: not found\""
    ),
    Case(
      "a trap", ShellPlugin("kill -ILL $$"),
      "it was ended by signal 4 (illegal instruction); where it needs more memory or time, raise limits in plugin.yml"),
    Case(
      "a hang", quick("echo '{\"headatlas\": \"1.0\"}'; sleep 60"),
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    Case(
      "a hang that ignores signals", quick("trap '' TERM INT; while :; do sleep 60; done"),
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    Case(
      "a hang behind closed pipes", quick("exec >&- 2>&-; sleep 60"),
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    Case(
      "a flood in one line", ShellPlugin("exec cat /dev/zero"),
      "it wrote more than 1 MB and was ended; raise limits: output in plugin.yml"),
    Case(
      "a flood of lines", ShellPlugin("echo '{\"headatlas\": \"1.0\"}'; exec yes ''"),
      "it wrote more than 1 MB and was ended; raise limits: output in plugin.yml"),
    Case(
      "a flood to standard error", ShellPlugin("yes flood | head -c 3000000 >&2; exit 2"),
      #"it ended with exit status 2, expected 0; its last words were "flood", "flood", "flood""#),
    Case("nothing", ShellPlugin(":"), "its first line is missing, expected {\"headatlas\":\"1.0\"}"),
    Case(
      "another program", ShellPlugin("echo hello"),
      "its first line is \"hello\", expected {\"headatlas\":\"1.0\"}"),
    Case(
      "another version", ShellPlugin("echo '{\"headatlas\": \"2.0\"}'"),
      "it speaks version \"2.0\" of the protocol, expected 1.…"),
    Case(
      "half a line", ShellPlugin("echo '{\"headatlas\": \"1.0\"}'; printf '{\"section\": {\"subj'"),
      "its answer stops after 1 whole line, expected {\"end\": true} on the last"),
    Case(
      "no end", ShellPlugin("echo '{\"headatlas\": \"1.0\"}'"),
      "its answer stops after 1 whole line, expected {\"end\": true} on the last"),
    Case("more after the end", .saying("{\"end\": true}"), "line 3: more after {\"end\": true}, expected nothing"),
  ]

  static let answers: [Case] = [
    Case("no JSON", .saying("{"), "line 2: not JSON: expected a key in quotes"),
    Case(
      "bytes that are no text", ShellPlugin(#"printf '{"headatlas": "1.0"}\n{"warning": "\377"}\n'"#),
      "line 2: not JSON: expected text in UTF-8"),
    Case(
      "another message", .saying("{\"sections\": []}"),
      "line 2: found an object with sections, expected an object with one of the keys section, values, warning, progress, end"
    ),
    Case(
      "NaN", section: #"{"table": {"caption": "c", "columns": [{"title": "n"}], "rows": [[NaN]]}}"#,
      "line 2: section.blocks[0].table.rows[0][0]: found NaN, expected a finite number, or null where there may be none"
    ),
    Case(
      "a number that is none",
      section: #"{"bars": {"caption": "c", "unit": "u", "items": [{"label": "l", "value": 1e999}]}}"#,
      "line 2: section.blocks[0].bars.items[0].value: found 1e999, expected a finite number, or null where there may be none"
    ),
    Case(
      "a ragged table",
      section: #"{"table": {"caption": "c", "columns": [{"title": "n"}, {"title": "m"}], "rows": [[1, 2], [1]]}}"#,
      "line 2: \(head): blocks[0]: table “c”: row 2 has 1 cells, expected 2, one per column"),
    Case(
      "a map of another size",
      section:
        #"{"heatMaps": {"caption": "c", "gridSide": 2, "unit": "u", "maps": [{"title": "m", "image": {"set": "probe", "id": "probe-0"}, "values": [1]}]}}"#,
      "line 2: \(head): blocks[0]: map “m” of “c” has 1 values, expected 2×2"),
    Case(
      "an image that does not exist",
      section: #"{"imageStrip": {"caption": "c", "items": [{"image": {"set": "probe", "id": "probe-99"}}]}}"#,
      "line 2: \(head): blocks[0]: image \"probe-99\", which is not in the probe set; did you mean \"probe-19\"?"),
    Case(
      "a page that does not exist", section: ShellPlugin.goodBlock, subject: "model/alpha/head/L09.H00",
      "line 2: section \"T\" of model/alpha/head/L09.H00: a page that the atlas does not have; did you mean \"model/alpha/head/L00.H00\"?"
    ),
    Case(
      "no path of a page", section: ShellPlugin.goodBlock, subject: "../../etc/passwd",
      "line 2: section.subject: found \"../../etc/passwd\", expected the path of a page, such as model/ID/head/L05.H00"),
    Case(
      "a file name that leads elsewhere",
      section: #"{"download": {"title": "t", "fileName": "../../x", "content": ""}}"#,
      "line 2: section.blocks[0].download.fileName: found \"../../x\", expected a file name: letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con"
    ),
    Case(
      "no blocks", .saying(#"{"section": {"subject": "", "title": "T", "blocks": []}}"#),
      "line 2: section \"T\" of the atlas: found no blocks, expected at least one; nothing to show is no section"),
    Case(
      "no title", .saying(#"{"section": {"subject": "", "blocks": []}}"#),
      "line 2: section.title: found nothing, expected a text"),
    Case(
      "a title that is null", .saying(#"{"section": {"subject": "", "title": null, "blocks": []}}"#),
      "line 2: section.title: found null, expected a text"),
    Case(
      "two kinds of block in one", section: #"{"markdown": "a", "download": {}}"#,
      "line 2: section.blocks[0]: found an object with markdown, download, expected an object with one of the keys markdown, table, imageStrip, heatMaps, bars, series, scatter, headGrid, download"
    ),
    Case(
      "another model",
      .saying(#"{"section": {"subject": "", "model": "beta", "title": "T", "blocks": [\#(ShellPlugin.goodBlock)]}}"#),
      "line 2: section \"T\" of the atlas: of the model \"beta\", expected \"alpha\", which it was asked about"),
    Case(
      "a head grid of another model",
      section:
        #"{"headGrid": {"caption": "c", "model": "aleph", "layers": 1, "heads": 1, "measure": "m", "values": [1]}}"#,
      "line 2: \(head): blocks[0]: a head grid of \"aleph\", which is no model of the atlas; did you mean \"alpha\"?"),
    Case(
      "a value with a name that is none", .saying(#"{"values": {"../x": "1"}}"#),
      "line 2: \"../x\" cannot be the name of a value; expected letters, digits, - _ . and /"),
    Case(
      "10,000 sections",
      ShellPlugin(
        #"""
        echo '{"headatlas": "1.0"}'
        yes '{"section": {"subject": "model/alpha", "title": "T", "blocks": [{"markdown": "m"}]}}' | head -n 10000
        """#),
      "line 3: section \"T\" of model/alpha: it has another section there; expected one for a page and model, with all blocks"
    ),
    Case(
      "lists without end", ShellPlugin("echo '{\"headatlas\": \"1.0\"}'; yes '[' | head -n 100000 | tr -d '\\n'; echo"),
      "line 2: more than 100 lists and objects within each other"),
  ]

  @Test("fails by name, with what was found and what was expected", arguments: ends + answers)
  func message(_ harm: Case) throws {
    #expect(try harm.plugin.message()?.replacing(/\/[^ "]*\/run\.sh/, with: "run.sh") == harm.message)
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
        "plugin shell: 1.0 encoded.safetensors evidence.json pool-embeddings.safetensors probe-heads.safetensors ",
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
      echo '\#(ShellPlugin.section("model/beta", ShellPlugin.goodBlock))'
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
