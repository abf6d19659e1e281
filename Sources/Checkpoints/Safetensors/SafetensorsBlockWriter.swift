import Files

/// Writes a safetensors file piece by piece, in any order: only the piece is in memory.
///
/// The file appears under `path` when it is finished; a writer that is released before leaves nothing behind.
package final class SafetensorsBlockWriter {
  package let path: String
  /// The metadata, with values of the same length as those that the finished file will have.
  private let metadata: [String: String]
  private let tensors: [PlannedTensor]
  private let places: [String: (start: Int, tensor: PlannedTensor)]
  private let file: PendingFile
  private let dataStart: Int

  /// - Throws: `CheckpointError` where two names are equal, `FileError` where the system will not write.
  package init(_ tensors: [PlannedTensor], metadata: [String: String], to path: String) throws {
    let sorted = tensors.sorted { bytesPrecede($0.name, $1.name) }
    let header = try safetensorsHeader(sorted, metadata: metadata, path: path)
    var places: [String: (start: Int, tensor: PlannedTensor)] = [:]
    var start = header.count
    for tensor in sorted {
      places[tensor.name] = (start, tensor)
      start += tensor.byteCount
    }
    file = try PendingFile(path)
    self.path = path
    self.metadata = metadata
    self.tensors = sorted
    self.places = places
    dataStart = header.count
    try file.resize(to: start)
  }

  /// Writes numbers of tensor `name`, the first of them being number `first` of the tensor, row by row.
  ///
  /// - Throws: `FileError` where the system will not write.
  package func write(_ values: some Collection<Float>, to name: String, at first: Int) throws {
    let (type, offset) = place(of: values.count, in: name, at: first)
    switch type {
    case .f64: try Array(values.map(Double.init)).withUnsafeBytes { try file.write($0, at: offset) }
    case .f32: try Array(values).withUnsafeBytes { try file.write($0, at: offset) }
    case .f16: try values.map { Float16($0).bitPattern.littleEndian }.withUnsafeBytes { try file.write($0, at: offset) }
    }
  }

  /// Writes numbers in double of tensor `name`, which holds such; the first of them is number `first` of the tensor.
  ///
  /// - Throws: `FileError` where the system will not write.
  package func write(doubles values: [Double], to name: String, at first: Int) throws {
    let (type, offset) = place(of: values.count, in: name, at: first)
    precondition(type == .f64, "\(name) holds no numbers in double")
    try values.withUnsafeBytes { try file.write($0, at: offset) }
  }

  /// Numbers in float32 that were written before, from number `first` of tensor `name` on.
  ///
  /// - Throws: `FileError` where the system will not read.
  package func values(of name: String, at first: Int, count: Int) throws -> [Float] {
    let (type, offset) = place(of: count, in: name, at: first)
    precondition(type == .f32, "\(name) holds no numbers in float32")
    return try [Float](unsafeUninitializedCapacity: count) { values, initialized in
      try file.read(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: values[..<count])), at: offset)
      initialized = count
    }
  }

  /// The type of tensor `name`, and the byte of its number `first`, after which `count` numbers must be in it.
  private func place(of count: Int, in name: String, at first: Int) -> (type: PlannedTensor.Precision, offset: Int) {
    guard let (start, tensor) = places[name] else { preconditionFailure("no tensor \(name) was planned") }
    precondition(first >= 0 && first + count <= tensor.shape.reduce(1, *), "\(count) numbers at \(first)")
    return (tensor.type, start + first * tensor.type.byteCount)
  }

  /// Puts the file in its place.
  ///
  /// - Parameter metadata: given the file so far and where its numbers begin, the values for the planned keys.
  /// - Throws: `FileError` where the system will not write, and what `metadata` throws.
  package func finish(_ metadata: (_ file: String, _ dataStart: Int) throws -> [String: String]) throws {
    let header = try safetensorsHeader(tensors, metadata: try metadata(file.temporaryPath, dataStart), path: path)
    precondition(header.count == dataStart, "metadata of another length than planned: \(self.metadata)")
    try header.withUnsafeBytes { try file.write($0, at: 0) }
    try file.putInPlace()
  }
}
