import Diagnostics
import Files
package import Tensors

/// The named tensors of a checkpoint, whatever the format of its files.
///
/// The files stay mapped; a tensor is converted when it is asked for, straight from the mapping, and its pages are
/// given back. Copies share the mappings. The kind of file is read from its bytes, not from its name. Names are without
/// what wrappers for training and compiling add (`module.`, `_orig_mod.` and the like).
package struct Checkpoint: Sendable {
  package let path: String
  /// Whether the file is an archive of `torch.jit.save`, as OpenAI's are.
  package let isTorchScript: Bool
  private let tensors: [String: StoredTensor]

  /// - Parameter path: a safetensors file, an archive of `torch.save` or `torch.jit.save`, or the index of a
  ///   checkpoint in shards.
  /// - Throws: `CheckpointError`.
  package init(path: String) throws {
    self.path = path
    let file = try FileMapping.mapped(path)
    let found: [String: StoredTensor]
    switch try CheckpointFormat(file) {
    case .safetensors:
      (found, isTorchScript) = (try SafetensorsFile(file).tensors, false)
    case .torchArchive:
      let archive = try TorchArchive(file)
      (found, isTorchScript) = (try archive.tensors(), archive.isTorchScript)
    case .shardIndex:
      (found, isTorchScript) = (try ShardIndex(file).tensors(Self.shardTensors), false)
    }
    tensors = found.withoutWrappers()
  }

  private static func shardTensors(_ shard: FileMapping) throws -> [String: StoredTensor] {
    switch try CheckpointFormat(shard) {
    case .safetensors: try SafetensorsFile(shard).tensors
    case .torchArchive: try TorchArchive(shard).tensors()
    case .shardIndex: throw CheckpointError.shards(path: shard.path, .malformed(found: "an index as a shard"))
    }
  }

  private init(_ other: Checkpoint, tensors: [String: StoredTensor]) {
    (path, isTorchScript, self.tensors) = (other.path, other.isTorchScript, tensors)
  }

  /// The same weights without what all names begin with, up to a dot: `clip_model.` where a module holds the model as an
  /// attribute of that name.
  package var withoutCommonPrefix: Checkpoint { Checkpoint(self, tensors: tensors.withoutCommonPrefix()) }

  /// All files that were opened, `path` first.
  package var files: [String] { [path] + Set(tensors.values.map(\.file.path)).subtracting([path]).sorted() }

  /// The names of the tensors, in ascending order.
  package var names: [String] { tensors.keys.sorted() }

  /// The shape of tensor `name`; nil where there is none.
  package func shape(of name: String) -> [Int]? { tensors[name]?.shape }

  /// How the numbers of tensor `name` are stored, in the words of safetensors, such as "F16"; nil where there is none.
  package func elementType(of name: String) -> String? { tensors[name]?.type.rawValue }

  /// The values of tensor `name`, converted to float32.
  ///
  /// - Throws: `CheckpointError` where there is no such tensor or it holds no floating-point numbers.
  package func tensor(_ name: String) throws -> Tensor {
    try tensors.tensor(name, path: path)
  }
}

extension [String: StoredTensor] {
  /// The values of tensor `name` of the checkpoint at `path`, or those at one index of its first dimension.
  func tensor(_ name: String, path: String, at index: Int? = nil) throws -> Tensor {
    guard let stored = self[name] else {
      throw CheckpointError.missingTensor(path: path, tensor: name, nearest: nearestName(to: name, in: keys.sorted()))
    }
    guard let tensor = (index.map(stored.slice) ?? stored).tensor() else {
      throw CheckpointError.notNumbers(path: path, tensor: name, type: stored.type.rawValue)
    }
    return tensor
  }
}
