import Build
import Files
import Foundation
import TestSupport
import Testing

extension SmallAtlas {
  /// Writes a plugin of shell, named in the atlas's description, into the folder `hostile`.
  fileprivate func addHostile(_ script: String, seconds: Int = 20, more: String = "") throws {
    try makeFolder(folder + "/hostile")
    try write(
      """
      id: shell
      title: Shell
      version: 1.0.0
      summary: It does harm.
      protocol: 1
      command: [sh, run.sh]
      limits: {seconds: \(seconds), memory: 512, output: \(HostileProgram.output)}
      \(more)
      """, to: "hostile/plugin.yml")
    try write(script, to: "hostile/run.sh")
  }
}

@Suite("An atlas of which a plugin does harm") struct HostileSiteTests {
  /// The name of a row that fails by a message that does not end with what it should, for one line a row.
  private func flaw(of harm: HostileProgram, in atlas: SmallAtlas, _ before: [String: Data]) throws -> String? {
    func here(_ text: String) -> String {
      text.replacing("model/alpha", with: "model/small").replacing(#""alpha""#, with: #""small""#)
        .replacing("L00.H00", with: "L05.H00").replacing(/; did you mean .*/, with: "")
    }
    try atlas.addHostile(here(harm.script), seconds: harm.seconds)
    do {
      try atlas.build(always: false)
      return "\(harm.name): it was built"
    } catch let error as BuildError {
      let message = here(error.description).replacing(/\/[^ "]*\/run\.sh/, with: "run.sh")
      let expected = "plugin shell, model small: \(here(harm.message))"
      if message != expected { return "\(harm.name): \(message), expected \(expected)" }
    }
    return try atlas.files() == before ? nil : "\(harm.name): the old site is another"
  }

  @Test("is left as it was, byte for byte, whatever the harm") func whole() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      let before = try atlas.files()
      try atlas.edit("textspan:", "plugins: [{path: hostile}]\ntextspan:")
      let flaws = try HostileProgram.all.compactMap { try flaw(of: $0, in: atlas, before) }
      #expect(flaws.isEmpty, "\(flaws.joined(separator: "\n"))")
      #expect(HostileProgram.all.count >= 40)
    }
  }

  @Test("shows markup in every string of a plugin as text") func escaping() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      let hostile = "<script>alert(1)</script>"
      let blocks = [
        #""markdown": "h""#,
        #""table": {"caption": "h", "columns": [{"title": "h", "note": "h"}, {"title": "h"}], "#
          + #""rows": [["h", {"text": "h", "subject": "model/small"}]]}"#,
        #""imageStrip": {"caption": "h", "items": [{"image": {"set": "gallery", "id": "gallery-000"}, "badge": "h", "#
          + #""values": [{"name": "h", "value": 1}]}]}"#,
        #""heatMaps": {"caption": "h", "gridSide": 1, "unit": "h", "maps": [{"title": "h", "values": [1], "#
          + #""image": {"set": "gallery", "id": "gallery-000"}}]}"#,
        #""bars": {"caption": "h", "unit": "h", "items": [{"label": "h", "value": 1, "note": "h"}]}"#,
        #""series": {"caption": "h", "horizontal": "h", "vertical": "h", "ticks": ["h"], "lines": [{"name": "h", "values": [1]}]}"#,
        #""scatter": {"caption": "h", "horizontal": "h", "vertical": "h", "points": [{"label": "h", "x": 1, "y": 2}]}"#,
        #""headGrid": {"caption": "h", "model": "small", "layers": 1, "heads": 1, "measure": "h", "values": [1], "labels": ["h"]}"#,
        #""download": {"title": "h", "fileName": "h.txt", "content": "h"}"#,
      ].map { "{\($0.replacing(#""h""#, with: "\"\(hostile)\""))}" }.joined(separator: ", ")
      let lines = ["model/small", "plugin/shell", "plugin/shell/more"].map {
        HostileProgram.section($0, title: hostile, blocks)
      }
      try atlas.addHostile(
        HostileProgram.saying(
          lines.joined(separator: "\n") + "\n{\"values\": {\"h\": \"\(hostile)\"}}\n{\"warning\": \"\(hostile)\"}"),
        more: """
          pages: {more: "\(hostile)"}
          options: {h: {summary: "\(hostile)", default: "\(hostile)"}}
          """)
      try atlas.write(
        readText(folder + "/hostile/plugin.yml").replacing("Shell", with: hostile)
          .replacing("It does harm.", with: hostile), to: "hostile/plugin.yml")
      try atlas.write("\(hostile) <b onclick=x>b</b>\n", to: "hostile/page.md")
      try makeFolder(folder + "/commentary")
      try atlas.write("{{value model/small/plugin/shell/h}}\n", to: "commentary/index.md")
      try atlas.edit("textspan:", "commentary: commentary\nplugins: [{path: hostile}]\ntextspan:")
      try atlas.build()
      let pages = try atlas.files().filter { $0.key.hasSuffix(".html") }
      for (name, bytes) in pages {
        let page = String(decoding: bytes, as: UTF8.self)
        #expect(!page.contains("<script>alert") && !page.contains("onclick"), "\(name)")
      }
      for name in ["model/small", "plugin/shell", "plugin/shell/more", ""] {
        let page = String(decoding: pages[(name.isEmpty ? "" : name + "/") + "index.html"] ?? Data(), as: UTF8.self)
        #expect(page.contains("&lt;script&gt;alert(1)"), "\(name)")
      }
    }
  }
}
