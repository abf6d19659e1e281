import Files
import Foundation

/// The index of a checkpoint in shards: a JSON object whose `weight_map` names the file of every tensor.
///
/// (Format: `save_pretrained` of huggingface/transformers.)
struct ShardIndex {
  private let path: String
  /// The names of the tensors in each shard.
  private let tensorsOfShards: [String: Set<String>]

  /// The largest index that is read; that of the largest checkpoints takes a tenth of it.
  static let maximumByteCount = 1 << 20

  init(_ file: FileMapping) throws(CheckpointError) {
    path = file.path
    guard file.bytes.count <= Self.maximumByteCount else {
      throw .tooLarge(path: path, part: "the bytes of the index", found: file.bytes.count, limit: Self.maximumByteCount)
    }
    struct Contents: Decodable {
      let weightMap: [String: String]
      enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
    }
    guard let contents = try? JSONDecoder().decode(Contents.self, from: Data(file.bytes)) else {
      throw .shards(path: path, .malformed(found: "no index of shards"))
    }
    guard !contents.weightMap.isEmpty else { throw .shards(path: path, .malformed(found: "an index of no tensors")) }
    tensorsOfShards = contents.weightMap.reduce(into: [:]) { $0[$1.value, default: []].insert($1.key) }
  }

  /// The tensors of all shards, each where the index says and nowhere else.
  ///
  /// - Parameter read: reads the tensors of one shard.
  /// - Returns: the tensors by name.
  /// - Throws: `CheckpointError`, and what `read` throws.
  func tensors(_ read: (FileMapping) throws -> [String: StoredTensor]) throws -> [String: StoredTensor] {
    var all: [String: StoredTensor] = [:]
    for (shard, listed) in tensorsOfShards.sorted(by: { $0.key < $1.key }) {
      let found = try read(mapping(of: shard, tensor: listed.min() ?? ""))
      if let missing = listed.subtracting(found.keys).min() {
        throw CheckpointError.shards(path: path, .notInShard(shard: shard, tensor: missing))
      }
      if let extra = Set(found.keys).subtracting(listed).min() {
        throw CheckpointError.shards(path: path, .notInIndex(shard: shard, tensor: extra))
      }
      all.merge(found) { first, _ in first }
    }
    return all
  }

  private func mapping(of shard: String, tensor: String) throws -> FileMapping {
    guard !shard.isEmpty, shard != ".", shard != "..", !shard.utf8.contains(UInt8(ascii: "/")), !shard.utf8.contains(0)
    else { throw CheckpointError.shards(path: path, .outside(shard: shard)) }
    let file = resolve(shard, in: folder(of: path))
    guard FileManager.default.fileExists(atPath: file) else {
      throw CheckpointError.shards(path: path, .missing(shard: shard, tensor: tensor))
    }
    return try FileMapping.mapped(file)
  }
}
