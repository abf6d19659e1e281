import Tensors

/// Where the decomposed embeddings of N images are read from, a block of images at a time.
///
/// Whoever goes through them block by block needs memory for one block, however many images there are and wherever
/// they are kept: in memory (`HeadContributions`, one block) or on disk.
public protocol HeadFeatures: Sendable {
  var shape: TowerShape { get }
  /// One space per head, in the order of `TowerShape.allHeads`.
  var spaces: [HeadSpace] { get }
  /// The rows of each block, which follow each other from 0 to N.
  var blocks: [Range<Int>] { get }
  /// What `head` wrote for the images of a block, `[n, D+3]`.
  func coordinates(of head: Head, block: Int) throws -> Tensor
  /// Unit norm, `[n, E]`.
  func embeddings(block: Int) throws -> Tensor
}

extension HeadFeatures {
  /// N, the number of images.
  public var count: Int { blocks.last?.upperBound ?? 0 }

  /// Calls `body` with the rows of every block and what `head` wrote for them, `[n, D+3]`, in order.
  public func forEachBlock(of head: Head, _ body: (Range<Int>, Tensor) throws -> Void) throws {
    for (block, rows) in blocks.enumerated() { try body(rows, try coordinates(of: head, block: block)) }
  }

  /// The space of `head`.
  public func space(of head: Head) -> HeadSpace { spaces[shape.index(of: head)] }
}

extension HeadContributions: HeadFeatures {
  public var blocks: [Range<Int>] { count > 0 ? [0..<count] : [] }

  public func coordinates(of head: Head, block: Int) -> Tensor { coordinates[shape.index(of: head)] }

  public func embeddings(block: Int) -> Tensor { embeddings }
}
