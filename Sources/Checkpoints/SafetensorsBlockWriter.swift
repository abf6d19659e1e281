import Foundation

/// A safetensors file that is written piece by piece, in any order: only the piece is in memory.
///
/// The file appears under `path` when it is finished; one that is let go before leaves nothing behind.
package final class SafetensorsBlockWriter {
  package let path: String
  /// The metadata, with values of the same length as those that the finished file will have.
  private let metadata: [String: String]
  private let tensors: [PlannedTensor]
  private let places: [String: (start: Int, tensor: PlannedTensor)]
  private let temporary: String
  private let file: Int32
  private let dataStart: Int
  private var isFinished = false

  /// - Throws: `CheckpointError` where two names are equal or the system will not write.
  package init(_ tensors: [PlannedTensor], metadata: [String: String], to path: String) throws {
    let sorted = tensors.sorted { bytesPrecede($0.name, $1.name) }
    let header = try safetensorsHeader(sorted, metadata: metadata, path: path)
    var places: [String: (start: Int, tensor: PlannedTensor)] = [:]
    var start = header.count
    for tensor in sorted {
      places[tensor.name] = (start, tensor)
      start += tensor.byteCount
    }
    let temporary = partialName(path)
    file = try openPartial(temporary, of: path)
    self.path = path
    self.metadata = metadata
    self.tensors = sorted
    self.places = places
    self.temporary = temporary
    dataStart = header.count
    guard ftruncate(file, off_t(start)) == 0 else { throw CheckpointError.failedCall(path, "make room for it") }
  }

  deinit {
    close(file)
    if !isFinished { unlink(temporary) }
  }

  /// Writes numbers of tensor `name`, the first of them being number `first` of the tensor, row by row.
  ///
  /// - Throws: `CheckpointError` where the system will not write.
  package func write(_ values: some Collection<Float>, to name: String, at first: Int) throws {
    guard let (start, tensor) = places[name] else { preconditionFailure("no tensor \(name) was planned") }
    precondition(first >= 0 && first + values.count <= tensor.shape.reduce(1, *), "\(values.count) numbers at \(first)")
    let offset = start + first * tensor.type.byteCount
    switch tensor.type {
    case .f32: try Array(values).withUnsafeBytes { try put($0, at: offset) }
    case .f16: try values.map { Float16($0).bitPattern.littleEndian }.withUnsafeBytes { try put($0, at: offset) }
    }
  }

  /// Puts the file in its place.
  ///
  /// - Parameter metadata: given the file so far and where its numbers begin, the values for the planned keys.
  /// - Throws: `CheckpointError` where the system will not write, and what `metadata` throws.
  package func finish(_ metadata: (_ file: String, _ dataStart: Int) throws -> [String: String]) throws {
    let header = try safetensorsHeader(tensors, metadata: try metadata(temporary, dataStart), path: path)
    precondition(header.count == dataStart, "metadata of another length than planned: \(self.metadata)")
    try header.withUnsafeBytes { try put($0, at: 0) }
    guard rename(temporary, path) == 0 else { throw CheckpointError.failedCall(path, "put the finished file in place") }
    isFinished = true
  }

  private func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var (rest, place) = (bytes[...], offset)
    while !rest.isEmpty {
      let written = pwrite(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, off_t(place))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw CheckpointError.failedCall(path, "write") }
      rest = rest.dropFirst(written)
      place += written
    }
  }
}
