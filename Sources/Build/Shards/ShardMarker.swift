import Attribution
import CLIP
import Checkpoints
import Files
import Foundation

/// What all shards of one image set and model have in common: those that differ in any of it are not merged.
struct ShardIdentity: Codable, Equatable {
  let program: String
  let model: String
  /// SHA-256 of the manifest's lines of images.
  let images: String
  /// SHA-256 of the weights.
  let weights: String
  /// What multiplies: library, kernels and precision.
  let engine: String
  /// All that features depend on but the images: with the weights and the engine, the configuration and the tokenizer.
  let modelKey: String
  /// What the moments of one model have in common, however they were computed.
  let momentsKey: String
  let features: KeptFeatures
  let shape: TowerShape

  static let engineName = "the engine"

  /// The first thing in which two identities differ, with both values; nil where they are equal.
  func difference(from other: ShardIdentity) -> (what: String, values: [String])? {
    let facts: [(String, (ShardIdentity) -> String)] = [
      ("the version of headatlas", \.program), ("the model", \.model), ("the SHA-256 of the images", \.images),
      ("the SHA-256 of the weights", \.weights), (Self.engineName, \.engine),
      ("the precision of the features", \.features.rawValue),
      ("the configuration", { hexDigest(of: $0.modelKey.utf8) }),
      ("the shape of the model", { "\($0.shape)" }),
    ]
    return facts.first { $0.1(self) != $0.1(other) }.map { ($0.0, [$0.1(other), $0.1(self)]) }
  }
}

/// The file of a finished shard's folder that says what is in it.
struct ShardMarker: Codable, Equatable {
  /// A piece of the image set that is in the shard.
  struct Piece: Codable, Equatable {
    /// Its place among all pieces of the set, and that of its block among all blocks.
    let index: Int
    let block: Int
    let hash: String
    let images: Int
  }

  struct File: Codable, Equatable {
    let name: String
    let bytes: Int
    /// SHA-256 of the file's header, which has that of its numbers.
    let digest: String

    /// - Throws: `CheckpointError` where it is no safetensors file, `FileError`.
    init(path: String) throws {
      let file = try SafetensorsFile(path: path)
      (name, bytes) = (fileName(path), file.byteCount)
      digest = hexDigest(of: try readStart(of: path, count: file.dataStart))
    }
  }

  let identity: ShardIdentity
  let shard: Shard
  /// How many pieces the whole set has.
  let pieceCount: Int
  let pieces: [Piece]
  let files: [File]

  static let name = "shard.json"

  /// The marker in a shard's folder; nil where there is none that can be read.
  init?(folder: String) {
    guard let bytes = try? readFile("\(folder)/\(Self.name)"),
      let marker = try? JSONDecoder().decode(ShardMarker.self, from: Data(bytes)),
      // Sums of them are no larger than numbers can be.
      (marker.pieces.flatMap { [$0.index, $0.block, $0.images] } + marker.files.map(\.bytes)).allSatisfy({
        (0...1 << 40).contains($0)
      }),
      // Nor are products: no tower is as large.
      [marker.identity.shape.layers, marker.identity.shape.heads, marker.identity.shape.headWidth]
        .allSatisfy({ (1...1 << 15).contains($0) })
    else { return nil }
    self = marker
  }

  init(identity: ShardIdentity, shard: Shard, pieceCount: Int, pieces: [Piece], files: [File]) {
    (self.identity, self.shard, self.pieceCount, self.pieces, self.files) = (identity, shard, pieceCount, pieces, files)
  }

  var imageCount: Int { pieces.reduce(0) { $0 + $1.images } }
  var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }
}

extension Shard {
  /// The name of a finished shard's folder: `shard-0003-of-0008`.
  var folderName: String { "shard-\(padded(index))-of-\(padded(count))" }

  /// The shard whose folder has this name.
  init?(folderName: String) {
    let parts = folderName.split(separator: "-")
    guard parts.count == 4, let index = Int(parts[1]), let count = Int(parts[3]),
      (0..<ShardChoice.most).contains(index),
      (index + 1...ShardChoice.most).contains(count)
    else { return nil }
    self.init(index: index, count: count)
    guard folderName == self.folderName else { return nil }
  }

  private func padded(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 4 - text.count)) + text
  }
}
