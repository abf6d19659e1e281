import CLIP
import Checkpoints
import Diagnostics
import Files
import Foundation
import Images
import LinearAlgebra

/// What `headatlas features --shard` is asked for.
package struct ShardOptions: Sendable {
  /// The folder of the shards, with the manifest.
  package var output: String
  /// The description that the manifest must be of; nil for whichever it is of.
  package var configuration: String?
  /// A model of the manifest; all of them where nil.
  package var model: String?
  package var shard: Shard
  /// As the manifest says where nil.
  package var features: KeptFeatures?
  package var compute: ComputeOptions

  package init(
    output: String, configuration: String? = nil, model: String? = nil, shard: Shard, features: KeptFeatures? = nil,
    compute: ComputeOptions = ComputeOptions()
  ) {
    self.output = output
    self.configuration = configuration
    self.model = model
    self.shard = shard
    self.features = features
    self.compute = compute
  }
}

/// What `headatlas features --shard` says of a shard of one model.
package struct ShardReport: Sendable, Codable, Equatable {
  package let model: String
  package let shard: Int
  package let of: Int
  package let images: Int
  /// How many of the images ran through the tower now.
  package let computed: Int
  package let bytes: Int
  package let seconds: Double
  /// Whether the shard was finished before.
  package let isUnchanged: Bool
  package let folder: String
}

/// Computes a shard of an image set, for one model or for all of the manifest: moments, and features where they are asked for.
///
/// The files are those that a build keeps in its cache, byte for byte. They are written into a hidden folder beside that of the
/// shard, which is renamed when all are there; what is interrupted goes on from what is in it.
///
/// - Parameter report: gets what is to be said of each model, when its shard is finished.
/// - Throws: `ShardError`, `BuildError.interrupted`, and what loading models and reading images throws.
package func computeShards(
  _ options: ShardOptions, progress: any ProgressReporter, report: (ShardReport) throws -> Void
) throws {
  let manifest = try ImageManifest("\(options.output)/\(ImageManifest.fileName)")
  if let named = options.configuration { try manifest.check(configuration: named) }
  for model in try manifest.models(named: options.model) {
    let loaded = try LoadedModel(manifest.entry(model), options.compute)
    let run = ShardRun(loaded, manifest, options, progress)
    try report(try run.finish())
  }
}

extension ImageManifest {
  /// A model as atlases have them, without labels.
  fileprivate func entry(_ model: Model) throws -> AtlasConfiguration.ModelEntry {
    let reference = try ModelReference(model.reference, base: base)
    return .init(
      id: model.id, title: model.id, model: reference, configuration: try CLIPConfiguration(reference.source()),
      labels: [:], descriptions: nil, licence: nil)
  }
}

extension LoadedModel {
  /// What multiplies: library, kernels and precision.
  static func engine(_ precision: Precision) -> String {
    "\(ProductEngine.name(for: precision)) \(OpenBLAS.kernels) \(precision)"
  }
}

/// The computation of one shard for one model.
private final class ShardRun {
  private let loaded: LoadedModel
  private let images: HashedImages
  private let cuts: ImageCuts
  private let shard: Shard
  private let identity: ShardIdentity
  /// Where the finished shard is, and where it is until then.
  private let place: String
  private let work: String
  private let moments: MomentsStore
  private let store: PieceStore
  private let progress: any ProgressReporter
  /// The shard's pieces among all.
  private let pieces: Range<Int>
  private var computed = 0

  init(_ loaded: LoadedModel, _ manifest: ImageManifest, _ options: ShardOptions, _ progress: any ProgressReporter) {
    let features = options.features ?? manifest.features
    (self.loaded, images, shard, self.progress) = (loaded, manifest.images, options.shard, progress)
    cuts = loaded.model.cuts(of: manifest.images, options.compute)
    pieces = evenGroups(cuts.pieceEnds, count: shard.count)[shard.index]
    identity = ShardIdentity(
      program: headatlasVersion, model: loaded.entry.id, images: manifest.images.hash, weights: loaded.weightsHash,
      engine: LoadedModel.engine(loaded.model.precision), modelKey: loaded.key,
      momentsKey: loaded.model.momentsKey(weights: loaded.weightsHash), features: features, shape: loaded.model.shape)
    let folder = "\(options.output)/\(loaded.entry.id)"
    place = "\(folder)/\(shard.folderName)"
    work = "\(folder)/.\(shard.folderName)"
    moments = MomentsStore(
      cache: FeatureCache(folder: work, isRequired: true), modelKey: loaded.key, shape: loaded.model.shape,
      precision: features.precision)
    store = PieceStore(moments.cache, modelKey: loaded.key, shape: loaded.model.shape)
  }

  func finish() throws -> ShardReport {
    let start = ContinuousClock.now
    if let marker = try finished() { return report(marker, since: start, isUnchanged: true) }
    for attempt in 1... {
      do {
        try makeFolder(work)
        let files = try compute()
        let marker = try marker(files)
        try seal(marker)
        return report(marker, since: start, isUnchanged: false)
      } catch  where error is FileError || error is ShardError || error is CheckpointError {
        // Another process may compute the same shard: it has put it in its place under this one's hands, or has merged files that this
        // one was about to read, and then what it left is gone on with.
        if let marker = try finished() {
          try? removeFolder(work)
          return report(marker, since: start, isUnchanged: true)
        }
        guard attempt < attempts, isLoss(error) else { throw error }
        // The other one may be putting its files together: at once, the next attempt would lose the same file.
        usleep(UInt32(min(attempt, 4)) * 50_000)
        try Interruption.shared.check()
      }
    }
    preconditionFailure("the last attempt ends or throws")
  }

  /// How often a shard is begun whose files another process takes away: whoever does so has finished a piece or a block, so that two
  /// processes side by side may lose as many files to each other as there are pieces.
  private var attempts: Int { 9 + 2 * pieces.count }

  /// Whether a file of the unfinished shard is not there that was there before.
  private func isLoss(_ error: any Error) -> Bool {
    switch error {
    case CheckpointError.file(let error): isLoss(error)
    case FileError.unreadable(let path, let reason), FileError.unwritable(let path, let reason):
      path.hasPrefix(work + "/") && [systemReason(ENOENT), UnwritablePiece.gone].contains(reason)
    case ShardError.damaged(let path): path.hasPrefix(work + "/")
    default: false
    }
  }

  /// What is in the shard's place, which must be this very shard.
  private func finished() throws -> ShardMarker? {
    guard FileKind(of: place, followsLinks: false) != nil else { return nil }
    guard let marker = ShardMarker(folder: place) else {
      // An empty folder, as workflow engines make them, is as good as none.
      if (try? FolderNames(of: place).names) == [] { return nil }
      throw ShardError.noShard(path: place)
    }
    if let (what, values) = identity.difference(from: marker.identity) {
      throw ShardError.mixed(first: place, second: "shard \(shard)", what: what, values: values)
    }
    return marker
  }

  private func report(_ marker: ShardMarker, since start: ContinuousClock.Instant, isUnchanged: Bool) -> ShardReport {
    ShardReport(
      model: identity.model, shard: shard.index, of: shard.count, images: marker.imageCount, computed: computed,
      bytes: marker.byteCount, seconds: start.secondsUntilNow, isUnchanged: isUnchanged, folder: place)
  }

  // MARK: Computing

  /// The paths of the shard's files.
  private func compute() throws -> [String] {
    var files: [String] = []
    let ahead = blocksAhead()
    for index in pieces {
      let piece = cuts.piece(index)
      if identity.features == .momentsAlone, isKept(piece, index) { continue }
      let file = try features(of: piece, from: ahead)
      if !isKept(piece, index) {
        let statistics = try moments.statistics(of: file, threads: loaded.model.threads)
        _ = try moments.keep(statistics, of: [piece.hash])
      }
      if identity.features == .momentsAlone {
        unlink(file.path)
      } else {
        files.append(file.path)
      }
    }
    return files + (try mergeBlocks())
  }

  /// Begins to decompose all that the shard lacks.
  private func blocksAhead() -> BlocksAhead {
    let batches = pieces.flatMap { index -> [ImageBatch] in
      let piece = cuts.piece(index)
      let isDone = identity.features == .momentsAlone && isKept(piece, index)
      return isDone ? [] : store.missing(of: piece, precision: identity.features.precision)
    }
    return BlocksAhead(loaded.model, batches.map(\.rows)) { [images, model = loaded.model] place in
      let file = images.place(of: place)
      let bytes = try readFile(at: file)
      guard hexDigest(of: bytes) == images.hash(of: place) else { throw ShardError.changedImage(path: "\(file)") }
      return model.preprocessing.pixels(try decodeImage(bytes, path: "\(file)"))
    }
  }

  /// Whether the moments of a piece are kept, alone or in those of its block.
  private func isKept(_ piece: ImagePiece, _ index: Int) -> Bool {
    if moments.kept([piece.hash]) != nil { return true }
    guard let block = cuts.blocks.first(where: { $0.contains(index) }), isWhole(block) else { return false }
    return moments.kept(block.map { cuts.piece($0).hash }) != nil
  }

  /// Whether all pieces of a block are in the shard.
  private func isWhole(_ block: Range<Int>) -> Bool {
    pieces.lowerBound <= block.lowerBound && block.upperBound <= pieces.upperBound
  }

  private func features(of piece: ImagePiece, from ahead: BlocksAhead) throws -> FeaturePiece {
    try store.piece(piece, precision: identity.features.precision) { writer, batches in
      computed += batches.reduce(0) { $0 + $1.rows.count }
      let progress = PieceProgress(
        whole: progress, stage: "\(identity.model): images of shard \(shard)",
        end: piece.rows.upperBound - firstImage, total: imageCount)
      try ahead.forEach(of: batches.map(\.rows), progress: progress) {
        try writer.add($0.lowerBound - piece.rows.lowerBound, $1)
      }
    }
  }

  private var firstImage: Int {
    pieces.isEmpty ? 0 : cuts.batches[cuts.pieces[pieces.lowerBound].lowerBound].lowerBound
  }

  private var imageCount: Int { pieces.isEmpty ? 0 : cuts.pieceEnds[pieces.upperBound - 1] - firstImage }

  /// Merges the moments of pieces whose block is in the shard as a whole; returns the paths of all moments.
  private func mergeBlocks() throws -> [String] {
    try cuts.blocks.flatMap { block -> [String] in
      let hashes = block.clamped(to: pieces).map { cuts.piece($0).hash }
      guard isWhole(block), hashes.count > 1 else { return hashes.map { moments.path([$0]) } }
      if moments.kept(hashes) == nil {
        let files = try hashes.map { hash in
          guard let file = moments.kept([hash]) else { throw ShardError.damaged(path: moments.path([hash])) }
          return file
        }
        _ = try moments.keep(try mergedStatistics(of: files), of: hashes)
      }
      for hash in hashes { unlink(moments.path([hash])) }
      return [moments.path(hashes)]
    }
  }

  // MARK: Finishing

  private func marker(_ paths: [String]) throws -> ShardMarker {
    let blocks = cuts.blocks.enumerated().flatMap { index, block in block.map { _ in index } }
    return ShardMarker(
      identity: identity, shard: shard, pieceCount: cuts.pieces.count,
      pieces: pieces.map { index in
        let piece = cuts.piece(index)
        return .init(index: index, block: blocks[index], hash: piece.hash, images: piece.rows.count)
      },
      files: try paths.sorted().map { try .init(path: $0) })
  }

  /// Writes the marker, and puts the folder in its place.
  private func seal(_ marker: ShardMarker) throws {
    let names = Set(marker.files.map(\.name))
    for name in try FolderNames(of: work).names where !names.contains(name) { unlink("\(work)/\(name)") }
    try writeFile(try jsonText(marker).utf8, to: "\(work)/\(ShardMarker.name)")
    guard rename(work, place) == 0 else { throw FileError.failedWrite(place) }
    // What another process wrote before the folder was renamed; it writes nothing there any more.
    for name in try FolderNames(of: place).names where !names.contains(name) && name != ShardMarker.name {
      unlink("\(place)/\(name)")
    }
  }
}
