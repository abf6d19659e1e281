import Analysis
import Attribution
import Build
import Checkpoints
import Files
import Foundation
import LinearAlgebra
import PluginHost
import Synchronization
import Tensors
import TestSupport
import Testing

/// Keeps what is worth knowing.
private final class RecordedRemarks: ProgressReporter {
  private let lines = Mutex<[String]>([])

  func report(stage: String, done: Int, total: Int?) {}
  func remark(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

extension SmallAtlas {
  /// Writes a plugin of shell into a folder, that notes each of its runs in `runs`.
  ///
  /// - Parameters:
  ///   - more: further keys of its description.
  ///   - script: what it does before it answers.
  ///   - lines: what it answers with, apart from the first line and the last.
  fileprivate func addPlugin(
    _ id: String = "count", in path: String = "other", needs: String = "[]", models: String = "each", more: String = "",
    running script: String = "", answering lines: String = SmallAtlas.good
  ) throws {
    try makeFolder("\(folder)/\(path)")
    try write(
      """
      id: \(id)
      title: Counted
      version: 1.0.0
      summary: A plugin of shell.
      protocol: 1
      command: [sh, run.sh]
      models: \(models)
      needs: \(needs)
      options:
        size: {summary: how large, default: 3, range: [1, 9]}
        on: {summary: what it is asked, default: texts, choices: [texts, captions]}
        words: {summary: words, default: [a, b]}
        deep: {summary: whether it goes on, default: false}
        list: {summary: a file of words, file: true}
      limits: {seconds: 20}
      \(more)
      """, to: "\(path)/plugin.yml")
    try write(
      """
      echo \(id) >>'\(folder)/runs'
      read -r version; read -r request
      \(script)
      cat <<END
      {"headatlas": "1.0"}
      \(lines)
      {"end": true}
      END
      """, to: "\(path)/run.sh")
  }

  fileprivate static let good =
    #"{"section": {"subject": "model/small/head/L05.H00", "title": "Counted", "blocks": [{"markdown": "Found."}]}}"#

  fileprivate func name(_ plugins: String) throws { try edit("textspan:", "plugins:\n\(plugins)\ntextspan:") }

  fileprivate var runs: [String] {
    ((try? readText(folder + "/runs")) ?? "").split(separator: "\n").map(String.init)
  }

  fileprivate func page(_ path: String) throws -> String { try readText("\(site)/\(path)/index.html") }
}

@Suite("A plugin that is a program of its own") struct ExternalPluginTests {
  private func withAtlas(_ body: (SmallAtlas) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in try body(try SmallAtlas(in: folder)) }
  }

  @Test("is not run again, and no page written, for what Python and editors leave in its folder") func traces() throws {
    try withAtlas { atlas in
      try atlas.addPlugin(
        running: "mkdir -p '\(atlas.folder)/other/__pycache__'; echo 1 >'\(atlas.folder)/other/__pycache__/a.pyc'")
      try atlas.name("  - path: other")
      atlas.age()
      try atlas.build(always: false)
      try atlas.write("x", to: "other/.run.sh.swp")
      #expect(try atlas.build(always: false).isUnchanged && atlas.runs == ["count"])
      try atlas.write(try readText(atlas.folder + "/other/run.sh") + "\n# Changed.\n", to: "other/run.sh")
      #expect(try !atlas.build(always: false).isUnchanged && atlas.runs == ["count", "count"])
    }
  }

  @Test("gives pages sections, a page of its own and values, wherever it lies") func sections() throws {
    try withAtlas { atlas in
      try atlas.addPlugin(
        answering: #"""
          \#(SmallAtlas.good)
          {"values": {"images": "20 <images>"}}
          """#)
      try atlas.write("Of its own.\n", to: "other/page.md")
      try makeFolder(atlas.folder + "/commentary")
      try atlas.write("There are {{value model/small/plugin/count/images}}.\n", to: "commentary/index.md")
      try atlas.edit("pool:", "commentary: commentary\npool:")
      try atlas.name("  - path: other\n    options: {size: 4}\n  - id: image-neighbours\n    options: {count: 2}")
      try atlas.build()
      #expect(try atlas.page("model/small/head/L05.H00").contains("Counted</h2>"))
      #expect(try atlas.page("plugin/count").contains("Of its own."))
      #expect(try atlas.page("plugin/count").contains("texts or captions"))
      #expect(try readText(atlas.site + "/index.html").contains("There are 20 &lt;images&gt;."))
      #expect(
        try readText(atlas.site + "/schema/sections.json")
          == (try readText(Fixtures.root.path + "/docs/schema/sections.json")))
    }
  }

  @Test(
    "runs where the description names it, and nowhere else",
    arguments: [
      ("  - id: count", ["count"]), ("  count:", ["count"]), ("  count: {size: 2}", ["count"]),
      ("  - {id: count, enabled: false}", []), ("  count: {enabled: false}", []), ("  method: {enabled: false}", []),
    ] as [(String, [String])])
  func found(_ plugins: String, _ runs: [String]) throws {
    try withAtlas { atlas in
      try atlas.addPlugin(in: "Plugins/Count")
      try atlas.name(plugins)
      try atlas.build(only: nil)
      #expect(atlas.runs == runs)
      #expect(FileManager.default.fileExists(atPath: atlas.site + "/plugin/count/index.html") == !runs.isEmpty)
      #expect(
        FileManager.default.fileExists(atPath: atlas.site + "/plugin/method/index.html") != plugins.contains("method"))
      let listed = try listedPlugins(configuration: atlas.configuration, builtIn: allPlugins.map(\.manifest))
      let own = listed.first { $0.manifest.id == "count" }
      #expect((own?.idle == nil) == !runs.isEmpty && own?.lines.first == "count 1.0.0: A plugin of shell.")
    }
  }

  @Test("has further pages, listed on its own, which sections link to and `--only` names") func pages() throws {
    try withAtlas { atlas in
      try atlas.addPlugin(
        more: #"pages: {by-layer: "Layer by layer", empty: "Nothing"}"#,
        answering: #"""
          {"section": {"subject": "plugin/count/by-layer", "title": "All layers", "blocks": [{"markdown": "Layers."}]}}
          {"section": {"subject": "model/small/head/L05.H00", "title": "Counted", "blocks": [{"table": {"caption": "c",
           "columns": [{"title": "More"}], "rows": [[{"text": "by layer", "subject": "plugin/count/by-layer"}]]}}]}}
          """#.replacing(",\n ", with: ", "))
      try atlas.name("  - path: other")
      try atlas.build()
      let page = try atlas.page("plugin/count/by-layer")
      #expect(page.contains("Layer by layer") && page.contains("All layers</h2>") && page.contains("Layers."))
      #expect(page.contains("A page of <a href=\"../index.html\">Counted</a>"))
      #expect(try atlas.page("plugin/count/empty").contains("It has nothing to show in this atlas."))
      #expect(
        try atlas.page("plugin/count").contains("<li><a href=\"by-layer/index.html\">Layer by layer</a>"))
      #expect(
        try atlas.page("model/small/head/L05.H00").contains("plugin/count/by-layer/index.html\">by layer</a>"))
      let files = try atlas.files()
      // What was found is kept with the page's address.
      try atlas.edit("title: Small", "title: Other")
      try atlas.build(always: false)
      #expect(atlas.runs == ["count"])
      try atlas.edit("title: Other", "title: Small")
      try atlas.build(only: "plugin/count/*")
      #expect(try atlas.files()["plugin/count/by-layer/index.json"] == files["plugin/count/by-layer/index.json"])
    }
  }

  @Test("is given what only another pass through the tower says, once") func tower() throws {
    try withAtlas { atlas in
      // An image of the gallery that is in the probe set as well.
      try FileManager.default.copyItem(
        atPath: atlas.folder + "/gallery/gallery-001.jpg", toPath: atlas.folder + "/probe/a-twin.jpg")
      let needs =
        "[probe, probe-heads, probe-embeddings, probe-mlps, head-moments, gallery, gallery-attention, gallery-masks]"
      try atlas.write("a cat\na red house\n", to: "texts.patches")
      for (id, images) in [("count", "probe"), ("other", "gallery")] {
        let place = "'\(atlas.folder)/given-\(id)'"
        try atlas.addPlugin(
          id, in: id, needs: needs, more: "patches: {texts: ../texts.patches, images: \(images)}",
          running: #"cp -r "$(dirname "$PWD")/evidence/small" \#(place); chmod -R u+w \#(place)"#)
      }
      try atlas.name("  - path: count\n  - path: other")
      try atlas.build()
      let evidence = try #require(
        try atlasEvidence(configuration: atlas.configuration, plugins: allPlugins, cache: atlas.folder + "/.headatlas")
          .first)
      func tensor(_ file: String, _ name: String, of plugin: String = "count") throws -> Tensor {
        try SafetensorsFile(path: "\(atlas.folder)/given-\(plugin)/\(file).safetensors").tensor(name)
      }
      // All pieces of each embedding sum to it.
      let (mlps, embeddings) = (try tensor("probe-mlps", "mlps"), try tensor("probe-embeddings", "embeddings"))
      var sums = [Double](repeating: 0, count: embeddings.count)
      for head in evidence.shape.allHeads {
        let written = product(
          try tensor("probe-heads", head.padded), .normal, try tensor("probe-heads", head.padded + ".basis"), .normal)
        for (place, value) in written.values.enumerated() { sums[place] += Double(value) }
      }
      let width = evidence.shape.embeddingWidth
      for (place, value) in mlps.values.enumerated() {
        sums[place / (width * (evidence.shape.layers + 1)) * width + place % width] += Double(value)
      }
      #expect(mlps.shape == [21, evidence.shape.layers + 1, width])
      #expect(WorstDifference(sums, embeddings.values).value < 1e-5)
      let attention = try tensor("gallery-attention", "attention")
      #expect(attention.shape == [3, evidence.shape.headCount, evidence.shape.patches + 1])
      for row in 0..<3 * evidence.shape.headCount {
        let tokens = attention.shape[2]
        let sum = attention.values[row * tokens..<(row + 1) * tokens].reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - 1) < 1e-4)
      }
      // The probe set's first image is the gallery's second.
      let (probe, gallery) = (try tensor("patches", "scores"), try tensor("patches", "scores", of: "other"))
      #expect(probe.shape == [21, 2, evidence.shape.headCount, evidence.shape.patches] && gallery.shape[0] == 3)
      #expect(probe.row(0).elementsEqual(gallery.row(1)))
      let head = evidence.shape.allHeads[3]
      let moments = try HeadMoments(of: head, in: evidence.probe.features)
      let worst = WorstDifference(
        try tensor("head-moments", head.padded + ".covariance").values, moments.covariance)
      #expect(worst.value < 1e-5 * (moments.covariance.map(abs).max() ?? 0), "\(worst)")
      #expect(try tensor("gallery-masks", "masks").shape[0] == evidence.gallery.outlines.count)
      // Where nothing has changed that they depend on, they are not even read.
      let stages = RecordedStages()
      try atlas.edit("title: Small", "title: Other")
      try atlas.write("a red house\na blue boat\n", to: "texts.txt")
      try atlas.build(always: false, progress: stages)
      #expect(atlas.runs == ["count", "other"] && !stages.all.contains("small: MLPs"), "\(stages.all)")
    }
  }

  @Test("does not run where no program from outside is to run") func without() throws {
    try withAtlas { atlas in
      try atlas.addPlugin()
      try atlas.name("  - path: other")
      _ = try buildAtlas(
        BuildOptions(configuration: atlas.configuration, output: atlas.site, runsOthers: false), plugins: allPlugins,
        progress: SilentProgress())
      #expect(atlas.runs.isEmpty)
    }
  }

  @Test("runs again where what it asked for has changed, and only then") func cached() throws {
    try withAtlas { atlas in
      try atlas.addPlugin("blind", in: "blind")
      try atlas.addPlugin("reader", in: "reader", needs: "[gallery, captions]")
      try atlas.name("  - path: blind\n  - path: reader")
      func ran(_ change: () throws -> Void = {}) throws -> [String] {
        try? FileManager.default.removeItem(atPath: atlas.folder + "/runs")
        try change()
        try atlas.build(always: false)
        return atlas.runs
      }
      #expect(try ran() == ["blind", "reader"])
      let files = try atlas.files()
      #expect(try ran() == [])
      #expect(try atlas.files() == files)
      #expect(
        try ran { try atlas.write("{\"file\": \"gallery-000.jpg\", \"caption\": \"a cat\"}\n", to: "captions.jsonl") }
          == ["reader"])
      #expect(try ran { try atlas.edit("path: blind", "path: blind\n    options: {size: 5}") } == ["blind"])
      #expect(try ran { try atlas.write("more", to: "blind/notes.txt") } == ["blind"])
      #expect(try ran { try atlas.edit("title: Small", "title: Other") } == [])
      try atlas.write("one", to: "list.txt")
      #expect(try ran { try atlas.edit("{size: 5}", "{size: 5, list: list.txt}") } == ["blind"])
      #expect(try ran { try atlas.write("two", to: "list.txt") } == ["blind"])
    }
  }

  @Test("that fails fails the build by name, and leaves the old site whole") func failing() throws {
    try withAtlas { atlas in
      try atlas.build()
      let before = try atlas.files()
      try atlas.addPlugin(
        answering: #"{"section": {"subject": "model/small", "title": "T", "blocks": [{"table": {}}]}}"#)
      try atlas.name("  - path: other")
      let error = #expect(throws: BuildError.self) { try atlas.build() }
      #expect(
        error?.description
          == "plugin count, model small: line 2: section.blocks[0].table.caption: found nothing, expected a text")
      #expect(try atlas.files() == before)
    }
  }

  @Test("that is optional and fails is marked on the pages, and is started again") func optional() throws {
    try withAtlas { atlas in
      try atlas.addPlugin(answering: "<script>")
      try atlas.name("  - {path: other, optional: true}")
      for turn in 1...2 {
        let remarks = RecordedRemarks()
        try atlas.build(always: false, progress: remarks)
        #expect(
          remarks.all == [
            "plugin count, model small: line 2: not JSON: expected a value; built without, as it is optional"
          ])
        #expect(atlas.runs.count == turn)
      }
      for page in ["plugin/count", "model/small"] {
        #expect(try atlas.page(page).contains("Counted: not available"), "\(page)")
      }
    }
  }

  @Test("gives the same bytes for any number of threads, cached or not") func same() throws {
    try withAtlas { atlas in
      try atlas.addPlugin()
      try atlas.name("  - path: other")
      try atlas.build(compute: ComputeOptions(jobs: 1))
      let files = try atlas.files()
      try FileManager.default.removeItem(atPath: atlas.folder + "/.headatlas")
      try atlas.build(compute: ComputeOptions(jobs: 3))
      #expect(try atlas.files() == files)
    }
  }

  @Test(
    "is refused before any work where its description, or the atlas's, is wrong",
    arguments: [
      ("  - path: othr", "", "", "atlas.yml:15: plugins[0].path is \"othr\": no such folder, did you mean \"other\"?"),
      ("  - id: cuont", "", "", "atlas.yml:15: no plugin \"cuont\", did you mean \"count\"?"),
      (
        "  - {}", "", "",
        "atlas.yml:15: plugins[0] has no \"path\", expected either path, the folder of a plugin, or id"
      ),
      (
        "  - {path: other, enabled: perhaps}", "", "",
        "atlas.yml:15: plugins[0].enabled is \"perhaps\", expected true or false"
      ),
      (
        "  - path: other\n  - path: other", "", "",
        "atlas.yml:14: plugin \"count\" is described twice; remove one of the two"
      ),
      (
        "  - path: other\n    options: {size: 10}", "", "",
        "atlas.yml:16: plugins[0].options.size is \"10\", expected a whole number from 1 to 9"
      ),
      (
        "  - path: other\n    options: {on: images}", "", "",
        "atlas.yml:16: plugins[0].options.on is \"images\", expected texts or captions"
      ),
      (
        "  - path: other\n    options: {list: nowhere.txt}", "", "",
        "atlas.yml:16: plugins[0].options.list is \"nowhere.txt\": no such file; check the path"
      ),
      (
        "  - path: other", "id: count", "id: method",
        "atlas.yml:15: plugin \"method\" is duplicated; rename or remove one of them"
      ),
      (
        "  - path: other", "id: count", "id: a/b", "other/plugin.yml:1: plugin \"a/b\" cannot be the name of a folder; "
      ),
      (
        "  - path: other", "protocol: 1", "protocol: 2",
        "other/plugin.yml:5: protocol is \"2\", expected 1"
      ),
      (
        "  - path: other", "command: [sh, run.sh]", "comand: [sh]",
        "other/plugin.yml:6: unknown key \"comand\" in the plugin, did you mean \"command\"?"
      ),
      (
        "  - path: other", "needs: []", "needs: [probe-head]",
        "other/plugin.yml:8: no evidence \"probe-head\", did you mean \"probe-heads\"?"
      ),
      (
        "  - path: other", "models: each", "models: some",
        "other/plugin.yml:7: models is \"some\", expected each or all"
      ),
      (
        "  - path: other", "range: [1, 9]", "range: [9, 1]",
        "other/plugin.yml:10: options.size.range is not two whole numbers, expected the least and the most, such as [1, 100]"
      ),
      (
        "  - path: other", "needs: []", "pages: {../x: T}",
        "other/plugin.yml:8: pages.../x is a page, expected another name: small letters, digits, - and _, at most 60, such as by-layer"
      ),
      (
        "  - path: other", "needs: []", "pages: {index.html: T}",
        "other/plugin.yml:8: pages.index.html is a page, expected another name: small letters, digits, - and _, at most 60, such as by-layer"
      ),
      (
        "  - path: other", "needs: []", "pages: {Con: T}",
        "other/plugin.yml:8: pages.Con is a page, expected another name: small letters, digits, - and _, at most 60, such as by-layer"
      ),
      (
        "  - path: other", "needs: []", "pages: [a]",
        "other/plugin.yml:8: pages is a list, expected a mapping of names to titles"
      ),
      (
        "  - path: other", "needs: []", "patches: {images: gallery}",
        "other/plugin.yml:8: patches has no \"texts\", expected a file: texts, one a line"
      ),
      (
        "  - path: other", "needs: []", "patches: {texts: ../texts.txt, images: all}",
        "other/plugin.yml:8: patches.images is \"all\", expected gallery or probe"
      ),
      (
        "  - path: other", "default: 3,", "encode: true, default: 3,",
        "other/plugin.yml:10: options.size.encode is true for 1 to 9, expected a text or a list of texts"
      ),
      (
        "  - path: other", "{seconds: 20}", "{evidence: 1}\npatches: {texts: ../pool.txt, images: probe}",
        "other/plugin.yml: of model small: it asks for "
      ),
      (
        "  - path: other", "seconds: 20", "seconds: 0",
        "other/plugin.yml:15: limits.seconds is \"0\", expected a whole number from 1 to 1000000"
      ),
    ])
  func wrong(_ plugins: String, _ old: String, _ new: String, _ expected: String) throws {
    try withAtlas { atlas in
      try atlas.addPlugin()
      try atlas.addPlugin(in: "Plugins/Count")
      if !old.isEmpty {
        let text = try readText(atlas.folder + "/other/plugin.yml")
        try atlas.write(text.replacing(old, with: new), to: "other/plugin.yml")
      }
      try atlas.name(plugins)
      let error = #expect(throws: InputProblems.self) { try atlas.build() }
      let message = "\(error, default: "")".replacing(atlas.folder + "/", with: "")
      #expect(message == expected || (expected.hasSuffix(" ") && message.hasPrefix(expected)))
      #expect(atlas.runs.isEmpty)
    }
  }
}

@Suite("A folder of ready-made sections") struct ReadySectionTests {
  @Test("stands on the pages that they name") func sections() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      // The page's own twin is in the same encoding.
      let twin = try readText(atlas.site + "/method/index.json")
      try makeFolder(folder + "/ready/more")
      try atlas.write(
        #"[{"subject": "model/small/head/L05.H00", "title": "<b>Ready", "blocks": [{"markdown": "Made elsewhere."}]}]"#,
        to: "ready/more/one.json")
      try atlas.edit("textspan:", "sections: ready\ntextspan:")
      try atlas.build()
      let page = try readText(atlas.site + "/model/small/head/L05.H00/index.html")
      #expect(page.contains("&lt;b&gt;Ready</h2>") && page.contains("Made elsewhere."))
      #expect(throws: Never.self) { try readSections(Array(twin.utf8)) }
    }
  }

  @Test(
    "is refused by the file's name",
    arguments: [
      ("{", "ready/one.json: not JSON: line 1: expected a key in quotes"),
      ("[3]", "ready/one.json: [0]: found 3, expected an object with subject, title, blocks"),
      (
        #"{"subject": "model/smal", "title": "T", "blocks": [{"markdown": "m"}]}"#,
        "ready/one.json: section \"T\": a page that the atlas does not have; did you mean \"model/small\"?"
      ),
    ])
  func wrong(_ text: String, _ expected: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try makeFolder(folder + "/ready")
      try atlas.write(text, to: "ready/one.json")
      try atlas.edit("textspan:", "sections: ready\ntextspan:")
      let error = #expect(throws: InputProblems.self) { try atlas.build() }
      #expect("\(error, default: "")".replacing(folder + "/", with: "") == expected)
    }
  }
}
