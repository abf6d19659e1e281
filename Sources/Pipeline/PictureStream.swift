import Attribution
import CLIP
import Images
import LinearAlgebra
import Tensors

extension CLIPModel {
  /// How many pictures are decoded and decomposed at a time: memory does not grow with their number.
  static let block = 64

  /// A picture as the model sees it, `[3, S, S]`.
  func pixels(ofPicture path: String) throws -> Tensor { preprocessing.pixels(try readPicture(path: path)) }

  /// Decomposes pictures block by block.
  func forEachBlock(
    of paths: [String], progress: any ProgressReporter, stage: String,
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    progress.report(stage: stage, done: 0, total: paths.count)
    for start in stride(from: 0, to: paths.count, by: Self.block) {
      try Interruption.shared.check()
      let range = start..<min(start + Self.block, paths.count)
      let pixels = try inParallel(range.count, threads: threads) {
        try self.pixels(ofPicture: paths[range.lowerBound + $0])
      }
      try body(range, try decompose(pixels))
      progress.report(stage: stage, done: range.upperBound, total: paths.count)
    }
  }
}
