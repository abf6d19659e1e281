import Foundation
package import Tensors

/// Writes float32 tensors as a safetensors file: names in ascending order, the header padded with spaces so that the
/// numbers begin at a multiple of 8. The same input gives the same bytes. The file appears under `path` only when it
/// is whole; an older one stays until then.
///
/// - Throws: `CheckpointError` where two names are equal or the system will not write.
package func writeSafetensors(
  _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to path: String
) throws {
  let sorted = tensors.sorted { bytesPrecede($0.name, $1.name) }
  let header = try safetensorsHeader(
    sorted.map { PlannedTensor(name: $0.name, type: .f32, shape: $0.tensor.shape) }, metadata: metadata, path: path)
  try writeAtomically(to: path) { write in
    try header.withUnsafeBytes { try write($0) }
    for (_, tensor) in sorted { try tensor.values.withUnsafeBytes { try write($0) } }
  }
}

/// The order of tensors in a file.
func bytesPrecede(_ left: String, _ right: String) -> Bool {
  Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
}

/// A tensor that a file will hold.
package struct PlannedTensor: Sendable {
  /// How its numbers are stored.
  package enum Precision: String, Sendable {
    case f32 = "F32"
    case f16 = "F16"

    var byteCount: Int { self == .f32 ? 4 : 2 }
  }
  package let name: String
  package let type: Precision
  package let shape: [Int]

  package init(name: String, type: Precision, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  var byteCount: Int { shape.reduce(type.byteCount, *) }
}

/// The length of the header and the header, which tells where each tensor lies behind it.
///
/// - Parameter tensors: in the order of the file.
/// - Throws: `CheckpointError` where two names are equal or one is reserved.
func safetensorsHeader(_ tensors: [PlannedTensor], metadata: [String: String], path: String) throws -> [UInt8] {
  var names: Set<String> = []
  for tensor in tensors where !names.insert(tensor.name).inserted {
    throw CheckpointError.duplicateName(path: path, tensor: tensor.name)
  }
  guard !names.contains("__metadata__") else { throw CheckpointError.reservedName(path: path) }
  var members: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
    members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var begin = 0
  for tensor in tensors {
    let end = begin + tensor.byteCount
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    members.append(
      "\(jsonString(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(begin),\(end)]}")
    begin = end
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
  return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
}

private func jsonString(_ text: String) -> String {
  var json = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": json += "\\\""
    case "\\": json += "\\\\"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: json.unicodeScalars.append(scalar)
    }
  }
  return json + "\""
}

/// Calls `body` with a function that appends bytes to a temporary file beside `path`, then renames it to `path`.
private func writeAtomically(
  to path: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws {
  let temporary = partialName(path)
  let file = try openPartial(temporary, of: path)
  do {
    try body { try append($0, to: file, path: path) }
  } catch {
    close(file)
    unlink(temporary)
    throw error
  }
  guard close(file) == 0, rename(temporary, path) == 0 else {
    let failure = CheckpointError.failedCall(path, "put the finished file in place")
    unlink(temporary)
    throw failure
  }
}

/// A name for a file that will be `path` when it is whole.
func partialName(_ path: String) -> String { "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial" }

func openPartial(_ temporary: String, of path: String) throws -> Int32 {
  let file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw CheckpointError.failedCall(path, "write beside it") }
  return file
}

private func append(_ bytes: UnsafeRawBufferPointer, to file: Int32, path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { throw CheckpointError.failedCall(path, "write") }
    rest = rest.dropFirst(written)
  }
}
