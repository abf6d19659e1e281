import Analysis
import Attribution
import Diagnostics

/// Which heads vary most over the probe set, and the image each of them puts farthest out.
public struct LoudHeadsPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "loud-heads", title: "Loud heads", version: "1.0.0",
    summary: "The heads whose contributions vary most over the probe set.",
    options: [PluginOption(name: "count", summary: "heads in the table", default: 10, range: 1...100)])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    guard !evidence.probe.items.isEmpty else { return [] }
    let heads = evidence.shape.allHeads
    let rows: [[Cell]] = try heads.map { head in
      let index = try NeighbourIndex(head: head, of: evidence.probe.features)
      let farthest = indicesOfLargest(index.centredNorms, count: 1)[0]
      return [
        .link(evidence.name(of: head), evidence.subject(of: head)), .number(index.spread, decimals: 4),
        .image(evidence.probe.items[farthest].reference),
      ]
    }
    let loudest = indicesOfLargest(
      rows.map { row in if case .number(let spread, _) = row[1] { spread } else { 0 } }, count: count)
    let table = Table(
      caption: "The \(counted(loudest.count, "head")) of \(heads.count) that vary most over "
        + "\(evidence.probe.items.count) probe images",
      columns: [
        Table.Column("Head"),
        Table.Column("Spread", note: "root mean square distance from the head's mean", isNumeric: true),
        Table.Column("Farthest", note: "the probe image farthest from the mean"),
      ], rows: loudest.map { rows[$0] })
    return [
      Section(
        subject: .model(evidence.model), plugin: manifest.id, model: evidence.model, title: "Loud heads",
        order: 200, blocks: [.table(table)])
    ]
  }
}
