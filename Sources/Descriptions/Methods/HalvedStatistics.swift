/// A head's statistics over all images, and over each half of them: that of every other block, which texts are chosen by, and that
/// of the others, on which they are judged.
package struct HalvedStatistics: Sendable {
  package private(set) var whole: HeadStatistics
  package private(set) var seen: HeadStatistics
  /// Of no image where there is one block.
  package private(set) var unseen: HeadStatistics
  private var blocks = 0

  /// Statistics without any image; C, the number of coordinates.
  package init(width: Int) {
    whole = HeadStatistics(width: width)
    (seen, unseen) = (whole, whole)
  }

  /// Adds the images of the next block.
  package mutating func add(_ block: HeadStatistics) {
    whole.merge(block)
    if blocks.isMultiple(of: 2) { seen.merge(block) } else { unseen.merge(block) }
    blocks += 1
  }
}
