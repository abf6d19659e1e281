import Attribution
import CLIP
import Files
import Images
import LinearAlgebra
import Tensors

extension CLIPModel {
  /// An image as the model sees it, `[3, S, S]`.
  func pixels(ofImage place: FilePlace) throws -> Tensor { preprocessing.pixels(try readImage(at: place)) }

  /// Decomposes images batch by batch, in order; a thread that has read its images computes while others read.
  package func forEachBlock(
    of places: [FilePlace], progress: any ProgressReporter, stage: String,
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    let batch = batch(of: places.count)
    try forEachBlock(
      of: stride(from: 0, to: places.count, by: batch).map { $0..<min($0 + batch, places.count) },
      pixels: { try self.pixels(ofImage: places[$0]) }, progress: progress, stage: stage, body)
  }

  /// The same for batches of images that need not be files.
  ///
  /// - Parameters:
  ///   - batches: places of images; some may be left out.
  ///   - pixels: the image at a place, `[3, S, S]`; called on several threads.
  func forEachBlock(
    of batches: [Range<Int>], pixels: @escaping @Sendable (Int) throws -> Tensor, progress: any ProgressReporter,
    stage: String = "", _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    try BlocksAhead(self, batches, pixels: pixels).forEach(of: batches, progress: progress, stage: stage, body)
  }
}
