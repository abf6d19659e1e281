import Analysis
import Attribution
import Diagnostics
import Tensors

/// Which probe images a head writes the same for as it does for a gallery image.
public struct ImageNeighboursPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "image-neighbours", title: "Neighbours of an image", version: "2.0.0",
    summary: "For one head and one image, the probe images that this head treats most alike.",
    options: [
      PluginOption(name: "count", summary: "neighbours per image and head", default: 4, range: 1...50),
      PluginOption(name: "images", summary: "gallery images on a head's page", default: 2, range: 1...12),
      PluginOption(name: "heads", summary: "heads on an image's page", default: 3, range: 1...12),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let search = Search(
      evidence: evidence, count: try manifest.value(of: "count", in: options),
      images: try manifest.value(of: "images", in: options), heads: try manifest.value(of: "heads", in: options))
    guard search.hasImages else { return [] }
    let answers = try evidence.mapHeads { try search.answers(of: $0) }
    let distances = evidence.gallery.items.indices.map { image in answers.map { $0.distances[image] } }  // [G][L·H]
    return try answers.map(search.headSection) + search.imageSections(distances)
  }
}

/// The neighbours of gallery images for one head.
struct HeadAnswers {
  let head: Head
  /// How far what the head wrote for each gallery image lies from its mean over the probe set, `[G]`.
  let distances: [Double]
  /// The root mean square of that distance over the probe set.
  let spread: Double
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

  /// The answers of a head for the gallery images that lie farthest from its mean, every second one on the other side of it than the
  /// first, or for those given.
  func answers(of head: Head, for chosen: [Int]? = nil) throws -> HeadAnswers {
    let index = try NeighbourIndex(head: head, of: evidence.probe.features)
    let coordinates = evidence.gallery.contributions.coordinates[evidence.shape.index(of: head)]  // [G, C]
    let queries = (0..<coordinates.rows).map { index.query(image: coordinates.row($0)) }
    let wanted = chosen ?? farthest(queries, coordinates, from: index.centre)
    let found = try index.nearest(to: wanted.map { queries[$0] }, count: count + 1)
    return HeadAnswers(
      head: head, distances: queries.map(\.norm), spread: index.spread, images: wanted,
      neighbours: found.map { $0.others(count) })
  }

  /// The images that lie farthest from the mean, on both sides of it: the farthest of all, then the farthest of those that the head
  /// writes the opposite for, and so on.
  private func farthest(_ queries: [NeighbourQuery], _ coordinates: Tensor, from centre: [Double]) -> [Int] {
    let ranked = indicesOfLargest(queries.map(\.norm), count: queries.count)
    guard let first = ranked.first else { return [] }
    let axis = zip(coordinates.row(first), centre).map { Double($0) - $1 }
    let isOpposite = queries.indices.map { image in
      zip(zip(coordinates.row(image), centre), axis).reduce(0) { $0 + (Double($1.0.0) - $1.0.1) * $1.1 } < 0
    }
    let (same, opposite) = (ranked.filter { !isOpposite[$0] }, ranked.filter { isOpposite[$0] })
    let paired = (0..<max(same.count, opposite.count)).flatMap { place in
      [same, opposite].compactMap { $0.indices.contains(place) ? $0[place] : nil }
    }
    return Array(paired.prefix(images))
  }

  func headSection(_ answers: HeadAnswers) -> Section {
    let introduction = """
      Probe images for which this head writes most nearly the same as for a gallery image. Shown for the \
      \(counted(answers.images.count, "gallery image")) (of \(evidence.gallery.items.count)) that lie farthest \
      from the head's mean, on either side of it. \(explanation)
      """
    let blocks = answers.images.indices.flatMap { place in
      let caption = evidence.gallery.items[answers.images[place]].title
      return strips(answers, place, "“\(caption)”, \(distance(answers, answers.images[place]))", isShown: true)
    }
    return Section(
      subject: evidence.subject(of: answers.head), plugin: ImageNeighboursPlugin.manifest.id, model: evidence.model,
      title: "Images this head treats alike", order: 120, blocks: [.markdown(introduction)] + blocks)
  }

  /// For each gallery image, the heads that write most for it beyond their means.
  ///
  /// In the units of the embedding, not of a head's own spread: heads that hardly vary would fill the page.
  func imageSections(_ distances: [[Double]]) throws -> [Section] {
    let chosen = distances.map { indicesOfLargest($0, count: heads) }  // [G][heads]
    var blocks = [[Int: [Block]]](repeating: [:], count: distances.count)
    let found = try evidence.mapHeads { head -> HeadAnswers? in
      let place = evidence.shape.index(of: head)
      let wanted = chosen.indices.filter { chosen[$0].contains(place) }
      return wanted.isEmpty ? nil : try answers(of: head, for: wanted)
    }
    for (place, answers) in found.enumerated() {
      guard let answers else { continue }
      for (index, image) in answers.images.enumerated() {
        let lead = "\(evidence.name(of: answers.head)), \(distance(answers, image))"
        blocks[image][place] = strips(answers, index, lead, isShown: false)
      }
    }
    return chosen.indices.map { image in
      let introduction = """
        Probe images that one head treats as it treats this one. Shown for the \
        \(counted(chosen[image].count, "head")) (of \(evidence.shape.headCount)) whose contribution to this image lies \
        farthest from the head's mean. \(explanation)
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

  private func distance(_ answers: HeadAnswers, _ image: Int) -> String {
    let times = answers.spread > 0 ? answers.distances[image] / answers.spread : 0
    return "\(fixed(times, decimals: 1)) times the head's spread from its mean"
  }

  /// - Parameter isShown: whether the image itself stands first; on its own page it stands above all.
  private func strips(_ answers: HeadAnswers, _ place: Int, _ lead: String, isShown: Bool) -> [Block] {
    let query = isShown ? evidence.gallery.items[answers.images[place]].reference : nil
    return NeighbourScore.allCases.map { score in
      let neighbours = answers.neighbours[place][score]
      let size = "\(neighbours.count) nearest of \(evidence.probe.items.count) probe images by \(score.title)"
      return .imageStrip(
        ImageStrip(caption: "\(lead): \(size)", query: query, neighbours: neighbours, in: evidence.probe))
    }
  }
}
