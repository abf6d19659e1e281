import Tensors

/// What one head can write into the joint embedding: an affine image of D numbers.
///
/// A head's contribution to a unit-norm image embedding is `coordinates · basis`, where the D+3 coordinates are
/// `[a/(σ‖e‖), 1/(σ‖e‖), −μ/(σ‖e‖), 1/‖e‖]` with `a = Σ_t α_t v_t` and the D+3 basis rows are
/// `W_O diag(γ) proj`, `(b_O/H ⊙ γ) proj`, `γ proj/(n·H)`, `β proj/(n·H)`, n = 2L+1
/// (arXiv 2310.05916, folded LayerNorm; see `docs/notation.md`).
public struct HeadSpace: Sendable {
  /// An array of shape `[D+3, E]`.
  public let basis: Tensor
  /// `basis · basisᵀ`, `[D+3, D+3]`: the inner product of the joint embedding, in coordinates.
  public let gram: Tensor

  public init(basis: Tensor, gram: Tensor) {
    self.basis = basis
    self.gram = gram
  }

  /// D+3, the number of coordinates.
  public var width: Int { basis.shape[0] }
}

/// The decomposed embeddings of N images, or of N texts, each by its own tower.
public struct HeadContributions: Sendable {
  public let shape: TowerShape
  /// One space per head, in the order of `TowerShape.allHeads`.
  public let spaces: [HeadSpace]
  /// One `[N, D+3]` tensor per head, in the same order.
  public let coordinates: [Tensor]
  /// What the MLPs wrote, `[N, L+1, E]`; term 0 is the row that the embedding is read from before the first layer: an image's CLS
  /// token after `ln_pre`, a text's end token.
  public let mlp: Tensor
  /// Unit norm, `[N, E]`.
  public let embeddings: Tensor

  public init(shape: TowerShape, spaces: [HeadSpace], coordinates: [Tensor], mlp: Tensor, embeddings: Tensor) {
    self.shape = shape
    self.spaces = spaces
    self.coordinates = coordinates
    self.mlp = mlp
    self.embeddings = embeddings
  }

  /// N, the number of images.
  public var count: Int { embeddings.rows }

  /// What `head` wrote into the embedding of `image`, `[E]`.
  public func contribution(of head: Head, image: Int) -> [Float] {
    let index = shape.index(of: head)
    let basis = spaces[index].basis
    let width = basis.rowCount
    var sum = [Float](repeating: 0, count: width)
    for (row, weight) in coordinates[index].row(image).enumerated() {
      for column in 0..<width { sum[column] += weight * basis.values[row * width + column] }
    }
    return sum
  }
}

/// How much the pieces of a decomposition miss the embedding they should sum to.
public struct ReconstructionResidual: Sendable, Codable, Equatable {
  /// The largest |Σ pieces − embedding| over all images and all E numbers.
  public let largest: Float
  /// The image it was found at, as an index into the set that was decomposed.
  public let image: Int
  /// N, the number of images.
  public let images: Int

  public init(largest: Float, image: Int, images: Int) {
    self.largest = largest
    self.image = image
    self.images = images
  }
}

/// What every patch adds to the similarity of one image and one text, head by head.
///
/// Unit: dot product with a unit-norm text embedding. The CLS token's own key is left out, so the patches of a head
/// sum to less than the head's whole contribution.
public struct PatchScores: Sendable {
  public let shape: TowerShape
  /// `[L·H, P]`, patches row by row from the top left.
  public let values: Tensor

  public init(shape: TowerShape, values: Tensor) {
    self.shape = shape
    self.values = values
  }

  /// The map of one head, `[P]`.
  public func map(of head: Head) -> [Float] { Array(values.row(shape.index(of: head))) }

  /// The sum over all heads of all layers, `[P]`.
  public func sum() -> [Float] {
    var total = [Double](repeating: 0, count: shape.patches)
    for head in 0..<shape.headCount {
      for (patch, value) in values.row(head).enumerated() { total[patch] += Double(value) }
    }
    return total.map(Float.init)
  }
}
