import Analysis
import Attribution
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

  /// - Returns: nil for an image without a caption.
  init?(image: GalleryIndex, in evidence: ModelEvidence) {
    let gallery = evidence.gallery
    guard gallery[image].caption != nil else { return nil }
    let (parts, embedding) = (gallery.contributions, Array(gallery.captionEmbeddings.row(image.place)))
    total = Self.dot(parts.embeddings.row(image.place), embedding)
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
