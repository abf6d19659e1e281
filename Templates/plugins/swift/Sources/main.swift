import Analysis
import PluginHost

/// The probe images at both ends of each head's first principal direction.
struct Ends: AnalysisPlugin {
  static let manifest = PluginManifest(
    id: "<ID>", title: "<TITLE>", version: "0.1.0", summary: "The probe images at both ends.",
    options: [PluginOption(name: "count", summary: "images at each end", default: 4, range: 1...12)])

  func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    guard !evidence.probe.items.isEmpty else { return [] }
    return try evidence.mapHeads { head -> Section? in
      guard let ends = try evidence.extremes(of: head, count: count) else { return nil }
      let strips = [("lowest", ends.bottom), ("highest", ends.top)].map { name, rows in
        Block.imageStrip(
          ImageStrip(
            caption: "The \(rows.count) \(name) of \(evidence.probe.items.count) probe images",
            items: rows.map { .init(image: evidence.probe.items[$0.row].reference) }))
      }
      return Section(
        subject: evidence.subject(of: head), plugin: manifest.id, model: evidence.model, title: "<TITLE>", blocks: strips)
    }.compactMap { $0 }
  }
}

HeadAtlasPlugin.main(Ends())
