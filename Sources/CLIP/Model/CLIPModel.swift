import Attribution
import Checkpoints
import Foundation
import Images
import LinearAlgebra
import Parallel
import Tensors
import Tokenizer

/// A CLIP model: configuration, weights and tokenizer.
///
/// All methods may be called from several threads. Results do not depend on `threads`.
package struct CLIPModel: Sendable {
  /// The name by which it was asked for.
  package let name: String
  package let configuration: CLIPConfiguration
  private let tokenizer: BytePairTokenizer
  /// The files that the weights were read from.
  package let weightFiles: [String]
  package let tensorCount: Int
  package let parameterCount: Int
  /// The precision of the towers' matrix products.
  package let precision: Precision
  /// The number of threads that decompose images and encode texts; each runs BLAS on that thread alone.
  package let threads: Int
  private let image: ImageTower
  private let text: TextTower

  /// The number of threads that was asked for; that of all cores where nil.
  package static func threads(asked: Int?) -> Int { max(1, asked ?? processorCount) }

  /// Loads a model strictly: a tensor that is missing, left over or of another shape than the configuration asks for is
  /// an error.
  ///
  /// `threads` is the number of all cores where nil.
  ///
  /// - Throws: `ConfigurationError`, `CheckpointError`, `TokenizerError`, `OpenBLASFailure`.
  package init(_ source: ModelSource, threads: Int? = nil, precision: Precision = .fp32) throws {
    try OpenBLAS.prepare(threads: Self.threads(asked: threads))
    if let needed = ProductEngine.missing(for: precision) {
      throw ConfigurationError.noPrecision(precision, engine: ProductEngine.name(for: .fp32), needed: needed)
    }
    name = source.name
    self.precision = precision
    self.threads = Self.threads(asked: threads)
    let files = try ModelFiles(source.place)
    let checkpoint = try files.checkpoint()
    configuration = try CLIPConfiguration(source, files: files, weights: { checkpoint })
    let tokenizerFolder = source.choices.tokenizer ?? files.folder
    tokenizer = try BytePairTokenizer(
      folder: tokenizerFolder, contextLength: configuration.contextLength,
      vocabularySize: configuration.vocabularySize)
    if let expected = configuration.endToken, expected != Int(tokenizer.endToken) {
      throw ConfigurationError.wrongEndToken(
        folder: tokenizerFolder, found: Int(tokenizer.endToken), expected: expected)
    }
    var reader = try WeightReader(checkpoint, resizesPositions: source.choices.resizesPositions)
    image = try ImageTower(&reader, configuration, precision: precision)
    text = try TextTower(&reader, configuration, precision: precision)
    try reader.finish()
    weightFiles = checkpoint.files
    tensorCount = checkpoint.names.count
    parameterCount = checkpoint.names.reduce(0) { $0 + (checkpoint.shape(of: $1) ?? []).reduce(1, *) }
  }

  package var shape: TowerShape { image.shape }
  /// The space of each head, in the order of `shape.allHeads`.
  package var spaces: [HeadSpace] { image.spaces }
  /// The covariance of each head's coordinates if what it reads were white noise, `[D+3, D+3]`: of the weights alone.
  package var whiteCovariances: [Tensor] { image.whiteCovariances }
  package var preprocessing: Preprocessing { configuration.preprocessing }
  /// The files that the tokenizer was read from.
  package var tokenizerFiles: [String] { tokenizer.files }

  /// The number of token rows in a batch: enough to keep sgemm near its peak, few enough to stay near the caches.
  private static let rowsPerBatch = 512...1536

  /// The number of images in a batch where there are `count`: the same for any number of threads.
  package func batch(of count: Int) -> Int {
    let rows = Self.rowsPerBatch
    return min(
      max(1, rows.upperBound / image.tokens), max((rows.lowerBound - 1) / image.tokens + 1, (count + 3) / 4))
  }

  /// The least and the most images in a batch whose end is chosen by what the images are, where there are `count`.
  ///
  /// It changes only where `count` passes a power of two: an image more leaves batches as they are.
  package func batchSizes(of count: Int) -> ClosedRange<Int> {
    let rounded = count > 0 ? 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount) : 0
    let usual = batch(of: rounded)
    return max(1, usual * 2 / 3)...max(1, usual * 4 / 3)
  }

  /// A rough estimate of the memory that a thread needs for a batch where there are `count` images, in bytes.
  package func batchMemory(of count: Int) -> Int {
    let images = min(batchSizes(of: count).upperBound, count)
    let (tower, pixels) = (configuration.image, 3 * configuration.imageSize * configuration.imageSize)
    // The residual stream and what is written to it in float32; operands in the precision's numbers.
    let row =
      2 * tower.width * 4
      + (tower.width + max(3 * tower.width, tower.mlpWidth)) * precision.number.size
    return images * (image.tokens * row + pixels * (4 + precision.number.size))
  }

  /// Decomposes the embeddings of images.
  ///
  /// - Parameter pixels: each `[3, S, S]`, normalised, from `preprocessing`.
  /// - Throws: `ConfigurationError.noDirection`.
  package func decompose(_ pixels: [Tensor]) throws -> HeadContributions {
    let batch = batch(of: pixels.count)
    let batches = try inParallel(
      (pixels.count + batch - 1) / batch, threads: threads, scratch: { ImageScratch(image) }
    ) { index, scratch in
      try decomposed(Array(pixels[index * batch..<min((index + 1) * batch, pixels.count)]), scratch)
    }
    return contributions(batches, shape, spaces)
  }

  /// Decomposes the embeddings of `count` images batch by batch: while one thread reads images, another computes.
  ///
  /// - Parameters:
  ///   - count: the number of images.
  ///   - pixels: reads one image as `[3, S, S]`, normalised; called on several threads.
  ///   - take: receives every batch, in order, on this thread.
  /// - Throws: `ConfigurationError.noDirection`, and what `pixels` and `take` throw.
  package func decompose(
    count: Int, pixels: @escaping @Sendable (Int) throws -> Tensor,
    take: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    let batch = batch(of: count)
    let batches = stride(from: 0, to: count, by: batch).map { $0..<min($0 + batch, count) }
    try decompose(batches: batches, pixels: pixels, take: take)
  }

  /// Decomposes the embeddings of images in the batches given; the last bits of an image's numbers may depend on the images
  /// of its batch, and on nothing else.
  ///
  /// - Parameters:
  ///   - batches: places of images; some may be left out.
  ///   - pixels: reads one image as `[3, S, S]`, normalised; called on several threads.
  ///   - take: receives every batch, in order, on this thread.
  /// - Throws: `ConfigurationError.noDirection`, and what `pixels` and `take` throw.
  package func decompose(
    batches: [Range<Int>], pixels: @escaping @Sendable (Int) throws -> Tensor,
    take: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    let stream = decompositions(of: batches, pixels: pixels)
    for rows in batches { try take(rows, try stream.next()) }
  }

  /// The decompositions of batches of images, in order, computed ahead of who asks for them.
  ///
  /// - Parameters: as `decompose(batches:pixels:take:)` has them.
  package func decompositions(
    of batches: [Range<Int>], pixels: @escaping @Sendable (Int) throws -> Tensor
  ) -> StreamedResults<HeadContributions> {
    StreamedResults(batches.count, threads: threads, scratch: { [image] in ImageScratch(image) }) {
      [self] index, scratch in
      contributions([try decomposed(try batches[index].map(pixels), scratch)], shape, spaces)
    }
  }

  private func decomposed(_ pixels: [Tensor], _ scratch: ImageScratch) throws -> DecomposedBatch {
    let size = configuration.imageSize
    precondition(pixels.allSatisfy { $0.shape == [3, size, size] }, "images must be [3, \(size), \(size)]")
    guard let result = image.decompose(pixels, scratch) else {
      throw ConfigurationError.noDirection(model: name, of: "an image")
    }
    return result
  }

  private func contributions(
    _ batches: [DecomposedBatch], _ shape: TowerShape, _ spaces: [HeadSpace]
  ) -> HeadContributions {
    let count = batches.reduce(0) { $0 + $1.count }
    return HeadContributions(
      shape: shape, spaces: spaces,
      coordinates: (0..<shape.headCount).map { head in
        Tensor(shape: [count, shape.headSpaceWidth], values: batches.flatMap { $0.coordinates[head] })
      },
      mlp: Tensor(shape: [count, shape.layers + 1, shape.embeddingWidth], values: batches.flatMap(\.mlp)),
      embeddings: Tensor(shape: [count, shape.embeddingWidth], values: batches.flatMap(\.embeddings)))
  }

  /// Encodes texts as unit-norm embeddings, `[M, E]`, in the order given.
  ///
  /// - Throws: `ConfigurationError.noDirection`.
  package func encode(texts: [String]) throws -> Tensor {
    let tokens = try inParallel((texts.count + 255) / 256, threads: threads) { piece in
      texts[piece * 256..<min(piece * 256 + 256, texts.count)].map(tokensToTheEnd)
    }.flatMap { $0 }
    let rows = try encoded(batches(of: tokens).map { tokens[$0] })
    return Tensor(shape: [texts.count, configuration.embeddingWidth], values: rows.flatMap { $0 })
  }

  /// Encodes texts in the batches given, each as unit-norm embeddings, `[M, E]`; the last bits of an embedding may depend on
  /// the texts of its batch, and on nothing else.
  ///
  /// - Throws: `ConfigurationError.noDirection`.
  package func encode(batches: [[String]]) throws -> [Tensor] {
    let tokens = try inParallel(batches.count, threads: threads) { batches[$0].map(tokensToTheEnd)[...] }
    return zip(batches, try encoded(tokens)).map { texts, rows in
      Tensor(shape: [texts.count, configuration.embeddingWidth], values: rows)
    }
  }

  /// Decomposes the embeddings of texts, in the order given: each is read at its end token and is the sum of what the heads of
  /// the text tower wrote there, what its MLPs did, and the end token before the first layer, term 0 of `mlp`.
  ///
  /// The heads' spaces are made for each call, so that all texts are best asked about at once. The shape of what comes out is that of
  /// the text tower, whose tokens have no grid.
  ///
  /// - Throws: `ConfigurationError.noDirection`.
  package func decompose(texts: [String]) throws -> HeadContributions {
    let tokens = texts.map(tokensToTheEnd)
    let made = try eachBatch(batches(of: tokens).map { tokens[$0] }, text.decompose)
    return contributions(made, text.shape, text.spaces)
  }

  /// The embeddings of each batch of texts, one after another.
  private func encoded(_ batches: [ArraySlice<[Int32]>]) throws -> [[Float]] { try eachBatch(batches, text.encode) }

  /// What the text tower makes of each batch of texts, several at a time.
  private func eachBatch<Made: Sendable>(
    _ batches: [ArraySlice<[Int32]>], _ make: @Sendable (ArraySlice<[Int32]>, TowerScratch) -> Made?
  ) throws -> [Made] {
    try inParallel(batches.count, threads: threads, scratch: { TowerScratch(text.transformer) }) { index, scratch in
      guard let made = make(batches[index], scratch) else {
        throw ConfigurationError.noDirection(model: name, of: "a text")
      }
      return made
    }
  }

  /// The tokens of `text`, filled up with zeros to the context length as open_clip pads.
  package func paddedTokens(of text: String) -> [Int32] { tokenizer.encodePadded(text) }

  /// The tokens of `text` up to the first end token, where open_clip reads the embedding.
  private func tokensToTheEnd(_ text: String) -> [Int32] {
    let tokens = tokenizer.encode(text)
    let end = tokens.firstIndex(of: tokenizer.endToken) ?? tokens.count - 1
    return Array(tokens[...end])
  }

  /// Splits the texts into batches of consecutive texts, each of about as many token rows as a batch holds.
  private func batches(of texts: [[Int32]]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (start, rows) = (0, 0)
    for (index, tokens) in texts.enumerated() {
      rows += tokens.count
      guard rows >= Self.rowsPerBatch.lowerBound * 2 || index == texts.count - 1 else { continue }
      result.append(start..<index + 1)
      (start, rows) = (index + 1, 0)
    }
    return result
  }

  /// How much the CLS row of each head attends to each token of an image, `[L·H, P+1]`, the CLS token first.
  ///
  /// - Parameter pixels: `[3, S, S]`, normalised.
  package func attention(_ pixels: Tensor) -> Tensor {
    let size = configuration.imageSize
    precondition(pixels.shape == [3, size, size], "an image must be [3, \(size), \(size)], is \(pixels.shape)")
    return image.attention(pixels)
  }

  /// Decomposes the heads' contributions to one image's embedding by patch.
  ///
  /// - Parameter pixels: `[3, S, S]`, normalised.
  /// - Throws: `ConfigurationError.noDirection`.
  package func patchCoordinates(_ pixels: Tensor) throws -> PatchCoordinates {
    let size = configuration.imageSize
    precondition(pixels.shape == [3, size, size], "an image must be [3, \(size), \(size)], is \(pixels.shape)")
    guard let coordinates = image.patchCoordinates(pixels) else {
      throw ConfigurationError.noDirection(model: name, of: "an image")
    }
    return PatchCoordinates(shape: shape, spaces: spaces, coordinates: coordinates)
  }
}
