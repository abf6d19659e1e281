import Attribution
import Descriptions
import Evaluation
import Parallel
import Tensors

extension SyntheticHead {
  /// How many blocks the images are cut into, as in a build of a large probe set.
  private static let blocks = 64

  /// The bootstraps of many copies of the head, each with draws of its own.
  ///
  /// The share of bootstraps that choose other texts where all texts may be chosen is `changed`, of the first `compared` copies.
  func bootstraps(
    copies: Int, texts count: Int?, count chosen: Int, compared: Int, threads: Int
  ) throws -> Answer {
    let texts = first(count, of: texts)
    let blocks = statisticsOfBlocks(Self.blocks)
    let basis = space.basis
    @Sendable func all(_ place: Int, most: Int) throws -> [[ChosenText]] {
      let draws = BootstrapDraws(head: place, blocks: blocks.count, texts: texts.rows)
      let describer = try BootstrapDescriber(
        blocks: blocks, basis: basis, texts: texts, rank: 80, count: chosen, most: most)
      return describer.describe(images: draws.images) + describer.describe(pools: draws.pools)
    }
    let (found, seconds) = try timed {
      try inParallel(copies, threads: threads) { try all($0, most: BootstrapDescriber.mostTexts) }
    }
    let whole = try inParallel(min(compared, copies), threads: threads) { try all($0, most: .max) }
    var numbers: [String: Double] = [:]
    if !whole.isEmpty {
      let pairs = zip(whole, found).flatMap { zip($0, $1) }
      numbers["changed"] = Double(pairs.count { $0.map(\.index) != $1.map(\.index) }) / Double(pairs.count)
    }
    return Answer(
      seconds: seconds, checksum: found.joined().joined().reduce(0) { $0 + $1.variance }, numbers: numbers,
      indices: found.first?.first?.map(\.index) ?? [])
  }

  /// The statistics of the head over runs of its images of nearly equal length.
  private func statisticsOfBlocks(_ count: Int) -> [HeadStatistics] {
    let (images, width) = (coordinates.rows, coordinates.rowCount)
    return (0..<count).map { block in
      let rows = block * images / count..<(block + 1) * images / count
      var statistics = HeadStatistics(width: width)
      statistics.add(
        Tensor(
          shape: [rows.count, width],
          values: Array(coordinates.values[rows.lowerBound * width..<rows.upperBound * width])))
      return statistics
    }
  }
}
