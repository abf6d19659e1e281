import Attribution
import CLIP
import Files
import Parallel

/// What `headatlas moments` is asked for.
package struct MomentsOptions: Sendable {
  package var model: String
  /// Files, folders and other sets.
  package var images: [String]
  package var unreadable: UnreadableImages
  package var output: String
  package var compute: ComputeOptions

  package init(
    model: String, images: [String], unreadable: UnreadableImages = .stop, output: String,
    compute: ComputeOptions = ComputeOptions()
  ) {
    self.model = model
    self.images = images
    self.unreadable = unreadable
    self.output = output
    self.compute = compute
  }
}

/// Writes the moments of all heads over blocks of images: `counts [B]`, `means [L·H, B, C]` and `co_moments [L·H, B,
/// C·(C+1)/2]`, in double.
///
/// The images are in the order of their sorted file names, without those that are skipped, and the numbers are those that a
/// build has of them.
package func writeMoments(_ options: MomentsOptions, progress: any ProgressReporter) throws {
  let output = try outputPath(options.output)
  let named = try imageArguments(options.images, remark: progress.remark)
  let model = try CLIPModel(ModelReference(options.model).source(), options.compute)
  let readable = try readableImages(named, options.unreadable, threads: model.threads, progress: progress)
  let images = try hashedImages(readable, threads: model.threads)
  let metadata = momentsMetadata(
    model.shape, images: readable.count, model: model.momentsKey(weights: try model.weightsHash()))
  var writer: MomentsWriter?
  try model.forEachBlockOfMoments(of: model.shape.allHeads, over: images, options.compute, progress: progress) {
    blocks, statistics in
    let file =
      try writer
      ?? MomentsWriter(
        heads: model.shape.headCount, width: model.shape.headSpaceWidth, blocks: blocks, metadata: metadata,
        to: output)
    try file.add(statistics)
    writer = file
  }
  try writer?.finish()
}

/// What an exported file says of the moments in it.
///
/// - Parameter model: what `momentsKey` gives.
func momentsMetadata(_ shape: TowerShape, images: Int, model: String) -> [String: String] {
  ["layers": "\(shape.layers)", "heads": "\(shape.heads)", "images": "\(images)", "model": model]
}

extension CLIPModel {
  /// What two models share whose moments mean the same: a hash of the weights and of how they are read.
  ///
  /// - Parameter weights: their hash.
  func momentsKey(weights: String) -> String { joinedDigest([weights, "\(configuration)"]) }
}

/// Images with their hashes, by their places.
func hashedImages(_ images: [ImageArgument], threads: Int) throws -> HashedImages {
  let hashes = try inParallel(images.count, threads: threads) {
    try Interruption.shared.check()
    return try hexDigest(at: images[$0].place)
  }
  return HashedImages(images.map { ($0.place, "\($0.place)") }) { hashes[$0] }
}
