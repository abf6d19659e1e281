import Analysis
import Tensors

/// A model's text tower, each batch of texts encoded once and kept by content.
struct CachedTextEncoder: TextEncoding {
  let loaded: LoadedModel
  let cache: FeatureCache
  let progress: any ProgressReporter

  func embeddings(of texts: [String]) throws -> Tensor { try embeddings(of: [texts])[0] }

  /// The embeddings of some lists of texts, each `[M, E]`; no batch holds texts of two lists.
  func embeddings(of lists: [[String]]) throws -> [Tensor] {
    try loaded.embeddings(of: lists, cache: cache, progress: progress)
  }
}
