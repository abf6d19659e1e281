import Attribution
import CLIP
import Images
import LinearAlgebra
import Tensors

extension CLIPModel {
  /// An image as the model sees it, `[3, S, S]`.
  func pixels(ofImage path: String) throws -> Tensor { preprocessing.pixels(try readImage(path: path)) }

  /// Decomposes images batch by batch, in order; a thread that has read its images computes while others read.
  package func forEachBlock(
    of paths: [String], progress: any ProgressReporter, stage: String,
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    try forEachBlock(
      of: paths.count, pixels: { try self.pixels(ofImage: paths[$0]) }, progress: progress, stage: stage, body)
  }

  /// The same for images that are not read from files.
  ///
  /// - Parameter pixels: the image at a place, `[3, S, S]`; called on several threads.
  func forEachBlock(
    of count: Int, pixels: @escaping @Sendable (Int) throws -> Tensor, progress: any ProgressReporter, stage: String,
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    progress.report(stage: stage, done: 0, total: count)
    try decompose(count: count) {
      try Interruption.shared.check()
      return try pixels($0)
    } take: { range, block in
      try body(range, block)
      progress.report(stage: stage, done: range.upperBound, total: count)
    }
  }
}
