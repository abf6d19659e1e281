import Tensors

/// Where some images lie among blocks of features.
package struct ImagePlaces: Sendable {
  private let count: Int
  /// By block, the row there and the place among the images.
  private let byBlock: [(block: Int, rows: [(row: Int, place: Int)])]

  /// - Parameter images: rows of the features, in any order, none twice.
  package init(_ images: [Int], in blocks: [Range<Int>]) {
    count = images.count
    let sorted = images.enumerated().map { (row: $1, place: $0) }.sorted { $0.row < $1.row }
    var rest = sorted[...]
    byBlock = blocks.enumerated().compactMap { block, range in
      let own = rest.prefix { $0.row < range.upperBound }
      rest = rest.dropFirst(own.count)
      return own.isEmpty ? nil : (block, own.map { ($0.row - range.lowerBound, $0.place) })
    }
    precondition(rest.isEmpty, "an image beyond the features")
  }

  /// The rows of the images, in their order, `[n, C]`.
  package func rows(_ read: (Int) throws -> Tensor) throws -> Tensor {
    var found = Tensor(zeros: [count, 0])
    for (block, rows) in byBlock {
      let tensor = try read(block)
      let width = tensor.rowCount
      if found.rowCount != width { found = Tensor(zeros: [count, width]) }
      for (row, place) in rows {
        found.values.replaceSubrange(place * width..<(place + 1) * width, with: tensor.row(row))
      }
    }
    return found
  }
}
