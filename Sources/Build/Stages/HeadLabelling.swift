import Analysis
import Attribution
import Descriptions
import Labels

/// LABEL: labels by hand where the configuration has them, for the others those of the labeller that is shown, or else in context
/// where it has examples; and beside them what all labellers say.
struct HeadLabelling {
  let dataset: Dataset
  /// Encodes the words that the labeller asks about.
  let encoder: any TextEncoding

  struct Labels {
    /// One per head: those that pages show.
    let shown: [HeadLabel]
    let labellers: [LabellerEvidence]
  }

  /// The labels of the heads of a model.
  func labels(_ subject: HeadLines, shares: [[Double]], byHand: [Head: String]) throws -> Labels {
    let configuration = dataset.configuration
    let offline = try labeller()
    let found = try offline?.label(heads: subject.lines, shares: shares)
    let findings = LabellerFindings(
      configuration: configuration, names: dataset.names, subject: subject, judge: offline)
    let others = try findings.labellers()
    let isShown = configuration.labellers.first(where: \.isShown)
    let chosen = isShown.flatMap { entry in others.first { $0.id == entry.id } }
    let given = byHand.mapValues(dataset.names.label)
    let labels = subject.heads.enumerated().map { index, head -> HeadLabel in
      if let label = given[head] { return HeadLabel(label: label, margin: nil, fits: [], source: .byHand) }
      if let label = chosen?.labels[index] {
        return HeadLabel(label: label.label, margin: nil, fits: label.fits, source: .byModel)
      }
      return found?[index] ?? HeadLabel(label: .ambiguous, margin: nil, fits: [], source: .unlabelled)
    }
    return Labels(
      shown: try judged(labels, subject, by: offline),
      labellers: try findings.atHand(offline: found, byHand: byHand) + others)
  }

  /// What the labeller that needs no network makes of heads by several sets of descriptions, set by set; nil where the atlas has no
  /// examples.
  ///
  /// - Parameter sets: the lines of each head, and what each explains of the head.
  func inContext(_ sets: [(lines: [[String]], shares: [[Double]])]) throws -> [[Label]]? {
    guard let labeller = try labeller() else { return nil }
    return try sets.map { try labeller.label(heads: $0.lines, shares: $0.shares).map(\.label) }
  }

  /// Reads lines of the pool as the labeller that needs no network reads them beside a model's heads; nil where the atlas has no examples.
  func reader(_ subject: HeadLines) throws -> PoolReader? { try labeller()?.reader(heads: subject.lines) }

  /// The labeller that needs no network; nil where the atlas has no examples.
  private func labeller() throws -> InContextLabeller? {
    let configuration = dataset.configuration
    guard !configuration.examples.isEmpty else { return nil }
    return try InContextLabeller(
      examples: configuration.examples, pool: configuration.pool, names: dataset.names
    ) { [encoder] in try encoder.embeddings(of: $0) }
  }

  /// Labels by hand with what the judge says of them.
  private func judged(
    _ labels: [HeadLabel], _ subject: HeadLines, by judge: InContextLabeller?
  ) throws -> [HeadLabel] {
    guard let judge, labels.contains(where: { $0.source == .byHand }) else { return labels }
    let fits = try judge.judge(labels: labels.map(\.label), heads: subject.lines)
    return zip(labels, fits).map { label, fits in
      label.source == .byHand ? HeadLabel(label: label.label, margin: nil, fits: fits, source: .byHand) : label
    }
  }
}
