import Analysis
import Evaluation

/// Which texts predict what a head writes, by how much whole images show them.
public struct ExplanationsPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "explanations", title: "Linear explanations", version: "1.0.0",
    summary:
      "Which few texts predict what a head writes from what whole images show, and how well on images that nothing was chosen by.",
    options: [
      PluginOption(name: "count", summary: "texts that a head is explained by", default: 5, range: 1...20),
      PluginOption(
        name: "images", summary: "probe images that are looked at, at most", default: LinearExplanations.defaultImages,
        range: LinearExplanations.fewestImages...20_000),
    ])

  public init() {}

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    let (count, images) = (try manifest.value(of: "count", in: options), try manifest.value(of: "images", in: options))
    let pages = try models.compactMap { evidence in
      try LinearExplanations(evidence, images: images, texts: count).map {
        ExplanationPages(evidence: evidence, found: $0, truth: try $0.truth(evidence))
      }
    }
    return AnalysisResults(
      sections: pages.flatMap(\.sections) + ExplanationPages.methodSections(pages),
      values: pages.reduce(into: [:]) { $0.merge($1.values) { $1 } })
  }
}
