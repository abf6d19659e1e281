import Attribution
import Files
import Foundation

/// The shards of one model's features of a probe set in the cache, and the batches in them.
///
/// A shard that is missing takes from others what was computed before: where an image of fifty thousand is replaced, its batch
/// alone runs through the tower.
struct ShardStore {
  let cache: FeatureCache
  /// Of all that features depend on but the images.
  let modelKey: String
  /// Where each batch lies.
  private let known: [String: Place]

  /// Rows of a shard in the cache.
  private struct Place {
    let shard: FeatureShard
    let rows: Range<Int>
  }

  init(_ cache: FeatureCache, modelKey: String, shape: TowerShape) {
    (self.cache, self.modelKey) = (cache, modelKey)
    var known: [String: Place] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache.folder)) ?? []
    for name in names.sorted() where name.hasPrefix(Self.prefix(modelKey)) {
      guard let shard = FeatureShard(path: "\(cache.folder)/\(name)", shape: shape) else { continue }
      for batch in shard.batches where known[batch.hash] == nil {
        known[batch.hash] = Place(shard: shard, rows: batch.rows)
      }
    }
    self.known = known
  }

  private static func prefix(_ modelKey: String) -> String {
    "\(FeatureCache.Kind.probe.rawValue)-\(hexDigest(of: Array(modelKey.utf8)).prefix(12))-"
  }

  private func place(_ shard: ImageShard, _ plan: FeatureShard.Plan) -> (key: String, path: String) {
    let key = joinedDigest([FeatureCache.formatVersion, modelKey, shard.hash, plan.precision.rawValue])
    return (key, "\(cache.folder)/\(Self.prefix(modelKey))\(key.prefix(32)).safetensors")
  }

  /// The shard kept, or one that is made of what others hold, and of what `fill` writes of the rest.
  ///
  /// A file that is damaged counts as absent. Where the cache cannot be written, the shard is written to the system's
  /// folder of temporary files instead, where it lies without a name until nobody reads it any more.
  /// - Parameter fill: gets the batches that are nowhere.
  /// - Throws: `FileError` where it can be written nowhere, and what `fill` throws.
  func shard(
    _ shard: ImageShard, plan: FeatureShard.Plan, fill: (FeatureShardWriter, [ImageBatch]) throws -> Void
  ) throws -> FeatureShard {
    let (key, path) = place(shard, plan)
    if let found = FeatureShard(path: path, key: key, plan: plan), found.isWhole { return found }
    func made(at path: String) throws -> FeatureShard {
      let writer = try FeatureShardWriter(plan, key: key, path: path)
      try fill(writer, try copyKnown(of: shard, to: writer))
      return try writer.finish()
    }
    let manager = FileManager.default
    do {
      try? manager.createDirectory(atPath: cache.folder, withIntermediateDirectories: true)
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

  /// Copies the batches that are kept elsewhere; returns the others.
  private func copyKnown(of shard: ImageShard, to writer: FeatureShardWriter) throws -> [ImageBatch] {
    var sources: [String: (shard: FeatureShard, rows: [(from: Range<Int>, to: Int)])] = [:]
    var rest: [ImageBatch] = []
    for batch in shard.batches {
      guard let place = known[batch.hash] else {
        rest.append(batch)
        continue
      }
      sources[place.shard.path, default: (place.shard, [])].rows
        .append((place.rows, batch.rows.lowerBound - shard.rows.lowerBound))
    }
    for (_, source) in sources.sorted(by: { $0.key < $1.key }) {
      if source.shard.isWhole {
        try writer.copy(from: source.shard, rows: source.rows)
      } else {
        let lost = Set(source.rows.map { $0.to + shard.rows.lowerBound })
        rest += shard.batches.filter { lost.contains($0.rows.lowerBound) }
      }
    }
    return rest.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
  }
}
