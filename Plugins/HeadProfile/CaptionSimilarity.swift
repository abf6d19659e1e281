import Analysis
import Attribution
import Diagnostics
import LinearAlgebra
import Tensors

/// What heads and MLPs add to the similarity of an image and its caption.
struct CaptionSimilarity {
  /// Cosine of the two embeddings: the sum of all that follows.
  let total: Double
  /// An array of shape `[L·H]`.
  let heads: [Double]
  /// An array of shape `[L+1]`.
  let mlp: [Double]
  /// How many captions of gallery images there are, and how many of them are more similar to the image than its own.
  let captions: (count: Int, nearer: Int)

  /// - Returns: nil for an image without a caption.
  init?(image: GalleryIndex, in evidence: ModelEvidence) {
    let gallery = evidence.gallery
    guard gallery[image].caption != nil else { return nil }
    let (parts, embedding) = (gallery.contributions, Array(gallery.captionEmbeddings.row(image.place)))
    let own = Self.dot(parts.embeddings.row(image.place), embedding)
    total = own
    let captioned = gallery.indices.filter { gallery[$0].caption != nil }
    let others = captioned.count {
      Self.dot(parts.embeddings.row(image.place), gallery.captionEmbeddings.row($0.place)) > own
    }
    captions = (captioned.count, others)
    let text = Tensor(shape: [1, embedding.count], values: embedding)
    heads = zip(parts.spaces, parts.coordinates).map { space, coordinates in
      Self.dot(product(space.basis, .normal, text, .transposed).values, coordinates.row(image.place))
    }
    let terms = parts.mlp.row(image.place)
    mlp = (0...parts.shape.layers).map { term in
      let start = terms.startIndex + term * embedding.count
      return Self.dot(terms[start..<start + embedding.count], embedding)
    }
  }

  private static func dot(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

/// Where the similarity of an image and its caption comes from.
extension ProfilePages {
  private static let headsNamed = 6
  private static let unit = "part of the similarity"

  /// The heads that matter most, on the image's own page; all layers and heads, with what one model alone says.
  func imageSections(_ image: GalleryIndex, _ similarity: CaptionSimilarity) -> [Section] {
    let subject = evidence.subject(of: image)
    return [
      section(
        subject, "Where its similarity to its caption comes from",
        [.markdown(sentence(similarity)), .bars(ranked(similarity))]),
      section(
        subject, "Its similarity to its caption, layer by layer", order: 100,
        [
          .series(byLayer(similarity)),
          .headGrid(
            HeadGrid(
              of: evidence, caption: "Which heads increase the similarity and which reduce it.",
              measure: Self.unit, isDiverging: true, values: similarity.heads)),
        ]),
    ]
  }

  /// The sum of one image's parts as an example on the method page: of the image that is most similar to its caption; nil where no
  /// image has one.
  func exampleSection() -> Section? {
    let known = evidence.gallery.indices.compactMap { image in
      CaptionSimilarity(image: image, in: evidence).map { (image: image, similarity: $0) }
    }
    guard let found = known.max(by: { $0.similarity.total < $1.similarity.total }) else { return nil }
    let (item, similarity) = (evidence.gallery[found.image], found.similarity)
    let (heads, rest) = (similarity.heads.reduce(0, +), similarity.mlp.reduce(0, +))
    func number(_ value: Double) -> String { fixed(value, decimals: 4) }
    let words = """
      The cosine of this image's embedding and its caption's is \(number(similarity.total)). Of that \
      \(number(heads)) comes from \(evidence.shape.headCount) heads and \(number(rest)) from \
      \(counted(similarity.mlp.count - 1, "MLP")) and from what stands before the first layer; \
      \(number(heads)) + \(number(rest)) = \(number(heads + rest)). The bars name the heads with the largest parts: each is \
      the dot product of what one head wrote and the caption's embedding, both in the joint embedding, divided by the length of \
      the image's embedding. [The image's page](/\(evidence.subject(of: found.image).path)/index.html) has every layer.
      """
    let strip = ImageStrip(
      caption: "“\(item.title)”",
      items: [.init(image: item.reference, values: [.init("cosine", similarity.total, decimals: 4)])])
    return Section(
      subject: .method, plugin: HeadProfilePlugin.manifest.id, model: nil, title: "One image as an example", order: 15,
      blocks: [.markdown(words), .imageStrip(strip), .bars(ranked(similarity))])
  }

  private func sentence(_ similarity: CaptionSimilarity) -> String {
    let (count, nearer) = similarity.captions
    let place =
      switch nearer {
      case _ where count == 1: ""
      case 0: "None of the \(count) captions of the gallery is more similar to it. "
      default: "\(nearer) of the \(count) captions of the gallery \(nearer == 1 ? "is" : "are") more similar to it. "
      }
    return
      "\(place)The bars are of the heads with the largest parts and of all the rest, and add up to \(fixed(similarity.total, decimals: 4))."
  }

  private func ranked(_ similarity: CaptionSimilarity) -> Bars {
    let shown = indicesOfLargest(similarity.heads.map(abs), count: Self.headsNamed)
    let named = shown.sorted { similarity.heads[$0] > similarity.heads[$1] }.map { place in
      let head = evidence.shape.allHeads[place]
      return Bars.Item(
        label: evidence.name(of: head), value: similarity.heads[place], link: evidence.subject(of: head))
    }
    let others = similarity.heads.reduce(0, +) - named.reduce(0) { $0 + $1.value }
    let rest = [
      ("the \(similarity.heads.count - shown.count) other heads", others),
      ("MLPs and class token", similarity.mlp.reduce(0, +)),
    ].map { Bars.Item(label: $0, value: $1) }
    let items = named + rest
    return Bars(
      caption: "The similarity to its caption by heads, the largest first.", unit: Self.unit,
      decimals: decimals(for: items.map(\.value)), items: items)
  }

  private func byLayer(_ similarity: CaptionSimilarity) -> Series {
    let shape = evidence.shape
    let layers = (0..<shape.layers).map { layer in
      similarity.heads[layer * shape.heads..<(layer + 1) * shape.heads].reduce(0, +)
    }
    return Series(
      caption: "The parts of the heads and of the MLP of each layer, which with "
        + "\(fixed(similarity.mlp[0], decimals: 4)) from before the first layer add up to "
        + "\(fixed(similarity.total, decimals: 4)).",
      horizontal: "layer", vertical: Self.unit, ticks: (0..<shape.layers).map { "L\($0)" },
      lines: [.init(name: "heads", values: layers), .init(name: "MLP", values: Array(similarity.mlp.dropFirst()))])
  }
}
