import Attribution
import LinearAlgebra
import Tensors

/// What is computed, or read from the disk, only where a plugin asks for it.
///
/// All of it together would take more numbers than a disk holds, or a second pass of every image through the tower.
package protocol DeferredEvidence: Sendable {
  /// Hashes of all that numbers of gallery images, and of probe images, depend on but the texts that are asked about.
  var keys: (gallery: String, probe: String) { get }
  func moments(of head: Head) throws -> HeadMoments
  /// `[L·H, P+1]`.
  func attention(image: GalleryIndex) throws -> Tensor
  /// `[n, L+1, E]` for the images of a block of the probe set's features.
  func mlps(block: Int) throws -> Tensor
  /// One `PatchScores` for each text, `[M, E]`.
  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores]
  /// The embeddings of texts, decomposed by the text tower.
  func contributions(ofTexts texts: [String]) throws -> HeadContributions
  /// Hashes of the probe set's images in their order, and of all that its features depend on; nil where they are not known, and nothing
  /// is kept.
  var probeKeys: (images: String, features: String)? { get }
  /// What is kept of the comparison of two models' heads; nil where nothing is.
  func keptTwins(inputs: [String], names: [String]) -> [Tensor]?
  func keep(twins: [Tensor], inputs: [String], names: [String])
  /// Says how far long work is; throws where it is to end.
  func report(stage: String, done: Int, total: Int) throws
}

extension DeferredEvidence {
  /// Only who has the text tower can say.
  package func contributions(ofTexts texts: [String]) throws -> HeadContributions { throw TextTowerMissing() }

  package var probeKeys: (images: String, features: String)? { nil }
  package func keptTwins(inputs: [String], names: [String]) -> [Tensor]? { nil }
  package func keep(twins: [Tensor], inputs: [String], names: [String]) {}
  package func report(stage: String, done: Int, total: Int) throws {}
}

/// Embeddings of texts were to be decomposed where there is no text tower.
package struct TextTowerMissing: Error, CustomStringConvertible {
  package var description: String {
    "the contributions to texts' embeddings are known to plugins that are compiled into headatlas alone, not to programs of their own"
  }
}

extension ModelEvidence {
  /// The moments of what a head wrote for the probe set, in the coordinates of its space.
  public func moments(of head: Head) throws -> HeadMoments { try deferred.moments(of: head) }

  /// How much the CLS row of each head attends to each token of a gallery image, `[L·H, P+1]`.
  ///
  /// The CLS token itself comes first, then the patches row by row. Each row sums to 1.
  /// The image runs through the tower where nothing is kept of it.
  public func attention(of image: GalleryIndex) throws -> Tensor { try deferred.attention(image: image) }

  /// What the MLPs wrote for the probe images of a block of `probe.features`, `[n, L+1, E]`; term 0 is the CLS token before the
  /// first layer.
  ///
  /// The images run through the tower where nothing is kept of them.
  ///
  /// - Parameter block: one of `probe.features.blocks.indices`.
  public func probeMLPs(block: Int) throws -> Tensor {
    precondition(probe.features.blocks.indices.contains(block), "block \(block) of \(probe.features.blocks.count)")
    return try deferred.mlps(block: block)
  }

  /// What the patches of a probe image add to its similarity with each of some texts, head by head.
  ///
  /// The image runs through the tower where nothing is kept of it and these texts.
  ///
  /// - Parameters:
  ///   - row: one of `probe.items.indices`.
  ///   - texts: `[M, E]`, unit norm.
  public func patchScores(ofProbe row: Int, texts: Tensor) throws -> [PatchScores] {
    precondition(probe.items.indices.contains(row), "row \(row) of \(probe.items.count)")
    return try deferred.patchScores(row: row, texts: texts)
  }
}

extension ModelEvidence {
  /// The unit-norm embeddings of texts, decomposed at the end token by the text tower as those of images are by the image tower: shape and
  /// spaces are the text tower's.
  ///
  /// The texts run through the tower, and nothing of it is kept: best asked once for all texts.
  ///
  /// - Throws: what the tower throws; in a program of its own there is none.
  public func contributions(ofTexts texts: [String]) throws -> HeadContributions {
    try deferred.contributions(ofTexts: texts)
  }
}

/// The moments of what one head wrote for some images, in the C = D+3 coordinates of its space, summed in double.
public struct HeadMoments: Sendable, Equatable {
  /// N, the number of images.
  public let count: Int
  /// The mean, `[C]`; zeros where there is no image.
  public let mean: [Double]
  /// The covariance divided by N, `[C, C]` row by row; with the head's basis B, `[C, E]`, Bᵀ·covariance·B is that in the
  /// joint embedding.
  public let covariance: [Double]

  package init(count: Int, mean: [Double], covariance: [Double]) {
    precondition(
      covariance.count == mean.count * mean.count, "\(covariance.count) numbers for \(mean.count) coordinates")
    (self.count, self.mean, self.covariance) = (count, mean, covariance)
  }

  /// Computes them in two passes over the coordinates.
  ///
  /// - Throws: what reading features throws.
  public init(of head: Head, in features: any HeadFeatures) throws {
    let width = features.space(of: head).width
    count = features.count
    let scale = 1 / Double(max(count, 1))
    var sums = [Double](repeating: 0, count: width)
    try features.forEachBlock(of: head) { addColumns(of: $1, to: &sums) }
    let mean = sums.map { $0 * scale }
    var products = OuterProductSum(width: width)
    try features.forEachBlock(of: head) { products.add($1, subtracting: mean) }
    self.mean = mean
    covariance = products.matrix.map { $0 * scale }
  }
}

/// A class that the description of an atlas words as a text, for zero-shot classification.
public struct ImageClass: Sendable, Hashable {
  /// The value of the fact `class` of its images.
  public let name: String
  /// Its text, such as "a photo of a great dane".
  public let text: String

  package init(name: String, text: String) { (self.name, self.text) = (name, text) }
}
