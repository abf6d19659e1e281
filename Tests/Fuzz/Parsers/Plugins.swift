import Analysis
import Build
import Files
import PluginHost
import Site

extension FuzzedParser {
  static let plugins = [plugin, answer, sections]

  private static let description = """
    id: count
    title: Counted
    version: 1.0.0
    summary: A plugin of shell.
    protocol: 1
    command: [sh, run.sh]
    models: each
    subjects: [head, plugin-page]
    needs: [probe, probe-heads, classes]
    encode: words.txt
    patches: {texts: words.txt, images: probe, heads: sum}
    pages: {overview: An overview, by-layer: Layer by layer}
    options:
      size: {summary: how large, default: 3, range: [1, 9]}
      on: {summary: what it is asked, default: texts, choices: [texts, captions]}
      words: {summary: words, default: [a, b], encode: true}
      deep: {summary: whether it goes on, default: false}
      list: {summary: a file of words, file: true}
    limits: {seconds: 20, memory: 100, output: 1, evidence: 64}

    """

  /// The description of a plugin, as an atlas that names it reads it.
  private static let plugin = FuzzedParser(
    name: "plugin",
    words: [
      "- ", ": ", "&a ", "*a", "<<: *a", "|\n", "[", "]", "{", "}", ",", "\n", "\n  ", "~", "null", "true",
      "9223372036854775807",
      "protocol", "needs", "patches", "encode", "pages", "options", "limits", "range", "choices", "file", "heads",
      "subjects",
      "gallery-attention", "head-moments", "\u{0}", "\u{202E}", "index.html", "con",
    ],
    seeds: { _ in [Seed(file: "hostile/plugin.yml", bytes: Array(description.utf8))] },
    others: { root in
      var all = try world(root)
      all["atlas.yml"] = Array(
        (String(decoding: all["atlas.yml"] ?? [], as: UTF8.self)
          + "plugins: [{path: hostile, options: {size: 4, words: [c]}}]\n")
          .utf8)
      all["hostile/words.txt"] = Array("a cat\na dog\n".utf8)
      all["hostile/run.sh"] = Array("exit 1\n".utf8)
      return all
    },
    read: { path, bytes in
      // A path out of the plugin's own folder may be that of any file.
      let text = String(decoding: bytes, as: UTF8.self)
      guard !["/", "..", "~"].contains(where: text.contains) else { return _ = try composeYAML(text) }
      _ = try AtlasConfiguration(file: folder(of: folder(of: path)) + "/atlas.yml", manifests: [])
    })

  private static let wordsOfSections =
    wordsOfJSON + [
      "section", "subject", "title", "blocks", "markdown", "table", "columns", "rows", "imageStrip", "heatMaps",
      "registers",
      "gridSide", "bars",
      "series", "scatter", "headGrid", "download", "fileName", "values", "warning", "progress", "end",
      "model/alpha/head/L00.H00",
      "plugin/p/more", "\"set\": \"probe\"", "\n",
    ]

  private static func section(_ block: String) -> String {
    #"{"subject": "model/alpha/head/L00.H00", "title": "T", "order": 3, "blocks": [\#(block)]}"#
  }

  private static let blocks = [
    #"{"markdown": "*a*"}"#,
    #"{"table": {"caption": "c", "columns": [{"title": "n", "note": "m", "isNumeric": true}, {"title": "i"}], "#
      + #""rows": [[1.5, {"set": "probe", "id": "probe-0"}], [{"number": 2, "decimals": 1}, {"text": "x", "subject": ""}], [null, "t"]]}}"#,
    #"{"imageStrip": {"caption": "c", "items": [{"image": {"set": "gallery", "id": "gallery-1"}, "values": [{"name": "v", "value": 1}], "badge": "b"}]}}"#,
    #"{"heatMaps": {"caption": "c", "gridSide": 2, "unit": "u", "maps": [{"title": "m", "image": {"set": "probe", "id": "probe-1"}, "values": [1, 2, 3, 4]}]}}"#,
    #"{"bars": {"caption": "c", "unit": "u", "items": [{"label": "l", "value": 1, "link": "method", "note": "n"}]}}"#,
    #"{"series": {"caption": "c", "horizontal": "h", "vertical": "v", "ticks": ["a"], "lines": [{"name": "n", "values": [1]}]}}"#,
    #"{"scatter": {"caption": "c", "horizontal": "h", "vertical": "v", "points": [{"label": "l", "x": 1, "y": -1}]}}"#,
    #"{"headGrid": {"caption": "c", "model": "alpha", "layers": 1, "heads": 2, "measure": "m", "values": [null, 0.5], "labels": ["a", "b"]}}"#,
    #"{"download": {"title": "t", "fileName": "t.csv", "content": "a,b\\n"}}"#,
  ]

  /// What a program writes, held against an atlas.
  private static let answer = FuzzedParser(
    name: "answer", words: wordsOfSections,
    seeds: { root in
      let lines =
        ["{\"headatlas\": \"1.1\"}"] + ["{\"section\": \(section(blocks.joined(separator: ", ")))}"]
        + [
          #"{"values": {"a/b": "1"}}"#, #"{"warning": "w"}"#, #"{"progress": {"done": 1, "total": 2}}"#,
          #"{"end": true}"#,
        ]
      return [Seed(file: "answer", bytes: Array(lines.map { $0 + "\n" }.joined().utf8))]
        + (try seedFiles(root + "/Tests/Goldens/plugins", [".jsonl"], as: "answer"))
    },
    read: { _, bytes in
      let pages = [PluginPage(id: "more", title: "More")]
      let plugin = ExternalPlugin(
        manifest: PluginManifest(id: "p", title: "P", version: "1", summary: "s", pages: pages), folder: "",
        command: ["p"])
      var answer = PluginAnswer(plugin, model: "alpha", outline)
      // As it comes through a pipe.
      for start in stride(from: 0, to: bytes.count, by: 100) {
        try answer.add(bytes[start..<min(start + 100, bytes.count)])
      }
      try answer.finish()
    })

  private static let outline = SyntheticAtlas().outline(plugin: "p", pages: [PluginPage(id: "more", title: "More")])

  /// A file of ready-made sections.
  private static let sections = FuzzedParser(
    name: "sections", words: wordsOfSections,
    seeds: { root in
      let one = section(blocks.joined(separator: ", "))
      return [one, "[\(one), \(section(blocks[0]))]", "{\"sections\": [\(one)]}"].map {
        Seed(file: "sections.json", bytes: Array($0.utf8))
      }
    },
    read: { _, bytes in
      for section in try readSections(bytes) {
        if let problem = outline.problem(of: section) { throw FuzzFailure(description: problem) }
      }
    })
}
