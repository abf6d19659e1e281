import Checkpoints
import Diagnostics
import Files
import Foundation
import Tensors

/// Tensors kept by the content they were computed from.
///
/// Safe to delete at any time.
package struct FeatureCache: Sendable {
  package let folder: String

  /// Counts up when what is stored, or how it is computed, changes.
  static let formatVersion = "3"

  package init(folder: String) {
    self.folder = folder
  }

  /// The tensors kept for `inputs`, or those that `compute` makes, which are then kept.
  ///
  /// A file that is damaged, or has other names than asked for, counts as absent. A cache that cannot be written costs
  /// time, not the build.
  /// - Parameters:
  ///   - inputs: all that the tensors depend on, as hashes and settings.
  ///   - names: of the tensors, in the order of the result.
  func tensors(_ kind: String, inputs: [String], names: [String], _ compute: () throws -> [Tensor]) throws -> [Tensor] {
    let (key, path) = place(kind, inputs)
    if let found = stored(path, key: key, names: names) { return found }
    let made = try compute()
    precondition(made.count == names.count, "\(made.count) tensors for \(names.count) names")
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? writeSafetensors(
      zip(names, made).map { ($0, $1) }, metadata: ["key": key, "digest": digest(of: made)], to: path)
    return made
  }

  private func place(_ kind: String, _ inputs: [String]) -> (key: String, path: String) {
    let key = hexDigest(of: Array(([Self.formatVersion, kind] + inputs).joined(separator: "\u{0}").utf8))
    return (key, "\(folder)/\(kind)-\(key.prefix(32)).safetensors")
  }

  /// The shard kept for `inputs`, or the one that `fill` writes.
  ///
  /// A file that is damaged counts as absent. Where the cache cannot be written, the shard is written to the system's
  /// folder of temporary files instead, where it lies without a name until nobody reads it any more.
  /// - Throws: `BuildError` where it can be written nowhere, and what `fill` throws.
  func shard(
    _ kind: String, inputs: [String], plan: FeatureShard.Plan, fill: (FeatureShardWriter) throws -> Void
  ) throws -> FeatureShard {
    let (key, path) = place(kind, inputs)
    if let shard = FeatureShard(path: path, key: key, plan: plan), shard.isWhole { return shard }
    func made(at path: String) throws -> FeatureShard {
      let writer = try FeatureShardWriter(plan, key: key, path: path)
      try fill(writer)
      return try writer.finish()
    }
    let manager = FileManager.default
    do {
      try? manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try made(at: path)
    } catch is UnwritableShard {
      let temporary = manager.temporaryDirectory.appendingPathComponent("headatlas-features-\(UUID().uuidString)").path
      try? manager.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      defer { try? manager.removeItem(atPath: temporary) }
      do {
        return try made(at: temporary + "/shard.safetensors")
      } catch let failure as UnwritableShard {
        throw FileError.unwritable(path: temporary, reason: failure.reason)
      }
    }
  }

  private func stored(_ path: String, key: String, names: [String]) -> [Tensor]? {
    guard FileManager.default.fileExists(atPath: path), let file = try? SafetensorsFile(path: path),
      file.metadata["key"] == key, file.names == names.sorted(),
      let tensors = try? names.map({ try file.tensor($0) }), file.metadata["digest"] == digest(of: tensors)
    else { return nil }
    return tensors
  }

  private func digest(of tensors: [Tensor]) -> String {
    hexDigest(
      of: Array(
        tensors.map { tensor in tensor.values.withUnsafeBytes { hexDigest(of: Data($0)) } }.joined().utf8))
  }

  /// Files and bytes in the cache.
  package func size() -> (files: Int, bytes: Int) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let sizes = names.filter(isOurs).map { name in
      (try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int) ?? 0
    }
    return (sizes.count, sizes.reduce(0, +))
  }

  /// Removes what `size` counts, and nothing else.
  package func clear() throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where isOurs(name) {
      do {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      } catch {
        throw FileError.unwritable(path: folder + "/" + name, reason: systemReason(error))
      }
    }
  }

  private func isOurs(_ name: String) -> Bool {
    // What an interrupted build left of a file ends otherwise.
    (name.contains(".safetensors") && ["probe", "gallery", "texts"].contains { name.hasPrefix($0 + "-") })
      || name == ImageCheck.fileName
  }
}
