import Attribution
import CLIP
import Descriptions
import Diagnostics

/// What the largest of some shards of one model takes, as far as a plan can tell.
package struct ShardForecast: Sendable, Codable, Equatable {
  package let model: String
  package let shards: Int
  /// Shards with no image, as whole files of images are divided among shards.
  package let empty: Int
  package let images: Int
  package let seconds: Double
  /// Of memory, in bytes.
  package let memory: Int
  /// On disk, in bytes: of features as the atlas keeps them, and of moments.
  package let features: Int
  package let moments: Int

  /// - Parameters:
  ///   - images: of the whole set.
  ///   - secondsPerImage: on all threads.
  ///   - loading: what a process takes before the first image, in seconds.
  init(
    _ id: String, _ model: CLIPModel, of shards: Int, images: Int, features: KeptFeatures, secondsPerImage: Double,
    loading: Double, _ compute: ComputeOptions
  ) {
    let (shape, width) = (model.shape, model.shape.headSpaceWidth)
    let blocks = ImageCuts.blockCount(images, width: width)
    let pieces = blocks * max(1, (images / blocks + compute.pieceSize / 2) / compute.pieceSize)
    let most = (pieces + shards - 1) / shards
    self.model = id
    self.shards = shards
    empty = max(0, shards - pieces)
    self.images = (images * most + pieces - 1) / pieces
    seconds = loading + Double(self.images) * secondsPerImage
    let numbers = shape.headCount * width + shape.embeddingWidth
    // Without features there is room for those of a piece, while their moments are computed.
    let bytes =
      switch features {
      case .fp32: 4 * self.images
      case .fp16: 2 * self.images
      case .momentsAlone: 4 * min(self.images, compute.pieceSize * 3 / 2)
      }
    self.features = numbers * bytes
    let momentBytes = shape.headCount * (HeadStatistics.triangleCount(width) + width) * 8
    let perBlock = pieces / blocks
    moments = momentBytes * (most % perBlock == 0 ? most / perBlock : min(most, most / perBlock + 2 * perBlock))
    // The weights, the batches, the statistics of a block and of a piece, the hashes, and the program itself.
    memory =
      model.parameterCount * 4 + model.parameterCount / 3 + model.batchMemory(of: images) * model.threads
      + 2 * shape.headCount * width * width * 8 + images * 48 + 50_000_000
  }

  package var line: String {
    let rest = empty > 0 ? "; \(empty) of the shards have no image" : ""
    return "\(model), \(shards) shards: up to \(images) images each, about \(fixed(seconds, decimals: 0)) s, "
      + "\(megabytes(memory)) MB of memory, on disk \(megabytes(features)) MB of features and \(megabytes(moments)) MB of moments\(rest)"
  }
}
