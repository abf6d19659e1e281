import Attribution
import CLIP
import Files
import Foundation
import Images
import LinearAlgebra
import Parallel
import Tensors

/// A model of the atlas with the hashes that its features are kept under.
struct LoadedModel: Sendable {
  let entry: AtlasConfiguration.ModelEntry
  let model: CLIPModel
  let compute: ComputeOptions
  let weightsHash: String
  /// Of everything that features depend on.
  let key: String

  init(_ entry: AtlasConfiguration.ModelEntry, _ compute: ComputeOptions) throws {
    (self.entry, self.compute) = (entry, compute)
    model = try CLIPModel(entry.model.source(), compute)
    weightsHash = try model.weightsHash()
    let tokenizer = try model.tokenizerFiles.map { try hexDigest(ofFile: $0) }
    // Other kernels round otherwise.
    let engine = "\(ProductEngine.name(for: compute.precision)) \(OpenBLAS.kernels) \(compute.precision)"
    key = ([weightsHash, "\(model.configuration)", engine] + tokenizer).joined(separator: "\n")
  }
}

extension CLIPModel {
  /// SHA-256 of the file of weights; of several, of their hashes in order.
  func weightsHash() throws -> String {
    let hashes = try weightFiles.map { try hexDigest(ofFile: $0) }
    return hashes.count == 1 ? hashes[0] : hexDigest(of: Array(hashes.joined(separator: "\n").utf8))
  }
}

extension LoadedModel {
  /// The decomposition of an image set on disk, piece by piece: from the cache where it is there, from the gallery where
  /// the same images run through the tower together there, and computed otherwise.
  func features(
    of images: HashedImages, precision: FeaturePrecision, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> StoredFeatures {
    let shape = model.shape
    let store = PieceStore(cache, modelKey: key, shape: shape)
    let cuts = model.cuts(of: images, compute)
    let imagePieces = cuts.pieces.indices.map(cuts.piece)
    let ahead = blocksAhead(
      of: imagePieces.flatMap { store.missing(of: $0, precision: precision) }, of: images, cache: cache)
    let pieces = try imagePieces.map { piece in
      try store.piece(piece, precision: precision) {
        try fill(piece, $0, $1, of: images, from: ahead, stage: "probe images", cache: cache, progress: progress)
      }
    }
    return StoredFeatures(
      shape: shape, spaces: model.spaces, blocks: imagePieces.map(\.rows), pieces: pieces,
      hashes: imagePieces.map(\.hash), groups: cuts.blocks)
  }

  /// Begins to decompose batches of a probe set, except those that are kept as the gallery's.
  func blocksAhead(of batches: [ImageBatch], of images: HashedImages, cache: FeatureCache) -> BlocksAhead {
    let missing = batches.filter { !cache.holds(.gallery, inputs: [key, $0.hash]) }
    return BlocksAhead(model, missing.map(\.rows)) { [model] in try model.pixels(ofImage: images.place(of: $0)) }
  }

  /// Writes the batches of a piece that are kept nowhere as a probe set's.
  func fill(
    _ piece: ImagePiece, _ writer: FeaturePieceWriter, _ batches: [ImageBatch], of images: HashedImages,
    from ahead: BlocksAhead, stage: String, cache: FeatureCache, progress: any ProgressReporter
  ) throws {
    let first = piece.rows.lowerBound
    var rest: [ImageBatch] = []
    for batch in batches {
      if let block = keptContributions(batch, cache) {
        try writer.add(batch.rows.lowerBound - first, block)
      } else {
        rest.append(batch)
      }
    }
    try ahead.forEach(of: rest.map(\.rows), progress: pieceProgress(piece.rows, images, stage, progress)) {
      try writer.add($0.lowerBound - first, $1)
    }
  }

  /// The decomposition of the gallery in memory with what the MLPs wrote, batch by batch from the cache where it is there.
  func contributions(
    of images: HashedImages, _ gallery: GalleryImages, cache: FeatureCache, progress: any ProgressReporter
  ) throws -> HeadContributions {
    let cuts = model.cuts(of: images, compute)
    let batches = cuts.batches.indices.map(cuts.batch)
    var blocks = batches.map { keptContributions($0, cache) }
    let missing = batches.indices.filter { blocks[$0] == nil }
    let places = Dictionary(uniqueKeysWithValues: missing.map { (batches[$0].rows.lowerBound, $0) })
    try model.forEachBlock(
      of: missing.map { batches[$0].rows }, pixels: { [model] in try gallery.pixels($0, for: model.preprocessing) },
      progress: pieceProgress(0..<images.count, images, "gallery images", progress)
    ) { rows, block in
      guard let place = places[rows.lowerBound] else { return }
      blocks[place] = block
      cache.keep(
        block.coordinates + [block.embeddings, block.mlp], .gallery, inputs: [key, batches[place].hash], names: names)
    }
    return joined(blocks.compactMap { $0 })
  }

  /// The names of the tensors of a batch: each head's coordinates, the embeddings, and what the MLPs wrote.
  private var names: [String] { model.shape.allHeads.map(\.padded) + ["embeddings", "mlp"] }

  private func keptContributions(_ batch: ImageBatch, _ cache: FeatureCache) -> HeadContributions? {
    let shape = model.shape
    guard let tensors = cache.tensors(.gallery, inputs: [key, batch.hash], names: names),
      zip(tensors, tails).allSatisfy({ $0.shape == [batch.rows.count] + $1 })
    else { return nil }
    return HeadContributions(
      shape: shape, spaces: model.spaces, coordinates: Array(tensors.prefix(shape.headCount)),
      mlp: tensors[shape.headCount + 1], embeddings: tensors[shape.headCount])
  }

  private func joined(_ blocks: [HeadContributions]) -> HeadContributions {
    let shape = model.shape
    let count = blocks.reduce(0) { $0 + $1.count }
    let whole = tails.enumerated().map { place, tail in
      Tensor(
        shape: [count] + tail,
        values: blocks.flatMap { block in
          place < shape.headCount
            ? block.coordinates[place].values
            : place == shape.headCount ? block.embeddings.values : block.mlp.values
        })
    }
    return HeadContributions(
      shape: shape, spaces: model.spaces, coordinates: Array(whole.prefix(shape.headCount)),
      mlp: whole[shape.headCount + 1], embeddings: whole[shape.headCount])
  }

  /// The shape of an image's row of every head's coordinates, its embedding, and what the MLPs wrote.
  private var tails: [[Int]] {
    let shape = model.shape
    return [[Int]](repeating: [shape.headSpaceWidth], count: shape.headCount)
      + [[shape.embeddingWidth], [shape.layers + 1, shape.embeddingWidth]]
  }

  private func pieceProgress(
    _ rows: Range<Int>, _ images: HashedImages, _ kind: String, _ progress: any ProgressReporter
  ) -> PieceProgress {
    PieceProgress(whole: progress, stage: "\(entry.id): \(kind)", end: rows.upperBound, total: images.count)
  }

  /// Unit-norm embeddings of some lists of texts, each `[M, E]`: batch by batch from the cache where they are there.
  func embeddings(
    of lists: [[String]], cache: FeatureCache, progress: any ProgressReporter
  ) throws -> [Tensor] {
    let batches = lists.map { list in textBatches(list).map { Array(list[$0]) } }
    let flat = batches.flatMap { $0 }
    let (stage, total) = ("\(entry.id): texts", flat.reduce(0) { $0 + $1.count })
    let inputs = flat.map { [key, joinedDigest($0)] }
    var tensors = try inParallel(flat.count, threads: model.threads) { place -> Tensor? in
      let found = cache.tensors(.texts, inputs: inputs[place], names: ["embeddings"])?[0]
      return found?.shape == [flat[place].count, model.configuration.embeddingWidth] ? found : nil
    }
    let missing = tensors.indices.filter { tensors[$0] == nil }
    var done = total - missing.reduce(0) { $0 + flat[$1].count }
    progress.report(stage: stage, done: done, total: total)
    for start in stride(from: 0, to: missing.count, by: 4 * model.threads) {
      try Interruption.shared.check()
      let places = missing[start..<min(start + 4 * model.threads, missing.count)]
      for (place, made) in zip(places, try model.encode(batches: places.map { flat[$0] })) {
        cache.keep([made], .texts, inputs: inputs[place], names: ["embeddings"])
        tensors[place] = made
        done += made.rows
      }
      progress.report(stage: stage, done: done, total: total)
    }
    var rest = tensors.compactMap { $0 }[...]
    return batches.map { list in
      defer { rest = rest.dropFirst(list.count) }
      let rows = rest.prefix(list.count)
      return Tensor(
        shape: [rows.reduce(0) { $0 + $1.rows }, model.configuration.embeddingWidth], values: rows.flatMap(\.values))
    }
  }
}

/// Tells the progress of one piece as that of the whole set.
struct PieceProgress: ProgressReporter {
  let whole: any ProgressReporter
  let stage: String
  /// The images up to the piece's end.
  let end: Int
  let total: Int

  /// - Parameter computed: of the images that this piece takes from nowhere, how many there are.
  func report(stage _: String, done: Int, total computed: Int?) {
    whole.report(stage: stage, done: end - (computed ?? done) + done, total: total)
  }
}
