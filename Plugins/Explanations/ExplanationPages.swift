import Analysis
import Attribution
import Diagnostics
import Evaluation

/// The sections of one model.
struct ExplanationPages {
  let evidence: ModelEvidence
  let found: LinearExplanations
  /// The first texts against what heads follow, where that is known.
  let truth: LabelTruth?

  var sections: [Section] { zip(evidence.heads, found.heads).compactMap(headSection) + [modelSection] }

  private static func section(_ subject: Subject, _ model: String?, _ title: String, order: Int, _ blocks: [Block])
    -> Section
  {
    Section(
      subject: subject, plugin: ExplanationsPlugin.manifest.id, model: model, title: title, order: order, blocks: blocks
    )
  }

  // MARK: Heads

  private func headSection(_ head: HeadEvidence, _ explanation: LinearExplanation?) -> Section? {
    guard let explanation, !explanation.terms.isEmpty else { return nil }
    let table = Table(
      caption:
        "The texts in the order in which they were chosen: by how many standard deviations what the head writes rises where an image shows one standard "
        + "deviation more of each, and the correlation by this text and those before it. A positive weight points to the images that are shown as most along the "
        + "direction, a negative one to the others.",
      columns: [
        .init("text"),
        .init("weight", isNumeric: true), .init("correlation", note: "on the other images", isNumeric: true),
      ],
      rows: explanation.terms.map { term in
        [
          .text(evidence.pool.texts[term.text]), .number(term.weight, decimals: 2),
          .number(term.correlation, decimals: 2),
        ]
      })
    return Self.section(
      evidence.subject(of: head.head), evidence.model, "What in an image predicts it", order: 31,
      [.markdown(sentence(explanation)), .table(table)])
  }

  private func sentence(_ explanation: LinearExplanation) -> String {
    let (texts, chance) = (counted(explanation.terms.count, "text"), explanation.chance)
    let isBeyond = explanation.correlation > chance.highest
    let first =
      explanation.firstDescription.map { " Its first description alone has \(fixed($0, decimals: 2))." } ?? ""
    return
      "How much an image shows of \(texts) predicts what the head writes along its first principal direction with a correlation of "
      + "\(fixed(explanation.correlation, decimals: 2)), on \(found.images.judging) probe images that nothing was chosen by. That is "
      + (isBeyond ? "beyond chance" : "not beyond chance")
      + ": with as many texts drawn at random and fitted alike it is \(fixed(chance.mean, decimals: 2)), at most "
      + "\(fixed(chance.highest, decimals: 2)) in \(LinearExplanations.draws) draws." + first
  }

  // MARK: The model

  private var known: [LinearExplanation] { found.heads.compactMap { $0 } }

  private static func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }

  private var modelSection: Section {
    let grid = HeadGrid(
      of: evidence, caption: "How well a few texts predict what each head writes along its first principal direction.",
      measure: "correlation on images that nothing was chosen by", isDiverging: true,
      values: found.heads.map { $0?.correlation })
    let count = known.map(\.terms.count).max() ?? 0
    func row(_ name: String, _ numbers: [Double]) -> [Cell] {
      [.text(name), Self.mean(numbers).map { .number($0, decimals: 3) } ?? .empty]
    }
    let table = Table(
      caption:
        "Means over \(counted(known.count, "head")); \(found.images.choosing) images chose texts and weights, \(found.images.judging) others judged. Of "
        + "\(known.count) heads, \(known.count { $0.correlation > $0.chance.highest }) are predicted better than by any of "
        + "\(LinearExplanations.draws) random sets.",
      columns: [.init("predicted by"), .init("correlation", isNumeric: true)],
      rows: [
        row("\(counted(count, "text")), chosen", known.map(\.correlation)),
        row("the first of them alone", known.compactMap(\.terms.first?.correlation)),
        row("the head's first description by TextSpan alone", known.compactMap(\.firstDescription)),
        row("control: \(counted(count, "text")) drawn at random", known.map(\.chance.mean)),
      ])
    return Self.section(
      .model(evidence.model), evidence.model, "What in images predicts its heads", order: 18,
      [.markdown(Self.explanation), .headGrid(grid), .table(table)])
  }

  private static let explanation = """
    Descriptions say what a head *writes*. This asks what in an *image* makes it write: what a head wrote along its first principal direction is predicted by a weighted \
    sum of how much the image shows of a few texts, the dot product of the two embeddings less what this head itself wrote of it. Texts are chosen one after the other by how well they go with what is left \
    (orthogonal matching pursuit), weights are fitted by least squares. Linear explanations of single neurons are scored in the same way (arXiv 2405.06855).
    """

  // MARK: The method

  static func methodSections(_ pages: [ExplanationPages]) -> [Section] {
    let isNamed = pages.count > 1
    let rows = pages.flatMap { page -> [[Cell]] in
      guard let truth = page.truth else { return [] }
      let name: [Cell] = isNamed ? [.text(page.evidence.title)] : []
      return [("as they are", truth.agreeing), ("control: permuted", truth.shuffled)].map {
        name + [.text($0), .number($1, decimals: 3), .number(Double(truth.heads), decimals: 0)]
      }
    }
    guard !rows.isEmpty else { return [] }
    let table = Table(
      caption:
        "The first text of each linear explanation against what the head follows: of the heads whose first text speaks of a property of the scenes, the share "
        + "that follows this property most. Higher is better. The control is the mean over all permutations of the texts among these heads.",
      columns: (isNamed ? [.init("model")] : [])
        + [.init("first texts"), .init("agree", isNumeric: true), .init("heads", isNumeric: true)], rows: rows)
    return [section(.method, nil, "Linear explanations against the scenes", order: 45, [.table(table)])]
  }

  // MARK: Claims

  /// What commentary may claim.
  var values: [String: String] {
    let root = Subject.model(evidence.model).path
    var values: [String: String] = [:]
    values["\(root)/explanations"] = Self.mean(known.map(\.correlation)).map { fixed($0, decimals: 2) }
    values["\(root)/explanations-chance"] = Self.mean(known.map(\.chance.mean)).map { fixed($0, decimals: 2) }
    values["\(root)/explanations-truth"] = truth.map { fixed($0.agreeing, decimals: 2) }
    values["\(root)/explanations-truth-permuted"] = truth.map { fixed($0.shuffled, decimals: 2) }
    for (head, explanation) in zip(evidence.heads, found.heads) {
      guard let explanation, let first = explanation.terms.first else { continue }
      let path = "\(evidence.subject(of: head.head).path)/explanation"
      values["\(path)/correlation"] = fixed(explanation.correlation, decimals: 2)
      values["\(path)/text"] = evidence.pool.texts[first.text]
    }
    return values
  }
}
