import Attribution
import Files
import Foundation

/// The pieces of one model's features of a probe set in the cache, and the batches in them.
///
/// A piece that is missing takes from others what was computed before: where an image of fifty thousand is replaced, its batch
/// alone runs through the tower.
struct PieceStore {
  let cache: FeatureCache
  /// Of all that features depend on but the images.
  let modelKey: String
  private let shape: TowerShape
  /// Where each batch lies.
  private let known: [String: Place]

  /// Rows of a piece in the cache.
  private struct Place {
    let piece: FeaturePiece
    let rows: Range<Int>
  }

  init(_ cache: FeatureCache, modelKey: String, shape: TowerShape) {
    (self.cache, self.modelKey, self.shape) = (cache, modelKey, shape)
    var known: [String: Place] = [:]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: cache.folder)) ?? []
    for name in names.sorted() where name.hasPrefix(FeatureCache.prefix(.probe, ofModel: modelKey)) {
      guard let piece = FeaturePiece(path: "\(cache.folder)/\(name)", shape: shape) else { continue }
      for batch in piece.batches where known[batch.hash] == nil {
        known[batch.hash] = Place(piece: piece, rows: batch.rows)
      }
    }
    self.known = known
  }

  private func place(_ piece: ImagePiece, _ precision: FeaturePrecision) -> (key: String, path: String) {
    let key = joinedDigest([FeatureCache.formatVersion, modelKey, piece.hash, precision.rawValue])
    return (key, cache.path(.probe, ofModel: modelKey, key: key))
  }

  /// Where a piece is kept.
  func path(of piece: ImagePiece, precision: FeaturePrecision) -> String { place(piece, precision).path }

  /// The batches of a piece that `piece` will ask for, unless files are damaged: those that are nowhere.
  func missing(of piece: ImagePiece, precision: FeaturePrecision) -> [ImageBatch] {
    FileKind(of: path(of: piece, precision: precision)) == nil ? piece.batches.filter { known[$0.hash] == nil } : []
  }

  /// The piece kept, or one that is made of what others hold, and of what `fill` writes of the rest.
  ///
  /// A file that is damaged counts as absent. Where `fill` throws, the batches that it wrote before are kept.
  /// - Parameter fill: gets the batches that are nowhere.
  /// - Throws: `FileError` where it can be written nowhere, and what `fill` throws.
  func piece(
    _ piece: ImagePiece, precision: FeaturePrecision, fill: (FeaturePieceWriter, [ImageBatch]) throws -> Void
  ) throws -> FeaturePiece {
    let plan = FeaturePiece.Plan(shape: shape, piece: piece, precision: precision)
    let (key, path) = place(piece, precision)
    if let found = FeaturePiece(path: path, key: key, plan: plan), found.isWhole { return found }
    return try cache.written(at: path) { path in
      let writer = try FeaturePieceWriter(plan, key: key, path: path)
      let (rest, sources) = try copyKnown(of: piece, to: writer)
      do {
        try fill(writer, rest)
      } catch {
        try? keepPart(rest, of: piece, from: writer)
        throw error
      }
      let made = try writer.finish()
      for path in sources where path.hasSuffix(Self.partSuffix) { unlink(path) }
      return made
    }
  }

  /// What the names of files end with that hold a part of a piece: the batches that were done when its computation was stopped.
  private static let partSuffix = ".part.safetensors"

  /// Keeps those of some batches of a piece that were written.
  private func keepPart(_ batches: [ImageBatch], of piece: ImagePiece, from writer: FeaturePieceWriter) throws {
    let first = piece.rows.lowerBound
    let done = batches.filter { writer.written.contains($0.rows.lowerBound - first) }
    guard !done.isEmpty else { return }
    var next = 0
    let moved = done.map { batch in
      defer { next += batch.rows.count }
      return ImageBatch(rows: next..<next + batch.rows.count, hash: batch.hash)
    }
    let part = ImagePiece(moved)
    let (key, path) = place(part, .fp32)
    let copy = try FeaturePieceWriter(
      .init(shape: shape, piece: part, precision: .fp32), key: key,
      path: String(path.dropLast(".safetensors".count)) + Self.partSuffix)
    try copy.copy(
      from: writer,
      rows: zip(done, moved).map { ($0.rows.lowerBound - first..<$0.rows.upperBound - first, $1.rows.lowerBound) })
    _ = try copy.finish()
  }

  /// Copies the batches that are kept elsewhere; returns the others, and the files that were copied from.
  private func copyKnown(
    of piece: ImagePiece, to writer: FeaturePieceWriter
  ) throws -> (rest: [ImageBatch], sources: [String]) {
    var sources: [String: (piece: FeaturePiece, rows: [(from: Range<Int>, to: Int)])] = [:]
    var rest: [ImageBatch] = []
    for batch in piece.batches {
      guard let place = known[batch.hash] else {
        rest.append(batch)
        continue
      }
      sources[place.piece.path, default: (place.piece, [])].rows
        .append((place.rows, batch.rows.lowerBound - piece.rows.lowerBound))
    }
    for (_, source) in sources.sorted(by: { $0.key < $1.key }) {
      if source.piece.isWhole {
        try writer.copy(from: source.piece, rows: source.rows)
      } else {
        let lost = Set(source.rows.map { $0.to + piece.rows.lowerBound })
        rest += piece.batches.filter { lost.contains($0.rows.lowerBound) }
      }
    }
    return (rest.sorted { $0.rows.lowerBound < $1.rows.lowerBound }, sources.keys.sorted())
  }
}
