import Analysis
import Attribution
import Diagnostics
import Evaluation

/// What each head follows, for the model's page and the heads' own, and the values that commentary may name.
extension TruthPages {
  // MARK: Models and heads

  /// What each head follows, for the model's page and the heads' own; none where no fact is known.
  func followedSections(_ model: JudgedModel) -> [Section] {
    guard !model.truth.factNames.isEmpty else { return [] }
    let evidence = model.evidence
    let grid = HeadGrid(
      caption: "How much of each head's variance the one fact explains that it follows most; the table says which.",
      model: evidence.model, layers: evidence.shape.layers, heads: evidence.shape.heads,
      measure: "share of the head's variance, less what chance explains (ε²)", isDiverging: false,
      values: model.truth.facts.map { $0.first?.explained.corrected },
      labels: model.truth.followed.map { $0 ?? SceneTruth.nothing })
    return [
      section(
        .model(evidence.model), evidence.model, "What the facts of the scenes explain", order: 15,
        [.headGrid(grid)])
    ] + evidence.heads.compactMap { followedSection(model, $0.head) }
  }

  private func followedSection(_ model: JudgedModel, _ head: Head) -> Section? {
    let (evidence, truth) = (model.evidence, model.truth)
    let place = evidence.shape.index(of: head)
    let facts = truth.facts[place]
    guard !facts.isEmpty else { return nil }
    let followed =
      truth.followed[place].map { "It follows \($0)." }
      ?? "It follows none, since none reaches \(percent(SceneTruth.floor))."
    let bars = Bars(
      caption:
        "Share of this head's variance over the probe images that each fact of their scenes explains, less what "
        + "chance explains (ε²: near 0 for a fact that the head ignores, 1 if it writes nothing else). " + followed,
      unit: "share of the head's variance", decimals: 3,
      items: facts.map {
        .init(
          label: $0.name, value: $0.explained.corrected,
          note: "\($0.explained.values) values, \($0.explained.images) images")
      })
    return section(
      evidence.subject(of: head), evidence.model, "What the scenes say", order: 12,
      [.bars(bars)] + (model.truth.neighbours.map { [.table(neighbourTable($0, place))] } ?? []))
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

  func values(of model: JudgedModel) -> [String: String] {
    let (evidence, truth) = (model.evidence, model.truth)
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
    values["evidence-truth"] = truth.evidence.map { fixed($0.agreeing, decimals: 2) }
    values["evidence-truth-shuffled"] = truth.evidence.map { fixed($0.shuffled, decimals: 2) }
    values["label-sets"] = truth.labelSets.map { fixed($0.coverage, decimals: 2) }
    values["label-sets-permuted"] = truth.labelSets.map { fixed($0.permuted, decimals: 2) }
    values["property-sets"] = truth.propertySets.map { fixed($0.coverage, decimals: 2) }
    values["property-sets-permuted"] = truth.propertySets.map { fixed($0.permuted, decimals: 2) }
    values["property-sets-size"] = truth.propertySets.map { fixed($0.size, decimals: 1) }
    values["label-sets-size"] = truth.labelSets.map { fixed($0.size, decimals: 1) }
    values["false-evidence"] = truth.falseEvidence.map { fixed($0, decimals: 3) }
    values["label-truth"] = truth.labels.map { fixed($0.agreeing, decimals: 2) }
    values["label-truth-shuffled"] = truth.labels.map { fixed($0.shuffled, decimals: 2) }
    for (place, head) in evidence.shape.allHeads.enumerated() where !truth.factNames.isEmpty {
      let path = "head/\(head.padded)"
      values["\(path)/true-property"] = truth.followed[place] ?? SceneTruth.nothing
      for fact in truth.facts[place] {
        values["\(path)/follows/\(fact.name)"] = fixed(fact.explained.corrected, decimals: 2)
      }
      for fact in truth.neighbours?.facts ?? [] {
        values["\(path)/neighbours/\(fact.fact)"] = fixed(fact.byHead[place], decimals: 2)
      }
    }
    let path = Subject.model(evidence.model).path
    return Dictionary(uniqueKeysWithValues: values.map { ("\(path)/\($0)", $1) })
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
