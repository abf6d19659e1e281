import Analysis
import Attribution
import CLIP
import Diagnostics
import Labels
import LinearAlgebra
import Metrics
import Site

/// What the atlas says of models, layers, heads and images apart from the plugins' analyses.
struct CoreSections {
  let configuration: AtlasConfiguration
  let studies: [ModelStudy]
  let truths: [TruthReport]

  static let manifest = PluginManifest(
    id: "core", title: "Descriptions and labels", version: "1.0.0",
    summary: "What TextSpan finds for each head, how the head is labelled, and how well label and lines fit.")

  func sections() -> [Section] {
    var sections = [atlasSection(), metricsSection(), definitionsSection(), publishedSection()]
    for (study, truth) in zip(studies, truths) {
      sections += [modelSection(study), propertyTable(study)] + followedSections(study, truth)
      sections += (0..<study.shape.layers).map { layerSection(study, $0) }
      sections += study.evidence.heads.map { headSection(study, $0) }
      sections += study.captions.enumerated().compactMap { index, ledger in
        ledger.map { imageSection(study, index, $0) }
      }
    }
    return sections + methodSections() + propertySections()
  }

  func section(
    _ subject: Subject, _ model: String?, _ title: String, order: Int = 10, _ blocks: [Block]
  ) -> Section {
    Section(subject: subject, plugin: Self.manifest.id, model: model, title: title, order: order, blocks: blocks)
  }

  // MARK: Atlas and models

  private func atlasSection() -> Section {
    section(
      .atlas, nil, "The models side by side",
      [.table(modelTable(linked: true))] + studies.map { .headGrid(consistencyGrid($0)) })
  }

  private func modelTable(linked: Bool) -> Table {
    Table(
      caption: "Labels of all heads. What the columns mean stands on the metrics page.",
      columns: [
        .init("model"), .init("heads", isNumeric: true),
        .init(
          "shared labels", note: "share of labelled heads whose label another head has too; lower is better",
          isNumeric: true),
        .init(
          "unique labels", note: "share of labelled heads that share no label; the figure printed as entanglement",
          isNumeric: true),
        .init("shared, size-corrected", note: "expected among 48 heads drawn at random", isNumeric: true),
        .init(
          "association",
          note: "share of judged heads with at least three of five fitting descriptions; higher is better",
          isNumeric: true),
        .init(
          "CCR", note: "properties held by more than one high-CCS head per high-CCS head; lower is better",
          isNumeric: true),
        .init("mean explained variance", note: "by all descriptions of a head, mean over heads", isNumeric: true),
      ],
      rows: studies.map { study in
        let report = study.report
        func optional(_ value: Double?) -> Cell { value.map { .number($0, decimals: 3) } ?? .empty }
        return [
          linked ? .link(study.evidence.title, .model(study.evidence.model)) : .text(study.evidence.title),
          .number(Double(report.heads), decimals: 0), .number(report.sharedLabelShare, decimals: 3),
          .number(report.uniqueLabelShare, decimals: 3), .number(report.sharedLabelShareSizeCorrected, decimals: 3),
          optional(report.associationScore), optional(report.ccr),
          .number(study.meanExplainedVariance, decimals: 3),
        ]
      })
  }

  private func consistencyGrid(_ study: ModelStudy) -> HeadGrid {
    grid(
      study, caption: "\(study.evidence.title): how many of a head's first five descriptions fit its label.",
      measure: "CCS, 0 to 5 descriptions"
    ) { $0.consistency.map(Double.init) }
  }

  private func grid(
    _ study: ModelStudy, caption: String, measure: String, _ value: (HeadEvidence) -> Double?
  ) -> HeadGrid {
    HeadGrid(
      caption: caption, model: study.evidence.model, layers: study.shape.layers, heads: study.shape.heads,
      measure: measure, isDiverging: false, values: study.evidence.heads.map(value), labels: study.evidence.labels)
  }

  private func modelSection(_ study: ModelStudy) -> Section {
    let shape = study.shape
    let model = study.loaded.model
    func row(_ name: String, _ value: String) -> [Cell] { [.text(name), .text(value)] }
    let facts = Table(
      caption: "The checkpoint.", columns: [.init("what"), .init("value")],
      rows: [
        row("layers × heads", "\(shape.layers) × \(shape.heads), each \(shape.headWidth) wide"),
        row("width, joint embedding", "\(shape.width), \(shape.embeddingWidth)"),
        row(
          "input",
          "\(model.configuration.imageSize) × \(model.configuration.imageSize) px, \(shape.gridSide) × \(shape.gridSide) patches"
        ),
        row("activation", model.configuration.activation == .gelu ? "GELU" : "QuickGELU"),
        row("tensors, parameters", "\(model.tensorCount), \(model.parameterCount)"),
        row(
          "worst ledger residual",
          "\(scientific(Double(study.ledger.worstResidual))) over \(study.ledger.images) gallery images"),
      ])
    return section(
      .model(study.evidence.model), study.evidence.model, "Its heads at a glance",
      [
        .headGrid(
          grid(
            study,
            caption:
              "How much each head's contribution varies over the \(study.evidence.probe.items.count) probe images.",
            measure: "share of the variance of all heads"
          ) { $0.variance }),
        .headGrid(
          grid(
            study, caption: "How well a head's descriptions account for it.",
            measure: "share of variance explained by its descriptions"
          ) { $0.descriptions.last?.explainedVariance }),
        .headGrid(consistencyGrid(study)),
        .headGrid(
          grid(study, caption: "How many directions a head's contribution varies in.", measure: "effective rank") {
            $0.effectiveRank
          }), .table(facts),
      ])
  }

  private func propertyTable(_ study: ModelStudy) -> Section {
    let byLabel = Dictionary(grouping: study.evidence.heads, by: \.label)
    let rows = byLabel.keys.sorted().map { label -> [Cell] in
      let heads = byLabel[label] ?? []
      let judged = heads.compactMap(\.consistency)
      return [
        .text(label), .number(Double(heads.count), decimals: 0),
        judged.isEmpty ? .empty : .number(Double(judged.reduce(0, +)) / Double(judged.count), decimals: 2),
        .text(heads.map(\.head.description).joined(separator: ", ")),
      ]
    }
    return section(
      .model(study.evidence.model), study.evidence.model, "Labels", order: 20,
      [
        .table(
          Table(
            caption: "Every label with its heads.",
            columns: [
              .init("label"), .init("heads", isNumeric: true),
              .init("mean CCS", note: "of five descriptions, how many fit", isNumeric: true), .init("which"),
            ], rows: rows))
      ])
  }

  // MARK: Layers and heads

  private func layerSection(_ study: ModelStudy, _ layer: Int) -> Section {
    let heads = study.evidence.heads.filter { $0.head.layer == layer }
    let total = heads.reduce(0) { $0 + $1.variance }
    return section(
      .layer(model: study.evidence.model, layer: layer), study.evidence.model, "How much its heads vary",
      [
        .bars(
          Bars(
            caption:
              "Variance over the probe images; the layer has \(fixed(total * 100, decimals: 1)) % of that of all heads.",
            unit: "share of the variance of all heads", decimals: 4,
            items: heads.map {
              .init(
                label: "\($0.head) \($0.label)", value: $0.variance,
                link: .head(model: study.evidence.model, head: $0.head))
            }))
      ])
  }

  private func headSection(_ study: ModelStudy, _ head: HeadEvidence) -> Section {
    let lines = head.descriptions
    let steps = lines.indices.map { lines[$0].explainedVariance - ($0 == 0 ? 0 : lines[$0 - 1].explainedVariance) }
    func note(_ fits: Bool?) -> String? { fits.map { $0 ? "fits the label" : "does not fit" } }
    var blocks: [Block] = [
      .markdown(labelSentence(study, head)),
      .bars(
        Bars(
          caption: "The first descriptions and what each explains of the head.",
          unit: "share of the head's variance", decimals: 3,
          items: lines.prefix(10).enumerated().map { index, line in
            .init(label: line.text, value: steps[index], note: note(line.fitsLabel))
          })),
    ]
    blocks.append(
      .table(
        Table(
          caption: "All descriptions in the order in which TextSpan chose them, from \(configuration.pool.count) lines "
            + "over \(study.evidence.probe.items.count) probe images.",
          columns: [
            .init("description"),
            .init(
              "standard deviation", note: "of contribution · text over the probe images when it was chosen",
              isNumeric: true),
            .init(
              "explained variance", note: "share of the head's variance by this and all earlier ones", isNumeric: true),
            .init("fits the label"),
          ],
          rows: lines.map { line in
            [
              .text(line.text), .number(line.standardDeviation, decimals: 5),
              .number(line.explainedVariance, decimals: 3),
              line.fitsLabel.map { .text($0 ? "yes" : "no") } ?? .empty,
            ]
          })))
    return section(
      .head(model: study.evidence.model, head: head.head), study.evidence.model, "Descriptions and label", blocks)
  }

  /// One sentence of plain prose; the label itself comes from a user's file and is left to the page's heading.
  private func labelSentence(_ study: ModelStudy, _ head: HeadEvidence) -> String {
    let lead = head.labelMargin.map { fixed($0, decimals: 2) } ?? "0"
    let fit =
      head.consistency.map { " \($0) of its first five descriptions fit it." } ?? " Nobody judged its descriptions."
    let label =
      switch (head.labelledBy, head.label) {
      case (HeadLabel.byHand, _): "The label was given by hand." + fit
      case (HeadLabel.inContext, HeadLabel.ambiguous):
        "The in-context labeller found no property that the descriptions agree on (lead of the best over the next: \(lead))."
      case (HeadLabel.inContext, _):
        "The label was chosen in context, by labelled example heads, with a lead of \(lead) over the runner-up (0 to 1)."
          + fit
      default: "Nobody labelled this head, since the atlas has no labelled examples."
      }
    let choice = study.smallestLeads[study.shape.index(of: head.head)]
    return
      "\(label) The head has \(fixed(head.variance * 100, decimals: 2)) % of the variance of all heads and varies in about "
      + "\(fixed(head.effectiveRank, decimals: 1)) directions. The closest choice among the first five descriptions was won "
      + "by \(fixed(choice * 100, decimals: 2)) %."
  }

  // MARK: Images and properties

  private func imageSection(_ study: ModelStudy, _ image: Int, _ ledger: CaptionLedger) -> Section {
    let shape = study.shape
    let layers = (0..<shape.layers).map { layer in
      ledger.heads[layer * shape.heads..<(layer + 1) * shape.heads].reduce(0, +)
    }
    let range = decimals(for: layers + ledger.mlp)
    let items =
      [Bars.Item(label: "before the first layer", value: ledger.mlp[0])]
      + (0..<shape.layers).flatMap { layer in
        [
          Bars.Item(
            label: "heads of layer \(layer)", value: layers[layer],
            link: .layer(model: study.evidence.model, layer: layer)),
          Bars.Item(label: "MLP of layer \(layer)", value: ledger.mlp[layer + 1]),
        ]
      }
    return section(
      .image(study.evidence.gallery.items[image].reference.id), study.evidence.model,
      "The ledger of its similarity to its caption",
      [
        .bars(
          Bars(
            caption:
              "Every layer's part of the similarity, \(fixed(ledger.similarity, decimals: 4)). The parts add up to it.",
            unit: "dot product with the caption's embedding", decimals: range, items: items)),
        .headGrid(
          HeadGrid(
            caption: "Which heads add to it and which take away.", model: study.evidence.model, layers: shape.layers,
            heads: shape.heads, measure: "dot product with the caption's embedding", isDiverging: true,
            values: ledger.heads, labels: study.evidence.labels)),
      ])
  }

  private func propertySections() -> [Section] {
    studies.flatMap { study in
      study.evidence.properties.map { property in
        let heads = property.heads.map { study.evidence.heads[study.shape.index(of: $0)] }
        let rows = heads.map { head -> [Cell] in
          [
            .link(head.head.description, .head(model: study.evidence.model, head: head.head)),
            head.consistency.map { .number(Double($0), decimals: 0) } ?? .empty,
            head.labelMargin.map { .number($0, decimals: 2) } ?? .empty, .number(head.variance, decimals: 4),
            .text(head.descriptions.prefix(3).map(\.text).joined(separator: "; ")),
          ]
        }
        let table = Table(
          caption: "Heads labelled with it.",
          columns: [
            .init("head"), .init("CCS", note: "of five descriptions, how many fit", isNumeric: true),
            .init("lead", note: "over the runner-up, 0 to 1", isNumeric: true),
            .init("share of variance", isNumeric: true), .init("first descriptions"),
          ], rows: rows)
        return section(
          .property(property.id), study.evidence.model, "How well the label fits them",
          [rows.isEmpty ? .markdown("No head of this model is labelled with it.") : .table(table)])
      }
    }
  }

  // MARK: Metrics

  private func metricsSection() -> Section {
    let counts = Table(
      caption: "How many heads have K fitting descriptions among their first five.",
      columns: [.init("model")] + (0...5).map { .init("CCS@\($0)", isNumeric: true) },
      rows: studies.map { study in
        [.text(study.evidence.title)]
          + (0...5).map { k in study.report.ccsAtK.map { .number($0[k], decimals: 3) } ?? .empty }
      })
    return section(.metrics, nil, "Labels of all models", [.table(modelTable(linked: true)), .table(counts)])
  }

  private func definitionsSection() -> Section {
    section(
      .metrics, nil, "What the figures mean", order: 20,
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
      .metrics, nil, "Figures of the published study", order: 30,
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

extension ModelStudy {
  /// By all descriptions of a head, mean over heads.
  var meanExplainedVariance: Double {
    evidence.heads.reduce(0) { $0 + ($1.descriptions.last?.explainedVariance ?? 0) }
      / Double(max(evidence.heads.count, 1))
  }
}
