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
    progress.report(stage: stage, done: 0, total: paths.count)
    try decompose(count: paths.count) {
      try Interruption.shared.check()
      return try self.pixels(ofImage: paths[$0])
    } take: { range, block in
      try body(range, block)
      progress.report(stage: stage, done: range.upperBound, total: paths.count)
    }
  }
}
