import Attribution
import Descriptions

/// The moments of a model's heads over an image set: all that TextSpan, explained variance and effective rank need of it,
/// whatever the number of images.
struct StoredMoments: Sendable {
  let shape: TowerShape
  /// One block each, in the order of the images.
  let blocks: [MomentsFile]
  /// What the moments of each block were made from.
  let keys: [String]

  /// The statistics of a head over all images: those of the blocks, merged in their order.
  ///
  /// - Throws: `CheckpointError` where a file is none of moments.
  func statistics(of head: Head) throws -> HeadStatistics {
    var sum = HeadStatistics(width: shape.headSpaceWidth)
    try forEachBlock(of: head) { sum.merge($0) }
    return sum
  }

  /// The statistics of a head over all images and over each half of them.
  ///
  /// - Throws: `CheckpointError` where a file is none of moments.
  func halves(of head: Head) throws -> HalvedStatistics {
    var sum = HalvedStatistics(width: shape.headSpaceWidth)
    try forEachBlock(of: head) { sum.add($0) }
    return sum
  }

  /// The statistics of a head over each block of images, in their order.
  ///
  /// - Throws: `CheckpointError` where a file is none of moments.
  func blocks(of head: Head) throws -> [HeadStatistics] {
    var found: [HeadStatistics] = []
    try forEachBlock(of: head) { found.append($0) }
    return found
  }

  private func forEachBlock(of head: Head, _ body: (HeadStatistics) -> Void) throws {
    for block in blocks {
      for statistics in try block.statistics(shape.index(of: head)) { body(statistics) }
    }
  }
}
