import Analysis

/// A part of the evidence that a plugin may ask for.
package enum EvidenceNeed: String, Sendable, CaseIterable {
  case descriptions
  case gallery
  case probe
  case captions
  case facts
  case texts
  case pool
  case properties
  case contrasts
  case classes
  case galleryHeads = "gallery-heads"
  case galleryMLPs = "gallery-mlps"
  case galleryEmbeddings = "gallery-embeddings"
  case galleryMasks = "gallery-masks"
  case galleryAttention = "gallery-attention"
  case probeHeads = "probe-heads"
  case probeEmbeddings = "probe-embeddings"
  case probeMLPs = "probe-mlps"
  case headMoments = "head-moments"
  case captionEmbeddings = "caption-embeddings"
  case textEmbeddings = "text-embeddings"
  case poolEmbeddings = "pool-embeddings"
  case classEmbeddings = "class-embeddings"

  /// What it is, for the documents.
  package var summary: String {
    switch self {
    case .descriptions: "of each head in `heads`: descriptions, label, consistency, variance, effective rank"
    case .gallery: "`gallery`: the curated images, by identifier and page"
    case .probe: "`probe`: the images of the probe set, by identifier"
    case .captions: "captions of the images in `gallery` and `probe`"
    case .facts: "what is known of these images: `scene`, and `objects` with their facts"
    case .texts: "`texts`: the curated texts, each with its page"
    case .pool: "`pool`: the candidate descriptions"
    case .properties:
      "`properties` with the heads that are labelled with them, and `shares` of each head in `heads`: how much of its variance lies along them"
    case .contrasts: "`contrasts`: pairs of texts contrasted on one image"
    case .classes:
      "`classes`: the classes of images that `class_texts` words, each with its text; `class` among an image's facts names its own"
    case .galleryHeads:
      "what each head wrote for the gallery: coordinates `[G, D+3]` by the head's name, `NAME.basis` `[D+3, E]` and `NAME.gram`, its products with itself"
    case .galleryMLPs: "what the MLPs wrote for the gallery: `mlps` `[G, L+1, E]`"
    case .galleryEmbeddings: "`embeddings` `[G, E]`, unit norm"
    case .galleryMasks:
      "`masks` `[K, S, S]` of objects in the gallery, 1 where the model's square shows the object, else 0; `masks` in `evidence.json` says of which"
    case .galleryAttention:
      "`attention` `[G, L·H, P+1]`: how much the CLS row of each head attends to the CLS token, which comes first, and to each patch"
    case .probeHeads:
      "what each head wrote for the probe set: coordinates `[N, D+3]` by the head's name, `NAME.basis` `[D+3, E]` and `NAME.gram`, its products with itself"
    case .probeEmbeddings: "`embeddings` `[N, E]`, unit norm"
    case .probeMLPs:
      "what the MLPs wrote for the probe set: `mlps` `[N, L+1, E]`; the first term is the CLS token before the first layer"
    case .headMoments:
      "of what each head wrote for the probe set: `NAME.mean` `[D+3]` and `NAME.covariance` `[D+3, D+3]`, divided by N, which is `momentsOf` in `evidence.json`; and `NAME.basis`, `NAME.gram`"
    case .captionEmbeddings:
      "of the gallery's captions: `embeddings` `[G, E]`; the row of an image without one means nothing"
    case .textEmbeddings: "`embeddings` `[M, E]` of the curated texts, unit norm"
    case .poolEmbeddings: "`embeddings` `[M, E]` of the candidate descriptions, unit norm"
    case .classEmbeddings: "`embeddings` `[K, E]` of the classes' texts, unit norm"
    }
  }
}
