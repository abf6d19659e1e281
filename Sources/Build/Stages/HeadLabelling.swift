import Analysis
import Attribution
import Descriptions
import Labels

/// LABEL: labels by hand where the configuration has them, in context for the others where it has examples.
struct HeadLabelling {
  let dataset: Dataset
  /// Encodes the words that the labeller asks about.
  let encoder: any TextEncoding

  /// One label per head, in the order of `heads`.
  func labels(
    of described: [DescribedHead], heads: [Head], byHand: [Head: String]
  ) throws -> [HeadLabel] {
    let configuration = dataset.configuration
    let given = byHand.mapValues(dataset.names.label)
    guard !configuration.examples.isEmpty else {
      return heads.map { head in
        HeadLabel(
          label: given[head] ?? .ambiguous, margin: nil, fits: [], source: given[head] == nil ? .unlabelled : .byHand)
      }
    }
    let lines = described.map { $0.descriptions.map { configuration.pool[$0.index] } }
    let labeller = try InContextLabeller(
      examples: configuration.examples, pool: configuration.pool, names: dataset.names
    ) { [encoder] in try encoder.embeddings(of: $0) }
    let found = try labeller.label(heads: lines, shares: described.map(\.shares))
    guard !given.isEmpty else { return found }
    let merged = heads.enumerated().map { given[$1] ?? found[$0].label }
    let judged = try labeller.judge(labels: merged, heads: lines)
    return heads.enumerated().map { index, head in
      given[head].map { HeadLabel(label: $0, margin: nil, fits: judged[index], source: .byHand) } ?? found[index]
    }
  }
}
