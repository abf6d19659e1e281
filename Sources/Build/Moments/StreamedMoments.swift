import Attribution
import CLIP
import Descriptions
import Files
import Parallel
import Tensors

extension CLIPModel {
  /// Calls `take` with the statistics of some heads over each block of images, in the pieces and blocks of a build: the very
  /// numbers that a build has.
  ///
  /// The coordinates of one piece are in memory, and no more of any other.
  ///
  /// - Parameter take: gets the number of blocks, and the statistics of `heads` in their order.
  func forEachBlockOfMoments(
    of heads: [Head], over images: HashedImages, _ compute: ComputeOptions, progress: any ProgressReporter,
    take: (Int, [HeadStatistics]) throws -> Void
  ) throws {
    let width = shape.headSpaceWidth
    let cuts = cuts(of: images, compute)
    let pieceEnds = Set(cuts.pieceEnds)
    let blockEnds = Set(cuts.blocks.map { cuts.pieceEnds[$0.upperBound - 1] })
    var block: [HeadStatistics] = []
    var coordinates = heads.map { _ in [Float]() }
    try forEachBlock(
      of: cuts.batches, pixels: { try self.pixels(ofImage: images.place(of: $0)) }, progress: progress, stage: "images"
    ) { rows, contributions in
      for (index, head) in heads.enumerated() {
        coordinates[index] += contributions.coordinates(of: head, block: 0).values
      }
      guard pieceEnds.contains(rows.upperBound) else { return }
      let piece = coordinates
      coordinates = heads.map { _ in [] }
      let statistics = try inParallel(heads.count, threads: threads) { index in
        var statistics = HeadStatistics(width: width)
        statistics.add(Tensor(shape: [piece[index].count / width, width], values: piece[index]))
        return statistics
      }
      merge(statistics, into: &block)
      guard blockEnds.contains(rows.upperBound) else { return }
      try take(cuts.blocks.count, block)
      block = []
    }
  }
}
