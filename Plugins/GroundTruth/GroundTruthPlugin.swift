import Analysis
import Attribution
import Diagnostics
import Evaluation

/// What the pages say where the truth of the images is known: each figure beside what it must beat.
public struct GroundTruthPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "ground-truth", title: "Ground truth", version: "1.2.0",
    summary:
      "Where the scenes of the images are known: maps, neighbours, labels and descriptions against them, with controls."
  )

  public init() {}

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    let pages = TruthPages(models: try models.map { JudgedModel(evidence: $0, truth: try SceneTruth($0)) })
    return AnalysisResults(
      sections: pages.models.flatMap(pages.followedSections) + pages.methodSections(),
      values: pages.models.map(pages.values).reduce(into: [:]) { $0.merge($1) { $1 } })
  }
}

/// A model with what was checked of it.
struct JudgedModel {
  let evidence: ModelEvidence
  let truth: SceneTruth
}

struct TruthPages {
  let models: [JudgedModel]

  func section(
    _ subject: Subject, _ model: String?, _ title: String, order: Int, _ blocks: [Block]
  ) -> Section {
    Section(
      subject: subject, plugin: GroundTruthPlugin.manifest.id, model: model, title: title, order: order, blocks: blocks)
  }

  // MARK: The method page

  func methodSections() -> [Section] {
    let parts: [(title: String, blocks: [Block])] = [
      ("Maps against the outlines of objects", mapBlocks()),
      ("What heads follow, by the scenes", followedBlocks() + evidenceBlocks() + labelBlocks() + labelSetBlocks()),
      ("Neighbours against the scenes", neighbourBlocks()),
      ("Descriptions against chance", descriptionBlocks()),
    ]
    return parts.enumerated().filter { !$0.element.blocks.isEmpty }.map { place, part in
      section(.method, nil, part.title, order: 40 + place, part.blocks)
    }
  }

  /// A table with rows of every model; where there is more than one, the first column names it.
  func table(_ caption: String, _ columns: [Table.Column], _ rows: (JudgedModel) -> [[Cell]]) -> [Block] {
    let isNamed = models.count > 1
    let rows = models.flatMap { model in
      rows(model).map { (isNamed ? [.text(model.evidence.title)] : []) + $0 }
    }
    guard !rows.isEmpty else { return [] }
    return [.table(Table(caption: caption, columns: (isNamed ? [.init("model")] : []) + columns, rows: rows))]
  }

  private func mapBlocks() -> [Block] {
    let scores: [Table.Column] = [.init("IoU", isNumeric: true), .init("AP", isNumeric: true)]
    func rows(_ maps: MapTruths?, _ names: [MapKind: String]) -> [[Cell]] {
      (maps?.rows ?? []).map { row in
        [
          .text(names[row.kind] ?? row.kind.rawValue), .number(row.score.overlap, decimals: 3),
          .number(row.score.precision, decimals: 3),
        ]
      }
    }
    func counts(_ maps: (SceneTruth) -> MapTruths?) -> String {
      let first = models.lazy.map(\.truth).compactMap(maps).first
      return "\(counted(first?.outlines ?? 0, "outline")) in \(counted(first?.images ?? 0, "gallery image"))"
    }
    let topic = table(
      "Topic maps: does the map of an object's text mark the object? \(counts(\.topic)), on the crop that the "
        + "model sees. The rows below are controls, which it must exceed.", [.init("map")] + scores
    ) { rows($0.truth.topic, Self.topicNames) }
    let contrast = table(
      "Contrastive maps: does the map of text A less that of text B mark A's object? Every two outlined objects "
        + "of an image, both ways: \(counts(\.contrast)). A difference is lowest on B's object, which pulls its "
        + "mean, and with it the threshold of IoU, down: trust AP more.", [.init("map")] + scores
    ) { rows($0.truth.contrast, Self.contrastNames) }
    return topic.isEmpty ? [] : [.markdown(Self.mapScores)] + topic + contrast + segmentationBlocks()
  }

  private func segmentationBlocks() -> [Block] {
    let blocks = table(
      "Zero-shot segmentation: how well the map of an object's text, less the mean of the maps of all objects' texts, "
        + "cuts the object out. The rows below are controls, which it must exceed.",
      [
        .init("map"), .init("pixel accuracy", isNumeric: true), .init("mIoU", isNumeric: true),
        .init("mAP", isNumeric: true), .init("masks", isNumeric: true),
      ]
    ) { model in
      (model.truth.topic?.rows ?? []).compactMap { row in
        row.segmentation.map { score in
          [.text(Self.topicNames[row.kind] ?? row.kind.rawValue)]
            + [score.pixelAccuracy, score.meanIntersectionOverUnion, score.meanAveragePrecision].map {
              .number($0, decimals: 3)
            } + [.number(Double(score.masks), decimals: 0)]
        }
      }
    }
    return blocks.isEmpty ? [] : [.markdown(Self.segmentationScores)] + blocks
  }

  private static let segmentationScores = """
    The scores of the zero-shot segmentation benchmark of arXiv 2310.05916, for comparison with what is published (on \
    ImageNet-Segmentation: pixel accuracy .752, mIoU .545, mAP .816). A pixel is foreground where the map, with \
    what is below zero put to zero, is above its mean. **Pixel accuracy** is the share of all pixels that are told right; **mIoU** the mean over \
    foreground and background of IoU, summed over all masks; **mAP** the mean over masks of the average precision of foreground \
    and background together. Where objects are small, marking nothing has a high pixel accuracy and mAP begins at about a half: \
    compare with the controls. The benchmark takes the text of the class that the model predicts, these maps that of the object.
    """

  private static let mapScores = """
    Both scores go from 0 to 1, higher is better, and are means over outlines. **IoU**: pixels that are found and \
    true, over those that are found or true; a pixel is found where the map is above its own mean. **AP**, average \
    precision, needs no threshold: the area under precision over recall as pixels are taken from the highest to the \
    lowest. Of random numbers it is the share of the image that objects take. Heads, texts and outlines of the \
    controls are drawn at random, with a fixed seed.
    """

  private static let controlNames: [MapKind: String] = [
    .oneHead: "control: one head",
    .otherImage: "control: outlines of other images",
    .centre: "control: a Gaussian around the centre",
    .noise: "control: random numbers",
  ]
  private static let topicNames = controlNames.merging([
    .map: "all heads summed", .randomText: "control: texts of what is not there",
  ]) { $1 }
  private static let contrastNames = controlNames.merging([
    .map: "A − B, all heads summed", .topicAlone: "to compare: A alone",
    .otherOutline: "control: A − B, outline of B", .randomText: "control: two texts of what is not there",
  ]) { $1 }

  private func followedBlocks() -> [Block] {
    let blocks = table(
      "What heads follow: the share of a head's variance over the probe images that each fact of the scenes "
        + "explains, less what chance explains (ε²: 0 by chance, 1 for all). A head follows a fact that explains more "
        + "than any other, and at least \(percent(SceneTruth.floor)).",
      [
        .init("fact"), .init("heads", note: "that follow it", isNumeric: true),
        .init("mean share", note: "over all heads", isNumeric: true), .init("largest", isNumeric: true),
        .init("of head"), .init("values", isNumeric: true), .init("images", note: "compared", isNumeric: true),
      ]
    ) { model in
      model.truth.factNames.map { fact in
        let shares = model.truth.facts.enumerated().compactMap { head, facts in
          facts.first { $0.name == fact }.map { (head: head, explained: $0.explained) }
        }
        let values = shares.map(\.explained.corrected)
        let best = shares[indicesOfLargest(values, count: 1)[0]]
        return [
          .text(fact), .number(Double(model.truth.followed.count { $0 == fact }), decimals: 0),
          .number(values.reduce(0, +) / Double(values.count), decimals: 3),
          .number(best.explained.corrected, decimals: 3), headLink(model, best.head),
          .number(Double(best.explained.values), decimals: 0), .number(Double(best.explained.images), decimals: 0),
        ]
      }
    }
    return blocks.isEmpty ? [] : [.markdown(Self.regression)] + blocks
  }

  private static let regression = """
    No text is used here: what a head writes for the probe images is compared with what is true of them. A fact \
    of objects enters as one number per value, the share of an image's objects that have it, so that images with \
    two objects count as others do; images are compared only with images of as many objects that differ in the \
    fact, and those that lack it are left out. Then the share of variance that a linear regression on these numbers \
    explains is taken (for a fact with one value an image this is the variance between groups), and the share that \
    permuted values would explain is subtracted.
    """

  private func evidenceBlocks() -> [Block] {
    table(
      "Evidence of properties against what heads follow: of the heads that follow a fact that is a property, the share that "
        + "varies most with the words of that very property. Higher is better. Beyond chance although nothing is there: of the "
        + "heads and properties whose fact explains less than \(percent(SceneTruth.nothingExplained)) of the head's variance, "
        + "the share that the evidence puts beyond chance; 0.025 is expected.",
      [.init("evidence"), .init("share", isNumeric: true), .init("heads", isNumeric: true)]
    ) { model in
      guard let truth = model.truth.evidence else { return [] }
      func row(_ name: String, _ share: Double) -> [Cell] {
        [.text(name), .number(share, decimals: 3), .number(Double(truth.heads), decimals: 0)]
      }
      return [row("the strongest property", truth.agreeing)]
        + (model.truth.evidenceBeyondChance.map {
          [row("the strongest property, where it is beyond chance", $0.agreeing)]
        } ?? [])
        + [row("control: the strongest, permuted", truth.shuffled)]
        + (model.truth.falseEvidence.map { share in
          [[.text("beyond chance although nothing is there"), .number(share, decimals: 3), .empty]]
        } ?? [])
    }
  }

  private func labelBlocks() -> [Block] {
    let labels = table(
      "Labels against what heads follow: of the heads whose label is the name of a fact, the share that follows "
        + "that very fact. Higher is better. The control is the mean over all permutations of the same labels.",
      [.init("labels"), .init("agree", isNumeric: true), .init("heads", isNumeric: true)]
    ) { model in
      (model.truth.labels.map { [$0] } ?? []).flatMap { labels in
        [("as they are", labels.agreeing), ("control: permuted", labels.shuffled)].map { name, share in
          [.text(name), .number(share, decimals: 3), .number(Double(labels.heads), decimals: 0)]
        }
      }
    }
    let methods = table(
      "Labels by the descriptions of several methods: of the heads that follow a fact that is a property, the share that the in-context "
        + "labeller gives that very property by the method's texts; a head to which it gives none counts as wrong. Higher is better.",
      [
        .init("method"), .init("agree", isNumeric: true), .init("permuted", note: "control", isNumeric: true),
        .init("heads", isNumeric: true),
      ]
    ) { model in
      model.truth.methods.map { title, truth in
        [
          .text(title), .number(truth.agreeing, decimals: 3), .number(truth.shuffled, decimals: 3),
          .number(Double(truth.heads), decimals: 0),
        ]
      }
    }
    return labels + methods
      + models.compactMap { model in
        model.truth.confusion.map { confusion in
          .table(
            Table(
              caption: "\(model.evidence.title): heads by label (down) and by what they follow (across).",
              columns: [.init("label")] + confusion.truths.map { .init($0, isNumeric: true) },
              rows: zip(confusion.labels, confusion.counts).map { label, counts in
                [.text(label)] + counts.map { $0 == 0 ? .empty : .number(Double($0), decimals: 0) }
              }))
        }
      }
  }

  private func neighbourBlocks() -> [Block] {
    let controls: [Table.Column] = [
      .init("embedding", note: "to compare", isNumeric: true), .init("chance", note: "control", isNumeric: true),
    ]
    let queries = Table.Column("images", isNumeric: true)
    func shares(_ numbers: [Double]) -> [Cell] { numbers.map { .number($0, decimals: 3) } }
    let properties = table(
      "Neighbours by property: a gallery image and the probe images nearest to it by the heads labelled "
        + "with a property: do they agree in the property? Properties without a head or a fact are left out.",
      [
        .init("property"), .init("by cosine", isNumeric: true), .init("by dot", isNumeric: true),
      ] + controls + [.init("heads", isNumeric: true), queries]
    ) { model in
      (model.truth.neighbours?.properties ?? []).map { row in
        [
          .link(
            row.property == row.fact.lowercased() ? row.title : "\(row.title) (\(row.fact))", .property(row.property))
        ] + shares([row.byCosine, row.byDot, row.embedding, row.chance]) + [
          .number(Double(row.heads), decimals: 0), .number(Double(row.queries), decimals: 0),
        ]
      }
    }
    let facts = table(
      "Neighbours by one head: the same for each head alone, by centred cosine, and for every fact.",
      [
        .init("fact"), .init("best head", isNumeric: true), .init("which"),
        .init("best", note: "by chance", isNumeric: true), .init("mean", note: "over heads", isNumeric: true),
      ] + controls + [queries]
    ) { model in
      (model.truth.neighbours?.facts ?? []).map { row in
        let best = indicesOfLargest(row.byHead, count: 1)[0]
        return [.text(row.fact)] + shares([row.byHead[best]]) + [headLink(model, best)]
          + shares([
            row.bestByChance, row.byHead.reduce(0, +) / Double(row.byHead.count), row.embedding, row.chance,
          ])
          + [.number(Double(row.queries), decimals: 0)]
      }
    }
    return facts.isEmpty ? [] : [.markdown(Self.neighbourScores)] + properties + facts
  }

  private static let neighbourScores = """
    Each number is the share of the \(NeighbourTruths.count) nearest probe images that agree with a gallery \
    image in a fact, mean over the gallery images that have the fact; 0 to 1, higher is better. Images with \
    several objects agree if any values of theirs do. **Embedding**, to compare, is the same by the whole image \
    embedding and centred cosine; **chance** is what probe images drawn at random give, computed exactly. The best \
    of many heads is above chance by luck; **best by chance** is how far, if every head chose images at random.
    """

  private func descriptionBlocks() -> [Block] {
    let columns: [Table.Column] = [
      .init("lines of"), .init("all five", isNumeric: true), .init("four or five", isNumeric: true),
    ]
    let agreement = table(
      "Descriptions that name one property: the share of heads of whose first five lines all, or at least four, "
        + "have words of the same property. Higher is better. A random draw is of five lines of the pool.", columns
    ) { model in
      (model.truth.descriptions.map { [$0] } ?? []).flatMap { lines in
        [
          ("the model's \(counted(lines.heads, "head"))", lines.allFive, lines.fourOfFive),
          (
            "control: \(lines.randomHeads) heads of random numbers", lines.randomHeadAllFive,
            lines.randomHeadFourOfFive
          ), ("control: \(DescriptionTruth.draws) random draws", lines.randomAllFive, lines.randomFourOfFive),
        ].map { name, five, four in [.text(name), .number(five, decimals: 3), .number(four, decimals: 3)] }
      }
    }
    let planted = table(
      "Planted texts: what TextSpan makes of heads that truly write lines of the pool. Into the space of each "
        + "head \(PlantedTexts.planted) lines, drawn at random, are written with falling strength and a tenth of "
        + "noise, and TextSpan describes the result. Higher is better. Lines that say nearly the same stand in for "
        + "each other: then few are found, but the variance is explained all the same.",
      [
        .init("\(PlantedTexts.planted) lines"), .init("found", note: "share of planted lines", isNumeric: true),
        .init("variance", note: "share they explain", isNumeric: true), .init("heads", isNumeric: true),
      ]
    ) { model in
      (model.truth.planted.map { [$0] } ?? []).flatMap { planted in
        [
          ("TextSpan's first", planted.found, planted.explained),
          ("to compare: the planted lines", 1, planted.explainedByPlanted),
          ("control: drawn at random", planted.chance, planted.explainedByChance),
        ].map { name, found, explained in
          [
            .text(name), .number(found, decimals: 3), .number(explained, decimals: 3),
            .number(Double(planted.heads), decimals: 0),
          ]
        }
      }
    }
    return agreement + planted
  }

  private func headLink(_ model: JudgedModel, _ place: Int) -> Cell {
    let head = model.evidence.shape.allHeads[place]
    return .link(head.description, model.evidence.subject(of: head))
  }
}
