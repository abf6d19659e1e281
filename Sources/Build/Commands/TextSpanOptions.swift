import Attribution
import CLIP
import Descriptions
import Files
import Foundation
import LinearAlgebra
import Parallel
import Tensors

/// What `headatlas textspan` is asked for; `count` and `rank` are above 0.
package struct TextSpanOptions: Sendable {
  package var model: String
  package var images: [String]
  package var unreadable: UnreadableImages
  package var texts: String
  package var count: Int
  package var layers: LayerChoice
  package var rank: Int
  package var output: String
  package var compute: ComputeOptions

  package init(
    model: String, images: [String], unreadable: UnreadableImages = .stop, texts: String, count: Int,
    layers: LayerChoice, rank: Int, output: String, compute: ComputeOptions = ComputeOptions()
  ) {
    self.model = model
    self.images = images
    self.unreadable = unreadable
    self.texts = texts
    self.count = count
    self.layers = layers
    self.rank = rank
    self.output = output
    self.compute = compute
  }
}

/// The file that `headatlas textspan` writes.
struct TextSpanFile: Codable, Equatable {
  struct Description: Codable, Equatable {
    let text: String
    let index: Int
    let standardDeviation: Double
    let explainedVariance: Double

    enum CodingKeys: String, CodingKey {
      case text, index
      case standardDeviation = "standard_deviation"
      case explainedVariance = "explained_variance"
    }
  }
  struct HeadEntry: Codable, Equatable {
    let descriptions: [Description]
  }
  let model: String
  let count: Int
  let rank: Int
  /// By padded name, `L08.H00`.
  let heads: [String: HeadEntry]
}

/// Describes heads from covariances that are streamed over the images: memory does not grow with their number.
package func describeHeads(_ options: TextSpanOptions, progress: any ProgressReporter) throws {
  let output = try outputPath(options.output)
  let named = try imageArguments(options.images, remark: progress.remark)
  let texts = try readTexts(options.texts, pipes: true)
  let model = try CLIPModel(ModelReference(options.model).source(), options.compute)
  let shape = model.shape
  let layers = try options.layers.layers(of: shape)
  let places = try readableImages(named, options.unreadable, threads: model.threads, progress: progress).map(\.place)
  let heads = layers.flatMap { layer in (0..<shape.heads).map { Head(layer: layer, head: $0) } }
  let pool = try model.encode(texts: texts)
  let statistics = try streamedStatistics(of: heads, model, places, progress)
  let spans = try inParallel(heads.count, threads: model.threads) { index in
    try textSpan(
      statistics: statistics[index], basis: model.spaces[shape.index(of: heads[index])].basis, texts: pool,
      count: options.count, rank: options.rank)
  }
  if let remark = remarkOnUndescribed(spans.count(where: \.isEmpty), of: heads.count, images: places.count) {
    progress.remark(remark)
  }
  let entries = zip(heads, spans).map { head, span in
    (
      head.padded,
      TextSpanFile.HeadEntry(
        descriptions: span.map {
          .init(
            text: texts[$0.index], index: $0.index, standardDeviation: $0.standardDeviation,
            explainedVariance: $0.explainedVariance)
        })
    )
  }
  let file = TextSpanFile(
    model: options.model, count: options.count, rank: options.rank,
    heads: Dictionary(uniqueKeysWithValues: entries))
  try writeFile((try jsonText(file) + "\n").utf8, to: output)
}

/// Why some heads have no descriptions; nil where all have some.
private func remarkOnUndescribed(_ count: Int, of heads: Int, images: Int) -> String? {
  guard count > 0 else { return nil }
  let reason = images == 1 ? "there is one image" : "the \(images) images are all alike to them"
  return
    "\(count) of \(heads) heads have no descriptions: what a head is described by is what varies between images, and "
    + "\(reason); give it more that differ"
}

/// The statistics of heads over images, in the batches and shards of a build: the very numbers that a build has.
private func streamedStatistics(
  of heads: [Head], _ model: CLIPModel, _ places: [FilePlace], _ progress: any ProgressReporter
) throws -> [HeadStatistics] {
  let width = model.shape.headSpaceWidth
  let hashes = try inParallel(places.count, threads: model.threads) { try hexDigest(at: places[$0]) }
  let shards = model.shards(of: HashedImages(places.map { ($0, "\($0)") }) { hashes[$0] })
  let ends = Set(shards.map(\.rows.upperBound))
  var statistics = heads.map { _ in HeadStatistics(width: width) }
  var coordinates = heads.map { _ in [Float]() }
  try model.forEachBlock(
    of: shards.flatMap { $0.batches.map(\.rows) }, pixels: { try model.pixels(ofImage: places[$0]) },
    progress: progress, stage: "images"
  ) { rows, block in
    for (index, head) in heads.enumerated() {
      coordinates[index] += block.coordinates(of: head, block: 0).values
    }
    guard ends.contains(rows.upperBound) else { return }
    let shard = coordinates
    coordinates = heads.map { _ in [] }
    statistics = try inParallel(heads.count, threads: model.threads) { [statistics] index in
      var sum = statistics[index]
      sum.add(Tensor(shape: [shard[index].count / width, width], values: shard[index]))
      return sum
    }
  }
  return statistics
}
