import Analysis
import Attribution
import Diagnostics
import LinearAlgebra
import Tensors

/// What is said of a head before any other analysis: the texts that describe it, its label, and how well the two fit.
public struct HeadProfilePlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "head-profile", title: "Descriptions and labels", version: "2.2.0",
    summary: "What TextSpan finds for each head, how the head is labelled, and how well label and lines fit.")

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let pages = ProfilePages(evidence: evidence)
    var sections = [pages.modelSection(), pages.labelsSection()]
    sections += (0..<evidence.shape.layers).map(pages.layerSection)
    sections += evidence.heads.map(pages.headSection)
    sections += evidence.gallery.indices.flatMap { image in
      CaptionSimilarity(image: image, in: evidence).map { pages.imageSections(image, $0) } ?? []
    }
    sections += [pages.propertyEvidenceModelSection(), pages.methodsModelSection()].compactMap { $0 }
    sections += evidence.heads.compactMap(pages.methodsSection)
    sections += try evidence.mapHeads { try pages.polesSections(evidence[$0]) }.flatMap { $0 }
    sections += evidence.heads.compactMap(pages.propertyEvidenceSection(_:))
    sections += try evidence.properties.compactMap { try pages.propertyEvidenceSection(of: $0) }
    return sections + evidence.properties.compactMap(pages.propertySection)
  }

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    AnalysisResults(
      sections: try models.flatMap { try sections(for: $0, options: options) }
        + [models.first.flatMap { ProfilePages(evidence: $0).exampleSection() }].compactMap { $0 },
      values: models.map(ProfilePages.init).map { $0.values() }.reduce(into: [:]) { $0.merge($1) { $1 } })
  }
}

/// The sections of one model.
struct ProfilePages {
  let evidence: ModelEvidence

  func values() -> [String: String] {
    let model = Subject.model(evidence.model).path
    var values = ["\(model)/heads": "\(evidence.shape.headCount)"]
    for layer in 0..<evidence.shape.layers {
      let share = evidence.heads.filter { $0.head.layer == layer }.reduce(0) { $0 + $1.variance }
      values["\(Subject.layer(model: evidence.model, layer: layer).path)/variance"] = fixed(share, decimals: 3)
    }
    for head in evidence.heads {
      let path = evidence.subject(of: head.head).path
      values["\(path)/label"] = evidence.title(of: head.label)
      values["\(path)/variance"] = fixed(head.variance, decimals: 3)
      values["\(path)/consistency"] = head.consistency.map { "\($0)" } ?? "not judged"
      values["\(path)/explained-variance"] = fixed(head.explainedVariance ?? 0, decimals: 3)
      for (index, line) in head.descriptions.prefix(5).enumerated() {
        values["\(path)/description/\(index + 1)"] = line.text
      }
    }
    values.merge(propertyEvidenceValues()) { $1 }
    for property in evidence.properties {
      values["\(model)/\(Subject.property(property.id).path)/heads"] = "\(property.heads.count)"
    }
    return values
  }

  func section(_ subject: Subject, _ title: String, order: Int = 10, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: HeadProfilePlugin.manifest.id, model: evidence.model, title: title, order: order,
      blocks: blocks)
  }

  private func grid(caption: String, measure: String, _ value: (HeadEvidence) -> Double?) -> HeadGrid {
    HeadGrid(of: evidence, caption: caption, measure: measure, values: evidence.heads.map(value))
  }

  func modelSection() -> Section {
    let shape = evidence.shape
    let card = evidence.card
    func row(_ name: String, _ value: String) -> [Cell] { [.text(name), .text(value)] }
    let facts = Table(
      caption: "The checkpoint.", columns: [.init("what"), .init("value")],
      rows: [
        row("layers × heads", "\(shape.layers) × \(shape.heads), each \(shape.headWidth) wide"),
        row("width, joint embedding", "\(shape.width), \(shape.embeddingWidth)"),
        row(
          "input",
          "\(card.imageSize) × \(card.imageSize) px, \(shape.gridSide) × \(shape.gridSide) patches"
        ),
        row("activation", card.activation),
        row("tensors, parameters", "\(card.tensorCount), \(card.parameterCount)"),
        row(
          "largest reconstruction residual",
          "\(scientific(Double(evidence.residual.largest))) over \(evidence.residual.images) gallery images"),
      ])
    return section(
      .model(evidence.model), "Its heads at a glance",
      [
        .headGrid(
          grid(
            caption:
              "How much each head's contribution varies over the \(evidence.probe.imageCount) probe images.",
            measure: "share of the variance of all heads"
          ) { $0.variance }),
        .headGrid(
          grid(
            caption: "How well a head's descriptions account for it.",
            measure: "share of variance explained by its descriptions"
          ) { $0.explainedVariance }),
        .headGrid(.consistency(of: evidence)),
        .headGrid(
          grid(caption: "How many directions a head's contribution varies in.", measure: "effective rank") {
            $0.effectiveRank
          }), .table(facts),
      ])
  }

  func labelsSection() -> Section {
    let byLabel = Dictionary(grouping: evidence.heads) { evidence.title(of: $0.label) }
    let rows = byLabel.keys.sorted().map { label -> [Cell] in
      let heads = byLabel[label] ?? []
      let judged = heads.compactMap(\.consistency)
      return [
        .text(label), .number(Double(heads.count), decimals: 0),
        judged.isEmpty ? .empty : .number(Double(judged.reduce(0, +)) / Double(judged.count), decimals: 2),
      ]
    }
    return section(
      .model(evidence.model), "Labels", order: 20,
      [
        .table(
          Table(
            caption: "Every label, with how many heads have it.",
            columns: [
              .init("label"), .init("heads", isNumeric: true),
              .init("mean CCS", note: "of five descriptions, how many fit", isNumeric: true),
            ], rows: rows))
      ])
  }

  func layerSection(_ layer: Int) -> Section {
    let heads = evidence.heads.filter { $0.head.layer == layer }
    let total = heads.reduce(0) { $0 + $1.variance }
    return section(
      .layer(model: evidence.model, layer: layer), "How much its heads vary",
      [
        .bars(
          Bars(
            caption:
              "Variance over the probe images; the layer has \(fixed(total * 100, decimals: 1)) % of that of all heads.",
            unit: "share of the variance of all heads", decimals: 4,
            items: heads.map {
              .init(
                label: evidence.name(of: $0.head), value: $0.variance,
                link: .head(model: evidence.model, head: $0.head))
            }))
      ])
  }

  func headSection(_ head: HeadEvidence) -> Section {
    let lines = head.descriptions
    let steps = lines.indices.map { lines[$0].explainedVariance - ($0 == 0 ? 0 : lines[$0 - 1].explainedVariance) }
    func note(_ fits: Bool?) -> String? { fits.map { $0 ? "fits the label" : "does not fit" } }
    var blocks: [Block] = [
      .markdown(labelSentence(head)),
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
          caption:
            "All descriptions in the order in which TextSpan chose them, from \(evidence.pool.texts.count) lines "
            + "over \(evidence.probe.imageCount) probe images.",
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
    blocks += labellerTable(head).map { [.table($0)] } ?? []
    return section(
      evidence.subject(of: head.head), "Descriptions and label", blocks)
  }

  /// One sentence of plain prose; the label itself comes from a user's file and is left to the page's heading.
  private func labelSentence(_ head: HeadEvidence) -> String {
    let lead = head.labelMargin.map { fixed($0, decimals: 2) } ?? "0"
    let fit =
      head.consistency.map { " \($0) of its first five descriptions fit it." } ?? " Its descriptions were not judged."
    let label =
      switch (head.source, head.label) {
      case (.byHand, _): "The label was given by hand." + fit
      case (.inContext, .ambiguous):
        "The in-context labeller found no property that the descriptions agree on (lead of the best over the next: \(lead))."
      case (.inContext, _):
        "The label was chosen in context, by labelled example heads, with a lead of \(lead) over the runner-up (0 to 1)."
          + fit
      case (.byModel, .ambiguous): "The labeller that this atlas shows gave the head no label."
      case (.byModel, _): "The label was given by a model." + fit
      case (.unlabelled, _): "The head is unlabelled, since the atlas has no labelled examples."
      }
    let choice = head.descriptions.prefix(5).map(\.lead).min() ?? 0
    return
      "\(label) The head has \(fixed(head.variance * 100, decimals: 2)) % of the variance of all heads and varies in about "
      + "\(fixed(head.effectiveRank, decimals: 1)) directions. The closest choice among the first five descriptions was won "
      + "by \(fixed(choice * 100, decimals: 2)) %."
  }

  /// Nil where no head is labelled with it.
  func propertySection(_ property: Property) -> Section? {
    guard !property.heads.isEmpty else { return nil }
    let rows = property.heads.map { evidence[$0] }.map { head -> [Cell] in
      [
        .link(head.head.description, evidence.subject(of: head.head)),
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
    return section(.property(property.id), "How well the label fits them", [.table(table)])
  }
}
