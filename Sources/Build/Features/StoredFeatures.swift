import Attribution
import Checkpoints
import Files
import Foundation
import Tensors

/// How features are kept on disk.
package enum FeaturePrecision: String, Sendable, CaseIterable {
  /// As they were computed.
  case fp32
  /// Half as large: 11 significant bits of each number.
  case fp16
}

/// The decomposition of an image set on disk.
///
/// Only what is asked for is read: one head of one piece at a time.
struct StoredFeatures: HeadFeatures {
  let shape: TowerShape
  let spaces: [HeadSpace]
  let blocks: [Range<Int>]
  let pieces: [FeaturePiece]
  /// Of the images of each piece.
  let hashes: [String]
  /// The pieces whose moments are kept together.
  let groups: [Range<Int>]

  func coordinates(of head: Head, block: Int) throws -> Tensor {
    try pieces[block].coordinates(shape.index(of: head))
  }

  func embeddings(block: Int) throws -> Tensor { try pieces[block].embeddings() }
}

/// A file with the coordinates `[L·H, n, D+3]` and the embeddings `[1, n, E]` of n images.
///
/// In fp16 each column of each of these matrices is divided by a power of two of its own, which is kept beside it, so
/// that its largest number lies between 2¹⁴ and 2¹⁵: no number is too large for a half, and one loses more than 11 bits
/// only where it is 2²⁸ times smaller than the largest of its column.
struct FeaturePiece: Sendable {
  struct Plan: Sendable {
    let shape: TowerShape
    let piece: ImagePiece
    let precision: FeaturePrecision

    /// The number of images.
    var count: Int { piece.rows.count }

    /// The hash and the number of images of every batch.
    fileprivate var batches: String {
      piece.batches.map { "\($0.hash):\($0.rows.count)" }.joined(separator: ",")
    }

    fileprivate var matrices: [(name: String, shape: [Int])] {
      [
        ("coordinates", [shape.headCount, count, shape.headSpaceWidth]),
        ("embeddings", [1, count, shape.embeddingWidth]),
      ]
    }

    fileprivate var tensors: [PlannedTensor] {
      matrices.flatMap { name, shape in
        precision == .fp32
          ? [PlannedTensor(name: name, type: .f32, shape: shape)]
          : [
            PlannedTensor(name: name, type: .f16, shape: shape),
            PlannedTensor(name: FeaturePiece.scales(of: name), type: .f32, shape: [shape[0], shape[2]]),
          ]
      }
    }
  }

  private let file: SafetensorsFile

  /// Opens a file, and checks all of it but its numbers.
  ///
  /// - Returns: nil where it is another file than planned, or none.
  init?(path: String, key: String, plan: Plan) {
    guard let file = try? SafetensorsFile(path: path), file.metadata["key"] == key else { return nil }
    let planned = plan.tensors
    guard file.names == planned.map(\.name).sorted(), planned.allSatisfy({ file.shape(of: $0.name) == $0.shape })
    else { return nil }
    self.file = file
  }

  /// Opens a piece of any images, whose numbers are in fp32: those in fp16 depend on all images of their piece.
  ///
  /// - Returns: nil where it is another file, or none.
  init?(path: String, shape: TowerShape) {
    guard let file = try? SafetensorsFile(path: path), file.names == ["coordinates", "embeddings"] else { return nil }
    self.file = file
    let count = batches.last?.rows.upperBound ?? 0
    guard file.shape(of: "coordinates") == [shape.headCount, count, shape.headSpaceWidth],
      file.shape(of: "embeddings") == [1, count, shape.embeddingWidth]
    else { return nil }
  }

  var path: String { file.path }

  /// The batches whose rows it holds; none where it does not say.
  var batches: [ImageBatch] {
    var next = 0
    var batches: [ImageBatch] = []
    for entry in (file.metadata["batches"] ?? "").split(separator: ",") {
      let parts = entry.split(separator: ":")
      guard parts.count == 2, let count = Int(parts[1]), count > 0, count <= 1 << 32 else { return [] }
      batches.append(ImageBatch(rows: next..<next + count, hash: String(parts[0])))
      next += count
    }
    return batches
  }

  /// Whether the numbers are those that were written; they are read in pieces.
  var isWhole: Bool {
    guard let expected = file.metadata["digest"] else { return false }
    return (try? hexDigest(ofFile: file.path, from: file.dataStart)) == expected
  }

  func coordinates(_ head: Int) throws -> Tensor { try matrix("coordinates", head) }

  func embeddings() throws -> Tensor { try matrix("embeddings", 0) }

  private func matrix(_ name: String, _ index: Int) throws -> Tensor {
    var matrix = try file.tensor(name, at: index)
    guard file.shape(of: Self.scales(of: name)) != nil else { return matrix }
    let scales = try file.tensor(Self.scales(of: name), at: index).values
    matrix.values.withUnsafeMutableBufferPointer { values in
      for row in stride(from: 0, to: values.count, by: scales.count) {
        for column in scales.indices { values[row + column] *= scales[column] }
      }
    }
    return matrix
  }

  fileprivate static func scales(of name: String) -> String { name + ".scales" }

  /// Per column, the power of two that brings the largest number to 2¹⁴ … 2¹⁵; 1 for a column of zeros.
  static func scales(of matrix: Tensor) -> [Float] {
    var largest = [Float](repeating: 0, count: matrix.rowCount)
    for row in 0..<matrix.rows {
      for (column, value) in matrix.row(row).enumerated() where value.isFinite {
        largest[column] = max(largest[column], abs(value))
      }
    }
    return largest.map { $0 > 0 ? Float(sign: .plus, exponent: max(Int($0.exponent), -100) - 14, significand: 1) : 1 }
  }
}

/// Writes a piece while its images come in: block by block to disk, all in float32.
///
/// For fp16, which needs the largest number of each column first, that is a file of its own, read again head by head.
final class FeaturePieceWriter {
  private let plan: FeaturePiece.Plan
  private let key: String
  private let path: String
  private let numbers: SafetensorsBlockWriter
  /// The first rows of what was added.
  private(set) var written: Set<Int> = []

  /// - Throws: `UnwritablePiece`.
  init(_ plan: FeaturePiece.Plan, key: String, path: String) throws {
    self.plan = plan
    self.key = key
    self.path = path
    numbers = try unwritable {
      try SafetensorsBlockWriter(
        plan.precision == .fp32 ? plan.tensors : plan.matrices.map { .init(name: $0, type: .f32, shape: $1) },
        metadata: Self.metadata(plan, key, Self.noDigest),
        to: plan.precision == .fp32 ? path : path + Self.scratch)
    }
  }

  private static let noDigest = String(repeating: "0", count: 64)
  private static let scratch = ".scratch"

  private static func metadata(_ plan: FeaturePiece.Plan, _ key: String, _ digest: String) -> [String: String] {
    ["key": key, "batches": plan.batches, "digest": digest]
  }

  /// Takes in some images, from row `first` of the piece on.
  ///
  /// - Throws: `UnwritablePiece`.
  func add(_ first: Int, _ block: HeadContributions) throws {
    let shape = plan.shape
    try unwritable {
      for (head, coordinates) in block.coordinates.enumerated() {
        try numbers.write(
          coordinates.values, to: "coordinates", at: (head * plan.count + first) * shape.headSpaceWidth)
      }
      try numbers.write(block.embeddings.values, to: "embeddings", at: first * shape.embeddingWidth)
    }
    written.insert(first)
  }

  /// Takes in rows of another piece that is being written.
  ///
  /// - Parameter rows: the rows there, and where they begin here.
  /// - Throws: `UnwritablePiece`.
  func copy(from other: FeaturePieceWriter, rows: [(from: Range<Int>, to: Int)]) throws {
    let shape = plan.shape
    func copy(_ name: String, _ matrix: Int, width: Int) throws {
      for run in rows {
        let start = (matrix * other.plan.count + run.from.lowerBound) * width
        let values = try other.numbers.values(of: name, at: start, count: run.from.count * width)
        try numbers.write(values, to: name, at: (matrix * plan.count + run.to) * width)
      }
    }
    try unwritable {
      for head in 0..<shape.headCount { try copy("coordinates", head, width: shape.headSpaceWidth) }
      try copy("embeddings", 0, width: shape.embeddingWidth)
    }
  }

  /// Takes in rows of another piece, head by head.
  ///
  /// - Parameter rows: the rows there, and where they begin here.
  /// - Throws: `UnwritablePiece`.
  func copy(from piece: FeaturePiece, rows: [(from: Range<Int>, to: Int)]) throws {
    let shape = plan.shape
    func copy(_ matrix: Tensor, to name: String, from start: Int) throws {
      let width = matrix.rowCount
      for run in rows {
        let values = matrix.values[run.from.lowerBound * width..<run.from.upperBound * width]
        try numbers.write(values, to: name, at: start + run.to * width)
      }
    }
    try unwritable {
      for head in 0..<shape.headCount {
        try copy(
          try piece.coordinates(head), to: "coordinates", from: head * plan.count * shape.headSpaceWidth)
      }
      try copy(try piece.embeddings(), to: "embeddings", from: 0)
    }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `UnwritablePiece`.
  func finish() throws -> FeaturePiece {
    try unwritable {
      try seal(numbers)
      if plan.precision == .fp16 { try halve() }
    }
    guard let piece = FeaturePiece(path: path, key: key, plan: plan) else {
      throw UnwritablePiece(reason: UnwritablePiece.gone)
    }
    return piece
  }

  private func seal(_ writer: SafetensorsBlockWriter) throws {
    try writer.finish { [plan, key] file, start in
      Self.metadata(plan, key, try hexDigest(ofFile: file, from: start))
    }
  }

  private func halve() throws {
    defer { unlink(path + Self.scratch) }
    let whole = try SafetensorsFile(path: path + Self.scratch)
    let halves = try SafetensorsBlockWriter(plan.tensors, metadata: Self.metadata(plan, key, Self.noDigest), to: path)
    for (name, shape) in plan.matrices {
      for index in 0..<shape[0] {
        var matrix = try whole.tensor(name, at: index)
        let scales = FeaturePiece.scales(of: matrix)
        for place in matrix.values.indices { matrix.values[place] /= scales[place % scales.count] }
        try halves.write(matrix.values, to: name, at: index * matrix.count)
        try halves.write(scales, to: FeaturePiece.scales(of: name), at: index * scales.count)
      }
    }
    try seal(halves)
  }
}

/// A piece that could not be written where it should have been.
struct UnwritablePiece: Error {
  let reason: String

  /// The reason of one that was written and is gone.
  static let gone = "it cannot be read again"
}

/// Runs what writes a piece; what the system says against it becomes `UnwritablePiece`.
func unwritable<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as FileError {
    throw UnwritablePiece(reason: error.reason)
  } catch CheckpointError.file(let error) {
    throw UnwritablePiece(reason: error.reason)
  } catch let error as CheckpointError {
    throw UnwritablePiece(reason: "\(error)")
  }
}
