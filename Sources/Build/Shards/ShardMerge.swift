import Attribution
import CLIP
import Files
import Foundation
import LinearAlgebra

/// What `headatlas merge` is asked for.
package struct MergeOptions: Sendable {
  /// The folder of the shards, with the manifest.
  package var folder: String
  /// The description of the atlas whose cache takes the results; that of the manifest where nil.
  package var configuration: String?
  /// A model of the manifest; all of them where nil.
  package var model: String?
  /// A file for the moments of one model.
  package var moments: String?

  package init(folder: String, configuration: String? = nil, model: String? = nil, moments: String? = nil) {
    self.folder = folder
    self.configuration = configuration
    self.model = model
    self.moments = moments
  }
}

/// What `headatlas merge` says of one model.
package struct MergeReport: Sendable, Codable, Equatable {
  package let model: String
  package let shards: Int
  package let images: Int
  package let blocks: Int
  /// Files and bytes that the cache has of the shards.
  package let files: Int
  package let bytes: Int
  package let seconds: Double
  package let cache: String
}

/// Puts shards into the cache of their atlas, where a build finds them as its own.
///
/// Files that are whole get a second place, or a copy on another file system; moments of blocks that were divided are merged in the
/// order of the images. No image is read and no model is loaded.
///
/// - Parameter report: gets what is to be said of each model.
/// - Throws: `ShardError` where shards are missing, damaged, or do not belong together; `FileError`.
package func mergeShards(
  _ options: MergeOptions, progress: any ProgressReporter, report: (MergeReport) throws -> Void
) throws {
  let moments = try options.moments.map { name throws(FileError) in try outputPath(name) }
  let manifest = try ImageManifest("\(options.folder)/\(ImageManifest.fileName)")
  let models = try manifest.models(named: options.model)
  if moments != nil, models.count > 1 {
    throw ShardError.severalModels(manifest: manifest.path, models: models.map(\.id))
  }
  let cache = FeatureCache(
    folder: folder(of: options.configuration ?? manifest.atlas) + "/.headatlas", isRequired: true)
  for model in models {
    let merge = try ShardMerge(model.id, manifest, folder: "\(options.folder)/\(model.id)")
    let made = try merge.run(into: cache, progress: progress)
    if let path = moments { try merge.export(from: cache, to: path) }
    try report(made)
  }
}

/// The shards of one model, all of which are there and belong together.
private struct ShardMerge {
  private let folder: String
  /// By their index.
  private let shards: [ShardMarker]
  private let images: Int

  /// - Throws: `ShardError`.
  init(_ model: String, _ manifest: ImageManifest, folder: String) throws {
    let found = ((try? FolderNames(of: folder).names) ?? []).compactMap(Shard.init(folderName:))
    let counts = Set(found.map(\.count)).sorted()
    guard let count = counts.first else { throw ShardError.noShards(folder: folder) }
    guard counts.count == 1 else { throw ShardError.mixedCounts(folder: folder, counts: counts) }
    var shards: [Int: ShardMarker] = [:]
    for shard in found.sorted(by: { $0.index < $1.index }) {
      let place = "\(folder)/\(shard.folderName)"
      guard let marker = ShardMarker(folder: place) else { continue }
      guard marker.shard == shard else { throw ShardError.damaged(path: place) }
      if let first = shards[shards.keys.min() ?? 0],
        let (what, values) = marker.identity.difference(from: first.identity)
      {
        throw ShardError.mixed(
          first: "\(folder)/\(first.shard.folderName)", second: place, what: what, values: values)
      }
      shards[shard.index] = marker
    }
    let missing = (0..<count).filter { shards[$0] == nil }
    guard missing.isEmpty else { throw ShardError.missing(folder: folder, shards: missing, count: count) }
    self.folder = folder
    self.shards = (0..<count).compactMap { shards[$0] }
    images = manifest.images.count
    try check(manifest)
  }

  private var identity: ShardIdentity { shards[0].identity }

  private func place(_ shard: ShardMarker) -> String { "\(folder)/\(shard.shard.folderName)" }

  /// - Throws: `ShardError` where the shards are of other images than the manifest, or do not cover them all.
  private func check(_ manifest: ImageManifest) throws {
    if identity.images != manifest.images.hash {
      throw ShardError.mixed(
        first: manifest.path, second: place(shards[0]), what: "the SHA-256 of the images",
        values: [manifest.images.hash, identity.images])
    }
    let pieces = shards.flatMap(\.pieces)
    guard pieces.count == shards[0].pieceCount, pieces.enumerated().allSatisfy({ $0.offset == $0.element.index }),
      zip(pieces, pieces.dropFirst()).allSatisfy({ $1.block - $0.block == 0 || $1.block - $0.block == 1 }),
      pieces.reduce(0, { $0 + $1.images }) == images
    else { throw ShardError.damaged(path: folder) }
  }

  /// Its pieces with their shards, block by block.
  private var blocks: [[(piece: ShardMarker.Piece, shard: ShardMarker)]] {
    var blocks: [[(piece: ShardMarker.Piece, shard: ShardMarker)]] = []
    for shard in shards {
      for piece in shard.pieces {
        if blocks.last?.last?.piece.block == piece.block {
          blocks[blocks.count - 1].append((piece, shard))
        } else {
          blocks.append([(piece, shard)])
        }
      }
    }
    return blocks
  }

  private func store(_ cache: FeatureCache) -> MomentsStore {
    MomentsStore(
      cache: cache, modelKey: identity.modelKey, shape: identity.shape, precision: identity.features.precision)
  }

  func run(into cache: FeatureCache, progress: any ProgressReporter) throws -> MergeReport {
    let start = ContinuousClock.now
    if let remark = remarkOnEngine { progress.remark(remark) }
    try makeFolder(cache.folder)
    var (files, bytes) = (0, 0)
    for (index, shard) in shards.enumerated() {
      for file in shard.files where file.name.hasPrefix(FeatureCache.Kind.probe.rawValue) {
        try Interruption.shared.check()
        try take(file, of: shard, into: cache)
        (files, bytes) = (files + 1, bytes + file.bytes)
      }
      progress.report(stage: "\(identity.model): shards", done: index + 1, total: shards.count)
    }
    let blocks = blocks
    for block in blocks {
      try Interruption.shared.check()
      let path = try takeMoments(block, into: cache)
      (files, bytes) = (files + 1, bytes + (sizeOfFile(path) ?? 0))
    }
    return MergeReport(
      model: identity.model, shards: shards.count, images: images, blocks: blocks.count, files: files, bytes: bytes,
      seconds: start.secondsUntilNow, cache: cache.folder)
  }

  /// Why a build here would not find the results; nil where it does.
  private var remarkOnEngine: String? {
    let precision = Precision.allCases.first { identity.engine.hasSuffix(" \($0)") } ?? .fp32
    let here = LoadedModel.engine(precision)
    guard here != identity.engine else { return nil }
    return
      "\(identity.model): computed by \(identity.engine), here products are by \(here), so that a build here does not find "
      + "the features; build on a machine like those of the shards, or set OPENBLAS_CORETYPE for shards and builds alike"
  }

  /// Gives a file of a shard a place in the cache.
  ///
  /// - Throws: `ShardError.damaged` where it is not the one that the marker says.
  private func take(_ file: ShardMarker.File, of shard: ShardMarker, into cache: FeatureCache) throws {
    let (source, target) = ("\(place(shard))/\(file.name)", "\(cache.folder)/\(file.name)")
    guard isFileName(file.name), (try? ShardMarker.File(path: source)) == file else {
      throw ShardError.damaged(path: source)
    }
    try shareOrCopyFile(source, to: target)
  }

  /// Puts the moments of a block into the cache, and says where.
  private func takeMoments(
    _ block: [(piece: ShardMarker.Piece, shard: ShardMarker)], into cache: FeatureCache
  ) throws -> String {
    let hashes = block.map(\.piece.hash)
    let store = store(cache)
    let path = store.path(hashes)
    if store.kept(hashes) != nil { return path }
    let whole = self.store(FeatureCache(folder: place(block[0].shard)))
    if whole.kept(hashes) != nil {
      try shareOrCopyFile(whole.path(hashes), to: path)
      return path
    }
    let files = try block.map { piece, shard in
      let store = self.store(FeatureCache(folder: place(shard)))
      guard let file = store.kept([piece.hash]) else { throw ShardError.damaged(path: store.path([piece.hash])) }
      return file
    }
    _ = try store.keep(try mergedStatistics(of: files), of: hashes)
    return path
  }

  /// Writes the moments of all blocks into one file.
  func export(from cache: FeatureCache, to path: String) throws {
    let blocks = blocks.map { $0.map(\.piece.hash) }
    let writer = try MomentsWriter(
      heads: identity.shape.headCount, width: identity.shape.headSpaceWidth, blocks: blocks.count,
      metadata: momentsMetadata(identity.shape, images: images, model: identity.momentsKey), to: path)
    for hashes in blocks {
      guard let file = store(cache).kept(hashes) else { throw ShardError.damaged(path: cache.folder) }
      try writer.add(try file.allStatistics())
    }
    try writer.finish()
  }
}
