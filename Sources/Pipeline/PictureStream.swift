import Attribution
import CLIP
import Images
import LinearAlgebra
import Tensors

extension CLIPModel {
  /// A picture as the model sees it, `[3, S, S]`.
  func pixels(ofPicture path: String) throws -> Tensor { preprocessing.pixels(try readPicture(path: path)) }

  /// Decomposes pictures batch by batch, in order; a thread that has read its pictures computes while others read.
  package func forEachBlock(
    of paths: [String], progress: any ProgressReporter, stage: String,
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    progress.report(stage: stage, done: 0, total: paths.count)
    try decompose(count: paths.count) {
      try Interruption.shared.check()
      return try self.pixels(ofPicture: paths[$0])
    } take: { range, block in
      try body(range, block)
      progress.report(stage: stage, done: range.upperBound, total: paths.count)
    }
  }
}
