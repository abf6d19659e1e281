import Analysis
import Attribution
import Evaluation

/// Which heads of an atlas write alike: of the same model and of others, whatever their widths.
public struct TwinsPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "twins", title: "Twins", version: "1.0.0",
    summary:
      "Which heads of the same model and of other models write the same, by debiased linear CKA over shared probe images.",
    options: [
      PluginOption(name: "count", summary: "heads in a figure", default: 5, range: 1...20),
      PluginOption(
        name: "images", summary: "probe images that heads are compared over at most", default: TwinStudy.defaultImages,
        range: 50...20_000),
    ])

  public init() {}

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    let (count, images) = (try manifest.value(of: "count", in: options), try manifest.value(of: "images", in: options))
    let pages = TwinPages(
      models: models, study: try TwinStudy(models, images: images), followed: try models.map(TwinTruth.followed),
      count: count)
    return AnalysisResults(
      sections: models.indices.flatMap { pages.modelSections($0) + pages.headSections($0) } + pages.metricsSections()
        + pages.methodSections(),
      values: models.indices.reduce(into: [:]) { $0.merge(pages.values(of: $1)) { $1 } })
  }
}
