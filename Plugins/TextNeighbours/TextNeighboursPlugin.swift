import Analysis
import Attribution
import Diagnostics
import Tensors

/// Which probe images a head pushes towards a text.
public struct TextNeighboursPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "text-neighbours", title: "Neighbours of a text", version: "2.0.0",
    summary: "For one head and one text, the probe images that this head pushes most towards the text.",
    options: [
      PluginOption(name: "count", summary: "neighbours per text and head", default: 3, range: 1...50),
      PluginOption(name: "texts", summary: "texts on a head's page", default: 4, range: 1...12),
      PluginOption(name: "heads", summary: "heads on a text's page", default: 4, range: 1...12),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let count = try manifest.value(of: "count", in: options)
    let texts = try manifest.value(of: "texts", in: options)
    let heads = try manifest.value(of: "heads", in: options)
    guard !evidence.texts.items.isEmpty, !evidence.probe.items.isEmpty else { return [] }
    let page = TextPages(evidence: evidence)
    let answers = try evidence.mapHeads { try page.answers(of: $0, count: count) }
    return answers.map { page.headSection($0, texts: texts) }
      + evidence.texts.items.indices.flatMap { page.textSections($0, answers, heads: heads) }
  }
}

/// The neighbours of every curated text for one head.
struct TextAnswers {
  let head: Head
  /// The standard deviation over the probe set of the head's dot product with each text, `[M]`.
  let deviations: [Double]
  /// An array of shape `[M]`.
  let neighbours: [NeighbourLists]
}

struct TextPages {
  let evidence: ModelEvidence

  func answers(of head: Head, count: Int) throws -> TextAnswers {
    let index = try NeighbourIndex(head: head, of: evidence.probe.features)
    let queries = evidence.texts.items.indices.map { index.query(text: evidence.texts.embeddings.row($0)) }
    return TextAnswers(
      head: head, deviations: try index.standardDeviations(of: queries),
      neighbours: try index.nearest(to: queries, count: count))
  }

  func headSection(_ answers: TextAnswers, texts: Int) -> Section {
    let chosen = indicesOfLargest(answers.deviations, count: texts)
    let introduction = """
      Probe images that this head pushes most towards a text. Shown for the \(counted(chosen.count, "curated text")) \
      (of \(evidence.texts.items.count)) to which it answers most: those for which its dot product with the text has \
      the largest standard deviation over the probe set. \(explanation)
      """
    let blocks = chosen.flatMap { text in strips(answers, text, "“\(evidence.texts.items[text].text)”") }
    return Section(
      subject: evidence.subject(of: answers.head), plugin: TextNeighboursPlugin.manifest.id, model: evidence.model,
      title: "Texts this head answers to", order: 130, blocks: [.markdown(introduction)] + blocks)
  }

  /// Which heads answer to a text, and the images that the first of them push towards it.
  func textSections(_ text: Int, _ answers: [TextAnswers], heads: Int) -> [Section] {
    let deviations = answers.map { $0.deviations[text] }
    let chosen = indicesOfLargest(deviations, count: heads)
    let links = chosen.map { "[\(answers[$0].head)](/\(evidence.subject(of: answers[$0].head).path)/index.html)" }
    let introduction = """
      Probe images that one head pushes most towards this text. Shown for the \(counted(chosen.count, "head")) (of \
      \(answers.count)) that answer to it most. \(explanation)
      """
    let grid = HeadGrid(
      caption: "How much each head answers to the text, over \(evidence.probe.items.count) probe images",
      model: evidence.model, layers: evidence.shape.layers, heads: evidence.shape.heads,
      measure: "standard deviation of the dot product with the text", isDiverging: false, values: deviations,
      labels: evidence.labels)
    let blocks = chosen.flatMap { strips(answers[$0], text, evidence.name(of: answers[$0].head)) }
    return [
      section(
        text, "Heads that answer to this text", order: 30,
        [.markdown("Most of all: \(links.joined(separator: ", "))."), .headGrid(grid)]),
      section(text, "Images that heads push towards this text", order: 130, [.markdown(introduction)] + blocks),
    ]
  }

  private func section(_ text: Int, _ title: String, order: Int, _ blocks: [Block]) -> Section {
    Section(
      subject: evidence.subject(of: TextIndex(text)), plugin: TextNeighboursPlugin.manifest.id, model: evidence.model,
      title: title, order: order, blocks: blocks)
  }

  private var explanation: String {
    """
    Two rankings: by *dot product* with the text, the reference score; and by *centred cosine*, which takes the head's \
    mean over the probe set away and divides by what is left, so that a large contribution alone does not win.
    """
  }

  private func strips(_ answers: TextAnswers, _ text: Int, _ lead: String) -> [Block] {
    let deviation = answers.deviations[text]
    let lead = "\(lead), standard deviation \(fixed(deviation, decimals: decimals(for: [deviation])))"
    return NeighbourScore.allCases.map { score in
      let neighbours = answers.neighbours[text][score]
      let size = "\(neighbours.count) nearest of \(evidence.probe.items.count) probe images by \(score.title)"
      return .imageStrip(ImageStrip(caption: "\(lead): \(size)", neighbours: neighbours, in: evidence.probe))
    }
  }
}
