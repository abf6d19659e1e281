import Analysis
import Attribution
import Diagnostics
import Metrics

/// The study's metrics of labels: how often heads share a label, and how well labels fit descriptions.
public struct LabelMetricsPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "label-metrics", title: "Metrics of labels", version: "1.2.1",
    summary:
      "How often heads of a model share a label, how often a label fits the head's descriptions and images, and labellers side by side."
  )

  public init() {}

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    let pages = MetricsPages(models: try models.map(MeasuredModel.init))
    let labellers = try models.compactMap(LabellerPages.init)
    return AnalysisResults(
      sections: pages.sections() + labellers.flatMap(\.sections), values: pages.values())
  }
}

/// A model with the metrics of its labels.
struct MeasuredModel {
  let evidence: ModelEvidence
  let report: LabelReport

  init(_ evidence: ModelEvidence) throws {
    self.evidence = evidence
    let labels = evidence.heads.map { ("\($0.head)", evidence.title(of: $0.label)) }
    let judged = evidence.heads.compactMap { head -> (String, [Int])? in
      let fits = head.descriptions.compactMap(\.fitsLabel)
      return fits.count == 5 ? ("\(head.head)", fits.map { $0 ? 1 : 0 }) : nil
    }
    report = try LabelReport(
      labels: Dictionary(uniqueKeysWithValues: labels),
      judgements: judged.isEmpty ? nil : Dictionary(uniqueKeysWithValues: judged))
  }

  /// By all descriptions of a head, mean over heads.
  var meanExplainedVariance: Double {
    evidence.heads.reduce(0) { $0 + ($1.explainedVariance ?? 0) } / Double(max(evidence.heads.count, 1))
  }
}

struct MetricsPages {
  let models: [MeasuredModel]

  func sections() -> [Section] { [atlasSection(), metricsSection(), definitionsSection(), publishedSection()] }

  func values() -> [String: String] {
    models.reduce(into: [:]) { values, model in
      let path = Subject.model(model.evidence.model).path
      values["\(path)/shared-label-share"] = fixed(model.report.sharedLabelShare, decimals: 3)
      values["\(path)/unique-label-share"] = fixed(model.report.uniqueLabelShare, decimals: 3)
      values["\(path)/association"] = model.report.associationScore.map { fixed($0, decimals: 3) }
    }
  }

  private func section(_ subject: Subject, _ title: String, order: Int = 10, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: LabelMetricsPlugin.manifest.id, model: nil, title: title, order: order, blocks: blocks)
  }

  private func atlasSection() -> Section {
    section(
      .atlas, "The models side by side",
      [.table(modelTable())] + models.map { .headGrid(.consistency(of: $0.evidence)) })
  }

  private func modelTable() -> Table {
    Table(
      caption: "Labels of all heads. The metrics page defines the columns.",
      columns: [
        .init("model"), .init("heads", isNumeric: true),
        .init("shared labels", note: "lower is better", isNumeric: true),
        .init("unique labels", note: "higher is better", isNumeric: true),
        .init("shared, size-corrected", note: "lower is better", isNumeric: true),
        .init("association", note: "higher is better", isNumeric: true),
        .init("CCR", note: "lower is better", isNumeric: true),
        .init("explained variance", note: "by all descriptions, mean over heads", isNumeric: true),
      ],
      rows: models.map { model in
        let report = model.report
        func optional(_ value: Double?) -> Cell { value.map { .number($0, decimals: 3) } ?? .empty }
        return [
          .link(model.evidence.title, .model(model.evidence.model)),
          .number(Double(report.heads), decimals: 0), .number(report.sharedLabelShare, decimals: 3),
          .number(report.uniqueLabelShare, decimals: 3), .number(report.sharedLabelShareSizeCorrected, decimals: 3),
          optional(report.associationScore), optional(report.ccr),
          .number(model.meanExplainedVariance, decimals: 3),
        ]
      })
  }

  private func metricsSection() -> Section {
    let counts = Table(
      caption: "How many heads have K fitting descriptions among their first five.",
      columns: [.init("model")] + (0...5).map { .init("CCS@\($0)", isNumeric: true) },
      rows: models.map { model in
        [.text(model.evidence.title)]
          + (0...5).map { k in model.report.ccsAtK.map { .number($0[k], decimals: 3) } ?? .empty }
      })
    return section(.metrics, "Labels of all models", [.table(modelTable()), .table(counts)])
  }

  private func definitionsSection() -> Section {
    section(
      .metrics, "What the figures mean", order: 20,
      [
        .table(
          Table(
            caption: "Definitions.", columns: [.init("figure"), .init("how it is computed"), .init("how it reads")],
            rows: LabelReport.definitions.map { [.text($0.name), .text($0.formula), .text($0.direction)] }))
      ])
  }

  private func publishedSection() -> Section {
    let names = Dictionary(LabelReport.definitions.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    return section(
      .metrics, "Figures of the published study", order: 30,
      [
        .table(
          Table(
            caption: "From arXiv 2409.06579, to be read beside ours of the same model.",
            columns: [.init("model"), .init("figure"), .init("published", isNumeric: true), .init("note")],
            rows: LabelReport.published.map {
              [
                .text($0.model), .text(names[$0.metric] ?? $0.metric),
                .number($0.value, decimals: $0.value >= 1 ? 0 : 3), .text($0.note),
              ]
            }))
      ])
  }
}
