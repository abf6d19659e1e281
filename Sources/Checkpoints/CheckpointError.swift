/// What can be wrong with a file of weights, in facts; `description` words each on one line.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The system would not open, map, write or rename the file.
  case system(path: String, action: String, reason: String)
  /// The file is shorter than the parts it must have.
  case truncated(path: String, part: String, found: Int, expected: Int)
  case headerTooLong(path: String, found: UInt64, limit: Int)
  /// The header is not the JSON that the format prescribes.
  case malformedHeader(path: String, offset: Int, found: String, expected: String)
  case duplicateKey(path: String, key: String)
  case unknownType(path: String, tensor: String, type: String)
  case sizeOverflow(path: String, tensor: String, shape: [Int])
  case wrongSize(path: String, tensor: String, shape: [Int], type: String, found: Int, expected: Int)
  case outOfRange(path: String, tensor: String, begin: Int, end: Int, available: Int)
  /// The bytes of two tensors overlap, or some bytes belong to none.
  case overlap(path: String, tensor: String, begin: Int, expected: Int)
  case hole(path: String, before: String, begin: Int, expected: Int)
  case missingTensor(path: String, tensor: String, nearest: String?)
  case notNumbers(path: String, tensor: String, type: String)
  case duplicateName(path: String, tensor: String)
  case reservedName(path: String)

  package var description: String {
    switch self {
    case .system(let path, let action, let reason):
      "\(path): cannot \(action): \(reason); check the path, the rights and the space on the disk"
    case .truncated(let path, let part, let found, let expected):
      "\(path): \(part) needs \(expected) bytes, found \(found); the file is cut short or no safetensors file: fetch it again"
    case .headerTooLong(let path, let found, let limit):
      "\(path): header length \(found), expected at most \(limit); the file is damaged or no safetensors file"
    case .malformedHeader(let path, let offset, let found, let expected):
      "\(path): header byte \(offset): found \(found), expected \(expected); the file is damaged or no safetensors file"
    case .duplicateKey(let path, let key):
      "\(path): the header has the key \(quoted(key)) twice, expected once; write the file again"
    case .unknownType(let path, let tensor, let type):
      "\(path): tensor \(quoted(tensor)) has unknown dtype \(quoted(type)), expected F32, F16 or BF16; convert the file"
    case .sizeOverflow(let path, let tensor, let shape):
      "\(path): tensor \(quoted(tensor)) has shape \(shape), more bytes than a file can hold; the file is damaged"
    case .wrongSize(let path, let tensor, let shape, let type, let found, let expected):
      "\(path): tensor \(quoted(tensor)) \(shape) \(type) has \(found) bytes, expected \(expected); the file is damaged"
    case .outOfRange(let path, let tensor, let begin, let end, let available):
      "\(path): tensor \(quoted(tensor)) is at bytes \(begin) to \(end), expected within 0 to \(available); "
        + "the file is cut short or damaged: fetch it again"
    case .overlap(let path, let tensor, let begin, let expected):
      "\(path): tensor \(quoted(tensor)) begins at byte \(begin), expected \(expected): it overlaps the one before; "
        + "the file is damaged"
    case .hole(let path, let before, let begin, let expected):
      "\(path): \(before) begins at byte \(begin), expected \(expected): the bytes between belong to no tensor; "
        + "the file is damaged"
    case .missingTensor(let path, let tensor, let nearest):
      "\(path): no tensor \(quoted(tensor))" + (nearest.map { "; the nearest name is \(quoted($0))" } ?? "")
    case .notNumbers(let path, let tensor, let type):
      "\(path): tensor \(quoted(tensor)) has dtype \(type), expected F32, F16 or BF16"
    case .duplicateName(let path, let tensor):
      "\(path): two tensors named \(quoted(tensor)) to write, expected different names"
    case .reservedName(let path):
      "\(path): no tensor may be named \"__metadata__\"; give it another name"
    }
  }
}
