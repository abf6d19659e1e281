import Diagnostics
import Files
package import Tensors

/// A safetensors file, mapped into memory.
///
/// `init` proves all that the header claims with checked arithmetic, so that nothing read later can leave the file:
/// every byte of the buffer belongs to exactly one tensor, and every tensor has the bytes its shape asks for.
/// Tensors are converted when asked for; copies share the mapping. (Format: github.com/huggingface/safetensors.)
package struct SafetensorsFile: Sendable {
  package let path: String
  /// The header's `__metadata__`.
  package let metadata: [String: String]
  /// The size of the whole file.
  package let byteCount: Int
  /// The byte at which the numbers begin.
  package let dataStart: Int
  let tensors: [String: StoredTensor]

  /// The longest header that is read, in bytes; those of the largest models have a megabyte.
  ///
  /// The reference implementation allows six times as much, which takes seconds and gigabytes to read.
  static let maximumHeaderLength = 16 << 20

  /// - Throws: `CheckpointError`.
  package init(path: String) throws {
    try self.init(FileMapping.mapped(path))
  }

  init(_ mapping: FileMapping) throws {
    path = mapping.path
    let header = try Self.header(of: mapping.bytes, path: path)
    var reader = HeaderReader(path: path, bytes: header)
    let (metadata, listed) = try reader.read()
    self.metadata = metadata
    byteCount = mapping.bytes.count
    dataStart = 8 + header.count
    tensors = try Self.validated(listed, dataStart: dataStart, of: mapping)
    mapping.release(0..<dataStart)
  }

  /// The names of the tensors, in ascending order.
  package var names: [String] { tensors.keys.sorted() }

  /// The shape of tensor `name`; nil where there is none.
  package func shape(of name: String) -> [Int]? { tensors[name]?.shape }

  /// The values of tensor `name`, converted to float32.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor or it holds no floating-point numbers.
  package func tensor(_ name: String) throws -> Tensor {
    try tensors.tensor(name, path: path)
  }

  /// The values of tensor `name` at one index of its first dimension, converted to float32.
  ///
  /// No other part of the tensor is read. An index out of range is a programming error.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor or it holds no floating-point numbers.
  package func tensor(_ name: String, at index: Int) throws -> Tensor {
    try tensors.tensor(name, path: path, at: index)
  }

  /// The numbers of a tensor in double at one index of its first dimension, as they are stored.
  ///
  /// No other part of the tensor is read. An index out of range is a programming error.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor or it holds numbers of another type.
  package func doubles(_ name: String, at index: Int) throws -> [Double] {
    guard let stored = tensors[name] else {
      throw CheckpointError.missingTensor(path: path, tensor: name, nearest: nearestName(to: name, in: names))
    }
    guard let numbers = stored.slice(index).doubles() else {
      throw CheckpointError.notDouble(path: path, tensor: name, type: stored.type.rawValue)
    }
    return numbers
  }

  /// The bytes of the JSON header.
  private static func header(of bytes: UnsafeRawBufferPointer, path: String) throws -> UnsafeRawBufferPointer {
    guard bytes.count >= 8 else {
      throw CheckpointError.truncated(path: path, part: "the header length", found: bytes.count, expected: 8)
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(maximumHeaderLength) else {
      throw CheckpointError.headerTooLong(path: path, found: length, limit: maximumHeaderLength)
    }
    guard Int(length) <= bytes.count - 8 else {
      throw CheckpointError.truncated(path: path, part: "the header", found: bytes.count - 8, expected: Int(length))
    }
    return UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)])
  }

  /// Checks every tensor separately, then that they tile the buffer from its first byte to its last.
  private static func validated(
    _ listed: [HeaderReader.Entry], dataStart: Int, of file: FileMapping
  ) throws -> [String: StoredTensor] {
    let path = file.path
    let available = file.bytes.count - dataStart
    var tensors: [String: StoredTensor] = [:]
    var expected = 0
    for tensor in listed.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      let type = try validated(tensor, available: available, path: path)
      guard tensor.begin >= expected else {
        throw CheckpointError.overlap(path: path, tensor: tensor.name, begin: tensor.begin, expected: expected)
      }
      guard tensor.begin == expected else {
        throw CheckpointError.hole(
          path: path, before: "tensor \(quoted(tensor.name))", begin: tensor.begin, expected: expected)
      }
      expected = tensor.end
      tensors[tensor.name] = StoredTensor(
        file: file, type: type, shape: tensor.shape, start: dataStart + tensor.begin, strides: nil)
    }
    guard expected == available else {
      throw CheckpointError.hole(path: path, before: "the end of the file", begin: available, expected: expected)
    }
    return tensors
  }

  private static func validated(
    _ tensor: HeaderReader.Entry, available: Int, path: String
  ) throws -> ElementType {
    guard let type = ElementType(rawValue: tensor.type) else {
      throw CheckpointError.unknownType(path: path, tensor: tensor.name, type: tensor.type)
    }
    guard let size = type.byteCount(of: tensor.shape) else {
      throw CheckpointError.sizeOverflow(path: path, tensor: tensor.name, shape: tensor.shape)
    }
    guard tensor.begin <= tensor.end, tensor.end <= available else {
      throw CheckpointError.outOfRange(
        path: path, tensor: tensor.name, begin: tensor.begin, end: tensor.end, available: available)
    }
    guard tensor.end - tensor.begin == size else {
      throw CheckpointError.wrongSize(
        path: path, tensor: tensor.name, shape: tensor.shape, type: tensor.type, found: tensor.end - tensor.begin,
        expected: size)
    }
    return type
  }
}
