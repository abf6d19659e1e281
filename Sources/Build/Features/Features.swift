import Attribution
import CLIP
import Files
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
    let tokenizer = try model.tokenizerFiles.map { try hexDigest(ofFile: $0) }
    key =
      ([weightsHash, "\(model.configuration)", "\(ProductEngine.name(for: compute.precision)) \(compute.precision)"]
      + tokenizer).joined(
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

/// A set of images with the hashes of their bytes.
struct HashedImages: Sendable {
  let set: ImageSet
  /// Of the images of each shard.
  let shardHashes: [String]
  /// Of the whole set, names included.
  let hash: String

  /// How many images share a file of the cache: an interrupted build loses at most so many.
  static let shard = 1024

  /// - Parameter hash: SHA-256 of the image at a place, in hexadecimal.
  init(_ set: ImageSet, hash imageHash: (Int) throws -> String) rethrows {
    self.set = set
    var whole = JoinedDigest(separator: "\n")
    shardHashes = try Self.shards(of: set.images.count).map { shard in
      var part = JoinedDigest(separator: "\n")
      for place in shard {
        let hash = try imageHash(place)
        part.add(hash)
        whole.add("\(set.images[place].id) \(hash)")
      }
      return part.hexDigest
    }
    hash = whole.hexDigest
  }

  /// The images of each shard, with their hash.
  var shards: [(rows: Range<Int>, hash: String)] {
    zip(Self.shards(of: set.images.count), shardHashes).map { ($0, $1) }
  }

  private static func shards(of count: Int) -> [Range<Int>] { parts(of: 0..<count) }

  /// Some images, cut where a shard ends.
  static func parts(of images: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = images.lowerBound
    while start < images.upperBound {
      let end = min((start / shard + 1) * shard, images.upperBound)
      parts.append(start..<end)
      start = end
    }
    return parts
  }
}

extension LoadedModel {
  /// The decomposition of an image set on disk, shard by shard, from the cache where it is there.
  func features(
    of images: HashedImages, kind: String, precision: FeaturePrecision, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws -> StoredFeatures {
    let shape = model.shape
    let shards = try images.shards.map { rows, hash in
      let plan = FeatureShard.Plan(shape: shape, count: rows.count, precision: precision)
      return try cache.shard(kind, inputs: [key, hash, precision.rawValue], plan: plan) { writer in
        try model.forEachBlock(
          of: images.set.images[rows].map(\.path), progress: shardProgress(rows, images, kind, progress),
          stage: ""
        ) { try writer.add($0, $1) }
      }
    }
    return StoredFeatures(shape: shape, spaces: model.spaces, blocks: images.shards.map(\.rows), shards: shards)
  }

  /// The decomposition of the gallery in memory with what the MLPs wrote, from the cache where it is there.
  func contributions(
    of images: HashedImages, _ gallery: GalleryImages, kind: String, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> HeadContributions {
    let shape = model.shape
    let names = shape.allHeads.map(\.padded) + ["embeddings", "mlp"]
    let shards = try images.shards.map { rows, hash in
      try cache.tensors(kind, inputs: [key, hash], names: names) {
        var parts = [[Float]](repeating: [], count: names.count)
        try model.forEachBlock(
          of: rows.count, pixels: { [model] in gallery.pixels(rows.lowerBound + $0, for: model.preprocessing) },
          progress: shardProgress(rows, images, kind, progress), stage: ""
        ) { _, block in
          for (place, part) in (block.coordinates + [block.embeddings, block.mlp]).enumerated() {
            parts[place] += part.values
          }
        }
        return zip(parts, tails).map { Tensor(shape: [rows.count] + $1, values: $0) }
      }
    }
    let count = images.set.images.count
    let whole = tails.enumerated().map { place, tail in
      Tensor(shape: [count] + tail, values: shards.flatMap { $0[place].values })
    }
    return HeadContributions(
      shape: shape, spaces: model.spaces, coordinates: Array(whole.prefix(shape.headCount)),
      mlp: whole[shape.headCount + 1], embeddings: whole[shape.headCount])
  }

  /// The shape of an image's row of every head's coordinates, its embedding, and what the MLPs wrote.
  private var tails: [[Int]] {
    let shape = model.shape
    return [[Int]](repeating: [shape.headSpaceWidth], count: shape.headCount)
      + [[shape.embeddingWidth], [shape.layers + 1, shape.embeddingWidth]]
  }

  private func shardProgress(
    _ rows: Range<Int>, _ images: HashedImages, _ kind: String, _ progress: any ProgressReporter
  ) -> ShardProgress {
    ShardProgress(
      whole: progress, stage: "\(entry.id): \(kind) images", start: rows.lowerBound,
      total: images.set.images.count)
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
