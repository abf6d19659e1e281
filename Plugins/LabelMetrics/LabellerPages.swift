import Analysis
import Attribution
import Diagnostics
import Evaluation
import Metrics

/// All labellers of a model side by side, each figure beside its control.
struct LabellerPages {
  let evidence: ModelEvidence
  private let rows: [Row]
  private let sanity: LabelSanityTests?

  /// A labeller, or a control of one.
  private struct Row {
    let title: String
    let isControl: Bool
    let labels: [GivenLabel]
    let names: [String?]
    let report: LabelReport
    let ownReport: LabelReport
    let truth: LabelTruth?
    let image: LabelImageScore?
    let identity: LabelIdentity
    let contrastedIdentity: LabelIdentity?
    let cost: LabelCost?
  }

  /// - Returns: nil where there is nothing to compare.
  /// - Throws: what reading features and encoding throws.
  init?(_ evidence: ModelEvidence) throws {
    let labellers = evidence.labellers
    guard labellers.count > 1 || labellers.contains(where: { $0.cost != nil }) else { return nil }
    self.evidence = evidence
    let all = labellers.flatMap { labeller in
      [(labeller.title, false, labeller.labels, labeller.cost)]
        + labeller.controls.map { ("\(labeller.title): \($0.title)", true, $0.labels, nil) }
    }
    func name(_ label: GivenLabel) -> String? { label.state == .given ? evidence.title(of: label.label) : nil }
    let texts = Set(all.flatMap { $0.2.compactMap(name) })
    let images = try LabelImageScores(evidence, labels: texts)
    let truths = try FollowedTitles(evidence)
    rows = try all.map { title, isControl, labels, cost in
      let names = labels.map(name)
      let isContrasted = labels.contains { $0.contrasted != nil }
      return Row(
        title: title, isControl: isControl, labels: labels, names: names,
        report: try Self.report(evidence, names, labels.map(\.fits)),
        ownReport: try Self.report(evidence, names, labels.map(\.ownFits)), truth: truths?.truth(of: names),
        image: images?.score(names), identity: LabelIdentity(names),
        contrastedIdentity: isContrasted
          ? LabelIdentity(zip(labels, names).map { $0.contrasted.map { evidence.title(of: $0) } ?? $1 }) : nil,
        cost: cost)
    }
    sanity = try LabelSanityTests(evidence)
  }

  private static func report(
    _ evidence: ModelEvidence, _ names: [String?], _ fits: [[Bool]]
  ) throws -> LabelReport {
    let heads = evidence.heads.map { "\($0.head)" }
    let labels = Dictionary(uniqueKeysWithValues: zip(heads, names.map { $0 ?? "" }))
    let judged = zip(heads, zip(names, fits)).filter { $0.1.0 != nil && $0.1.1.count == 5 }
    return try LabelReport(
      labels: labels,
      judgements: judged.isEmpty
        ? nil : Dictionary(uniqueKeysWithValues: judged.map { ($0.0, $0.1.1.map { $0 ? 1 : 0 }) }))
  }

  var sections: [Section] {
    [
      section("Labellers side by side", order: 12, [.markdown(explanation), .table(table), .table(answersTable)]),
      sanitySection,
    ].compactMap { $0 }
  }

  private func section(_ title: String, order: Int, _ blocks: [Block]) -> Section {
    Section(
      subject: .metrics, plugin: LabelMetricsPlugin.manifest.id, model: evidence.model, title: title, order: order,
      blocks: blocks)
  }

  private var explanation: String {
    let images = evidence.gallery.items.count
    let scores =
      images < LabelImageScore.fewestImages
      ? "Scores against images need \(LabelImageScore.fewestImages) gallery images; this atlas has \(images)."
      : "*Pearson* and *AUPRC* ask whether the head writes along the label's text where an image shows it, over gallery images, with "
        + "which no description was chosen."
    return
      "Each row is a labeller, or below it a control: the same labeller with lines that are not the head's as they stand. "
      + "Heads that failed count in no score. *Association* asks whether a label fits the head's own texts. " + scores
      + (rows.contains { $0.ownReport.associationScore != nil }
        ? " A labeller whose *own judge* finds as much for its controls as for its labels does not tell them apart."
        : "")
  }

  private var table: Table {
    func number(_ value: Double?) -> Cell { value.map { .number($0, decimals: 3) } ?? .empty }
    return Table(
      caption: "Labels of the \(evidence.heads.count) heads of \(evidence.title) by every labeller."
        + (rows.lazy.compactMap(\.image).first.map {
          " Image scores over \($0.images) gallery images, of which \(percent($0.chance)) show a label."
        } ?? ""),
      columns: [
        .init("labeller"), .init("heads labelled", isNumeric: true),
        .init(
          "association", note: "share of labelled heads with three of five texts that fit, by the one judge of all",
          isNumeric: true),
        .init("own judge", note: "the same by the labeller's own judgement", isNumeric: true),
        .init("agrees with truth", note: "labels that are properties and what their head follows", isNumeric: true),
        .init("permuted", note: "the same labels dealt out at random", isNumeric: true),
        .init("Pearson", note: "mean over labelled heads", isNumeric: true),
        .init("permuted", note: "with other heads' labels", isNumeric: true),
        .init("AUPRC", note: "mean over labelled heads", isNumeric: true),
        .init("permuted", note: "with other heads' labels", isNumeric: true),
        .init("identity", note: "bits that a label says of which head it is", isNumeric: true),
        .init("contrasted", note: "the same after heads of one label were told apart", isNumeric: true),
      ],
      rows: rows.map { row in
        [
          .text(row.isControl ? "control, \(row.title)" : row.title),
          .number(Double(row.names.count { $0 != nil }), decimals: 0), number(row.report.associationScore),
          number(row.ownReport.associationScore), number(row.truth?.agreeing), number(row.truth?.shuffled),
          number(row.image?.pearson), number(row.image?.permutedPearson), number(row.image?.averagePrecision),
          number(row.image?.permutedPrecision), .number(row.identity.bits, decimals: 2),
          row.contrastedIdentity.map { .number($0.bits, decimals: 2) } ?? .empty,
        ]
      })
  }

  private var answersTable: Table {
    func count(_ row: Row, _ state: GivenLabel.State) -> Cell {
      .number(Double(row.labels.count { $0.state == state }), decimals: 0)
    }
    return Table(
      caption: "What became of the heads, and what it took.",
      columns: [
        .init("labeller"), .init("labelled", isNumeric: true), .init("declined", isNumeric: true),
        .init("failed", note: "no answer could be read", isNumeric: true),
        .init("not asked", isNumeric: true),
        .init("seeds agree", note: "mean share of a head's answers that are its label", isNumeric: true),
        .init("requests", isNumeric: true), .init("tokens in", isNumeric: true), .init("tokens out", isNumeric: true),
      ],
      rows: rows.filter { !$0.isControl }.map { row in
        let shares = row.labels.compactMap { $0.agreement.map { Double($0.same) / Double(max($0.answers, 1)) } }
        func whole(_ value: Int?) -> Cell { value.map { .number(Double($0), decimals: 0) } ?? .empty }
        return [
          .text(row.title), count(row, .given), count(row, .declined), count(row, .failed), count(row, .missing),
          shares.isEmpty ? .empty : .number(shares.reduce(0, +) / Double(shares.count), decimals: 3),
          whole(row.cost?.requests), whole(row.cost?.tokensIn), whole(row.cost?.tokensOut),
        ]
      })
  }

  private var sanitySection: Section? {
    sanity.map { tests in
      section(
        "Which scores of a label can be trusted", order: 14,
        [
          .table(
            Table(
              caption:
                "How often a figure falls when a label that is right by construction is spoilt, over \(tests.heads) heads and "
                + "\(tests.images) probe images. A score must fall in over \(percent(LabelSanityTests.required)) of cases; those that "
                + "do not are shown to be compared and used nowhere (arXiv 2506.05774).",
              columns: [
                .init("figure"), .init("half of the positives dropped", isNumeric: true),
                .init("as many wrong ones added", isNumeric: true), .init("passes"),
              ],
              rows: LabelStatistic.allCases.map { statistic in
                [
                  .text(statistic.rawValue), .number(tests.missing[statistic] ?? 0, decimals: 3),
                  .number(tests.extra[statistic] ?? 0, decimals: 3), .text(tests.passes(statistic) ? "yes" : "no"),
                ]
              }))
        ])
    }
  }
}
