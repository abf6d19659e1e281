import Analysis
import Tensors

/// A model's text tower, each list of texts encoded once and kept by content.
struct CachedTextEncoder: TextEncoding {
  let loaded: LoadedModel
  let cache: FeatureCache
  let progress: any ProgressReporter

  func embeddings(of texts: [String]) throws -> Tensor {
    try loaded.embeddings(of: texts, cache: cache, progress: progress)
  }

  /// The embeddings of three lists of texts, computed as one list: the last bits of an embedding depend on the texts that
  /// are encoded beside it.
  func embeddings(of first: [String], _ second: [String], _ third: [String]) throws -> (Tensor, Tensor, Tensor) {
    let all = try embeddings(of: first + second + third)
    let parts = [first.count, second.count, third.count].reduce(into: (start: 0, tensors: [Tensor]())) { parts, count in
      let values = all.values[parts.start * all.rowCount..<(parts.start + count) * all.rowCount]
      parts.tensors.append(Tensor(shape: [count, all.rowCount], values: Array(values)))
      parts.start += count
    }.tensors
    return (parts[0], parts[1], parts[2])
  }
}
