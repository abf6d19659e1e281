import Analysis
import Attribution
import Diagnostics
import Tensors

/// Which probe images a head writes the same for as it does for a gallery image.
public struct ImageNeighboursPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "image-neighbours", title: "Neighbours of an image", version: "1.0.0",
    summary: "For one head and one image, the probe images that this head treats most alike.",
    options: [
      PluginOption(name: "count", summary: "neighbours per image and head", default: 8, range: 1...50),
      PluginOption(name: "images", summary: "gallery images on a head's page", default: 4, range: 1...12),
      PluginOption(name: "heads", summary: "heads on an image's page", default: 4, range: 1...12),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let search = Search(
      evidence: evidence, count: try manifest.value(of: "count", in: options),
      images: try manifest.value(of: "images", in: options), heads: try manifest.value(of: "heads", in: options))
    guard search.hasImages else { return [] }
    let answers = try evidence.mapHeads { try search.answers(of: $0) }
    let extremity = evidence.gallery.items.indices.map { image in answers.map { $0.extremity[image] } }  // [G][L·H]
    return try answers.map(search.headSection) + search.imageSections(extremity)
  }
}

/// The neighbours of gallery images for one head.
struct HeadAnswers {
  let head: Head
  /// How far each gallery image lies from the probe mean, in units of the head's spread, `[G]`.
  let extremity: [Double]
  /// The images answered for, indices into the gallery.
  let images: [Int]
  let neighbours: [NeighbourLists]
}

struct Search {
  let evidence: ModelEvidence
  let count: Int
  let images: Int
  let heads: Int

  var hasImages: Bool { !evidence.gallery.items.isEmpty && !evidence.probe.items.isEmpty }

  /// The answers of a head for the gallery images that lie farthest from its mean, or for those given.
  func answers(of head: Head, for chosen: [Int]? = nil) throws -> HeadAnswers {
    let index = try NeighbourIndex(head: head, of: evidence.probe.features)
    let coordinates = evidence.gallery.contributions.coordinates[evidence.shape.index(of: head)]  // [G, C]
    let queries = (0..<coordinates.rows).map { index.query(image: coordinates.row($0)) }
    let extremity = queries.map { index.spread > 0 ? $0.norm / index.spread : 0 }
    let wanted = chosen ?? indicesOfLargest(extremity, count: images)
    let asked = wanted.map { queries[$0] }
    return HeadAnswers(
      head: head, extremity: extremity, images: wanted, neighbours: try index.nearest(to: asked, count: count))
  }

  func headSection(_ answers: HeadAnswers) -> Section {
    let introduction = """
      Probe images for which this head writes most nearly the same as for a gallery image. Shown for the \
      \(counted(answers.images.count, "gallery image")) (of \(evidence.gallery.items.count)) that lie farthest \
      from the head's mean. \(explanation)
      """
    let blocks = answers.images.indices.flatMap { place in
      let caption = evidence.gallery.items[answers.images[place]].title
      return strips(answers, place, "“\(caption)”, \(distance(answers.extremity[answers.images[place]]))")
    }
    return Section(
      subject: evidence.subject(of: answers.head), plugin: ImageNeighboursPlugin.manifest.id, model: evidence.model,
      title: "Images this head treats alike", order: 120, blocks: [.markdown(introduction)] + blocks)
  }

  /// For each gallery image, the heads for which it lies farthest out.
  func imageSections(_ extremity: [[Double]]) throws -> [Section] {
    let chosen = extremity.map { indicesOfLargest($0, count: heads) }  // [G][heads]
    var blocks = [[Int: [Block]]](repeating: [:], count: extremity.count)
    let found = try evidence.mapHeads { head -> HeadAnswers? in
      let place = evidence.shape.index(of: head)
      let wanted = chosen.indices.filter { chosen[$0].contains(place) }
      return wanted.isEmpty ? nil : try answers(of: head, for: wanted)
    }
    for (place, answers) in found.enumerated() {
      guard let answers else { continue }
      for (index, image) in answers.images.enumerated() {
        let lead = "\(evidence.name(of: answers.head)), \(distance(answers.extremity[image]))"
        blocks[image][place] = strips(answers, index, lead)
      }
    }
    return chosen.indices.map { image in
      let introduction = """
        Probe images that one head treats as it treats this one. Shown for the \
        \(counted(chosen[image].count, "head")) (of \(evidence.shape.headCount)) for which this image lies farthest \
        from the head's mean. \(explanation)
        """
      return Section(
        subject: evidence.subject(of: GalleryIndex(image)), plugin: ImageNeighboursPlugin.manifest.id,
        model: evidence.model, title: "Neighbours head by head", order: 120,
        blocks: [.markdown(introduction)] + chosen[image].flatMap { blocks[image][$0] ?? [] })
    }
  }

  private var explanation: String {
    """
    Two rankings: by *dot product*, the reference score, which favours images with a large contribution of the head; \
    and by *centred cosine*, which takes the head's mean over the probe set away and compares directions alone.
    """
  }

  private func distance(_ extremity: Double) -> String {
    "\(fixed(extremity, decimals: 1)) times the head's spread from its mean"
  }

  private func strips(_ answers: HeadAnswers, _ place: Int, _ lead: String) -> [Block] {
    let query = evidence.gallery.items[answers.images[place]].reference
    return NeighbourScore.allCases.map { score in
      let neighbours = answers.neighbours[place][score]
      let size = "\(neighbours.count) nearest of \(evidence.probe.items.count) probe images by \(score.title)"
      return .imageStrip(
        ImageStrip(caption: "\(lead): \(size)", query: query, neighbours: neighbours, in: evidence.probe))
    }
  }
}
