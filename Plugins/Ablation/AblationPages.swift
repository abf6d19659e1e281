import Analysis
import Attribution
import Diagnostics
import Evaluation
import Foundation

/// The sections of one model.
struct AblationPages {
  let evidence: ModelEvidence
  let study: AblationStudy
  private let measures: [AblationMeasure]

  init(evidence: ModelEvidence, study: AblationStudy) {
    (self.evidence, self.study) = (evidence, study)
    measures = AblationMeasure.known(in: study)
  }

  private static let seed: UInt64 = 1

  private func section(_ subject: Subject, _ title: String, order: Int, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: AblationPlugin.manifest.id, model: evidence.model, title: title, order: order,
      blocks: blocks)
  }

  /// The images and texts that figures are of.
  private var asked: String {
    let question = study.question
    let captions = question.captions > 0 ? "\(counted(question.captions, "caption"))" : ""
    let classes = question.classes > 0 ? "\(question.classes) classes" : ""
    let texts = [captions, classes].filter { !$0.isEmpty }.joined(separator: " and ")
    return "\(counted(question.images.count, "gallery image")) among \(texts)"
  }

  // MARK: The model

  func modelSection(orders: Int) -> Section {
    let curves = measures.filter { $0.axis != nil }
    func figures(_ steps: AblationSteps, _ part: String) -> [Block] {
      let runs = AblationRuns(steps, orders: orders, seed: Self.seed)
      return curves.map { .series(curve($0, runs, part, orders: orders)) }
    }
    return section(
      .model(evidence.model), "Without some of its parts", order: 150,
      [.markdown(Self.introduction)] + figures(study.layers, "the heads of") + figures(study.mlps, "the MLPs of")
        + [.table(layerTable())] + (grid().map { [.headGrid($0)] } ?? []))
  }

  private static let introduction = """
    Each part of the image tower is replaced by its mean, and images are asked for their captions again. These are **direct effects**: \
    what a part wrote into the embedding itself is replaced, and later layers still see what it wrote. Heads are replaced by \
    their means over the probe set, MLPs by their means over the images that are asked about.
    """

  private func curve(_ measure: AblationMeasure, _ runs: AblationRuns, _ part: String, orders: Int) -> Series {
    let random = (0...evidence.shape.layers).map { step in runs.random.map { measure.of($0[step]) }.sorted() }
    return Series(
      caption:
        "What is left of \(asked) where \(part) layers are replaced by their means, one layer after another. From the "
        + "first layer, the last k layers are left in the end. In grey the lowest and the highest of "
        + "\(counted(orders, "random order")) of layers.",
      horizontal: "layers replaced", vertical: measure.axis ?? measure.title,
      ticks: (0...evidence.shape.layers).map { "\($0)" },
      lines: [
        .init(name: "from the last layer", values: runs.fromLast.map(measure.of)),
        .init(name: "from the first layer", values: runs.fromFirst.map(measure.of)),
        .init(name: "random orders, lowest", values: random.map { $0.first ?? 0 }, isControl: true),
        .init(name: "random orders, highest", values: random.map { $0.last ?? 0 }, isControl: true),
      ])
  }

  private func layerTable() -> Table {
    func row(_ name: Cell, _ kind: String, _ found: AblationMeasures) -> [Cell] {
      [name, .text(kind)] + measures.map { .number($0.of(found), decimals: $0.decimals) }
    }
    let (heads, mlps) = (study.layers.each, study.mlps.each)
    let layers = (0..<evidence.shape.layers).flatMap { layer -> [[Cell]] in
      let name = Cell.link("L\(layer)", .layer(model: evidence.model, layer: layer))
      return [row(name, "its heads", heads[layer]), row(name, "its MLP", mlps[layer])]
    }
    let whole = [
      row(.text("nothing"), "", study.whole),
      row(.text("all layers"), "all heads", study.layers.fromLast.last ?? study.whole),
      row(.text("all layers"), "all MLPs", study.mlps.fromLast.last ?? study.whole),
      row(.text("everything"), "every image is the same", study.nothing),
    ]
    let chance =
      [.text("guessing"), .empty]
      + measures.map { measure in
        measure.value(study.question.chance).map { Cell.number($0, decimals: measure.decimals) } ?? .empty
      }
    return Table(
      caption: "What is left of \(asked) where parts are replaced by their means.",
      columns: [.init("replaced"), .init("part")]
        + measures.map { Table.Column($0.title, note: $0.note, isNumeric: true) }, rows: whole + [chance] + layers)
  }

  private func grid() -> HeadGrid? {
    measures.first { $0.axis != nil }.map { measure in
      HeadGrid(
        of: evidence, caption: "Without each head: below 0 where it is missed. Of \(asked).",
        measure: "change of the \(measure.axis ?? measure.title)", isDiverging: true,
        values: study.heads.map { measure.change($0, from: study.whole) })
    }
  }

  // MARK: A head

  func headSection(_ head: Head, matched: Int) -> Section {
    let place = evidence.shape.index(of: head)
    let others = matchedHeads(of: place, count: matched)
    func row(_ name: String, _ number: (AblationMeasure) -> Double?) -> [Cell] {
      [.text(name)] + measures.map { measure in number(measure).map { .text(measure.signed($0)) } ?? .empty }
    }
    func changes(_ measure: AblationMeasure) -> [Double] {
      others.map { measure.change(study.heads[$0], from: study.whole) }
    }
    let names = others.map { "\(evidence.shape.allHeads[$0])" }.joined(separator: ", ")
    let controls =
      others.isEmpty
      ? []
      : [
        row("random heads, mean") { changes($0).reduce(0, +) / Double(others.count) },
        row("random heads, lowest") { changes($0).min() }, row("random heads, highest") { changes($0).max() },
      ]
    return section(
      evidence.subject(of: head), "Without this head", order: 12,
      [
        .markdown(sentence(place, others)),
        .table(
          Table(
            caption: "What changes of \(asked) where a head's direct contribution is replaced by its mean over "
              + "\(counted(evidence.probe.items.count, "probe image"))"
              + (others.isEmpty
                ? "." : ", beside \(counted(others.count, "random head")) of about its variance: \(names)."),
            columns: [.init("replaced")] + measures.map { Table.Column($0.title, note: $0.note, isNumeric: true) },
            rows: [row("this head") { $0.change(study.heads[place], from: study.whole) }] + controls)),
      ])
  }

  private func sentence(_ place: Int, _ others: [Int]) -> String {
    guard let measure = measures.first(where: { $0.axis != nil }) else { return "" }
    let change = measure.change(study.heads[place], from: study.whole)
    let rivals = others.map { measure.change(study.heads[$0], from: study.whole) }
    let (lowest, highest) = (rivals.min() ?? change, rivals.max() ?? change)
    let verdict =
      rivals.isEmpty
      ? ""
      : change < lowest
        ? " That is lower than without any of the random heads."
        : change > highest
          ? " That is higher than without any of the random heads." : " That is within what the random heads give."
    func number(_ measures: AblationMeasures) -> String { fixed(measure.of(measures), decimals: measure.decimals) }
    return "Without it the \(measure.axis ?? measure.title) is \(number(study.heads[place])), with it "
      + "\(number(study.whole)).\(verdict) Later layers still see what it wrote: this is its direct effect."
  }

  /// Heads drawn at random among the nearest by variance, twice as many as are drawn, by their places.
  private func matchedHeads(of place: Int, count: Int) -> [Int] {
    func distance(_ other: Int) -> Double {
      abs(log(max(evidence.heads[other].variance, 1e-12)) - log(max(evidence.heads[place].variance, 1e-12)))
    }
    let nearest = evidence.heads.indices.filter { $0 != place }.map { (distance: distance($0), place: $0) }
      .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
    return Control.draw(count, of: nearest.prefix(2 * count).map(\.place), seed: Self.seed + UInt64(place))
  }
}

/// The curves of one kind of part.
struct AblationRuns {
  let fromLast: [AblationMeasures]
  let fromFirst: [AblationMeasures]
  /// One for each order.
  let random: [[AblationMeasures]]

  init(_ steps: AblationSteps, orders: Int, seed: UInt64) {
    (fromLast, fromFirst) = (steps.fromLast, steps.fromFirst)
    random = steps.atRandom(orders, seed: seed)
  }
}
