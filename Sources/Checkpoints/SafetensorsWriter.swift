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
  let sorted = tensors.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
  var names: Set<String> = []
  for (name, _) in sorted where !names.insert(name).inserted {
    throw CheckpointError.duplicateName(path: path, tensor: name)
  }
  guard !names.contains("__metadata__") else { throw CheckpointError.reservedName(path: path) }
  let header = safetensorsHeader(sorted, metadata: metadata)
  try writeAtomically(to: path) { write in
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try write($0) }
    try header.withUnsafeBytes { try write($0) }
    for (_, tensor) in sorted { try tensor.values.withUnsafeBytes { try write($0) } }
  }
}

private func safetensorsHeader(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) -> [UInt8] {
  var members: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
    members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var begin = 0
  for (name, tensor) in tensors {
    let end = begin + tensor.count * MemoryLayout<Float>.size
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    members.append("\(jsonString(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
    begin = end
  }
  let header = Array("{\(members.joined(separator: ","))}".utf8)
  return header + [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
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
  let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).partial"
  let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw CheckpointError.failedCall(path, "write beside it") }
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

private func append(_ bytes: UnsafeRawBufferPointer, to file: Int32, path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if written < 0 && errno == EINTR { continue }
    guard written > 0 else { throw CheckpointError.failedCall(path, "write") }
    rest = rest.dropFirst(written)
  }
}
