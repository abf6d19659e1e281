import Attribution
import CLIP
import Descriptions
import Files
import Foundation
import Parallel
import Tensors

/// What `headatlas textspan` is asked for; `count` and `rank` are above 0.
package struct TextSpanOptions: Sendable {
  package var model: String
  package var images: Images
  package var unreadable: UnreadableImages
  package var texts: String
  package var count: Int
  package var layers: LayerChoice
  package var rank: Int
  package var output: String
  package var compute: ComputeOptions

  /// What the heads are described over.
  package enum Images: Sendable {
    /// Files and folders.
    case paths([String])
    /// A file of moments.
    case moments(String)
  }

  package init(
    model: String, images: Images, unreadable: UnreadableImages = .stop, texts: String, count: Int,
    layers: LayerChoice, rank: Int, output: String, compute: ComputeOptions = ComputeOptions()
  ) {
    self.model = model
    self.images = images
    self.unreadable = unreadable
    self.texts = texts
    self.count = count
    self.layers = layers
    self.rank = rank
    self.output = output
    self.compute = compute
  }
}

/// The file that `headatlas textspan` writes.
struct TextSpanFile: Codable, Equatable {
  struct Description: Codable, Equatable {
    let text: String
    let index: Int
    let standardDeviation: Double
    let explainedVariance: Double

    enum CodingKeys: String, CodingKey {
      case text, index
      case standardDeviation = "standard_deviation"
      case explainedVariance = "explained_variance"
    }
  }
  struct HeadEntry: Codable, Equatable {
    let descriptions: [Description]
  }
  let model: String
  let count: Int
  let rank: Int
  /// By padded name, `L08.H00`.
  let heads: [String: HeadEntry]
}

/// Heads with what they are described from, as `headatlas textspan` and `headatlas describe` are asked for them.
struct HeadsToDescribe {
  let model: CLIPModel
  let heads: [Head]
  /// In the order of `heads`.
  let statistics: [HalvedStatistics]
  let texts: [String]
  /// The embeddings of `texts`.
  let pool: Tensor

  /// The moments are streamed over the images or read: memory does not grow with the number of images.
  init(_ options: TextSpanOptions, progress: any ProgressReporter) throws {
    let named: [ImageArgument]
    switch options.images {
    case .paths(let paths): named = try imageArguments(paths, remark: progress.remark)
    case .moments: named = []
    }
    texts = try readTexts(options.texts, pipes: true)
    model = try CLIPModel(ModelReference(options.model).source(), options.compute)
    let shape = model.shape
    heads = try options.layers.layers(of: shape).flatMap { layer in
      (0..<shape.heads).map { Head(layer: layer, head: $0) }
    }
    switch options.images {
    case .paths:
      let images = try readableImages(named, options.unreadable, threads: model.threads, progress: progress)
      statistics = try model.statistics(of: heads, over: images, options.compute, progress: progress)
    case .moments(let file): statistics = try readMoments(file, of: heads, model)
    }
    pool = try model.encode(texts: texts)
  }

  /// The results of `describe` for every head, on several threads.
  ///
  /// - Parameter describe: gets a head's statistics, and its place among all heads of the model.
  func map<Result: Sendable>(_ describe: @Sendable (HalvedStatistics, Int) throws -> Result) throws -> [Result] {
    try inParallel(heads.count, threads: model.threads) { index in
      try describe(statistics[index], model.shape.index(of: heads[index]))
    }
  }
}

/// Describes heads by TextSpan.
package func describeHeads(_ options: TextSpanOptions, progress: any ProgressReporter) throws {
  let output = try outputPath(options.output)
  let asked = try HeadsToDescribe(options, progress: progress)
  let (heads, texts) = (asked.heads, asked.texts)
  let spans = try asked.map { statistics, place in
    try textSpan(
      statistics: statistics.whole, basis: asked.model.spaces[place].basis, texts: asked.pool, count: options.count,
      rank: options.rank)
  }
  if let remark = remarkOnUndescribed(
    spans.count(where: \.isEmpty), of: heads.count, images: asked.statistics.first?.whole.count ?? 0)
  {
    progress.remark(remark)
  }
  let entries = zip(heads, spans).map { head, span in
    (
      head.padded,
      TextSpanFile.HeadEntry(
        descriptions: span.map {
          .init(
            text: texts[$0.index], index: $0.index, standardDeviation: $0.standardDeviation,
            explainedVariance: $0.explainedVariance)
        })
    )
  }
  let file = TextSpanFile(
    model: options.model, count: options.count, rank: options.rank,
    heads: Dictionary(uniqueKeysWithValues: entries))
  try writeFile((try jsonText(file) + "\n").utf8, to: output)
}

/// Why some heads have no descriptions; nil where all have some.
func remarkOnUndescribed(_ count: Int, of heads: Int, images: Int) -> String? {
  guard count > 0 else { return nil }
  let reason = images == 1 ? "there is one image" : "the \(images) images are all alike to them"
  return
    "\(count) of \(heads) heads have no descriptions: what a head is described by is what varies between images, and "
    + "\(reason); give it more that differ"
}

extension CLIPModel {
  /// The statistics of heads over all images.
  fileprivate func statistics(
    of heads: [Head], over images: [ImageArgument], _ compute: ComputeOptions, progress: any ProgressReporter
  ) throws -> [HalvedStatistics] {
    let images = try hashedImages(images, threads: threads)
    var sums = heads.map { _ in HalvedStatistics(width: shape.headSpaceWidth) }
    try forEachBlockOfMoments(of: heads, over: images, compute, progress: progress) { _, block in
      for head in sums.indices { sums[head].add(block[head]) }
    }
    return sums
  }
}

/// The statistics of heads over all images that a file of moments is of.
///
/// - Throws: `BuildError.moments` where the file is none of this model, or is damaged.
private func readMoments(_ path: String, of heads: [Head], _ model: CLIPModel) throws -> [HalvedStatistics] {
  let (shape, key) = (model.shape, model.momentsKey(weights: try model.weightsHash()))
  _ = try readStart(of: path, count: 1)
  guard let file = MomentsFile(path: path, heads: shape.headCount, width: shape.headSpaceWidth),
    file.metadata["model"] == key
  else { throw BuildError.moments(file: path, problem: .ofAnother) }
  guard file.isWhole else { throw BuildError.moments(file: path, problem: .damaged) }
  return try heads.map { head in
    var sum = HalvedStatistics(width: shape.headSpaceWidth)
    for block in try file.statistics(shape.index(of: head)) { sum.add(block) }
    return sum
  }
}
