import Analysis
import Attribution
import Diagnostics

/// The same heads described by several methods, side by side.
extension ProfilePages {
  /// After how many texts methods are compared.
  private static let compared = 5

  private func explained(_ shares: [Double]?) -> Double? {
    shares.flatMap { $0.count >= Self.compared ? $0[Self.compared - 1] : nil }
  }

  private func lines(_ places: some Sequence<Int>) -> String {
    places.map { evidence.pool.texts[$0] }.joined(separator: "; ")
  }

  private func cell(_ number: Double?, decimals: Int) -> Cell {
    number.map { .number($0, decimals: decimals) } ?? .empty
  }

  private static let columns: [Table.Column] = [
    .init("explained", note: "share of the head's variance along the first \(compared) texts", isNumeric: true),
    .init("unseen", note: "the same on images that the texts were not chosen by", isNumeric: true),
    .init("likeness", note: "mean cosine between the first \(compared) texts", isNumeric: true),
  ]

  /// How many of these labels name something.
  private func labelled(_ labels: [Label]) -> Cell {
    labels.isEmpty ? .empty : .number(Double(labels.count { $0 != .ambiguous }), decimals: 0)
  }

  private var chance: String {
    evidence.chanceLikeness.map {
      " Five texts drawn at random have a likeness of \(fixed($0.mean, decimals: 2)), and 95 % of such sets lie between "
        + "\(fixed($0.lowest, decimals: 2)) and \(fixed($0.highest, decimals: 2))."
    } ?? ""
  }

  func methodsSection(_ head: HeadEvidence) -> Section? {
    guard head.methods.contains(where: { !$0.lines.isEmpty }) else { return nil }
    let table = Table(
      caption: "What each method describes it by, and how much of the head that is: all are measured alike." + chance,
      columns: [.init("method"), .init("first texts")] + Self.columns + [
        .init("label", note: "in context, by these texts")
      ],
      rows: head.methods.map { set in
        [
          .text(set.title), .text(set.lines.prefix(Self.compared).joined(separator: "; ")),
          cell(explained(set.explained), decimals: 3), cell(explained(set.heldOut), decimals: 3),
          cell(set.likeness, decimals: 2), set.label.map { .text(evidence.title(of: $0)) } ?? .empty,
        ]
      })
    return section(
      evidence.subject(of: head.head), "By several methods", order: 30, [.table(table)] + directionBlocks(head))
  }

  private func directionBlocks(_ head: HeadEvidence) -> [Block] {
    guard !head.directions.isEmpty else { return [] }
    let rows = head.directions.enumerated().map { place, direction -> [Cell] in
      func end(_ end: PrincipalDirection.End) -> [Cell] {
        [.text(lines(end.texts.prefix(3))), .number(end.fidelity, decimals: 2)]
      }
      return [.number(Double(place + 1), decimals: 0), .number(direction.share, decimals: 3)] + end(direction.high)
        + end(direction.low)
    }
    return [
      .table(
        Table(
          caption:
            "Its first principal directions: what the images at one end have more of than those at the other. Each end is a sum of "
            + "texts with weights that are not negative (COMP).",
          columns: [
            .init("direction", isNumeric: true), .init("share", note: "of the head's variance", isNumeric: true),
            .init("high end"),
            .init("fidelity", note: "cosine of the sum of texts with the direction", isNumeric: true),
            .init("low end"), .init("fidelity", isNumeric: true),
          ], rows: rows))
    ]
  }

  func methodsModelSection() -> Section? {
    let methods = evidence.heads.first { !$0.methods.isEmpty }?.methods ?? []
    guard evidence.heads.contains(where: { $0.methods.contains { !$0.lines.isEmpty } }) else { return nil }
    let rows = methods.indices.map { place -> [Cell] in
      let sets = evidence.heads.compactMap { $0.methods.indices.contains(place) ? $0.methods[place] : nil }
      func mean(_ numbers: [Double]) -> Cell {
        numbers.isEmpty ? .empty : .number(numbers.reduce(0, +) / Double(numbers.count), decimals: 3)
      }
      return [
        .text(methods[place].title), mean(sets.compactMap { explained($0.explained) }),
        mean(sets.compactMap { explained($0.heldOut) }), mean(sets.compactMap(\.likeness)),
        labelled(sets.compactMap(\.label)),
      ]
    }
    return section(
      .model(evidence.model), "Descriptions by several methods", order: 14,
      [.markdown(Self.methods)] + (given.map { [.markdown($0)] } ?? []) + [
        .table(
          Table(
            caption:
              "Means over the model's \(counted(evidence.heads.count, "head")). Texts that explain much need not be like each other, and "
              + "texts that are need not explain anything: both are shown." + chance,
            columns: [.init("method")] + Self.columns
              + [
                .init(
                  "labelled", note: "heads to which the in-context labeller gives a label by these texts",
                  isNumeric: true)
              ],
            rows: rows))
      ])
  }

  /// What is said of texts that come with the atlas; nil where there are none.
  private var given: String? {
    let found = evidence.heads.compactMap { head in
      head.methods.first { $0.method == "given" && !$0.lines.isEmpty }.map { given in
        (given: given, others: head.methods.first { $0.method == "textspan" }?.lines ?? [])
      }
    }
    guard !found.isEmpty else { return nil }
    let most = found.map(\.others.count).max() ?? 0
    let shared = found.map { pair in Double(pair.given.lines.prefix(most).count { pair.others.contains($0) }) }
    return "The texts in the last row came with the atlas, for \(found.count) of its "
      + "\(counted(evidence.heads.count, "head")): no image here had a part in their choice. Of a head's first \(most), "
      + "\(fixed(shared.reduce(0, +) / Double(shared.count), decimals: 1)) are on average among the \(most) that TextSpan "
      + "chooses from these probe images."
  }

  private static let methods = """
    All methods choose among the same candidate descriptions, from the moments of the probe images alone. **TextSpan** takes the text along \
    which the head varies most, projected on what it can write, and removes its direction (arXiv 2310.05916). **SOMP** takes the \
    text with the largest product with what is left of all images' contributions, **OLS** the one that leaves least of them \
    (arXiv 2510.21518 uses the first). **NNOMP** and **COMP** describe both ends of each of the head's first five principal \
    directions by sums of texts whose weights are not negative; COMP prefers texts that are like those chosen before \
    (arXiv 2603.24653). **COMP of weights** describes what the head would write if what it reads were white noise: it takes no image at all. All but TextSpan take the texts' embeddings less their mean.
    """
}
