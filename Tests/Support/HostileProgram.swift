import Foundation

/// A program that is a plugin and does harm, with what is said of it.
package struct HostileProgram: Sendable, CustomStringConvertible {
  package let name: String
  /// For sh, of a plugin `shell`; it speaks of the models `alpha` and `beta`, and of the head L00.H00.
  package let script: String
  package let seconds: Int
  package let message: String
  package var description: String { name }

  private init(_ name: String, _ script: String, seconds: Int = 20, _ message: String) {
    (self.name, self.script, self.seconds, self.message) = (name, script, seconds, message)
  }

  private init(
    _ name: String, section block: String, subject: String = "model/alpha/head/L00.H00", _ message: String
  ) {
    self.init(name, Self.saying(Self.section(subject, block)), message)
  }

  /// A right answer around some lines.
  package static func saying(_ lines: String) -> String {
    "cat <<'END'\n{\"headatlas\": \"1.0\"}\n\(lines)\n{\"end\": true}\nEND"
  }

  package static func section(
    _ subject: String = "model/alpha/head/L00.H00", title: String = "T", _ block: String
  ) -> String {
    #"{"section": {"subject": "\#(subject)", "title": "\#(title)", "blocks": [\#(block)]}}"#
  }

  package static let goodBlock = #"{"table": {"caption": "c", "columns": [{"title": "n"}], "rows": [[1], [2]]}}"#

  /// What each may write, in megabytes.
  package static let output = 1

  package static let all = ends + answers

  private static let head = "section \"T\" of model/alpha/head/L00.H00"

  private static let ends: [HostileProgram] = [
    HostileProgram(
      "exit 1", "echo '{\"headatlas\": \"1.0\"}'; echo one >&2; echo 'two \"2\"' >&2; exit 1",
      #"it ended with exit status 1, expected 0; its last words were "one", "two \"2\"""#),
    HostileProgram(
      "no such program", "exec nosuchprogram",
      "it ended with exit status 127, expected 0; is its program installed?; its last words were \"run.sh: 1: exec: nosuchprogram: not found\""
    ),
    HostileProgram(
      "a trap", "kill -ILL $$",
      "it was ended by signal 4 (illegal instruction); where it needs more memory or time, raise limits in plugin.yml"),
    HostileProgram(
      "a hang", "echo '{\"headatlas\": \"1.0\"}'; sleep 60", seconds: 1,
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    HostileProgram(
      "a hang that ignores signals", "trap '' TERM INT; while :; do sleep 60; done", seconds: 1,
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    HostileProgram(
      "a hang behind closed pipes", "exec >&- 2>&-; sleep 60", seconds: 1,
      "it took more than 1 second and was ended; raise limits: seconds in plugin.yml"),
    HostileProgram(
      "10 GB of output in one line", "exec head -c 10000000000 /dev/zero",
      "it wrote more than 1 MB and was ended; raise limits: output in plugin.yml"),
    HostileProgram(
      "a flood of lines", "echo '{\"headatlas\": \"1.0\"}'; exec yes ''",
      "it wrote more than 1 MB and was ended; raise limits: output in plugin.yml"),
    HostileProgram(
      "10 GB in a file", "exec head -c 10000000000 /dev/zero >large",
      "it was ended by signal 25 (file size limit exceeded); where it needs more memory or time, raise limits in plugin.yml"
    ),
    HostileProgram(
      "a flood to standard error", "yes flood | head -c 3000000 >&2; exit 2",
      #"it ended with exit status 2, expected 0; its last words were "flood", "flood", "flood""#),
    HostileProgram("nothing", ":", "its first line is missing, expected {\"headatlas\":\"1.1\"}"),
    HostileProgram(
      "another program", "echo hello",
      "its first line is \"hello\", expected {\"headatlas\":\"1.1\"}"),
    HostileProgram(
      "another version", "echo '{\"headatlas\": \"2.0\"}'",
      "it speaks version \"2.0\" of the protocol, expected 1.…"),
    HostileProgram(
      "half a line", "echo '{\"headatlas\": \"1.0\"}'; printf '{\"section\": {\"subj'",
      "its answer stops after 1 whole line, expected {\"end\": true} on the last"),
    HostileProgram(
      "no end", "echo '{\"headatlas\": \"1.0\"}'",
      "its answer stops after 1 whole line, expected {\"end\": true} on the last"),
    HostileProgram(
      "more after the end", saying("{\"end\": true}"), "line 3: more after {\"end\": true}, expected nothing"),
  ]

  private static let answers: [HostileProgram] = [
    HostileProgram("no JSON", saying("{"), "line 2: not JSON: expected a key in quotes"),
    HostileProgram(
      "bytes that are no text", #"printf '{"headatlas": "1.0"}\n{"warning": "\377"}\n'"#,
      "line 2: not JSON: expected text in UTF-8"),
    HostileProgram(
      "another message", saying("{\"sections\": []}"),
      "line 2: found an object with sections, expected an object with one of the keys section, values, warning, progress, end"
    ),
    HostileProgram(
      "NaN", section: #"{"table": {"caption": "c", "columns": [{"title": "n"}], "rows": [[NaN]]}}"#,
      "line 2: section.blocks[0].table.rows[0][0]: found NaN, expected a finite number, or null where there may be none"
    ),
    HostileProgram(
      "a number that is none",
      section: #"{"bars": {"caption": "c", "unit": "u", "items": [{"label": "l", "value": 1e999}]}}"#,
      "line 2: section.blocks[0].bars.items[0].value: found 1e999, expected a finite number, or null where there may be none"
    ),
    HostileProgram(
      "a ragged table",
      section: #"{"table": {"caption": "c", "columns": [{"title": "n"}, {"title": "m"}], "rows": [[1, 2], [1]]}}"#,
      "line 2: \(head): blocks[0]: table “c”: row 2 has 1 cells, expected 2, one per column"),
    HostileProgram(
      "a map of another size",
      section:
        #"{"heatMaps": {"caption": "c", "gridSide": 2, "unit": "u", "maps": [{"title": "m", "image": {"set": "probe", "id": "probe-0"}, "values": [1]}]}}"#,
      "line 2: \(head): blocks[0]: map “m” of “c” has 1 values, expected 2×2"),
    HostileProgram(
      "an image that does not exist",
      section: #"{"imageStrip": {"caption": "c", "items": [{"image": {"set": "probe", "id": "probe-99"}}]}}"#,
      "line 2: \(head): blocks[0]: image \"probe-99\", which is not in the probe set; did you mean \"probe-19\"?"),
    HostileProgram(
      "a page that does not exist", section: goodBlock, subject: "model/alpha/head/L09.H00",
      "line 2: section \"T\" of model/alpha/head/L09.H00: a page that the atlas does not have; did you mean \"model/alpha/head/L00.H00\"?"
    ),
    HostileProgram(
      "no path of a page", section: goodBlock, subject: "../../etc/passwd",
      "line 2: section.subject: found \"../../etc/passwd\", expected the path of a page, such as model/ID/head/L05.H00"),
    HostileProgram(
      "a file name that leads elsewhere",
      section: #"{"download": {"title": "t", "fileName": "../../x", "content": ""}}"#,
      "line 2: section.blocks[0].download.fileName: found \"../../x\", expected a file name: letters, digits, - _ and . (not first or last), at most 120 bytes, and no name of a device of Windows such as con"
    ),
    HostileProgram(
      "a file named like a folder of the site",
      section: #"{"download": {"title": "t", "fileName": "Head", "content": ""}}"#,
      subject: "model/alpha",
      "line 2: section \"T\" of model/alpha: blocks[0]: a download named \"Head\", which is a folder of the site, expected another name"
    ),
    HostileProgram(
      "a page of its own that it did not name", section: goodBlock, subject: "plugin/shell/secrets",
      "line 2: section \"T\" of plugin/shell/secrets: a page that the atlas does not have"),
    HostileProgram(
      "a page of its own that leads elsewhere", section: goodBlock, subject: "plugin/shell/..",
      "line 2: section \"T\" of plugin/shell/..: a page that the atlas does not have; did you mean \"plugin/shell\"?"),
    HostileProgram(
      "a head grid of another shape",
      section:
        #"{"headGrid": {"caption": "c", "model": "alpha", "layers": 2, "heads": 2, "measure": "m", "values": [1]}}"#,
      "line 2: \(head): blocks[0]: head grid “c” has 1 values, expected 4, one per head"),
    HostileProgram(
      "no blocks", saying(#"{"section": {"subject": "", "title": "T", "blocks": []}}"#),
      "line 2: section \"T\" of the atlas: found no blocks, expected at least one; nothing to show is no section"),
    HostileProgram(
      "no title", saying(#"{"section": {"subject": "", "blocks": []}}"#),
      "line 2: section.title: found nothing, expected a text"),
    HostileProgram(
      "a title that is null", saying(#"{"section": {"subject": "", "title": null, "blocks": []}}"#),
      "line 2: section.title: found null, expected a text"),
    HostileProgram(
      "two kinds of block in one", section: #"{"markdown": "a", "download": {}}"#,
      "line 2: section.blocks[0]: found an object with markdown, download, expected an object with one of the keys markdown, table, imageStrip, heatMaps, bars, series, scatter, headGrid, download"
    ),
    HostileProgram(
      "another model",
      saying(#"{"section": {"subject": "", "model": "beta", "title": "T", "blocks": [\#(goodBlock)]}}"#),
      "line 2: section \"T\" of the atlas: of the model \"beta\", expected \"alpha\", which it was asked about"),
    HostileProgram(
      "a head grid of another model",
      section:
        #"{"headGrid": {"caption": "c", "model": "aleph", "layers": 1, "heads": 1, "measure": "m", "values": [1]}}"#,
      "line 2: \(head): blocks[0]: a head grid of \"aleph\", which is no model of the atlas; did you mean \"alpha\"?"),
    HostileProgram(
      "a value with a name that is none", saying(#"{"values": {"../x": "1"}}"#),
      "line 2: \"../x\" cannot be the name of a value; expected letters, digits, - _ . and /"),
    HostileProgram(
      "10,000 sections",
      #"""
      echo '{"headatlas": "1.0"}'
      yes '{"section": {"subject": "model/alpha", "title": "T", "blocks": [{"markdown": "m"}]}}' | head -n 10000
      """#,
      "line 3: section \"T\" of model/alpha: it has another section there; expected one for a page and model, with all blocks"
    ),
    HostileProgram(
      "lists without end", "echo '{\"headatlas\": \"1.0\"}'; yes '[' | head -n 100000 | tr -d '\\n'; echo",
      "line 2: more than 100 lists and objects within each other"),
  ]
}
