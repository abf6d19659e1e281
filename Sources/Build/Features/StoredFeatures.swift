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
/// Only what is asked for is read: one head of one shard at a time.
struct StoredFeatures: HeadFeatures {
  let shape: TowerShape
  let spaces: [HeadSpace]
  let blocks: [Range<Int>]
  let shards: [FeatureShard]

  func coordinates(of head: Head, block: Int) throws -> Tensor {
    try shards[block].coordinates(shape.index(of: head))
  }

  func embeddings(block: Int) throws -> Tensor { try shards[block].embeddings() }
}

/// A file with the coordinates `[L·H, n, D+3]` and the embeddings `[1, n, E]` of n images.
///
/// In fp16 each column of each of these matrices is divided by a power of two of its own, which is kept beside it, so
/// that its largest number lies between 2¹⁴ and 2¹⁵: no number is too large for a half, and one loses more than 11 bits
/// only where it is 2²⁸ times smaller than the largest of its column.
struct FeatureShard: Sendable {
  struct Plan: Sendable {
    let shape: TowerShape
    /// The number of images.
    let count: Int
    let precision: FeaturePrecision

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
            PlannedTensor(name: FeatureShard.scales(of: name), type: .f32, shape: [shape[0], shape[2]]),
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

/// Writes a shard while its images come in: block by block to disk, all in float32.
///
/// For fp16, which needs the largest number of each column first, that is a file of its own, read again head by head.
final class FeatureShardWriter {
  private let plan: FeatureShard.Plan
  private let key: String
  private let path: String
  private let numbers: SafetensorsBlockWriter

  /// - Throws: `UnwritableShard`.
  init(_ plan: FeatureShard.Plan, key: String, path: String) throws {
    self.plan = plan
    self.key = key
    self.path = path
    numbers = try unwritable {
      try SafetensorsBlockWriter(
        plan.precision == .fp32 ? plan.tensors : plan.matrices.map { .init(name: $0, type: .f32, shape: $1) },
        metadata: Self.metadata(key, Self.noDigest), to: plan.precision == .fp32 ? path : path + Self.scratch)
    }
  }

  private static let noDigest = String(repeating: "0", count: 64)
  private static let scratch = ".scratch"

  private static func metadata(_ key: String, _ digest: String) -> [String: String] {
    ["key": key, "digest": digest]
  }

  /// Takes in some images of the shard.
  ///
  /// - Throws: `UnwritableShard`.
  func add(_ rows: Range<Int>, _ block: HeadContributions) throws {
    let shape = plan.shape
    try unwritable {
      for (head, coordinates) in block.coordinates.enumerated() {
        try numbers.write(
          coordinates.values, to: "coordinates", at: (head * plan.count + rows.lowerBound) * shape.headSpaceWidth)
      }
      try numbers.write(block.embeddings.values, to: "embeddings", at: rows.lowerBound * shape.embeddingWidth)
    }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `UnwritableShard`.
  func finish() throws -> FeatureShard {
    try unwritable {
      try seal(numbers)
      if plan.precision == .fp16 { try halve() }
    }
    guard let shard = FeatureShard(path: path, key: key, plan: plan) else {
      throw UnwritableShard(reason: "it cannot be read again")
    }
    return shard
  }

  private func seal(_ writer: SafetensorsBlockWriter) throws {
    try writer.finish { file, start in Self.metadata(key, try hexDigest(ofFile: file, from: start)) }
  }

  private func halve() throws {
    defer { unlink(path + Self.scratch) }
    let whole = try SafetensorsFile(path: path + Self.scratch)
    let halves = try SafetensorsBlockWriter(plan.tensors, metadata: Self.metadata(key, Self.noDigest), to: path)
    for (name, shape) in plan.matrices {
      for index in 0..<shape[0] {
        var matrix = try whole.tensor(name, at: index)
        let scales = FeatureShard.scales(of: matrix)
        for place in matrix.values.indices { matrix.values[place] /= scales[place % scales.count] }
        try halves.write(matrix.values, to: name, at: index * matrix.count)
        try halves.write(scales, to: FeatureShard.scales(of: name), at: index * scales.count)
      }
    }
    try seal(halves)
  }
}

/// A shard that could not be written where it should have been.
struct UnwritableShard: Error {
  let reason: String
}

private func unwritable<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as CheckpointError {
    throw UnwritableShard(reason: "\(error)")
  } catch let error as FileError {
    throw UnwritableShard(reason: "\(error)")
  }
}
