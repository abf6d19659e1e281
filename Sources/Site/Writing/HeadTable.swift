import Analysis
import Attribution

/// All heads of some models as comma-separated values: a row per head, a column per fact.
///
/// The columns are the same for every model and in the same order; a field is empty where the fact is not known.
struct HeadTable {
  /// The columns that every table has, with what stands in them.
  static let columns: [(name: String, meaning: String)] = [
    ("model", "identifier of the model"),
    ("layer", "from 0"),
    ("head", "place in the layer, from 0"),
    ("name", "the layer and the head, as pages have them"),
    ("page", "path of the head’s page below the site"),
    ("verdict", "the evidence in a sentence"),
    ("label", "the label that pages show"),
    ("property", "identifier of the property that the head varies with most, whether or not beyond chance"),
    ("evidence", "(share − chance mean) / (1 − chance mean): 0 by chance, 1 for all of the variance"),
    ("chance", "the evidence that 2.5 % of random candidate descriptions pass"),
    ("beyond_chance", "yes where evidence is more than chance, else no"),
    ("share", "share of the head’s variance along the words of the property"),
    ("chance_mean", "the mean of that share for random candidate descriptions"),
    ("chance_low", "2.5 % of random candidate descriptions have a lower share"),
    ("chance_high", "2.5 % of random candidate descriptions have a higher share"),
    ("fitting_descriptions", "CCS: how many of the first five descriptions fit the label, 0 to 5"),
    ("label_stability", "share of bootstraps in which the label in context comes back"),
    ("effective_rank", "in about how many directions the head varies"),
    ("share_of_variance", "share of the variance of all heads of the model"),
  ]
  /// What stands in the columns after these, whose names begin so.
  static let further: [(name: String, meaning: String)] = [
    ("label_by_…", "the label by each labeller of the atlas, by its identifier"),
    ("PLUGIN: …", "a number per head of an analysis, such as what is lost without the head, with its unit"),
  ]

  private let content: SiteContent
  private let models: [SiteContent.Model]

  init(_ content: SiteContent, of models: [SiteContent.Model]) { (self.content, self.models) = (content, models) }

  var text: String {
    let labellers = distinct(models.flatMap(\.labellers))
    let measures = Dictionary(models.map { ($0.id, self.measures(of: $0)) }) { first, _ in first }
    let names = distinct(
      models.flatMap { model in
        let own = ownNumbers(of: model)
        return (measures[model.id] ?? []).filter { !own.contains($0.values) }.map(\.name)
      })
    var rows = CommaSeparated()
    rows.add(
      Self.columns.map(\.name) + labellers.map { CommaSeparated.field("label_by_\($0)") }
        + names.map(CommaSeparated.field))
    for model in models {
      let known = Dictionary(measures[model.id] ?? []) { first, _ in first }
      for (index, head) in model.shape.allHeads.enumerated() {
        let labels = Dictionary(zip(model.labellers, model.summary(of: head)?.labels ?? [])) { first, _ in first }
        rows.add(
          fields(of: head, in: model) + labellers.map { CommaSeparated.field((labels[$0] ?? nil) ?? "") }
            + names.map { number(known[$0].flatMap { $0[index] }) })
      }
    }
    return rows.text
  }

  private func fields(of head: Head, in model: SiteContent.Model) -> [String] {
    let summary = model.summary(of: head)
    let first = summary?.evidence.first
    let texts = [
      model.id, "\(head.layer)", "\(head.head)", "\(head)", Subject.head(model: model.id, head: head).path,
      summary?.evidenceSentence(content.properties) ?? "", model.label(of: head), first?.property ?? "",
    ]
    return texts.map(CommaSeparated.field) + [
      number(first?.excess), number(first?.chance), first.map { $0.isBeyondChance ? "yes" : "no" } ?? "",
      number(first?.share?.share), number(first?.share?.chance), number(first?.share?.lowest),
      number(first?.share?.highest), summary?.consistency.map { "\($0)" } ?? "", number(summary?.labelStability),
      number(summary?.effectiveRank), number(summary?.variance),
    ]
  }

  /// The numbers that have columns of their own, in the order of heads.
  private func ownNumbers(of model: SiteContent.Model) -> [[Double?]] {
    let summaries = model.summaries
    return [
      summaries.map { $0.evidence.first?.excess }, summaries.map { $0.strongest?.excess }, summaries.map(\.variance),
      summaries.map(\.effectiveRank), summaries.map { $0.consistency.map(Double.init) },
      summaries.map(\.labelStability),
    ]
  }

  /// The numbers of the grids on the model's page, in the order of heads.
  private func measures(of model: SiteContent.Model) -> [(name: String, values: [Double?])] {
    content.sections.filter { $0.subject == .model(model.id) }.flatMap { section in
      section.blocks.compactMap { block in
        guard case .headGrid(let grid) = block, grid.model == model.id, grid.values.count == model.shape.headCount
        else { return nil }
        return (name: "\(section.plugin): \(grid.measure)", values: grid.values)
      }
    }
  }

  private func number(_ value: Double?) -> String { value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }

  private func distinct(_ names: [String]) -> [String] {
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }
}
