import Attribution
import CLIP
import Descriptions
import Files
import Foundation
import Parallel

/// The moments of one model's heads in a folder: of blocks of images, and of single pieces of blocks where no one has the whole
/// block.
///
/// Moments of several pieces are those of each, merged in their order, so that the bits are the same whoever computed them.
struct MomentsStore: Sendable {
  let cache: FeatureCache
  /// Of all that features depend on but the images.
  let modelKey: String
  let shape: TowerShape
  /// Of the features that moments are taken of.
  let precision: FeaturePrecision

  /// What names the moments over pieces that follow each other, by the pieces' hashes.
  func key(_ pieces: [String]) -> String {
    joinedDigest(
      [FeatureCache.formatVersion, FeatureCache.Kind.moments.rawValue, modelKey, precision.rawValue] + pieces)
  }

  func path(_ pieces: [String]) -> String { cache.path(.moments, ofModel: modelKey, key: key(pieces)) }

  /// The moments kept over some pieces; nil where there are none, or the file is damaged.
  func kept(_ pieces: [String]) -> MomentsFile? {
    let key = key(pieces)
    guard let file = MomentsFile(path: path(pieces), heads: shape.headCount, width: shape.headSpaceWidth),
      file.metadata["key"] == key, file.counts.count == 1, file.isWhole
    else { return nil }
    return file
  }

  /// Whether there is a file of the moments over some pieces, whole or damaged.
  func holds(_ pieces: [String]) -> Bool { FileKind(of: path(pieces)) != nil }

  /// Keeps the statistics of all heads over some pieces.
  ///
  /// - Throws: `UnwritablePiece` where they can be written nowhere.
  func keep(_ statistics: [HeadStatistics], of pieces: [String]) throws -> MomentsFile {
    let key = key(pieces)
    return try cache.written(at: path(pieces)) { path in
      try unwritable {
        let writer = try MomentsWriter(
          heads: shape.headCount, width: shape.headSpaceWidth, blocks: 1, metadata: ["key": key], to: path)
        try writer.add(statistics)
        try writer.finish()
      }
      guard let file = MomentsFile(path: path, heads: shape.headCount, width: shape.headSpaceWidth) else {
        throw UnwritablePiece(reason: UnwritablePiece.gone)
      }
      return file
    }
  }

  /// The statistics of all heads over a piece, computed from its features head by head.
  func statistics(of piece: FeaturePiece, threads: Int) throws -> [HeadStatistics] {
    try inParallel(shape.headCount, threads: threads) { head in
      try Interruption.shared.check()
      var statistics = HeadStatistics(width: shape.headSpaceWidth)
      statistics.add(try piece.coordinates(head))
      return statistics
    }
  }
}

/// The statistics of each head over more images: those of `more` after those of `sum`, which is empty at first.
func merge(_ more: [HeadStatistics], into sum: inout [HeadStatistics]) {
  guard !sum.isEmpty else {
    sum = more
    return
  }
  for head in sum.indices { sum[head].merge(more[head]) }
}

/// The statistics of all heads over the images of some files of one block each, in their order.
func mergedStatistics(of files: [MomentsFile]) throws -> [HeadStatistics] {
  var sum: [HeadStatistics] = []
  for file in files { merge(try file.allStatistics(), into: &sum) }
  return sum
}

extension LoadedModel {
  /// The moments of an image set, block by block: from the cache where they are there, and computed from the features otherwise.
  ///
  /// - Throws: `FileError` where they can be written nowhere.
  func moments(
    of features: StoredFeatures, precision: FeaturePrecision, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> StoredMoments {
    let store = MomentsStore(cache: cache, modelKey: key, shape: model.shape, precision: precision)
    let hashes = features.groups.map { Array(features.hashes[$0]) }
    let files = try features.groups.enumerated().map { index, group in
      if let kept = store.kept(hashes[index]) { return kept }
      var sum: [HeadStatistics] = []
      for piece in group {
        merge(try store.statistics(of: features.pieces[piece], threads: model.threads), into: &sum)
      }
      progress.report(stage: "\(entry.id): moments", done: index + 1, total: features.groups.count)
      return try store.keep(sum, of: hashes[index])
    }
    return StoredMoments(shape: model.shape, blocks: files, keys: hashes.map(store.key))
  }

  /// The moments of an image set whose features are not kept: those of a piece of about 1024 images are on disk while its moments are
  /// computed, and no longer.
  ///
  /// They are the very numbers that features that are kept in fp32 have.
  ///
  /// - Throws: `FileError` where they can be written nowhere, and what reading images throws.
  func moments(
    of images: HashedImages, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> StoredMoments {
    let store = MomentsStore(cache: cache, modelKey: key, shape: model.shape, precision: .fp32)
    let pieces = PieceStore(cache, modelKey: key, shape: model.shape)
    let cuts = model.cuts(of: images, compute)
    let blocks = cuts.blocks.map { $0.map(cuts.piece) }
    let missing = blocks.filter { !store.holds($0.map(\.hash)) }.flatMap { $0 }.filter { !store.holds([$0.hash]) }
    let ahead = blocksAhead(
      of: missing.flatMap { pieces.missing(of: $0, precision: .fp32) }, of: images, cache: cache)
    func moments(of piece: ImagePiece) throws -> MomentsFile {
      if let kept = store.kept([piece.hash]) { return kept }
      let wasKept = FileKind(of: pieces.path(of: piece, precision: .fp32)) != nil
      let features = try pieces.piece(piece, precision: .fp32) {
        try fill(
          piece, $0, $1, of: images, from: ahead, stage: "moments of probe images", cache: cache, progress: progress)
      }
      let made = try store.keep(try store.statistics(of: features, threads: model.threads), of: [piece.hash])
      if !wasKept { unlink(features.path) }
      return made
    }
    let files = try blocks.map { block in
      let hashes = block.map(\.hash)
      if let kept = store.kept(hashes) { return kept }
      let files = try block.map(moments)
      guard files.count > 1 else { return files[0] }
      let whole = try store.keep(try mergedStatistics(of: files), of: hashes)
      for hash in hashes { unlink(store.path([hash])) }
      return whole
    }
    return StoredMoments(shape: model.shape, blocks: files, keys: blocks.map { store.key($0.map(\.hash)) })
  }
}
