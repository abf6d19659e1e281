import Analysis
import Attribution
import Diagnostics
import Files
import Foundation
import PluginHost
import Tensors
import TestSupport
import Testing

/// An analysis that looks at all that a program of its own is given.
private struct EverythingPlugin: AnalysisPlugin {
  static let manifest = PluginManifest(
    id: "shell", title: "Everything", version: "1", summary: "s",
    options: [
      PluginOption(name: "count", summary: "how many", default: 2, range: 1...9),
      PluginOption(name: "on", summary: "what", kind: .text(default: "probe", choices: ["probe", "gallery"])),
    ])

  func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    let encoded = try evidence.encoder.embeddings(of: ["a dog", "a cat"])
    return try evidence.mapHeads { head in
      let index = try NeighbourIndex(head: head, of: evidence.probe.features)
      let queries = [index.query(text: evidence.texts.embeddings.row(1)), index.query(text: encoded.row(0))]
      let strips = try index.nearest(to: queries, count: count).map {
        Block.imageStrip(ImageStrip(caption: "c", neighbours: $0.byDot, in: evidence.probe))
      }
      let gallery = evidence.gallery.indices.map { image -> [Cell] in
        let written = evidence.gallery.contributions.contribution(of: head, image: image.place)
        let facts = evidence.gallery[image].facts
        return [
          .link(evidence.gallery[image].title, evidence.subject(of: image)), .number(Double(written[0]), decimals: 5),
          .text("\(facts.scene) \(facts.objects) \(evidence.gallery[image].objects)"),
          .number(Double(evidence.gallery.contributions.mlp.values[image.place]), decimals: 4),
        ]
      }
      let place = evidence.shape.index(of: head)
      let probed = try evidence.patchScores(ofProbe: 3, texts: encoded)[1].values.row(place)
      let moments = try evidence.moments(of: head)
      let inside = [
        moments.mean[1], moments.covariance[1], Double(try evidence.attention(of: 2).row(place)[place * 10 + 4]),
        Double(try evidence.probeMLPs(block: 0).values[place * 18 + 5]), Double(probed[probed.startIndex + 2]),
        Double(evidence.gallery.outlines.reduce(0) { $0 + $1.mask.count { $0 } }),
      ].map { fixed($0, decimals: 4) }
      let named = try evidence.encoder.embeddings(of: evidence.classes.map(\.text)).values
      let words =
        evidence[head].descriptions.map { "\($0)" } + evidence.properties.map { "\($0)" }
        + evidence.contrasts.map { "\($0)" } + evidence.pool.texts
        + [
          "\(evidence[head].variance) \(evidence[head].effectiveRank) \(evidence.card)",
          try manifest.text(of: "on", in: options), "\(inside) \(evidence.classes) \(moments.count)",
          "\(named.reduce(0, +))", "\(evidence.gallery.outlines.map { "\($0.image.place) \($0.text)" })",
        ]
      let table = Table(
        caption: evidence.name(of: head), columns: ["a", "b", "c", "d"].map { Table.Column($0) },
        rows: gallery + words.map { [.text($0), .empty, .empty, .empty] })
      return Section(
        subject: evidence.subject(of: head), plugin: manifest.id, model: evidence.model, title: "T",
        blocks: strips + [.table(table)])
    }
  }
}

@Suite("An analysis in Swift as a program of its own") struct SwiftProgramTests {
  @Test("finds the same as where it is called with values") func same() throws {
    try Fixtures.withTemporaryFolder { folder in
      var recorder = ShellPlugin(
        #"""
        cat >'\#(folder)/request'; cp -r "$(dirname "$PWD")/evidence" '\#(folder)/evidence'; chmod -R u+w '\#(folder)/evidence'
        printf '{"headatlas": "1.0"}\n{"end": true}\n'
        """#)
      (recorder.models, recorder.needs, recorder.encoded) = (.all, Set(EvidenceNeed.allCases), ["a cat", "a dog"])
      recorder.patches = .init(texts: ["a dog", "a cat"], images: .probe)
      recorder.options = ["count": 3, "on": .text("gallery")]
      _ = try recorder.run()
      let request = try readText(folder + "/request").replacing(/"\/[^"]*\/evidence\//, with: "\"\(folder)/evidence/")
      var lines: [String] = []
      try HeadAtlasPlugin.answer(EverythingPlugin(), request: Array(request.utf8)) { lines.append($0) }
      try writeFile(lines.map { $0 + "\n" }.joined().utf8, to: folder + "/answer")
      var player = ShellPlugin("cat '\(folder)/answer'")
      player.models = .all
      let (results, failures) = try player.run()
      #expect(failures.isEmpty, "\(failures)")
      let direct = try EverythingPlugin().results(for: SyntheticAtlas().models, options: recorder.options)
      #expect(results.sections.count == 8)
      for (found, expected) in zip(results.sections, direct.sections) { #expect("\(found)" == "\(expected)") }
    }
  }

  @Test("is told what it is not given") func absent() throws {
    try Fixtures.withTemporaryFolder { folder in
      var recorder = ShellPlugin(
        #"""
        cat >'\#(folder)/request'; cp -r "$(dirname "$PWD")/evidence" '\#(folder)/evidence'; chmod -R u+w '\#(folder)/evidence'
        printf '{"headatlas": "1.0"}\n{"end": true}\n'
        """#)
      recorder.models = .all
      _ = try recorder.run()
      let request = try readText(folder + "/request").replacing(/"\/[^"]*\/evidence\//, with: "\"\(folder)/evidence/")
      let error = #expect(throws: (any Error).self) {
        try HeadAtlasPlugin.answer(EverythingPlugin(), request: Array(request.utf8)) { _ in }
      }
      #expect(
        "\(error, default: "")".contains(
          "a program of its own is not given the embedding of \"a dog\", which encode does not name"))
    }
  }
}
