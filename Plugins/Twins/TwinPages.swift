import Analysis
import Attribution
import Diagnostics
import Evaluation

/// The sections of all models.
struct TwinPages {
  let models: [ModelEvidence]
  let study: TwinStudy
  /// By model, the fact that each head follows.
  let followed: [[String?]]
  /// Heads in a figure.
  let count: Int

  /// Best twins over permuted images stay below it in this share.
  static let high = 0.99
  static let low = 0.95

  func section(_ subject: Subject, _ model: String?, _ title: String, order: Int, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: TwinsPlugin.manifest.id, model: model, title: title, order: order, blocks: blocks)
  }

  /// The models that one is compared with, itself last.
  private func others(of model: Int) -> [Int] { models.indices.filter { $0 != model } + [model] }

  /// The pairs of a model with twins, itself last.
  private func pairs(of model: Int) -> [(other: Int, pair: TwinPair)] {
    others(of: model).compactMap { other in
      study.pair(model, other).flatMap { $0.meanOfBest == nil ? nil : (other, $0) }
    }
  }

  // MARK: Heads

  /// A head that writes like another one.
  private struct Twin {
    let model: Int
    let other: Int
    let pair: TwinPair
    let twin: TwinPair.Twin
  }

  func headSections(_ model: Int) -> [Section] {
    let (within, across) = (
      pairs(of: model).filter { $0.other == model }, pairs(of: model).filter { $0.other != model }
    )
    let evidence = models[model]
    return evidence.shape.allHeads.enumerated().compactMap { place, head in
      let blocks = [across, within].compactMap { bars(model, $0, place) }
      return blocks.isEmpty
        ? nil
        : section(
          evidence.subject(of: head), evidence.model, "Heads that write alike", order: 13,
          [.markdown(Self.reading)] + blocks.map(Block.bars))
    }
  }

  private static let reading = """
    1 is the same up to a rotation and a scale, 0 what images in another order give. In grey what \(percent(high)) of best twins \
    stay below where images are permuted. Beside each head is what it varies with beyond chance, or else its label.
    """

  private func bars(_ model: Int, _ pairs: [(other: Int, pair: TwinPair)], _ place: Int) -> Bars? {
    let all = pairs.flatMap { other, pair in
      pair.twins(of: place, count: count).map { Twin(model: model, other: other, pair: pair, twin: $0) }
    }
    let found = indicesOfLargest(all.map(\.twin.similarity), count: count).map { all[$0] }
    guard let first = found.first else { return nil }
    let isWithin = first.pair.isWithin
    let compared = pairs.map {
      (heads: models[$0.other].shape.headCount - (isWithin ? 1 : 0), mean: $0.pair.mean(of: place))
    }
    let (heads, images) = (compared.reduce(0) { $0 + $1.heads }, Set(pairs.map(\.pair.images)).sorted())
    let mean = compared.reduce(0) { $0 + $1.mean * Double($1.heads) } / Double(max(heads, 1))
    let scope = isWithin ? "other heads of this model" : "heads of other models"
    return Bars(
      caption:
        "The \(found.count) of \(heads) \(scope) that write most like this one, by debiased linear CKA over "
        + "\(images.map { "\($0)" }.joined(separator: " or ")) probe images. The mean of all \(heads) is \(fixed(mean, decimals: 3)).",
      unit: "CKA", decimals: 3, items: found.map { item($0, of: place, isNamed: !isWithin) })
  }

  private func item(_ twin: Twin, of place: Int, isNamed: Bool) -> Bars.Item {
    let evidence = models[twin.other]
    let head = evidence.shape.allHeads[twin.twin.place]
    let back = study.pair(twin.other, twin.model)?.twins(of: twin.twin.place, count: 1).first
    let notes = [what(head, of: evidence), back?.place == place ? "each other's best" : nil].compactMap { $0 }
    return Bars.Item(
      label: isNamed ? "\(head), \(evidence.title)" : "\(head)", value: twin.twin.similarity,
      link: evidence.subject(of: head), note: notes.isEmpty ? nil : notes.joined(separator: "; "),
      chance: twin.pair.chance(Self.high))
  }

  /// What a head does, where evidence or else its label says so.
  private func what(_ head: Head, of evidence: ModelEvidence) -> String? {
    if let found = evidence.strongestProperty(of: evidence[head]), found.share.isBeyondChance {
      return evidence.properties[found.place].title
    }
    return evidence[head].label == .ambiguous ? nil : evidence.title(of: evidence[head].label)
  }

  // MARK: Models

  func modelSections(_ model: Int) -> [Section] {
    let (evidence, pairs) = (models[model], pairs(of: model))
    let apart = others(of: model).filter { study.pair(model, $0) == nil }
    guard !pairs.isEmpty || (!apart.isEmpty && models.count > 1) else { return [] }
    let across = pairs.filter { $0.other != model }
    let shown = across.isEmpty ? pairs : across
    let grid = HeadGrid(
      of: evidence,
      caption: "How alike each head is to its best twin " + (across.isEmpty ? "in this model." : "in another model."),
      measure: "debiased linear CKA with the best twin",
      values: evidence.shape.allHeads.indices.map { place in
        shown.compactMap { $0.pair.twins(of: place, count: 1).first?.similarity }.max()
      })
    return [
      section(
        .model(evidence.model), evidence.model, "Heads that write alike", order: 17,
        (shown.isEmpty ? [] : [.headGrid(grid)]) + [.table(modelTable(model))])
    ]
  }

  /// A figure of a model beside another one.
  private struct Measure: Sendable {
    let title: String
    /// Of the pair, and of the pair with the models in the other order.
    let value: @Sendable (TwinPair, TwinPair) -> Double?
  }

  private static let measures = [
    Measure(title: "this model's heads with their best twins there, mean") { there, _ in there.meanOfBest },
    Measure(title: "that model's heads with their best twins here, mean") { _, back in back.meanOfBest },
    Measure(title: "chance: \(percent(high)) of best twins there stay below, over permuted images") { there, _ in
      there.chance(high)
    },
    Measure(title: "heads whose best twin is above what \(percent(low)) stay below by chance, share") { there, _ in
      there.beyondChance(low)
    },
    Measure(title: "above what \(percent(high)) stay below, share") { there, _ in there.beyondChance(high) },
    Measure(title: "heads that are the best twin of their best twin, share") { there, _ in there.mutual },
    Measure(title: "heads with the same best twin over either half of the images, share") { there, _ in
      there.returning?.share
    },
    Measure(title: "control: the same with the twins of one half permuted") { there, _ in there.returning?.permuted },
    Measure(title: "the whole embeddings of both models") { there, _ in there.embeddings },
  ]

  private func modelTable(_ model: Int) -> Table {
    let others = others(of: model)
    let isApart = others.contains { study.pair(model, $0) == nil }
    func row(_ title: String, _ cell: (Int) -> Cell) -> [Cell] { [.text(title)] + others.map(cell) }
    let images = row("probe images that both saw and were compared over") { other in
      .number(Double(study.pair(model, other)?.images ?? study.sharedImages(model, other)), decimals: 0)
    }
    return Table(
      caption: "This model's heads beside those of each model, by debiased linear CKA; a head is no twin of its own."
        + (isApart ? " Models that share fewer than \(TwinStudy.fewestImages) probe images are not compared." : ""),
      columns: [.init("what")] + others.map { .init($0 == model ? "this model" : models[$0].title, isNumeric: true) },
      rows: Self.measures.map { measure in
        row(measure.title) { other in
          guard let there = study.pair(model, other), let back = study.pair(other, model) else { return .empty }
          return measure.value(there, back).map { .number($0, decimals: 3) } ?? .empty
        }
      } + [images])
  }

  // MARK: All models

  /// Every model beside every other; nothing where there is one.
  func metricsSections() -> [Section] {
    guard models.count > 1 else { return [] }
    func matrix(_ caption: String, _ value: (TwinPair) -> Double?) -> Table {
      Table(
        caption: caption, columns: [.init("model")] + models.map { .init($0.title, isNumeric: true) },
        rows: models.indices.map { row in
          [.link(models[row].title, .model(models[row].model))]
            + models.indices.map { column in
              study.pair(row, column).flatMap(value).map { .number($0, decimals: 3) } ?? .empty
            }
        })
    }
    return [
      section(
        .metrics, nil, "How alike the heads of models write", order: 16,
        [
          .table(
            matrix(
              "Mean over the heads of a model (rows) of the debiased linear CKA with the head of another model (columns) that writes most like "
                + "it; along the diagonal with another head of the same model.", \.meanOfBest)),
          .table(
            matrix(
              "Chance: what \(percent(Self.high)) of these best twins stay below where the images of the model in the column are permuted.",
              { $0.chance(Self.high) })),
          .table(
            matrix("Whole embeddings in place of heads: debiased linear CKA.", { $0.embeddings })),
        ])
    ]
  }

  /// Twins against what heads follow, where that is known.
  func methodSections() -> [Section] {
    let isNamed = models.count > 1
    let rows = models.indices.flatMap { model in
      pairs(of: model).flatMap { other, pair -> [[Cell]] in
        guard let truth = TwinTruth(pair, followed: followed[model], others: followed[other]) else { return [] }
        let names: [Cell] = isNamed ? [.text(models[model].title), .text(models[other].title)] : []
        return [("as they are", truth.agreeing), ("control: permuted", truth.permuted)].map { name, share in
          names + [.text(name), .number(share, decimals: 3), .number(Double(truth.heads), decimals: 0)]
        }
      }
    }
    guard !rows.isEmpty else { return [] }
    let table = Table(
      caption:
        "Twins against what heads follow: of the heads that follow a fact of the scenes, the share whose best twin follows that very fact. Higher is "
        + "better. The control is the mean over all permutations of what the twins' model follows among its heads.",
      columns: (isNamed ? [.init("heads of"), .init("twins in")] : [])
        + [.init("best twins"), .init("agree", isNumeric: true), .init("heads", isNumeric: true)], rows: rows)
    return [section(.method, nil, "Twins against the scenes", order: 44, [.table(table)])]
  }

  /// What commentary may claim.
  func values(of model: Int) -> [String: String] {
    guard let pair = study.pair(model, model), let mean = pair.meanOfBest else { return [:] }
    let (evidence, root) = (models[model], Subject.model(models[model].model).path)
    let truth = TwinTruth(pair, followed: followed[model], others: followed[model])
    var values = ["\(root)/twins": fixed(mean, decimals: 2)]
    values["\(root)/twins-found-again"] = pair.returning.map { fixed($0.share, decimals: 2) }
    values["\(root)/twins-found-again-permuted"] = pair.returning.map { fixed($0.permuted, decimals: 2) }
    values["\(root)/twins-truth"] = truth.map { fixed($0.agreeing, decimals: 2) }
    values["\(root)/twins-truth-permuted"] = truth.map { fixed($0.permuted, decimals: 2) }
    for (head, twin) in zip(evidence.shape.allHeads, pair.best) {
      guard let twin else { continue }
      let path = evidence.subject(of: head).path
      values["\(path)/twin"] = "\(evidence.shape.allHeads[twin.place])"
      values["\(path)/twin-similarity"] = fixed(twin.similarity, decimals: 2)
    }
    return values
  }
}
