import LinearAlgebra
import Parallel
import Tensors

/// The products ⟨Ã, B̃⟩ = Σ over pairs of images i < j of Ã_ij B̃_ij of the U-centred Gram matrices of many parts with many others.
///
/// Gram matrices are made tile by tile, of which few are there at a time; the products of a tile are a matrix product in float32, and
/// tiles are summed in double, in their order, so that the result does not depend on the number of threads.
package struct GramProducts: Sendable {
  /// Two groups of parts by their places: those of the rows and those of the columns.
  package struct Pair: Sendable, Hashable {
    package let rows: Int
    package let columns: Int

    package init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }
  }

  /// The products of the parts of two groups, row by row.
  package struct Sums: Sendable {
    /// Among the first half of the images, among the second, and between both.
    fileprivate(set) var parts: [[Double]]

    /// Over all pairs of images.
    package var whole: [Double] { parts[0].indices.map { parts[0][$0] + parts[1][$0] + parts[2][$0] } }
  }

  private let first: [[PartFactor]]
  private let second: [[PartFactor]]
  /// The places of the images that the second's rows are taken from; nil where both sides are the same.
  private let order: [Int]?
  private let count: Int

  /// Images in a side of a tile.
  private static let side = 64
  /// Rows of a group that are multiplied with those from them on, where a group meets itself.
  private static let chunk = 64

  /// Products of groups with each other.
  ///
  /// - Parameter groups: parts, each of the same n images, at least eight.
  package init(_ groups: [[PartFactor]]) { self.init(groups, groups, order: nil) }

  /// Products of groups with others of which the images are permuted.
  ///
  /// - Parameter order: by image of the first, the image of the second that stands in its place.
  package init(_ groups: [[PartFactor]], with others: [[PartFactor]], order: [Int]) {
    self.init(groups, others, order: Optional(order))
  }

  private init(_ first: [[PartFactor]], _ second: [[PartFactor]], order: [Int]?) {
    (self.first, self.second, self.order) = (first, second, order)
    count = first.lazy.joined().first?.rows.rows ?? 0
    precondition((first + second).joined().allSatisfy { $0.rows.rows == count }, "parts of unequal images")
    precondition(order.map { $0.count == count } ?? true, "an order of \(order?.count ?? 0) of \(count) images")
  }

  /// The images of the first half; the others are the second.
  private var half: Int { count / 2 }

  /// - Parameters:
  ///   - pairs: of groups.
  ///   - report: is told how many tiles are done, of how many.
  /// - Returns: the sums of each pair.
  /// - Throws: what `report` throws.
  package func sums(
    of pairs: [Pair], threads: Int, report: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> [Sums] {
    let tiles = Self.tiles(0..<half, half..<count)
    let starts = pairs.reduce(into: [0]) {
      $0.append($0[$0.count - 1] + first[$1.rows].count * second[$1.columns].count)
    }
    let size = starts[pairs.count]
    var sums = (0..<3).map { _ in [Double](repeating: 0, count: size) }
    let widths = (first + second).joined().map(\.rows.rowCount)
    let parts = (first.reduce(0) { $0 + $1.count }, second.reduce(0) { $0 + $1.count })
    try streamInParallel(
      tiles.count, threads: threads,
      scratch: { Scratch(width: widths.max() ?? 0, rows: parts.0, columns: self.order == nil ? 0 : parts.1) }
    ) { place, scratch in
      self.products(tiles[place], pairs, starts, scratch)
    } take: { place, found in
      found.withUnsafeBufferPointer { found in
        sums[tiles[place].part].withUnsafeMutableBufferPointer { sum in
          for place in 0..<size { sum[place] += Double(found[place]) }
        }
      }
      try report(place + 1, tiles.count)
    }
    return pairs.enumerated().map { place, pair in
      let range = starts[place]..<starts[place + 1]
      let own = Sums(parts: sums.map { Array($0[range]) })
      return isMirrored(pair) ? own.mirrored(first[pair.rows].count) : own
    }
  }

  private func isMirrored(_ pair: Pair) -> Bool { order == nil && pair.rows == pair.columns }

  private struct Tile: Sendable {
    let rows: Range<Int>
    let columns: Range<Int>
    let part: Int

    var count: Int { rows.count * columns.count }
  }

  /// Tiles that hold every pair of images once, none of which lies in two halves by one of its sides.
  private static func tiles(_ first: Range<Int>, _ second: Range<Int>) -> [Tile] {
    func cut(_ range: Range<Int>) -> [Range<Int>] {
      stride(from: range.lowerBound, to: range.upperBound, by: side).map { $0..<min($0 + side, range.upperBound) }
    }
    let sides = cut(first) + cut(second)
    return sides.indices.flatMap { row in
      sides[row...].map { column in
        let inSecond = (sides[row].lowerBound >= second.lowerBound, column.lowerBound >= second.lowerBound)
        return Tile(rows: sides[row], columns: column, part: inSecond.0 != inSecond.1 ? 2 : inSecond.0 ? 1 : 0)
      }
    }
  }

  /// What a thread works with.
  private final class Scratch {
    let left: UnsafeMutablePointer<Float>
    let right: UnsafeMutablePointer<Float>
    let rows: UnsafeMutablePointer<Float>
    let columns: UnsafeMutablePointer<Float>

    init(width: Int, rows: Int, columns: Int) {
      let (side, tile) = (GramProducts.side, GramProducts.side * GramProducts.side)
      left = .allocate(capacity: side * (width + 2))
      right = .allocate(capacity: side * (width + 2))
      self.rows = .allocate(capacity: rows * tile)
      self.columns = .allocate(capacity: columns * tile)
    }

    deinit { for start in [left, right, rows, columns] { start.deallocate() } }
  }

  private func products(_ tile: Tile, _ pairs: [Pair], _ starts: [Int], _ scratch: Scratch) -> [Float] {
    fill(first, tile, nil, scratch, into: scratch.rows)
    if let order { fill(second, tile, order, scratch, into: scratch.columns) }
    let columns = order == nil ? scratch.rows : scratch.columns
    let offsets = (Self.offsets(first), Self.offsets(second))
    var result = [Float](repeating: 0, count: starts[pairs.count])
    result.withUnsafeMutableBufferPointer { result in
      guard let out = result.baseAddress else { return }
      for (place, pair) in pairs.enumerated() {
        let (height, width) = (first[pair.rows].count, second[pair.columns].count)
        let step = isMirrored(pair) ? Self.chunk : max(height, 1)
        for start in stride(from: 0, to: height, by: step) {
          let skipped = isMirrored(pair) ? start : 0
          multiply(
            scratch.rows + (offsets.0[pair.rows] + start) * tile.count, stride: tile.count, .normal,
            columns + (offsets.1[pair.columns] + skipped) * tile.count, stride: tile.count, .transposed,
            into: out + starts[place] + start * width + skipped, stride: width, rows: min(step, height - start),
            columns: width - skipped, inner: tile.count)
        }
      }
    }
    return result
  }

  /// The places of the first parts of groups among all.
  private static func offsets(_ groups: [[PartFactor]]) -> [Int] {
    groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
  }

  /// Writes a tile of the Gram matrix of every part, one after another; on and below the diagonal it has zeros.
  private func fill(
    _ groups: [[PartFactor]], _ tile: Tile, _ order: [Int]?, _ scratch: Scratch, into out: UnsafeMutablePointer<Float>
  ) {
    let (height, width) = (tile.rows.count, tile.columns.count)
    func rows(_ range: Range<Int>) -> [Int] { range.map { order?[$0] ?? $0 } }
    let (own, others) = (rows(tile.rows), rows(tile.columns))
    for (place, factor) in groups.joined().enumerated() {
      let start = out + place * tile.count
      let inner = factor.rows.rowCount + 2
      factor.gather(own, into: scratch.left, isLeft: true)
      factor.gather(others, into: scratch.right, isLeft: false)
      multiply(
        scratch.left, stride: inner, .normal, scratch.right, stride: inner, .transposed, into: start, stride: width,
        rows: height, columns: width, inner: inner)
      guard tile.rows == tile.columns else { continue }
      for row in 0..<height { (start + row * width).update(repeating: 0, count: row + 1) }
    }
  }
}

extension PartFactor {
  /// Rows with α and 1 behind them, or 1 and α, so that the product of both kinds is that of rows plus both α.
  fileprivate func gather(_ images: [Int], into result: UnsafeMutablePointer<Float>, isLeft: Bool) {
    let width = rows.rowCount
    rows.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      for (place, image) in images.enumerated() {
        let start = result + place * (width + 2)
        start.update(from: values + image * width, count: width)
        let offset = Float(offsets[image])
        start[width] = isLeft ? offset : 1
        start[width + 1] = isLeft ? 1 : offset
      }
    }
  }
}

extension GramProducts.Sums {
  /// With what lies above the diagonal below it too.
  fileprivate func mirrored(_ count: Int) -> Self {
    var copy = self
    for part in copy.parts.indices {
      for row in 0..<count {
        for column in 0..<row { copy.parts[part][row * count + column] = parts[part][column * count + row] }
      }
    }
    return copy
  }
}

extension GramProducts {
  /// What sums over either half of the images are where Gram matrices are U-centred among the images of the half alone.
  ///
  /// U-centring is a projection, so that the products of what it takes away are subtracted: of u_i + u_j and v_i + v_j over
  /// m images, (m − 2) Σ u_i v_i + Σ u_i Σ v_i.
  ///
  /// - Parameter sums: what `sums` returned for these pairs.
  /// - Returns: for each pair, the products over the first half and over the second.
  package func halves(of sums: [Sums], _ pairs: [Pair], threads: Int) throws -> [[[Double]]] {
    let ranges = [0..<half, half..<count]
    let parts = first.enumerated().flatMap { group, parts in parts.indices.map { (group, $0) } }
    let found = try inParallel(parts.count, threads: threads) { place in
      let part = self.first[parts[place].0][parts[place].1]
      return ranges.map(part.excess)
    }
    let starts = Self.offsets(first)
    return zip(sums, pairs).map { sums, pair in
      ranges.enumerated().map { place, range in
        func excess(_ group: Int) -> [[Double]] { found[starts[group]..<starts[group + 1]].map { $0[place] } }
        let (rows, columns) = (excess(pair.rows), excess(pair.columns))
        let totals = (rows.map { $0.reduce(0, +) }, columns.map { $0.reduce(0, +) })
        let products = product(
          rows.flatMap { $0 }, .normal, columns.flatMap { $0 }, .transposed, rows: rows.count, columns: columns.count,
          inner: range.count)
        return products.indices.map { index in
          let (row, column) = (index / columns.count, index % columns.count)
          return sums.parts[place][index] - Double(range.count - 2) * products[index] - totals.0[row] * totals.1[column]
        }
      }
    }
  }
}
