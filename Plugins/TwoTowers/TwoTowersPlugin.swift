import Analysis
import Attribution
import Evaluation
import Tensors

/// Which heads of the image tower meet which heads of the text tower: the similarity of an image and a text as a sum over pairs.
public struct TwoTowersPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "two-towers", title: "Two towers", version: "1.0.0",
    summary:
      "Which heads of the image tower meet which heads of the text tower in the similarity of an image and a text.",
    options: [
      PluginOption(name: "pairs", summary: "pairs of heads in a table", default: 10, range: 1...50),
      PluginOption(name: "images", summary: "gallery images nearest to a text", default: 3, range: 1...20),
    ])

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let (pairs, images) = (
      try manifest.value(of: "pairs", in: options), try manifest.value(of: "images", in: options)
    )
    let meetings = Meeting.ofImages(evidence) + Meeting.ofTexts(evidence, images: images)
    guard !meetings.isEmpty else { return [] }
    let texts = Set(meetings.flatMap(\.texts)).sorted()
    let places = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
    let pages = TowerPages(
      evidence: evidence, texts: try evidence.contributions(ofTexts: texts), places: places, pairs: pairs)
    return try evidence.inParallel(meetings.count) { pages.section(meetings[$0]) }
  }
}

/// What a page is about: some pairs of an image and a text, beside others that are drawn at random.
struct Meeting: Sendable {
  struct Pair: Sendable {
    let image: GalleryIndex
    let text: String
  }
  enum Kind: Sendable { case caption, nearestImages }
  let subject: Subject
  let kind: Kind
  let pairs: [Pair]
  /// Empty where there is no other.
  let controls: [Pair]

  var texts: [String] { (pairs + controls).map(\.text) }

  /// Every image with its caption, beside another caption.
  static func ofImages(_ evidence: ModelEvidence) -> [Meeting] {
    let gallery = evidence.gallery
    let captions = Set(gallery.items.compactMap(\.caption)).sorted()
    return gallery.indices.compactMap { image in
      gallery[image].caption.map { caption in
        let other = Control.draw(1, of: captions.filter { $0 != caption }, seed: UInt64(image.place) + 1)
        return Meeting(
          subject: evidence.subject(of: image), kind: .caption, pairs: [Pair(image: image, text: caption)],
          controls: other.map { Pair(image: image, text: $0) })
      }
    }
  }

  /// Every curated text with the gallery images nearest to it, beside as many others.
  static func ofTexts(_ evidence: ModelEvidence, images count: Int) -> [Meeting] {
    guard !evidence.gallery.items.isEmpty else { return [] }
    let scores = ZeroShot(images: evidence.texts.embeddings, classes: evidence.gallery.contributions.embeddings).scores
    return evidence.texts.indices.map { text in
      let nearest = indicesOfLargest(scores.row(text.place).map(Double.init), count: count).map { GalleryIndex($0) }
      let others = evidence.gallery.indices.filter { !nearest.contains($0) }
      func pairs(_ images: [GalleryIndex]) -> [Pair] {
        images.map { Pair(image: $0, text: evidence.texts[text].text) }
      }
      return Meeting(
        subject: evidence.subject(of: text), kind: .nearestImages, pairs: pairs(nearest),
        controls: pairs(Control.draw(nearest.count, of: others, seed: UInt64(text.place) + 1)))
    }
  }
}
