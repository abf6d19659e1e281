import Attribution
import CLIP
import Files

/// Images that run through a model's tower together.
struct ImageBatch: Sendable {
  let rows: Range<Int>
  /// Of the bytes of its images, in their order.
  let hash: String
}

/// Images whose features share a file: whole batches, about 1024 images where a block has as many.
///
/// Sums over its images are computed in one run, so that their bits are the same whoever computes them.
struct ImagePiece: Sendable {
  let batches: [ImageBatch]
  /// Of its batches.
  let hash: String

  var rows: Range<Int> { (batches.first?.rows.lowerBound ?? 0)..<(batches.last?.rows.upperBound ?? 0) }

  init(_ batches: [ImageBatch]) {
    self.batches = batches
    hash = joinedDigest(batches.map(\.hash))
  }
}

/// Where an image set is cut for a model: into batches, whose ends depend on the images alone, and by the ranks of images into
/// blocks of whole pieces of whole batches.
///
/// A block is the unit of bootstraps. There are up to 64, and fewer where a block would have fewer than half as many images as
/// a head has coordinates: its moments would take more than twice the room of its features. Their number is a power of two, and
/// changes only where that of the images passes one too.
struct ImageCuts: Sendable {
  let images: HashedImages
  /// Images of each batch.
  let batches: [Range<Int>]
  /// Batches of each piece.
  let pieces: [Range<Int>]
  /// Pieces of each block.
  let blocks: [Range<Int>]

  /// The most blocks that there are.
  static let mostBlocks = 64

  /// - Parameters:
  ///   - batchSizes: the least and the most images of a batch.
  ///   - width: D+3, the number of a head's coordinates.
  ///   - pieceSize: about how many images a piece has.
  init(_ images: HashedImages, batchSizes: ClosedRange<Int>, width: Int, pieceSize: Int) {
    self.images = images
    let spread = (batchSizes.upperBound - batchSizes.lowerBound) * 2 / 3
    let batches = contentCuts(
      images.count, least: batchSizes.lowerBound, most: batchSizes.upperBound, spread: spread, mark: images.mark)
    let ends = batches.map(\.upperBound)
    var (pieces, blocks) = ([Range<Int>](), [Range<Int>]())
    for block in evenGroups(ends, count: Self.blockCount(images.count, width: width)) where !block.isEmpty {
      let first = batches[block.lowerBound].lowerBound
      let size = ends[block.upperBound - 1] - first
      let found = evenGroups(
        ends[block].map { $0 - first }, count: max(1, (size + pieceSize / 2) / pieceSize)
      ).filter { !$0.isEmpty }
      blocks.append(pieces.count..<pieces.count + found.count)
      pieces += found.map { block.lowerBound + $0.lowerBound..<block.lowerBound + $0.upperBound }
    }
    (self.batches, self.pieces, self.blocks) = (batches, pieces, blocks)
  }

  /// How many blocks some images are divided into, of which small sets may have fewer.
  static func blockCount(_ images: Int, width: Int) -> Int {
    let most = min(mostBlocks, max(1, 2 * images / max(width, 1)))
    return 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
  }

  /// The images up to the end of each piece.
  var pieceEnds: [Int] { pieces.map { batches[$0.upperBound - 1].upperBound } }

  /// A piece with the hashes of its batches.
  func piece(_ index: Int) -> ImagePiece { ImagePiece(pieces[index].map(batch)) }

  func batch(_ index: Int) -> ImageBatch {
    var digest = JoinedDigest(separator: "\n")
    for image in batches[index] { digest.add(images.hash(of: image)) }
    return ImageBatch(rows: batches[index], hash: digest.hexDigest)
  }
}

extension CLIPModel {
  /// The cuts of some images, which depend on their bytes and their order alone.
  func cuts(of images: HashedImages, _ compute: ComputeOptions) -> ImageCuts {
    ImageCuts(
      images, batchSizes: batchSizes(of: images.count), width: shape.headSpaceWidth, pieceSize: compute.pieceSize)
  }
}
