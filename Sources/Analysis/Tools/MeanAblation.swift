import Attribution
import LinearAlgebra
import Tensors

/// The similarity of gallery images with texts, and what is left of it once direct contributions are replaced by their means over
/// the probe set.
///
/// What is replaced is what heads and MLPs wrote into the embedding themselves: what later layers made of it stays. The embedding
/// is not scaled to unit norm again, which changes no order of texts.
public struct AblatedSimilarity: Sendable {
  private let evidence: ModelEvidence
  private let images: [GalleryIndex]
  /// `[K, E]`.
  private let texts: Tensor
  /// With everything, `[n, K]`.
  public let whole: Tensor

  /// - Parameters:
  ///   - images: the rows of what comes out, n of them.
  ///   - texts: unit-norm embeddings, `[K, E]`.
  public init(_ evidence: ModelEvidence, images: [GalleryIndex], texts: Tensor) {
    (self.evidence, self.images, self.texts) = (evidence, images, texts)
    let embeddings = Self.rows(evidence.gallery.contributions.embeddings, images)
    whole = product(embeddings, .normal, texts, .transposed)
  }

  /// The similarity once each of `heads` wrote its mean, and each of `mlps` as well, `[n, K]`.
  ///
  /// Several at once are replaced together. Where the probe set is empty, the means are 0.
  ///
  /// - Parameter mlps: terms of the MLPs, 0 to L; 0 is the CLS token before the first layer.
  /// - Throws: what reading features throws, and for MLPs what a pass through the tower does.
  public func without(_ heads: [Head], mlps: [Int] = []) throws -> Tensor {
    var rest = whole
    func subtract(_ change: Tensor) {
      for place in rest.values.indices { rest.values[place] -= change.values[place] }
    }
    for head in heads { subtract(try change(of: head)) }
    if !mlps.isEmpty {
      let means = try evidence.meanProbeMLPs()
      for term in mlps { subtract(change(ofMLP: term, from: means)) }
    }
    return rest
  }

  /// What a head's difference from its mean over the probe set adds to each similarity, `[n, K]`.
  ///
  /// - Throws: what reading features throws.
  public func change(of head: Head) throws -> Tensor {
    let place = evidence.shape.index(of: head)
    let mean = try evidence.moments(of: head).mean
    var difference = Self.rows(evidence.gallery.contributions.coordinates[place], images)
    for index in difference.values.indices {
      difference.values[index] = Float(Double(difference.values[index]) - mean[index % mean.count])
    }
    // The texts first: [D+3, K] is smaller than [n, E].
    let weights = product(evidence.gallery.contributions.spaces[place].basis, .normal, texts, .transposed)
    return product(difference, weights)
  }

  /// What the difference of an MLP's term from its mean adds to each similarity, `[n, K]`.
  ///
  /// - Parameters:
  ///   - term: 0 to L; 0 is the CLS token before the first layer.
  ///   - means: of all terms, `[L+1, E]`.
  public func change(ofMLP term: Int, from means: Tensor) -> Tensor {
    let (width, mean) = (evidence.shape.embeddingWidth, Array(means.row(term)))
    let values = images.flatMap { zip(written(byMLP: term, for: $0), mean).map { $0 - $1 } }
    return product(Tensor(shape: [images.count, width], values: values), .normal, texts, .transposed)
  }

  /// The mean over the images given of what each MLP wrote, `[L+1, E]`, summed in double; zeros where there is no image.
  ///
  /// It is at hand, where that over the probe set takes another pass of all its images through the tower.
  public func meanMLPs() -> Tensor {
    let width = evidence.shape.embeddingWidth
    var sums = [Double](repeating: 0, count: (evidence.shape.layers + 1) * width)
    for image in images { addColumns(of: Tensor(shape: [1, sums.count], values: mlps(of: image)), to: &sums) }
    let count = Double(max(images.count, 1))
    return Tensor(shape: [evidence.shape.layers + 1, width], values: sums.map { Float($0 / count) })
  }

  private func mlps(of image: GalleryIndex) -> [Float] { Array(evidence.gallery.contributions.mlp.row(image.place)) }

  private func written(byMLP term: Int, for image: GalleryIndex) -> ArraySlice<Float> {
    let width = evidence.shape.embeddingWidth
    return mlps(of: image)[term * width..<(term + 1) * width]
  }

  private static func rows(_ tensor: Tensor, _ images: [GalleryIndex]) -> Tensor {
    Tensor(shape: [images.count, tensor.rowCount], values: images.flatMap { tensor.row($0.place) })
  }
}

extension ModelEvidence {
  /// The mean over the probe set of what each MLP wrote, `[L+1, E]`, summed in double; zeros where the probe set is empty.
  ///
  /// - Throws: what a pass through the tower does, where nothing is kept of the images.
  public func meanProbeMLPs() throws -> Tensor {
    let width = (shape.layers + 1) * shape.embeddingWidth
    var sums = [Double](repeating: 0, count: width)
    for block in probe.features.blocks.indices {
      let terms = try probeMLPs(block: block)
      addColumns(of: Tensor(shape: [terms.rows, width], values: terms.values), to: &sums)
    }
    let count = Double(max(probe.items.count, 1))
    return Tensor(shape: [shape.layers + 1, shape.embeddingWidth], values: sums.map { Float($0 / count) })
  }
}
