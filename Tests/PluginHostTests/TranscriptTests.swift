import Analysis
import Attribution
import Checkpoints
import Files
import Foundation
import PluginHost
import Tensors
import TestSupport
import Testing

@Suite("What a plugin and the program say to each other") struct TranscriptTests {
  private static let writes = ProcessInfo.processInfo.environment["HEADATLAS_WRITE_TRANSCRIPTS"] != nil

  private func expectGolden(_ text: String, _ name: String) throws {
    let file = Fixtures.golden("plugins/" + name)
    if Self.writes { try writeFile(text.utf8, to: file) }
    #expect(text == (try readText(file)), "\(name)")
  }

  /// What a plugin was given, with temporary paths replaced.
  private func given(_ change: (inout ShellPlugin) -> Void) throws -> (request: String, evidence: [String: String]) {
    try Fixtures.withTemporaryFolder { folder in
      var plugin = ShellPlugin(
        #"""
        cat >'\#(folder)/request'
        cp -r "$(dirname "$PWD")/evidence" '\#(folder)/evidence'
        chmod -R u+w '\#(folder)/evidence'
        printf '{"headatlas": "1.0"}\n{"end": true}\n'
        """#)
      change(&plugin)
      let (_, failures) = try plugin.run()
      #expect(failures.isEmpty, "\(failures)")
      var evidence: [String: String] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: folder + "/evidence")
      where name.hasSuffix(".json") {
        evidence[name] = try readText("\(folder)/evidence/\(name)")
      }
      let request = try readText(folder + "/request")
      return (
        request.replacing(/"\/[^"]*\/evidence\//, with: "\"…/").replacing(/"folder":"[^"]*"/, with: "\"folder\":\"…\""),
        evidence
      )
    }
  }

  @Test("begins with a version, then a request with options and models") func request() throws {
    let (request, _) = try given {
      $0.models = .all
      $0.options = [
        "count": 3, "on": .text("texts"), "all": .isOn(true), "words": .texts(["a", "b"]), "file": .file(nil),
      ]
    }
    try expectGolden(request, "request.jsonl")
  }

  @Test("is of nothing but what was asked for") func least() throws {
    let (_, evidence) = try given { $0.models = .all }
    try expectGolden(try #require(evidence["beta/evidence.json"]), "evidence-least.json")
    try Shape.evidence.check(JSONValue(json: Array(#require(evidence["beta/evidence.json"]).utf8)))
  }

  @Test("is all that there is where that was asked for, as the schema says") func whole() throws {
    let (_, evidence) = try given {
      $0.needs = Set(EvidenceNeed.allCases)
      $0.encoded = ["a cat", "a dog"]
      $0.manifestOptions = [PluginOption(name: "words", summary: "s", kind: .texts(default: []))]
      $0.options = ["words": .texts(["a dog", "a bird"])]
      $0.encodedOptions = ["words"]
      $0.patches = .init(texts: ["a cat", "a tree"], images: .probe, heads: .sum)
      $0.models = .all
    }
    #expect(evidence.keys.sorted() == ["alpha/evidence.json", "beta/evidence.json"])
    let text = try #require(evidence["alpha/evidence.json"])
    try Shape.evidence.check(JSONValue(json: Array(text.utf8)))
    try expectGolden(text, "evidence-all.json")
  }

  @Test(
    "has all that the version before had",
    arguments: ["request-1.0.jsonl", "evidence-least-1.0.json", "evidence-all-1.0.json"]
  ) func former(_ name: String) throws {
    func lines(_ name: String) throws -> [JSONValue] {
      try readText(Fixtures.golden("plugins/" + name)).split(separator: "\n").map {
        try JSONValue(json: Array($0.utf8))
      }
    }
    let (former, now) = (try lines(name), try lines(name.replacing("-1.0", with: "")))
    #expect(former.count == now.count)
    for (old, new) in zip(former, now) {
      if let lost = loss(old, new) { Issue.record("\(name): \(lost)") }
    }
  }

  /// What a value no longer has that it had; versions aside.
  private func loss(_ old: JSONValue, _ new: JSONValue, at path: String = "") -> String? {
    switch (old, new) {
    case (.object(let members), .object(let others)):
      for member in members where !["version", "headatlas"].contains(member.key) || path != "" {
        let place = "\(path).\(member.key)"
        guard let other = others.first(where: { $0.key == member.key }) else { return "\(place) is gone" }
        if let lost = loss(member.value, other.value, at: place) { return lost }
      }
      return nil
    case (.list(let values), .list(let others)):
      // More texts were asked for.
      guard values.count <= others.count else { return "\(path) is shorter" }
      return zip(values, others).enumerated().lazy.compactMap { loss($1.0, $1.1, at: "\(path)[\($0)]") }.first
    default: return old == new ? nil : "\(path) is another"
    }
  }

  @Test("of the version before is answered by a program in Swift of today") func formerRequest() throws {
    struct Silent: AnalysisPlugin {
      static let manifest = PluginManifest(id: "shell", title: "S", version: "1", summary: "s")
      func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
        [
          Section(
            subject: .model(evidence.model), plugin: "shell", model: evidence.model,
            title: "\(evidence.heads.count) heads", blocks: [.markdown("m")])
        ]
      }
    }
    try Fixtures.withTemporaryFolder { folder in
      for model in ["alpha", "beta"] {
        try makeFolder("\(folder)/\(model)")
        let text = try readText(Fixtures.golden("plugins/evidence-least-1.0.json")).replacing("beta", with: model)
        try writeFile(text.utf8, to: "\(folder)/\(model)/evidence.json")
      }
      let request = try readText(Fixtures.golden("plugins/request-1.0.jsonl")).replacing("…/", with: folder + "/")
      var lines: [String] = []
      try HeadAtlasPlugin.answer(Silent(), request: Array(request.utf8)) { lines.append($0) }
      #expect(lines.count == 4 && lines[1].contains("4 heads"), "\(lines)")
    }
  }

  @Test("has the numbers of heads and images in files of tensors") func tensors() throws {
    let atlas = SyntheticAtlas()
    let model = atlas.models[0]
    try Fixtures.withTemporaryFolder { folder in
      var plugin = ShellPlugin(
        #"""
        cp -r "$(dirname "$PWD")/evidence/." '\#(folder)'; chmod -R u+w '\#(folder)'
        printf '{"headatlas": "1.0"}\n{"end": true}\n'
        """#)
      plugin.needs = Set(EvidenceNeed.allCases)
      plugin.patches = .init(texts: ["a cat", "a dog"])
      _ = try plugin.run()
      func tensor(_ file: String, _ name: String) throws -> [Float] {
        try SafetensorsFile(path: "\(folder)/beta/\(file).safetensors").tensor(name).values
      }
      let beta = atlas.models[1]
      #expect(model.model == "alpha")
      for head in beta.shape.allHeads {
        let place = beta.shape.index(of: head)
        #expect(
          try tensor("probe-heads", head.padded) == (try beta.probe.features.coordinates(of: head, block: 0)).values)
        #expect(try tensor("gallery-heads", head.padded) == beta.gallery.contributions.coordinates[place].values)
        #expect(try tensor("gallery-heads", head.padded + ".basis") == beta.probe.features.spaces[place].basis.values)
      }
      for head in beta.shape.allHeads {
        let moments = try HeadMoments(of: head, in: beta.probe.features)
        #expect(try tensor("head-moments", head.padded + ".mean") == moments.mean.map(Float.init))
        #expect(try tensor("head-moments", head.padded + ".covariance") == moments.covariance.map(Float.init))
      }
      #expect(try tensor("probe-mlps", "mlps") == (try beta.probeMLPs(block: 0)).values)
      #expect(
        try tensor("gallery-attention", "attention")
          == beta.gallery.indices.flatMap { try beta.attention(of: $0).values })
      #expect(
        try tensor("gallery-masks", "masks") == beta.gallery.outlines.flatMap { $0.mask.map { $0 ? Float(1) : 0 } })
      let texts = try beta.encoder.embeddings(of: ["a cat", "a dog"])
      #expect(try tensor("patches", "texts") == texts.values)
      #expect(
        try tensor("patches", "scores")
          == beta.gallery.indices.flatMap { try beta.patches.scores(image: $0, texts: texts).flatMap(\.values.values) })
      #expect(
        try tensor("class-embeddings", "embeddings")
          == (try beta.encoder.embeddings(of: beta.classes.map(\.text))).values)
      #expect(try tensor("gallery-mlps", "mlps") == beta.gallery.contributions.mlp.values)
      #expect(try tensor("gallery-embeddings", "embeddings") == beta.gallery.contributions.embeddings.values)
      #expect(try tensor("probe-embeddings", "embeddings") == (try beta.probe.features.embeddings(block: 0)).values)
      #expect(try tensor("caption-embeddings", "embeddings") == beta.gallery.captionEmbeddings.values)
      #expect(try tensor("text-embeddings", "embeddings") == beta.texts.embeddings.values)
      #expect(try tensor("pool-embeddings", "embeddings") == beta.pool.embeddings.values)
    }
  }

  @Test(
    "ends with sections, values, news and an end; keys that nothing knows are passed over",
    arguments: [
      ("1.0", ["plugin shell: 15 of 56 images are usable"], "plugin/shell/alpha/largest"),
      ("1.1", [], "plugin/shell/by-layer/largest"),
    ])
  func answer(_ version: String, _ expected: [String], _ key: String) throws {
    let transcript = try readText(Fixtures.golden("plugins/answer-\(version).jsonl"))
    var plugin = ShellPlugin("cat <<'END'\n\(transcript)END")
    plugin.models = .all
    plugin.pages = [PluginPage(id: "by-layer", title: "By layer")]
    var remarks: [String] = []
    let (results, failures) = try plugin.run(remark: { remarks.append($0) })
    #expect(failures.isEmpty, "\(failures)")
    #expect(remarks == expected)
    #expect(results.values == [key: "0.93"])
    try expectGolden(try jsonText(results.sections), "answer-\(version).sections.json")
  }
}
