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
  /// Of the pictures of each shard.
  let shardHashes: [String]
  /// Of the whole set, names included.
  let hash: String

  /// How many pictures share a file of the cache: an interrupted build loses at most so many.
  static let shard = 1024

  init(_ set: PictureSet) throws {
    self.set = set
    var whole = JoinedDigest(separator: "\n")
    shardHashes = try Self.shards(of: set.pictures.count).map { shard in
      var part = JoinedDigest(separator: "\n")
      for picture in set.pictures[shard] {
        let hash = try hexDigest(ofFile: picture.path)
        part.add(hash)
        whole.add("\(picture.id) \(hash)")
      }
      return part.hexDigest
    }
    hash = whole.hexDigest
  }

  /// The pictures of each shard, with their hash.
  var shards: [(rows: Range<Int>, hash: String)] {
    zip(Self.shards(of: set.pictures.count), shardHashes).map { ($0, $1) }
  }

  private static func shards(of count: Int) -> [Range<Int>] { parts(of: 0..<count) }

  /// Some pictures, cut where a shard ends.
  static func parts(of pictures: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = pictures.lowerBound
    while start < pictures.upperBound {
      let end = min((start / shard + 1) * shard, pictures.upperBound)
      parts.append(start..<end)
      start = end
    }
    return parts
  }
}

extension LoadedModel {
  /// The decomposition of a picture set on disk, shard by shard, from the cache where it is there.
  func features(
    of pictures: HashedPictures, kind: String, precision: FeaturePrecision, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws -> StoredFeatures {
    let shape = model.shape
    let shards = try pictures.shards.map { rows, hash in
      let plan = FeatureShard.Plan(shape: shape, count: rows.count, precision: precision)
      return try cache.shard(kind, inputs: [key, hash, precision.rawValue], plan: plan) { writer in
        try model.forEachBlock(
          of: pictures.set.pictures[rows].map(\.path), progress: shardProgress(rows, pictures, kind, progress),
          stage: ""
        ) { try writer.add($0, $1) }
      }
    }
    return StoredFeatures(shape: shape, spaces: model.spaces, blocks: pictures.shards.map(\.rows), shards: shards)
  }

  /// The decomposition of a picture set in memory with what the MLPs wrote, from the cache where it is there.
  func contributions(
    of pictures: HashedPictures, kind: String, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> HeadContributions {
    let shape = model.shape
    let names = shape.allHeads.map(\.padded) + ["embeddings", "mlp"]
    let shards = try pictures.shards.map { rows, hash in
      try cache.tensors(kind, inputs: [key, hash], names: names) {
        var parts = [[Float]](repeating: [], count: names.count)
        try model.forEachBlock(
          of: pictures.set.pictures[rows].map(\.path), progress: shardProgress(rows, pictures, kind, progress),
          stage: ""
        ) { _, block in
          for (place, part) in (block.coordinates + [block.embeddings, block.mlp]).enumerated() {
            parts[place] += part.values
          }
        }
        return zip(parts, tails).map { Tensor(shape: [rows.count] + $1, values: $0) }
      }
    }
    let count = pictures.set.pictures.count
    let whole = tails.enumerated().map { place, tail in
      Tensor(shape: [count] + tail, values: shards.flatMap { $0[place].values })
    }
    return HeadContributions(
      shape: shape, spaces: model.spaces, coordinates: Array(whole.prefix(shape.headCount)),
      mlp: whole[shape.headCount + 1], embeddings: whole[shape.headCount])
  }

  /// The shape of a picture's row of every head's coordinates, its embedding, and what the MLPs wrote.
  private var tails: [[Int]] {
    let shape = model.shape
    return [[Int]](repeating: [shape.headSpaceWidth], count: shape.headCount)
      + [[shape.embeddingWidth], [shape.layers + 1, shape.embeddingWidth]]
  }

  private func shardProgress(
    _ rows: Range<Int>, _ pictures: HashedPictures, _ kind: String, _ progress: any ProgressReporter
  ) -> ShardProgress {
    ShardProgress(
      whole: progress, stage: "\(entry.id): \(kind) pictures", start: rows.lowerBound,
      total: pictures.set.pictures.count)
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
