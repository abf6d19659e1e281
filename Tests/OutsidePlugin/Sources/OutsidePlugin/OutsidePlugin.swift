import Analysis
import Attribution
import Diagnostics
import Foundation
import PluginHost
import Tensors

/// How far apart the images of the probe set lie for each head, as a plugin in a package of its own.
struct SpreadPlugin: AnalysisPlugin {
  static let manifest = PluginManifest(
    id: "spread", title: "Spread", version: "1.0.0", summary: "How far apart probe images lie for each head.",
    options: [PluginOption(name: "count", summary: "heads in the table", default: 3, range: 1...20)])

  func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    guard !evidence.probe.items.isEmpty else { return [] }
    let spreads = try evidence.mapHeads { try NeighbourIndex(head: $0, of: evidence.probe.features).spread }
    let rows = indicesOfLargest(spreads, count: count).map { place -> [Cell] in
      let head = evidence.shape.allHeads[place]
      return [
        .link(evidence.name(of: head), evidence.subject(of: head)),
        .number(spreads[place], decimals: decimals(for: spreads)),
      ]
    }
    let table = Table(
      caption: "The \(counted(rows.count, "head")) of \(spreads.count) with the largest spread.",
      columns: [.init("head"), .init("spread", isNumeric: true)], rows: rows)
    return [
      Section(
        subject: .model(evidence.model), plugin: manifest.id, model: evidence.model, title: "Spread",
        blocks: [.table(table)])
    ]
  }
}

@main
struct OutsidePlugin {
  /// Answers as a program of its own where it is asked to; else it says what the plugin is, and the spread of a head of two
  /// images that lie 2 apart: 1.
  static func main() throws {
    if CommandLine.arguments.contains("answer") { HeadAtlasPlugin.main(SpreadPlugin()) }
    let shape = TowerShape(layers: 1, heads: 1, headWidth: 1, width: 1, embeddingWidth: 4, gridSide: 1)
    let identity = Tensor(shape: [4, 4], values: (0..<16).map { $0 % 5 == 0 ? 1 : 0 })
    let images = HeadContributions(
      shape: shape, spaces: [HeadSpace(basis: identity, gram: identity)],
      coordinates: [Tensor(shape: [2, 4], values: [1, 0, 0, 0, -1, 0, 0, 0])], mlp: Tensor(zeros: [2, 2, 4]),
      embeddings: Tensor(shape: [2, 4], values: [1, 0, 0, 0, -1, 0, 0, 0]))
    let index = try NeighbourIndex(head: Head(layer: 0, head: 0), of: images)
    print("\(SpreadPlugin.manifest.id) \(SpreadPlugin.manifest.version): spread \(fixed(index.spread, decimals: 3))")
  }
}
