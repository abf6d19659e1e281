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
  private let mapping: FileMapping
  private let dataStart: Int
  private let entries: [String: Entry]

  private struct Entry {
    let type: ElementType
    let shape: [Int]
    /// Within the buffer that follows the header.
    let range: Range<Int>
  }

  /// The limit that the reference implementation sets.
  static let longestHeader = 100_000_000

  /// - Throws: `CheckpointError`.
  package init(path: String) throws {
    let mapping = try FileMapping(path: path)
    let header = try Self.header(of: mapping.bytes, path: path)
    var reader = HeaderReader(path: path, bytes: header)
    let (metadata, listed) = try reader.read()
    self.path = path
    self.mapping = mapping
    self.metadata = metadata
    byteCount = mapping.bytes.count
    dataStart = 8 + header.count
    entries = try Self.validated(listed, available: byteCount - dataStart, path: path)
  }

  /// In ascending order.
  package var names: [String] { entries.keys.sorted() }

  /// The shape of tensor `name`; nil where there is none.
  package func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The values of tensor `name`, converted to float32.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor or it holds no floating-point numbers.
  package func tensor(_ name: String) throws -> Tensor {
    guard let entry = entries[name] else {
      throw CheckpointError.missingTensor(path: path, tensor: name, nearest: nearestName(to: name, in: names))
    }
    guard let convert = entry.type.conversion else {
      throw CheckpointError.notNumbers(path: path, tensor: name, type: entry.type.rawValue)
    }
    let start = dataStart + entry.range.lowerBound
    let stored = UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<start + entry.range.count])
    let count = entry.range.count / entry.type.byteCount
    let values = withExtendedLifetime(mapping) {
      [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
        if count > 0 { convert(stored, buffer) }
        initialized = count
      }
    }
    return Tensor(shape: entry.shape, values: values)
  }

  /// The bytes of the JSON header.
  private static func header(of bytes: UnsafeRawBufferPointer, path: String) throws -> UnsafeRawBufferPointer {
    guard bytes.count >= 8 else {
      throw CheckpointError.truncated(path: path, part: "the header length", found: bytes.count, expected: 8)
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(longestHeader) else {
      throw CheckpointError.headerTooLong(path: path, found: length, limit: longestHeader)
    }
    guard Int(length) <= bytes.count - 8 else {
      throw CheckpointError.truncated(path: path, part: "the header", found: bytes.count - 8, expected: Int(length))
    }
    return UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)])
  }

  /// Checks every tensor for itself, then that they tile the buffer from its first byte to its last.
  private static func validated(
    _ listed: [HeaderReader.Entry], available: Int, path: String
  ) throws -> [String: Entry] {
    var entries: [String: Entry] = [:]
    var expected = 0
    for tensor in listed.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      let entry = try validated(tensor, available: available, path: path)
      guard tensor.begin >= expected else {
        throw CheckpointError.overlap(path: path, tensor: tensor.name, begin: tensor.begin, expected: expected)
      }
      guard tensor.begin == expected else {
        throw CheckpointError.hole(
          path: path, before: "tensor \(quoted(tensor.name))", begin: tensor.begin, expected: expected)
      }
      expected = tensor.end
      entries[tensor.name] = entry
    }
    guard expected == available else {
      throw CheckpointError.hole(path: path, before: "the end of the file", begin: available, expected: expected)
    }
    return entries
  }

  private static func validated(
    _ tensor: HeaderReader.Entry, available: Int, path: String
  ) throws -> Entry {
    guard let type = ElementType(rawValue: tensor.type) else {
      throw CheckpointError.unknownType(path: path, tensor: tensor.name, type: tensor.type)
    }
    var size = type.byteCount
    for dimension in tensor.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw CheckpointError.sizeOverflow(path: path, tensor: tensor.name, shape: tensor.shape)
      }
      size = product
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
    return Entry(type: type, shape: tensor.shape, range: tensor.begin..<tensor.end)
  }
}
