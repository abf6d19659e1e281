import Diagnostics
import Files

/// A fault of a file of weights, as facts; `description` words it on one line.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
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
  case notDouble(path: String, tensor: String, type: String)
  case duplicateName(path: String, tensor: String)
  case reservedName(path: String)

  case unknownFormat(path: String, begins: String)
  /// Weights in a form that is not read, what it is, and how to convert it.
  case unreadForm(path: String, form: String, conversion: String)
  /// A part of the file that is larger than its limit.
  case tooLarge(path: String, part: String, found: Int, limit: Int)

  case archive(path: String, ArchiveFault)
  case pickle(path: String, PickleFault)
  case shards(path: String, ShardFault)

  package var description: String {
    switch self {
    case .file(let error): "\(error)"
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
    case .notDouble(let path, let tensor, let type):
      "\(path): tensor \(quoted(tensor)) has dtype \(type), expected F64; write the file again"
    case .duplicateName(let path, let tensor):
      "\(path): two tensors named \(quoted(tensor)) to write, expected different names"
    case .reservedName(let path):
      "\(path): no tensor may be named \"__metadata__\"; give it another name"
    case .unknownFormat(let path, let begins):
      "\(path): begins with \(begins), expected a safetensors file, a zip archive of PyTorch or the index of shards; "
        + "check that it is a checkpoint and whole"
    case .unreadForm(let path, let form, let conversion):
      "\(path): \(form), which is not read; convert it in Python: \(conversion)"
    case .tooLarge(let path, let part, let found, let limit):
      "\(path): \(part): \(found), expected at most \(limit); the file is damaged or no checkpoint"
    case .archive(let path, let fault): "\(path): \(fault)"
    case .pickle(let path, let fault): "\(path): \(fault)"
    case .shards(let path, let fault): "\(path): \(fault)"
    }
  }
}

/// A fault of a zip archive.
package enum ArchiveFault: Equatable, Sendable, CustomStringConvertible {
  case malformed(offset: Int, found: String, expected: String)
  case entry(String, found: String, expected: String)
  /// Not one pickle of tensors, but none or several.
  case pickles(Int)

  package var description: String {
    switch self {
    case .malformed(let offset, let found, let expected):
      "zip archive, byte \(offset): found \(found), expected \(expected); "
        + "the file is cut short or damaged: fetch it again"
    case .entry(let entry, let found, let expected):
      "entry \(quoted(entry)) of the zip archive \(found), expected \(expected)"
    case .pickles(let count):
      "\(count) entries NAME/data.pkl in the zip archive, expected 1; it is no checkpoint of PyTorch"
    }
  }
}

/// A fault of a pickle of tensors or of their storages.
package enum PickleFault: Equatable, Sendable, CustomStringConvertible {
  case malformed(offset: Int, found: String, expected: String)
  case opcode(String, offset: Int)
  case global(String, offset: Int)
  case noWeights(found: String)
  case missingStorage(tensor: String, entry: String)
  case wrongStorage(tensor: String, entry: String, found: Int, claimed: Int, type: String)
  case outOfStorage(tensor: String, shape: [Int], strides: [Int], offset: Int, available: Int)
  /// A tensor of more bytes than its storage.
  case repeated(tensor: String, shape: [Int], available: Int)

  package var description: String {
    switch self {
    case .malformed(let offset, let found, let expected):
      "pickle, byte \(offset): found \(found), expected \(expected); the file is damaged or forged"
    case .opcode(let name, let offset):
      "pickle: opcode \(name) is not allowed at byte \(offset); \(Self.saveAgain)"
    case .global(let name, let offset):
      "pickle: \(quoted(name)) is not allowed at byte \(offset); \(Self.saveAgain)"
    case .noWeights(let found):
      "pickle: found \(found), expected a dictionary of tensors or a module of TorchScript; \(Self.saveAgain)"
    case .missingStorage(let tensor, let entry):
      "tensor \(quoted(tensor)) needs \(quoted(entry)), which is not in the archive; fetch the file again"
    case .wrongStorage(let tensor, let entry, let found, let claimed, let type):
      "tensor \(quoted(tensor)): \(quoted(entry)) has \(found) bytes, expected those of \(claimed) \(type); "
        + "the file is damaged or forged"
    case .outOfStorage(let tensor, let shape, let strides, let offset, let available):
      "tensor \(quoted(tensor)) \(shape) with strides \(strides) from \(offset) leaves its storage of "
        + "\(available) elements; the file is damaged or forged"
    case .repeated(let tensor, let shape, let available):
      "tensor \(quoted(tensor)) \(shape) repeats the \(available) elements of its storage; "
        + "save a copy: tensor.contiguous()"
    }
  }

  private static let saveAgain = "save the weights alone: torch.save(model.state_dict(), file)"
}

/// A fault between an index and its shards.
package enum ShardFault: Equatable, Sendable, CustomStringConvertible {
  case malformed(found: String)
  case outside(shard: String)
  case missing(shard: String, tensor: String)
  case notInShard(shard: String, tensor: String)
  case notInIndex(shard: String, tensor: String)

  package var description: String {
    switch self {
    case .malformed(let found):
      "\(found), expected JSON with a \"weight_map\" from tensors to files; fetch it again"
    case .outside(let shard):
      "the shard \(quoted(shard)) is not beside the index, expected the name of a file in its folder"
    case .missing(let shard, let tensor):
      "no shard \(quoted(shard)), which has tensor \(quoted(tensor)); fetch it into the same folder"
    case .notInShard(let shard, let tensor):
      "shard \(quoted(shard)) has no tensor \(quoted(tensor)), which the index places there; fetch both again"
    case .notInIndex(let shard, let tensor):
      "shard \(quoted(shard)) has tensor \(quoted(tensor)), which the index does not place there; fetch both again"
    }
  }
}

extension FileMapping {
  /// - Throws: `CheckpointError.file`.
  static func mapped(_ path: String) throws(CheckpointError) -> FileMapping {
    do {
      return try FileMapping(path: path)
    } catch {
      throw .file(error)
    }
  }
}
