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
      $0.models = .all
    }
    #expect(evidence.keys.sorted() == ["alpha/evidence.json", "beta/evidence.json"])
    let text = try #require(evidence["alpha/evidence.json"])
    try Shape.evidence.check(JSONValue(json: Array(text.utf8)))
    try expectGolden(text, "evidence-all.json")
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
      #expect(try tensor("gallery-mlps", "mlps") == beta.gallery.contributions.mlp.values)
      #expect(try tensor("gallery-embeddings", "embeddings") == beta.gallery.contributions.embeddings.values)
      #expect(try tensor("probe-embeddings", "embeddings") == (try beta.probe.features.embeddings(block: 0)).values)
      #expect(try tensor("caption-embeddings", "embeddings") == beta.gallery.captionEmbeddings.values)
      #expect(try tensor("text-embeddings", "embeddings") == beta.texts.embeddings.values)
      #expect(try tensor("pool-embeddings", "embeddings") == beta.pool.embeddings.values)
    }
  }

  @Test("ends with sections, values, news and an end; keys that nothing knows are passed over") func answer() throws {
    let transcript = try readText(Fixtures.golden("plugins/answer-1.0.jsonl"))
    var plugin = ShellPlugin("cat <<'END'\n\(transcript)END")
    plugin.models = .all
    var remarks: [String] = []
    let (results, failures) = try plugin.run(remark: { remarks.append($0) })
    #expect(failures.isEmpty, "\(failures)")
    #expect(remarks == ["plugin shell: 15 of 56 images are usable"])
    #expect(results.values == ["plugin/shell/alpha/largest": "0.93"])
    try expectGolden(try jsonText(results.sections), "answer-1.0.sections.json")
  }
}
