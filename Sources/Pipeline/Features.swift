import Attribution
import CLIP
import Foundation
import Images
import LinearAlgebra
import Tensors

/// A model of the atlas with the hashes that its features are kept under.
struct LoadedModel: Sendable {
  let entry: AtlasConfiguration.ModelEntry
  let model: CLIPModel
  let weightsHash: String
  /// Of everything that features depend on.
  let key: String

  init(_ entry: AtlasConfiguration.ModelEntry, _ compute: ComputeOptions) throws {
    self.entry = entry
    model = try CLIPModel(entry.model.source(), compute)
    weightsHash = try model.weightsHash()
    let tokenizer = try model.tokenizer.files.map { try hexDigest(ofFile: $0) }
    key = ([weightsHash, "\(model.configuration)", "\(ProductEngine.name) \(compute.precision)"] + tokenizer).joined(
      separator: "\n")
  }
}

extension CLIPModel {
  /// SHA-256 of the file of weights; of several, of their hashes in order.
  func weightsHash() throws -> String {
    let hashes = try weightFiles.map { try hexDigest(ofFile: $0) }
    return hashes.count == 1 ? hashes[0] : hexDigest(of: Array(hashes.joined(separator: "\n").utf8))
  }
}

/// A set of pictures with the hashes of their bytes.
struct HashedPictures: Sendable {
  let set: PictureSet
  /// Of each picture.
  let hashes: [String]

  init(_ set: PictureSet) throws {
    self.set = set
    hashes = try set.pictures.map { try hexDigest(ofFile: $0.path) }
  }

  /// Of the whole set, names included.
  var hash: String {
    hexDigest(of: Array(zip(set.pictures, hashes).map { "\($0.id) \($1)" }.joined(separator: "\n").utf8))
  }
}

extension CLIPModel {
  /// Decomposes pictures; what the MLPs wrote is kept only where asked for, since it is large.
  func contributions(
    of paths: [String], keepingMLP: Bool, progress: any ProgressReporter, stage: String
  ) throws -> HeadContributions {
    var coordinates = [[Float]](repeating: [], count: shape.headCount)
    for head in coordinates.indices { coordinates[head].reserveCapacity(paths.count * shape.headSpaceWidth) }
    var (mlp, embeddings): ([Float], [Float]) = ([], [])
    try forEachBlock(of: paths, progress: progress, stage: stage) { _, block in
      for (head, values) in block.coordinates.enumerated() { coordinates[head] += values.values }
      if keepingMLP { mlp += block.mlp.values }
      embeddings += block.embeddings.values
    }
    return HeadContributions(
      shape: shape, spaces: spaces,
      coordinates: coordinates.map { Tensor(shape: [paths.count, shape.headSpaceWidth], values: $0) },
      mlp: Tensor(shape: [keepingMLP ? paths.count : 0, shape.layers + 1, shape.embeddingWidth], values: mlp),
      embeddings: Tensor(shape: [paths.count, shape.embeddingWidth], values: embeddings))
  }
}

extension LoadedModel {
  /// How many pictures share a file of the cache: an interrupted build loses at most so many.
  static let shard = 1024

  /// The decomposition of a picture set, shard by shard, from the cache where it is there.
  func contributions(
    of pictures: HashedPictures, kind: String, keepingMLP: Bool, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> HeadContributions {
    let count = pictures.set.pictures.count
    let shards = try stride(from: 0, to: count, by: Self.shard).map { start in
      let range = start..<min(start + Self.shard, count)
      return try shard(
        range, of: pictures, kind: kind, keepingMLP: keepingMLP, cache: cache,
        progress: ShardProgress(whole: progress, stage: "\(entry.id): \(kind) pictures", start: start, total: count))
    }
    let shape = model.shape
    func joined(_ place: Int, _ tail: [Int]) -> Tensor {
      Tensor(shape: [count] + tail, values: shards.flatMap { $0[place].values })
    }
    return HeadContributions(
      shape: shape, spaces: model.spaces,
      coordinates: (0..<shape.headCount).map { joined($0, [shape.headSpaceWidth]) },
      mlp: keepingMLP
        ? joined(shape.headCount + 1, [shape.layers + 1, shape.embeddingWidth])
        : Tensor(zeros: [0, shape.layers + 1, shape.embeddingWidth]),
      embeddings: joined(shape.headCount, [shape.embeddingWidth]))
  }

  /// Coordinates of every head, embeddings and, where asked for, what the MLPs wrote.
  private func shard(
    _ range: Range<Int>, of pictures: HashedPictures, kind: String, keepingMLP: Bool, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws -> [Tensor] {
    let names = model.shape.allHeads.map(\.padded) + ["embeddings"] + (keepingMLP ? ["mlp"] : [])
    return try cache.tensors(kind, inputs: [key] + pictures.hashes[range], names: names) {
      let made = try model.contributions(
        of: pictures.set.pictures[range].map(\.path), keepingMLP: keepingMLP, progress: progress, stage: "")
      return made.coordinates + [made.embeddings] + (keepingMLP ? [made.mlp] : [])
    }
  }

  /// Unit-norm text embeddings, `[M, E]`, from the cache where they are there.
  func embeddings(of texts: [String], cache: FeatureCache, progress: any ProgressReporter) throws -> Tensor {
    progress.report(stage: "\(entry.id): texts", done: 0, total: texts.count)
    let hash = hexDigest(of: Array(texts.joined(separator: "\n").utf8))
    let tensors = try cache.tensors("texts", inputs: [key, hash], names: ["embeddings"]) {
      [try model.encode(texts: texts)]
    }
    progress.report(stage: "\(entry.id): texts", done: texts.count, total: texts.count)
    return tensors[0]
  }
}

/// Tells the progress of one shard as that of the whole set.
private struct ShardProgress: ProgressReporter {
  let whole: any ProgressReporter
  let stage: String
  let start: Int
  let total: Int

  func report(stage _: String, done: Int, total _: Int?) {
    whole.report(stage: stage, done: start + done, total: total)
  }
}
