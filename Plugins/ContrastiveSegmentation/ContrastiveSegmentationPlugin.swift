import Analysis
import Attribution
import Diagnostics
import Tensors

/// Where in an image one text beats another.
public struct ContrastiveSegmentationPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "contrastive-segmentation", title: "Contrastive segmentation", version: "2.0.0",
    summary: "Where in an image one text beats another, all heads summed and head by head.",
    options: [
      PluginOption(name: "heads", summary: "heads shown per contrast", default: 4, range: 1...12),
      PluginOption(name: "examples", summary: "contrasts on a head's page", default: 4, range: 1...12),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let heads = try manifest.value(of: "heads", in: options)
    let examples = try manifest.value(of: "examples", in: options)
    let contrasts = evidence.contrasts
    guard !contrasts.isEmpty else { return [] }
    let pages = ContrastPages(evidence: evidence, registers: try evidence.registerPatches())
    // An image's contrasts together, so that it runs through the model once.
    let byImage = Dictionary(grouping: contrasts.indices) { contrasts[$0].image }.sorted { $0.key < $1.key }
    let asked = byImage.map { image, own in
      PatchQuestion(image: image, texts: own.flatMap { [contrasts[$0].first, contrasts[$0].second] })
    }
    var found = [ContrastMaps?](repeating: nil, count: contrasts.count)
    try evidence.forEachPatchScores(of: asked) { place, scores in
      for (order, contrast) in byImage[place].value.enumerated() {
        let difference = scores[2 * order].subtracting(scores[2 * order + 1])
        found[contrast] = ContrastMaps(contrasts[contrast], difference, evidence.shape, heads: heads)
      }
    }
    let maps = found.compactMap { $0 }
    return maps.flatMap(pages.contrastSections)
      + byImage.map { image, own in pages.imageSection(image, own.map { maps[$0] }) }
      + evidence.shape.allHeads.compactMap { pages.headSection($0, maps, examples: examples) }
  }
}

/// The difference of two texts' patch scores on one image.
struct ContrastMaps {
  struct HeadMap {
    let head: Head
    let values: [Float]  // [P], A − B
    /// Its share of the mean |A − B| of all heads.
    let share: Double
  }
  let contrast: Contrast
  /// A − B, all heads summed, `[P]`.
  let forward: [Float]
  /// The heads with the largest mean |A − B|, largest first.
  let strongest: [HeadMap]
  /// A − B summed over patches, `[L·H]`.
  let totals: [Double]

  /// - Parameter difference: A − B.
  init(_ contrast: Contrast, _ difference: PatchScores, _ shape: TowerShape, heads: Int) {
    let strengths = difference.strengths()
    let total = strengths.reduce(0, +)
    let forward = difference.sum()
    self.contrast = contrast
    self.forward = forward
    totals = difference.totals()
    strongest = indicesOfLargest(strengths, count: heads).map { place in
      let head = shape.allHeads[place]
      return HeadMap(
        head: head, values: difference.map(of: head), share: total > 0 ? strengths[place] / total : 0)
    }
  }
}

struct ContrastPages {
  let evidence: ModelEvidence
  let registers: RegisterPatches

  private let unit = "difference of parts of the image-text similarity"

  func contrastSections(_ maps: ContrastMaps) -> [Section] {
    let (a, b) = texts(maps.contrast)
    let total = maps.totals.reduce(0, +)
    let introduction = """
      Where in the image the first text is seen more than the second: the difference of what every patch adds to the \
      similarity to each of the two, all \(evidence.shape.headCount) heads summed. Zero is in the middle of the scale and both \
      ends are equally far from it. Over the whole image the \(total < 0 ? "second" : "first") text has \
      \(fixed(abs(total), decimals: decimals(for: [total]))) more of the similarity.
      """
    let perHeadIntroduction = "The same difference for one head at a time: the heads whose two maps differ most."
    let perHead = maps.strongest.map { map in
      HeatMaps.Map(
        title: "\(evidence.name(of: map.head)), \(percent(map.share))", image: reference(maps), values: map.values,
        link: evidence.subject(of: map.head), registers: registers(of: map.head))
    }
    let caption = """
      “\(a)” minus “\(b)”, the \(counted(perHead.count, "head")) of \(evidence.shape.headCount) whose maps differ most \
      (share of the mean |difference|), on one scale
      """
    let grid = HeadGrid(
      caption: "How much each head favours “\(a)” (above zero) or “\(b)” (below zero) in this image",
      model: evidence.model, layers: evidence.shape.layers, heads: evidence.shape.heads,
      measure: "difference summed over \(evidence.shape.patches) patches", isDiverging: true, values: maps.totals,
      labels: evidence.labels)
    let subject = Subject.contrast(maps.contrast.id)
    return [
      section(
        subject, "Where one text beats the other", order: 30,
        [.markdown(introduction), summed([maps], isLinked: false)]),
      section(
        subject, "Heads that decide it", [.markdown(perHeadIntroduction), block(caption, perHead), .headGrid(grid)]),
    ]
  }

  func imageSection(_ image: GalleryIndex, _ maps: [ContrastMaps]) -> Section {
    let introduction = """
      Where in the image one text is seen more than another, all \(evidence.shape.headCount) heads summed. Zero is in \
      the middle of the scale.
      """
    return section(
      evidence.subject(of: image), "Two texts set against each other",
      [.markdown(introduction), summed(maps, isLinked: true)])
  }

  /// The contrasts that this head decides most, or nil where it is among the strongest heads of none.
  func headSection(_ head: Head, _ maps: [ContrastMaps], examples: Int) -> Section? {
    let decided = maps.compactMap { maps in
      maps.strongest.first { $0.head == head }.map { (maps: maps, map: $0) }
    }
    guard !decided.isEmpty else { return nil }
    let chosen = indicesOfLargest(decided.map(\.map.share), count: examples).map { decided[$0] }
    let introduction = """
      This head is among the heads that decide \(counted(decided.count, "contrast")) of \(maps.count). Its own map of \
      the first text minus that of the second\
      \(chosen.count < decided.count ? ", for the \(chosen.count) where its share is largest" : "").
      """
    let shown = chosen.map { entry in
      let (a, b) = texts(entry.maps.contrast)
      return HeatMaps.Map(
        title: "“\(a)” minus “\(b)”, \(percent(entry.map.share)) of all heads", image: reference(entry.maps),
        values: entry.map.values, link: .contrast(entry.maps.contrast.id), registers: registers(of: head))
    }
    return section(
      evidence.subject(of: head), "Contrasts this head decides",
      [.markdown(introduction), block("This head alone, above zero where the first text is seen more", shown)])
  }

  private func texts(_ contrast: Contrast) -> (String, String) {
    (evidence.texts[contrast.first].text, evidence.texts[contrast.second].text)
  }

  private func registers(of head: Head) -> [Int] { registers.heads[evidence.shape.index(of: head)] }

  private func reference(_ maps: ContrastMaps) -> ImageReference {
    evidence.gallery[maps.contrast.image].reference
  }

  private func summed(_ maps: [ContrastMaps], isLinked: Bool) -> Block {
    let shown = maps.map { maps in
      let (a, b) = texts(maps.contrast)
      return HeatMaps.Map(
        title: "“\(a)” minus “\(b)”", image: reference(maps), values: maps.forward,
        link: isLinked ? .contrast(maps.contrast.id) : nil, registers: registers.summed)
    }
    return block("The first text minus the second, all \(evidence.shape.headCount) heads summed", shown)
  }

  private func block(_ caption: String, _ maps: [HeatMaps.Map]) -> Block {
    .heatMaps(
      HeatMaps(caption: caption, gridSide: evidence.shape.gridSide, unit: unit, isDiverging: true, maps: maps))
  }

  private func section(_ subject: Subject, _ title: String, order: Int = 150, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: ContrastiveSegmentationPlugin.manifest.id, model: evidence.model, title: title,
      order: order, blocks: blocks)
  }
}
