import Analysis
import Attribution
import CLIP
import Descriptions
import LinearAlgebra
import Parallel
import Tensors

/// One head's coordinates for many synthetic images, its basis and texts.
///
/// Work on many heads takes copies of it.
final class SyntheticHead {
  /// The coordinates of the images, `[N, C]`.
  let coordinates: Tensor
  let space: HeadSpace
  /// The texts' embeddings, `[M, E]`.
  let texts: Tensor
  private var known: HeadStatistics?

  init(file: String) throws {
    coordinates = try readTensor("coordinates", of: file)
    let basis = try readTensor("basis", of: file)
    texts = try readTensor("texts", of: file)
    let width = coordinates.rowCount
    guard coordinates.shape.count == 2, width > 3 else {
      throw RequestError.shape(
        file: file, tensor: "coordinates", found: coordinates.shape, expected: "[N, C], C above 3")
    }
    guard basis.shape.count == 2, basis.rows == width else {
      throw RequestError.shape(file: file, tensor: "basis", found: basis.shape, expected: "[\(width), E]")
    }
    guard texts.shape.count == 2, texts.rowCount == basis.rowCount else {
      throw RequestError.shape(file: file, tensor: "texts", found: texts.shape, expected: "[M, \(basis.rowCount)]")
    }
    space = HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
  }

  func first(_ rows: Int?, of tensor: Tensor) -> Tensor {
    guard let rows, rows < tensor.rows else { return tensor }
    return Tensor(shape: [rows, tensor.rowCount], values: Array(tensor.values[..<(rows * tensor.rowCount)]))
  }

  func statistics(copies: Int, images: Int?, threads: Int) throws -> Answer {
    let coordinates = first(images, of: coordinates)
    let (all, seconds) = try timed {
      try inParallel(copies, threads: threads) { _ in
        var statistics = HeadStatistics(width: coordinates.rowCount)
        statistics.add(coordinates)
        return statistics
      }
    }
    known = all.first
    return Answer(seconds: seconds, checksum: all.reduce(0) { $0 + $1.coMoment.reduce(0, +) })
  }

  func textSpan(copies: Int, texts count: Int?, count chosen: Int, threads: Int) throws -> Answer {
    guard let known else { throw RequestError.notLoaded("statistics") }
    let texts = first(count, of: texts)
    let basis = space.basis
    let (spans, seconds) = try timed {
      try inParallel(copies, threads: threads) { _ in
        try Descriptions.textSpan(statistics: known, basis: basis, texts: texts, count: chosen, rank: 80)
      }
    }
    return Answer(
      seconds: seconds, checksum: spans.joined().reduce(0) { $0 + $1.standardDeviation },
      indices: spans.first?.map(\.index) ?? [])
  }

  func describe(copies: Int, texts count: Int?, count chosen: Int, threads: Int) throws -> Answer {
    guard let known else { throw RequestError.notLoaded("statistics") }
    let texts = first(count, of: texts)
    let basis = space.basis
    let width = known.width
    let white = Tensor(shape: [width, width], values: (0..<width * width).map { $0 % (width + 1) == 0 ? 1 : 0 })
    var halves = HalvedStatistics(width: width)
    halves.add(known)
    halves.add(known)
    let (found, seconds) = try timed { [halves] in
      let describer = HeadDescriber(texts: texts, count: chosen, rank: 80)
      return try inParallel(copies, threads: threads) { _ in
        try describer.describe(halves, basis: basis, white: white).methods
      }
    }
    return Answer(
      seconds: seconds, checksum: found.joined().reduce(0) { $0 + $1.explained.reduce(0, +) },
      indices: found.first?.first?.texts ?? [])
  }

  /// The first images of the database are the queries.
  func search(images: Int?, queries: Int, count: Int) throws -> Answer {
    let coordinates = first(images, of: coordinates)
    let shape = TowerShape(
      layers: 1, heads: 1, headWidth: space.width - 3, width: space.width - 3, embeddingWidth: space.basis.rowCount,
      gridSide: 1)
    let contributions = HeadContributions(
      shape: shape, spaces: [space], coordinates: [coordinates],
      mlp: Tensor(zeros: [0, 2, shape.embeddingWidth]),
      embeddings: Tensor(zeros: [coordinates.rows, 0]))
    let (index, indexing) = try timed { try NeighbourIndex(head: Head(layer: 0, head: 0), of: contributions) }
    let (found, seconds) = try timed {
      try index.nearest(
        to: (0..<min(queries, coordinates.rows)).map { index.query(image: coordinates.row($0)) }, by: .dot,
        count: count)
    }
    return Answer(
      seconds: seconds, checksum: found.joined().reduce(0) { $0 + $1.dot }, numbers: ["index seconds": indexing],
      indices: found.first?.map(\.row) ?? [])
  }
}
