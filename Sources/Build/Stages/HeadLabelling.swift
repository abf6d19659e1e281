import Analysis
import Attribution
import Descriptions
import Labels
import Parallel

/// LABEL: labels by hand where the configuration has them, for the others those of the labeller that is shown, or else in context
/// where it has examples; and beside them what all labellers say.
struct HeadLabelling {
  let dataset: Dataset
  /// The labeller that needs no network; nil where the atlas has no examples.
  private let offline: InContextLabeller?
  private let threads: Int

  /// - Parameter encoder: encodes the words that the labeller asks about.
  /// - Throws: `LabelError`.
  init(dataset: Dataset, encoder: any TextEncoding, threads: Int) throws {
    let configuration = dataset.configuration
    self.dataset = dataset
    self.threads = threads
    offline =
      configuration.examples.isEmpty
      ? nil
      : try InContextLabeller(
        examples: configuration.examples, pool: configuration.pool, names: dataset.names
      ) { try encoder.embeddings(of: $0) }
  }

  struct Labels {
    /// One per head: those that pages show.
    let shown: [HeadLabel]
    let labellers: [LabellerEvidence]
  }

  /// The labels of the heads of a model.
  func labels(_ subject: HeadLines, shares: [[Double]], byHand: [Head: String]) throws -> Labels {
    let configuration = dataset.configuration
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
    guard let offline else { return nil }
    return try inParallel(sets.count, threads: threads) { place in
      try offline.label(heads: sets[place].lines, shares: sets[place].shares).map(\.label)
    }
  }

  /// Reads lines of the pool as the labeller that needs no network reads them beside a model's heads; nil where the atlas has no examples.
  func reader(_ subject: HeadLines) throws -> PoolReader? { try offline?.reader(heads: subject.lines) }

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
