import Files
import Foundation
internal import Tensors

/// The place of one tensor's numbers in a mapped file.
///
/// The code that makes one has proven that they lie in the file.
struct StoredTensor: Sendable {
  let file: FileMapping
  let type: ElementType
  let shape: [Int]
  /// The byte of the first number.
  let start: Int
  /// The distance between neighbours along each dimension, in numbers; nil where rows follow each other.
  let strides: [Int]?

  /// The numbers as float32, or nil where the type holds no weights.
  ///
  /// The pages of the file are given back as they are converted, so that reading a whole checkpoint needs room for
  /// the floats and little else. Reading a tensor twice is allowed, and reads the file twice.
  func tensor() -> Tensor? {
    guard let convert = type.conversion else { return nil }
    let count = shape.reduce(1, *)
    let values = [Float](unsafeUninitializedCapacity: count) { floats, initialized in
      initialized = count
      if count == 0 { return }
      if let strides {
        gather(Walk(shape, strides), into: floats, convert)
      } else {
        copy(into: floats, convert)
      }
    }
    return Tensor(shape: shape, values: values)
  }

  /// The numbers of a tensor in double whose rows follow each other, as they are; nil where the type is another.
  func doubles() -> [Double]? {
    guard type == .f64, strides == nil else { return nil }
    let count = shape.reduce(1, *)
    let range = start..<start + count * type.byteCount
    let numbers = (0..<count).map { index in
      let bits = file.bytes.loadUnaligned(fromByteOffset: start + index * type.byteCount, as: UInt64.self)
      return Double(bitPattern: UInt64(littleEndian: bits))
    }
    file.release(range)
    return numbers
  }

  /// The part at one index of the first dimension of a tensor whose rows follow each other.
  func slice(_ index: Int) -> StoredTensor {
    precondition(strides == nil && index >= 0 && index < shape.first ?? 0, "index \(index) of shape \(shape)")
    let rest = Array(shape.dropFirst())
    return StoredTensor(
      file: file, type: type, shape: rest, start: start + index * rest.reduce(1, *) * type.byteCount, strides: nil)
  }

  /// The count of numbers converted between two releases: far above a page, far below a large tensor.
  private static let piece = 1 << 20

  private func copy(into floats: UnsafeMutableBufferPointer<Float>, _ convert: ElementType.Conversion) {
    for first in stride(from: 0, to: floats.count, by: Self.piece) {
      let end = min(first + Self.piece, floats.count)
      let range = start + first * type.byteCount..<start + end * type.byteCount
      convert(UnsafeRawBufferPointer(rebasing: file.bytes[range]), .init(rebasing: floats[first..<end]))
      file.release(range)
    }
  }

  /// Collects numbers that lie apart, a row of the last dimension at a time, then converts them together.
  private func gather(
    _ walk: Walk, into floats: UnsafeMutableBufferPointer<Float>, _ convert: ElementType.Conversion
  ) {
    let size = type.byteCount
    let row = UnsafeMutableRawBufferPointer.allocate(byteCount: walk.rowCount * size, alignment: 8)
    defer { row.deallocate() }
    var walk = walk
    for first in stride(from: 0, to: floats.count, by: walk.rowCount) {
      let source = file.bytes.baseAddress! + start + walk.offset * size
      for index in 0..<walk.rowCount {
        (row.baseAddress! + index * size).copyMemory(from: source + index * walk.rowStride * size, byteCount: size)
      }
      convert(.init(row), .init(rebasing: floats[first..<first + walk.rowCount]))
      walk.advance()
    }
    file.release(start..<start + (walk.furthest + 1) * size)
  }
}

/// Visits the rows of a tensor with any strides, in row-major order.
private struct Walk {
  let rowCount: Int
  let rowStride: Int
  /// The start of the present row, in numbers from the first.
  private(set) var offset = 0
  /// The place of the last number, in numbers from the first.
  let furthest: Int
  private let shape: ArraySlice<Int>
  private let strides: ArraySlice<Int>
  private var position: [Int]

  /// Starts at the first row of a tensor with at least one dimension, none of which is 0.
  init(_ shape: [Int], _ strides: [Int]) {
    rowCount = shape[shape.count - 1]
    rowStride = strides[shape.count - 1]
    self.shape = shape.dropLast()
    self.strides = strides.dropLast()
    position = self.shape.map { _ in 0 }
    furthest = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
  }

  mutating func advance() {
    for axis in shape.indices.reversed() {
      position[axis] += 1
      offset += strides[axis]
      if position[axis] < shape[axis] { return }
      offset -= shape[axis] * strides[axis]
      position[axis] = 0
    }
  }
}
