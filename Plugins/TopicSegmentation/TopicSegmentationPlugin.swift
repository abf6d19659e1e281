import Analysis
import Attribution
import LinearAlgebra
import Tensors

/// Where in an image the heads see a text.
public struct TopicSegmentationPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "topic-segmentation", title: "Topic segmentation", version: "1.1.0",
    summary: "Where in an image the heads see a text: what every patch adds to the similarity of the two.",
    options: [
      PluginOption(name: "count", summary: "texts per gallery image", default: 4, range: 1...8),
      PluginOption(name: "heads", summary: "heads shown per image and text", default: 3, range: 1...12),
      PluginOption(name: "images", summary: "gallery images on a text's page", default: 4, range: 1...12),
      PluginOption(name: "examples", summary: "maps on a head's page", default: 4, range: 1...12),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let texts = try manifest.value(of: "count", in: options)
    let heads = try manifest.value(of: "heads", in: options)
    let images = try manifest.value(of: "images", in: options)
    let examples = try manifest.value(of: "examples", in: options)
    guard !evidence.gallery.items.isEmpty, !evidence.texts.items.isEmpty else { return [] }
    let plan = SegmentationPlan(evidence, textsPerImage: texts, imagesPerText: images)
    var atlas = TopicMaps(evidence: evidence, plan: plan, headsPerPair: heads, examplesPerHead: examples)
    let asked = evidence.gallery.indices.map { PatchQuestion(image: $0, texts: plan.texts(in: $0)) }
    try evidence.forEachPatchScores(of: asked) { place, scores in
      atlas.add(scores, image: asked[place].image, texts: asked[place].texts)
    }
    let pages = TopicPages(evidence: evidence, plan: plan, maps: atlas, registers: try evidence.registerPatches())
    return evidence.gallery.indices.map(pages.imageSection)
      + evidence.texts.indices.map(pages.textSection) + evidence.shape.allHeads.map(pages.headSection)
      + [pages.modelSection()]
  }
}

/// A gallery image and a curated text.
struct Pair: Hashable {
  let image: GalleryIndex
  let text: TextIndex
}

/// Which texts are looked for in which images: those of the highest image-text similarity, either way.
struct SegmentationPlan {
  /// Cosine of image and text embedding, `[G, M]`.
  let similarity: Tensor
  /// An array of shape `[G][count]`.
  private let textsOfImage: [[TextIndex]]
  /// An array of shape `[M][images]`.
  private let imagesOfText: [[GalleryIndex]]

  init(_ evidence: ModelEvidence, textsPerImage: Int, imagesPerText: Int) {
    let similarity = product(
      evidence.gallery.contributions.embeddings, .normal, evidence.texts.embeddings, .transposed)
    self.similarity = similarity
    textsOfImage = evidence.gallery.items.indices.map { image in
      indicesOfLargest(similarity.row(image).map(Double.init), count: textsPerImage).map { TextIndex($0) }
    }
    imagesOfText = evidence.texts.items.indices.map { text in
      let column = evidence.gallery.items.indices.map { Double(similarity.values[$0 * similarity.rowCount + text]) }
      return indicesOfLargest(column, count: imagesPerText).map { GalleryIndex($0) }
    }
  }

  func similarity(_ pair: Pair) -> Double {
    Double(similarity.values[pair.image.place * similarity.rowCount + pair.text.place])
  }

  /// All texts that are looked for in an image, ascending, so that it runs through the model once.
  func texts(in image: GalleryIndex) -> [TextIndex] {
    let others = imagesOfText.indices.filter { imagesOfText[$0].contains(image) }.map { TextIndex($0) }
    return Set(textsOfImage[image.place]).union(others).sorted()
  }

  /// The texts most similar to an image, most first.
  func texts(of image: GalleryIndex) -> [TextIndex] { textsOfImage[image.place] }

  /// The images most similar to a text, most first.
  func images(of text: TextIndex) -> [GalleryIndex] { imagesOfText[text.place] }
}

/// What is kept of the patch scores: an image's are looked at once and let go.
struct TopicMaps {
  struct HeadMap {
    let head: Head
    let pair: Pair
    let values: [Float]  // [P]
    /// The mean over patches of |score|.
    let strength: Double
    /// Its share of the strengths of all heads for the pair.
    let share: Double
  }
  let evidence: ModelEvidence
  let plan: SegmentationPlan
  let headsPerPair: Int
  let examplesPerHead: Int
  private(set) var sums: [Pair: [Float]] = [:]
  /// For an image's own texts, the heads that draw most on the map.
  private(set) var strongest: [Pair: [HeadMap]] = [:]
  /// For each head, the pairs it draws most on, strongest first, `[L·H]`.
  private(set) var examples: [[HeadMap]]
  /// The strengths summed over the images' own texts, `[L·H]`.
  private(set) var strengths: [Double]

  init(evidence: ModelEvidence, plan: SegmentationPlan, headsPerPair: Int, examplesPerHead: Int) {
    self.evidence = evidence
    self.plan = plan
    self.headsPerPair = headsPerPair
    self.examplesPerHead = examplesPerHead
    examples = [[HeadMap]](repeating: [], count: evidence.shape.headCount)
    strengths = [Double](repeating: 0, count: evidence.shape.headCount)
  }

  mutating func add(_ scores: [PatchScores], image: GalleryIndex, texts: [TextIndex]) {
    for (text, score) in zip(texts, scores) {
      let pair = Pair(image: image, text: text)
      sums[pair] = score.sum()
      if plan.texts(of: image).contains(text) { add(score, of: pair) }
    }
  }

  private mutating func add(_ scores: PatchScores, of pair: Pair) {
    let strengths = scores.strengths()
    let total = strengths.reduce(0, +)
    let maps = evidence.shape.allHeads.enumerated().map { place, head in
      HeadMap(
        head: head, pair: pair, values: scores.map(of: head), strength: strengths[place],
        share: total > 0 ? strengths[place] / total : 0)
    }
    strongest[pair] = indicesOfLargest(strengths, count: headsPerPair).map { maps[$0] }
    for (place, map) in maps.enumerated() {
      self.strengths[place] += map.strength
      let kept = examples[place] + [map]
      examples[place] = indicesOfLargest(kept.map(\.strength), count: examplesPerHead).map { kept[$0] }
    }
  }

  /// The mean strength of each head over the images' own texts, `[L·H]`.
  var meanStrengths: [Double] {
    strengths.map { $0 / Double(max(strongest.count, 1)) }
  }
}
