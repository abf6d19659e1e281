import Files
package import Tensors

/// Writes float32 tensors as a safetensors file.
///
/// Names are in ascending order, and the header is padded with spaces so that the numbers begin at a multiple of 8. The
/// same input gives the same bytes. The file appears under `path` only when it is complete; an older one stays until
/// then.
///
/// - Throws: `CheckpointError` where two names are equal, `FileError` where the system will not write.
package func writeSafetensors(
  _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], to path: String
) throws {
  let sorted = tensors.sorted { bytesPrecede($0.name, $1.name) }
  let header = try safetensorsHeader(
    sorted.map { PlannedTensor(name: $0.name, type: .f32, shape: $0.tensor.shape) }, metadata: metadata, path: path)
  let file = try PendingFile(path)
  try header.withUnsafeBytes { try file.append($0) }
  for (_, tensor) in sorted { try tensor.values.withUnsafeBytes { try file.append($0) } }
  try file.putInPlace()
}

/// The order of tensors in a file.
func bytesPrecede(_ left: String, _ right: String) -> Bool {
  Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
}

/// A tensor that a file will hold.
package struct PlannedTensor: Sendable {
  /// How its numbers are stored.
  package enum Precision: String, Sendable {
    case f64 = "F64"
    case f32 = "F32"
    case f16 = "F16"

    var byteCount: Int {
      switch self {
      case .f64: 8
      case .f32: 4
      case .f16: 2
      }
    }
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

/// Encodes the header of a file with `tensors` in this order, the header's length before it.
///
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
