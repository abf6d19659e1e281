import Analysis
import Attribution
import Diagnostics
import Tensors

/// For every head: which gallery images are nearest to another caption once the head's contribution is replaced by its mean.
struct MeanAblation: AnalysisPlugin {
  static let manifest = PluginManifest(
    id: "mean-ablation", title: "Mean ablation", version: "1.0.0",
    summary: "Which head's direct contribution the nearest caption of gallery images depends on.",
    options: [PluginOption(name: "count", summary: "images in a head's table", default: 6, range: 1...30)])

  func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    let images = evidence.gallery.indices.filter { evidence.gallery[$0].caption != nil }
    guard images.count > 1, !evidence.probe.items.isEmpty else { return [] }
    let world = CaptionedImages(evidence, images)
    let outcomes = try evidence.mapHeads { try world.outcome(without: $0) }
    let heads = zip(evidence.shape.allHeads, outcomes).compactMap { head, outcome in
      section(of: head, outcome, world, count: count)
    }
    return heads + [overview(outcomes, world)]
  }

  /// Nil where no answer changes.
  private func section(of head: Head, _ outcome: Outcome, _ world: CaptionedImages, count: Int) -> Section? {
    let evidence = world.evidence
    let changed = outcome.answers.indices.filter { outcome.answers[$0] != world.answers[$0] }
    guard !changed.isEmpty else { return nil }
    let rows = changed.prefix(count).map { place -> [Cell] in
      let image = world.images[place]
      return [
        .image(evidence.gallery[image].reference), .link(evidence.gallery[image].title, evidence.subject(of: image)),
        .text(world.caption(world.answers[place])), .text(world.caption(outcome.answers[place])),
      ]
    }
    let table = Table(
      caption: "\(rows.count) of the \(counted(changed.count, "image")), of \(world.images.count) with a caption, whose nearest "
        + "caption changes where the head's contribution is replaced by its mean over \(evidence.probe.items.count) probe images",
      columns: ["Image", "Its caption", "Nearest with the head", "Nearest without"].map { Table.Column($0) }, rows: rows)
    return Section(
      subject: evidence.subject(of: head), plugin: manifest.id, model: evidence.model, title: "Without this head",
      order: 160, blocks: [.table(table)])
  }

  private func overview(_ outcomes: [Outcome], _ world: CaptionedImages) -> Section {
    let evidence = world.evidence
    let grid = HeadGrid(
      of: evidence,
      caption: "\(evidence.title): the change of accuracy of \(world.images.count) images among their captions without each "
        + "head. With all heads \(percent(world.accuracy(world.answers))) have their own caption as the nearest.",
      measure: "accuracy without the head less accuracy with it", isDiverging: true,
      values: outcomes.map { world.accuracy($0.answers) - world.accuracy(world.answers) })
    return Section(
      subject: .model(evidence.model), plugin: manifest.id, model: evidence.model, title: "Mean ablation", order: 160,
      blocks: [.headGrid(grid)])
  }
}

/// What is nearest once a head is replaced.
struct Outcome: Sendable {
  /// The place of the nearest caption of each image.
  let answers: [Int]
}

/// The gallery images with captions, and how near each of them is to each caption.
struct CaptionedImages: Sendable {
  let evidence: ModelEvidence
  let images: [GalleryIndex]
  /// The place of the nearest caption of each image.
  let answers: [Int]
  private let similarity: AblatedSimilarity

  init(_ evidence: ModelEvidence, _ images: [GalleryIndex]) {
    let captions = evidence.gallery.captionEmbeddings
    (self.evidence, self.images) = (evidence, images)
    similarity = AblatedSimilarity(
      evidence, images: images,
      texts: Tensor(shape: [images.count, captions.rowCount], values: images.flatMap { captions.row($0.place) }))
    answers = ZeroShot(scores: similarity.whole).answers
  }

  func caption(_ place: Int) -> String { evidence.gallery[images[place]].title }

  /// The share of images whose nearest caption has the words of their own.
  func accuracy(_ answers: [Int]) -> Double {
    Double(answers.indices.count { caption(answers[$0]) == caption($0) }) / Double(answers.count)
  }

  /// The answers once what `head` wrote is its mean over the probe set.
  func outcome(without head: Head) throws -> Outcome {
    Outcome(answers: ZeroShot(scores: try similarity.without([head])).answers)
  }
}
