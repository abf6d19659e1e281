import Attribution
import Checkpoints
import Descriptions
import Files

/// A file with the moments of all heads over some blocks of images, in double.
///
/// | tensor | shape | holds |
/// |---|---|---|
/// | `counts` | `[B]` | the number of images of each block |
/// | `means` | `[L·H, B, C]` | mean coordinates |
/// | `co_moments` | `[L·H, B, C·(C+1)/2]` | Σ (a − mean)(a − mean)ᵀ, each row up to the diagonal |
///
/// C stands for D+3. The metadata has the hash of the numbers as `digest`.
struct MomentsFile: Sendable {
  private let file: SafetensorsFile
  /// The number of images of each block.
  let counts: [Int]
  private let heads: Int

  static let names = ["co_moments", "counts", "means"]

  /// - Returns: nil where there is no such file, or its tensors are not those of moments of `heads` heads with `width`
  ///   coordinates.
  init?(path: String, heads: Int, width: Int) {
    guard let file = try? SafetensorsFile(path: path), file.names == Self.names,
      let blocks = file.shape(of: "counts")?.first, blocks > 0, file.shape(of: "counts") == [blocks],
      file.shape(of: "means") == [heads, blocks, width],
      file.shape(of: "co_moments") == [heads, blocks, HeadStatistics.triangleCount(width)],
      let counts = try? (0..<blocks).flatMap({ try file.doubles("counts", at: $0) }),
      counts.allSatisfy({ $0 >= 0 && $0 < 0x1p53 && $0 == $0.rounded() })
    else { return nil }
    self.file = file
    self.counts = counts.map { Int($0) }
    self.heads = heads
  }

  var path: String { file.path }
  var metadata: [String: String] { file.metadata }

  /// Whether the numbers are those that were written; they are read in pieces.
  var isWhole: Bool {
    guard let expected = metadata["digest"] else { return false }
    return (try? hexDigest(ofFile: path, from: file.dataStart)) == expected
  }

  /// The statistics of the head at a place over each block.
  ///
  /// - Throws: `CheckpointError` where the numbers are not in double.
  func statistics(_ head: Int) throws -> [HeadStatistics] {
    let (means, moments) = (try file.doubles("means", at: head), try file.doubles("co_moments", at: head))
    let width = means.count / counts.count
    let size = HeadStatistics.triangleCount(width)
    return counts.enumerated().map { block, count in
      HeadStatistics(
        count: count, mean: Array(means[block * width..<(block + 1) * width]),
        lowerTriangle: Array(moments[block * size..<(block + 1) * size]))
    }
  }
}

extension MomentsFile {
  /// The statistics of all heads over its first block.
  func allStatistics() throws -> [HeadStatistics] {
    try (0..<heads).map { try statistics($0)[0] }
  }
}

/// Writes moments block by block.
final class MomentsWriter {
  private let file: SafetensorsBlockWriter
  private let metadata: [String: String]
  private let heads: Int
  private let width: Int
  private let blocks: Int
  private var next = 0

  private static let noDigest = String(repeating: "0", count: 64)

  /// - Throws: `FileError` where the system will not write.
  init(heads: Int, width: Int, blocks: Int, metadata: [String: String], to path: String) throws {
    (self.heads, self.width, self.blocks, self.metadata) = (heads, width, blocks, metadata)
    file = try SafetensorsBlockWriter(
      [
        .init(name: "counts", type: .f64, shape: [blocks]),
        .init(name: "means", type: .f64, shape: [heads, blocks, width]),
        .init(name: "co_moments", type: .f64, shape: [heads, blocks, HeadStatistics.triangleCount(width)]),
      ], metadata: metadata.merging(["digest": Self.noDigest]) { $1 }, to: path)
  }

  /// Writes the statistics of all heads over the next block.
  ///
  /// - Throws: `FileError` where the system will not write.
  func add(_ statistics: [HeadStatistics]) throws {
    precondition(statistics.count == heads && next < blocks, "\(statistics.count) heads, block \(next) of \(blocks)")
    let size = HeadStatistics.triangleCount(width)
    try file.write(doubles: [Double(statistics.first?.count ?? 0)], to: "counts", at: next)
    for (head, statistics) in statistics.enumerated() {
      try file.write(doubles: statistics.mean, to: "means", at: (head * blocks + next) * width)
      try file.write(doubles: statistics.lowerTriangle, to: "co_moments", at: (head * blocks + next) * size)
    }
    next += 1
  }

  /// Puts the file in its place, once it has all its blocks.
  ///
  /// - Throws: `FileError` where the system will not write.
  func finish() throws {
    precondition(next == blocks, "\(next) of \(blocks) blocks")
    try file.finish { [metadata] file, start in
      metadata.merging(["digest": try hexDigest(ofFile: file, from: start)]) { $1 }
    }
  }
}
