import Analysis
import Attribution
import CLIP
import Diagnostics
import Evaluation
import Metrics
import Site

/// What the pages say where the truth of the images is known: each figure beside what it must beat.
extension CoreSections {
  // MARK: The method page

  func truthSections() -> [Section] {
    let parts: [(title: String, blocks: [Block])] = [
      ("Maps against the outlines of objects", mapBlocks()),
      ("What heads follow, by the scenes", followedBlocks() + labelBlocks()),
      ("Neighbours against the scenes", neighbourBlocks()),
      ("Descriptions against chance", descriptionBlocks()),
    ]
    return parts.enumerated().filter { !$0.element.blocks.isEmpty }.map { place, part in
      section(.method, nil, part.title, order: 40 + place, part.blocks)
    }
  }

  /// A table with rows of every model; where there is more than one, the first column names it.
  private func table(
    _ caption: String, _ columns: [Table.Column], _ rows: (ModelStudy, TruthReport) -> [[Cell]]
  ) -> [Block] {
    let isNamed = studies.count > 1
    let rows = zip(studies, truths).flatMap { study, truth in
      rows(study, truth).map { (isNamed ? [.text(study.evidence.title)] : []) + $0 }
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
    func counts(_ maps: (TruthReport) -> MapTruths?) -> String {
      let first = truths.lazy.compactMap(maps).first
      return "\(counted(first?.outlines ?? 0, "outline")) in \(counted(first?.images ?? 0, "gallery image"))"
    }
    let topic = table(
      "Topic maps: does the map of an object's text mark the object? \(counts(\.topic)), on the crop that the "
        + "model sees. Below the map in question stand the controls that it must beat.", [.init("map")] + scores
    ) { rows($1.topic, Self.topicNames) }
    let contrast = table(
      "Contrastive maps: does the map of text A less that of text B mark A's object? Every two outlined objects "
        + "of an image, both ways: \(counts(\.contrast)). A difference is lowest on B's object, which pulls its "
        + "mean, and with it the threshold of IoU, down: trust AP more.", [.init("map")] + scores
    ) { rows($1.contrast, Self.contrastNames) }
    return topic.isEmpty ? [] : [.markdown(Self.mapScores)] + topic + contrast
  }

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
    .centre: "control: a bell around the centre",
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
        + "explains, less what chance gives (ε²: 0 by chance, 1 for all). A head follows a fact that explains more "
        + "than any other, and at least \(percent(TruthReport.floor)).",
      [
        .init("fact"), .init("heads", note: "that follow it", isNumeric: true),
        .init("mean share", note: "over all heads", isNumeric: true), .init("largest", isNumeric: true),
        .init("of head"), .init("values", isNumeric: true), .init("images", note: "compared", isNumeric: true),
      ]
    ) { study, truth in
      study.factNames.map { fact in
        let shares = study.follows.enumerated().compactMap { head, facts in
          facts.first { $0.name == fact }.map { (head: head, explained: $0.explained) }
        }
        let values = shares.map(\.explained.corrected)
        let best = shares[indicesOfLargest(values, count: 1)[0]]
        return [
          .text(fact), .number(Double(truth.followed.count { $0 == fact }), decimals: 0),
          .number(values.reduce(0, +) / Double(values.count), decimals: 3),
          .number(best.explained.corrected, decimals: 3), headLink(study, best.head),
          .number(Double(best.explained.values), decimals: 0), .number(Double(best.explained.images), decimals: 0),
        ]
      }
    }
    return blocks.isEmpty ? [] : [.markdown(Self.regression)] + blocks
  }

  private static let regression = """
    No text takes part here: what a head writes for the probe images is held against what is true of them. A fact \
    of objects enters as one number per value, the share of an image's objects that have it, so that images with \
    two objects count as others do; images are compared only with images of as many objects that differ in the \
    fact, and those that lack it are left out. Then the share of variance that a linear regression on these numbers \
    explains is taken (for a fact with one value an image this is the variance between groups), and the share that \
    values dealt out at random would explain is taken off.
    """

  private func labelBlocks() -> [Block] {
    let labels = table(
      "Labels against what heads follow: of the heads whose label is the name of a fact, the share that follows "
        + "that very fact. Higher is better. The control is the mean over all ways to deal out the same labels.",
      [.init("labels"), .init("agree", isNumeric: true), .init("heads", isNumeric: true)]
    ) { _, truth in
      (truth.labels.map { [$0] } ?? []).flatMap { labels in
        [("as they are", labels.agreeing), ("control: dealt out at random", labels.shuffled)].map { name, share in
          [.text(name), .number(share, decimals: 3), .number(Double(labels.heads), decimals: 0)]
        }
      }
    }
    return labels
      + zip(studies, truths).compactMap { study, truth in
        truth.confusion.map { confusion in
          .table(
            Table(
              caption: "\(study.evidence.title): heads by label (down) and by what they follow (across).",
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
    ) { _, truth in
      (truth.neighbours?.properties ?? []).map { row in
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
    ) { study, truth in
      (truth.neighbours?.facts ?? []).map { row in
        let best = indicesOfLargest(row.byHead, count: 1)[0]
        return [.text(row.fact)] + shares([row.byHead[best]]) + [headLink(study, best)]
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
    of many heads is above chance by luck; **best by chance** is how far, if every head named images at random.
    """

  private func descriptionBlocks() -> [Block] {
    let columns: [Table.Column] = [
      .init("lines of"), .init("all five", isNumeric: true), .init("four or five", isNumeric: true),
    ]
    let agreement = table(
      "Descriptions that name one property: the share of heads of whose first five lines all, or at least four, "
        + "have words of the same property. Higher is better. A random draw is of five lines of the pool.", columns
    ) { study, truth in
      (truth.descriptions.map { [$0] } ?? []).flatMap { lines in
        [
          ("the model's \(counted(lines.heads, "head"))", lines.allFive, lines.fourOfFive),
          (
            "control: \(study.randomHeads.count) heads of random numbers", lines.randomHeadAllFive,
            lines.randomHeadFourOfFive
          ), ("control: \(TruthReport.draws) random draws", lines.randomAllFive, lines.randomFourOfFive),
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
    ) { _, truth in
      (truth.planted.map { [$0] } ?? []).flatMap { planted in
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

  private func headLink(_ study: ModelStudy, _ place: Int) -> Cell {
    let head = study.shape.allHeads[place]
    return .link(head.description, study.evidence.subject(of: head))
  }

  // MARK: Models and heads

  /// What each head follows, for the model's page and the heads' own; none where no fact is known.
  func followedSections(_ study: ModelStudy, _ truth: TruthReport) -> [Section] {
    guard !study.factNames.isEmpty else { return [] }
    let grid = HeadGrid(
      caption: "How much of each head's variance the one fact explains that it follows most; the table says which.",
      model: study.evidence.model, layers: study.shape.layers, heads: study.shape.heads,
      measure: "share of the head's variance, less what chance gives (ε²)", isDiverging: false,
      values: study.follows.map { $0.first?.explained.corrected },
      labels: truth.followed.map { $0 ?? TruthReport.nothing })
    return [
      section(
        .model(study.evidence.model), study.evidence.model, "What the scenes say of its heads", order: 15,
        [.headGrid(grid)])
    ] + study.evidence.heads.compactMap { followedSection(study, truth, $0.head) }
  }

  private func followedSection(_ study: ModelStudy, _ truth: TruthReport, _ head: Head) -> Section? {
    let place = study.shape.index(of: head)
    let facts = study.follows[place]
    guard !facts.isEmpty else { return nil }
    let followed =
      truth.followed[place].map { "It follows \($0)." }
      ?? "It follows none, since none reaches \(percent(TruthReport.floor))."
    let bars = Bars(
      caption:
        "Share of this head's variance over the probe images that each fact of their scenes explains, less what "
        + "chance gives (ε²: near 0 for a fact that the head ignores, 1 if it writes nothing else). " + followed,
      unit: "share of the head's variance", decimals: 3,
      items: facts.map {
        .init(
          label: $0.name, value: $0.explained.corrected,
          note: "\($0.explained.values) values, \($0.explained.images) images")
      })
    return section(
      .head(model: study.evidence.model, head: head), study.evidence.model, "What the scenes say", order: 12,
      [.bars(bars)] + (truth.neighbours.map { [.table(neighbourTable($0, place))] } ?? []))
  }

  private func neighbourTable(_ neighbours: NeighbourTruths, _ place: Int) -> Table {
    Table(
      caption:
        "Of the \(NeighbourTruths.count) probe images nearest to a gallery image by this head's centred "
        + "cosine, the share that agrees with it in a fact; mean over the gallery images that have the fact.",
      columns: [
        .init("fact"), .init("this head", isNumeric: true),
        .init("whole embedding", note: "to compare", isNumeric: true),
        .init("chance", note: "images drawn at random", isNumeric: true),
        .init("gallery images", isNumeric: true),
      ],
      rows: neighbours.facts.map { fact in
        [.text(fact.fact)] + [fact.byHead[place], fact.embedding, fact.chance].map { .number($0, decimals: 3) } + [
          .number(Double(fact.queries), decimals: 0)
        ]
      })
  }

  // MARK: Claims

  /// The part of `values()` that needs the truth.
  func truthValues(_ study: ModelStudy, _ truth: TruthReport) -> [String: String] {
    let model = "model/\(study.evidence.model)"
    var numbers: [String: Double] = [:]
    for (prefix, maps) in [("", truth.topic), ("contrast-", truth.contrast)] {
      for row in maps?.rows ?? [] {
        numbers["\(prefix)iou\(row.kind.claim)"] = row.score.overlap
        numbers["\(prefix)ap\(row.kind.claim)"] = row.score.precision
      }
    }
    for row in truth.neighbours?.properties ?? [] {
      numbers["neighbours/\(row.property)/\(row.fact)"] = row.byCosine
    }
    for row in truth.neighbours?.facts ?? [] {
      numbers["neighbours-embedding/\(row.fact)"] = row.embedding
      numbers["neighbours-chance/\(row.fact)"] = row.chance
    }
    numbers["one-property"] = truth.descriptions?.allFive
    numbers["one-property-random"] = truth.descriptions?.randomAllFive
    numbers["planted"] = truth.planted?.found
    numbers["planted-chance"] = truth.planted?.chance
    numbers["planted-explained"] = truth.planted?.explained
    numbers["planted-explained-chance"] = truth.planted?.explainedByChance
    var values = numbers.mapValues { fixed($0, decimals: 3) }
    values["label-truth"] = truth.labels.map { fixed($0.agreeing, decimals: 2) }
    values["label-truth-shuffled"] = truth.labels.map { fixed($0.shuffled, decimals: 2) }
    for (place, head) in study.shape.allHeads.enumerated() where !study.factNames.isEmpty {
      let path = "head/\(head.padded)"
      values["\(path)/true-property"] = truth.followed[place] ?? TruthReport.nothing
      for fact in study.follows[place] {
        values["\(path)/follows/\(fact.name)"] = fixed(fact.explained.corrected, decimals: 2)
      }
      for fact in truth.neighbours?.facts ?? [] {
        values["\(path)/neighbours/\(fact.fact)"] = fixed(fact.byHead[place], decimals: 2)
      }
    }
    return Dictionary(uniqueKeysWithValues: values.map { ("\(model)/\($0)", $1) })
  }
}

extension MapKind {
  /// What a claim of it ends in.
  fileprivate var claim: String {
    switch self {
    case .map: ""
    case .topicAlone: "-topic"
    case .otherOutline: "-other"
    case .oneHead: "-head"
    case .randomText: "-text"
    case .otherImage: "-shuffled"
    case .centre: "-centre"
    case .noise: "-random"
    }
  }
}

extension ModelStudy {
  /// The facts that any head was held against, sorted.
  var factNames: [String] { Set(follows.joined().map(\.name)).sorted() }
}
