import Analysis
import Attribution
import Evaluation

/// What is lost where a head, a layer's heads or an MLP write their means: of captions, and of classes where they are known.
public struct AblationPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "ablation", title: "Ablation", version: "1.0.0",
    summary: "How well captions and classes are told apart without a head, the heads of a layer, or an MLP.",
    options: [
      PluginOption(name: "matched", summary: "random heads that a head is compared with", default: 5, range: 1...50),
      PluginOption(name: "orders", summary: "random orders of layers behind a curve", default: 20, range: 1...1000),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let (matched, orders) = (
      try manifest.value(of: "matched", in: options), try manifest.value(of: "orders", in: options)
    )
    guard let study = try AblationStudy(evidence) else { return [] }
    let pages = AblationPages(evidence: evidence, study: study)
    return [pages.modelSection(orders: orders)]
      + evidence.shape.allHeads.map { pages.headSection($0, matched: matched) }
  }
}
