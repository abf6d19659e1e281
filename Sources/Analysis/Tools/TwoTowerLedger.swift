import Attribution
import LinearAlgebra
import Tensors

/// A piece of a decomposed embedding.
public enum EmbeddingPiece: Sendable, Hashable, CustomStringConvertible {
  /// The row that the embedding is read from before the first layer: an image's CLS token, a text's end token.
  case start
  case head(Head)
  case mlp(layer: Int)

  /// How it prints: `start`, `L5.H1`, `MLP 5`.
  public var description: String {
    switch self {
    case .start: "start"
    case .head(let head): "\(head)"
    case .mlp(let layer): "MLP \(layer)"
    }
  }

  /// The pieces of a tower's embeddings: the start, all heads, then the MLPs.
  public static func all(of shape: TowerShape) -> [EmbeddingPiece] {
    [.start] + shape.allHeads.map(EmbeddingPiece.head) + (0..<shape.layers).map { .mlp(layer: $0) }
  }
}

extension HeadContributions {
  /// The pieces of one embedding in the order of `EmbeddingPiece.all`, `[L·H+L+1, E]`; they sum to it.
  public func pieces(of row: Int) -> Tensor {
    let width = shape.embeddingWidth
    let mlps = mlp.row(row)
    var values = Array(mlps.prefix(width))
    for (space, coordinates) in zip(spaces, coordinates) {
      let own = Tensor(shape: [1, coordinates.rowCount], values: Array(coordinates.row(row)))
      values += product(own, space.basis).values
    }
    return Tensor(shape: [values.count / width + shape.layers, width], values: values + mlps.dropFirst(width))
  }
}

/// The similarity of an image and a text as a sum over pairs: a piece of the image's embedding times a piece of the text's.
///
/// Both embeddings are sums of what heads and MLPs of their towers wrote, so that the terms of all pairs sum to the cosine, to float32
/// rounding.
public struct TwoTowerLedger: Sendable {
  public let imagePieces: [EmbeddingPiece]
  public let textPieces: [EmbeddingPiece]
  /// An array of shape `[A, B]`: the dot product of each piece of the image with each piece of the text.
  public let terms: Tensor

  /// - Parameters:
  ///   - image: which of `images`, decomposed by the image tower.
  ///   - text: which of `texts`, decomposed by the text tower of the same model.
  public init(image: Int, of images: HeadContributions, text: Int, of texts: HeadContributions) {
    imagePieces = EmbeddingPiece.all(of: images.shape)
    textPieces = EmbeddingPiece.all(of: texts.shape)
    terms = product(images.pieces(of: image), .normal, texts.pieces(of: text), .transposed)
  }

  /// The mean of some of the same towers; their terms sum to the mean cosine.
  ///
  /// - Parameter ledgers: at least one.
  public init(meanOf ledgers: [TwoTowerLedger]) {
    precondition(!ledgers.isEmpty, "the mean of no ledger")
    (imagePieces, textPieces) = (ledgers[0].imagePieces, ledgers[0].textPieces)
    var sums = [Double](repeating: 0, count: ledgers[0].terms.count)
    for ledger in ledgers {
      precondition(ledger.terms.shape == ledgers[0].terms.shape, "ledgers of other towers")
      for (place, value) in ledger.terms.values.enumerated() { sums[place] += Double(value) }
    }
    terms = Tensor(shape: ledgers[0].terms.shape, values: sums.map { Float($0 / Double(ledgers.count)) })
  }

  /// The sum of all terms: the cosine.
  public var sum: Double { terms.values.reduce(0) { $0 + Double($1) } }

  /// The places of the pairs of an image head and a text head with the largest terms whatever their sign, the largest first; ties to the
  /// lower place.
  ///
  /// - Parameter count: at most so many.
  public func largestHeadPairs(_ count: Int) -> [(image: Int, text: Int)] {
    func heads(_ pieces: [EmbeddingPiece]) -> [Int] {
      pieces.indices.filter { if case .head = pieces[$0] { true } else { false } }
    }
    let pairs = heads(imagePieces).flatMap { image in heads(textPieces).map { (image: image, text: $0) } }
    return indicesOfLargest(pairs.map { abs(self[$0.image, $0.text]) }, count: count).map { pairs[$0] }
  }

  /// The term of a piece of the image and a piece of the text, by their places.
  public subscript(image: Int, text: Int) -> Double { Double(terms.values[image * textPieces.count + text]) }

  /// The terms summed over groups of pieces, `[rows, columns]`, in double.
  ///
  /// - Parameters:
  ///   - rows: the number of groups of the image's pieces.
  ///   - columns: that of the text's.
  ///   - image: the group of a piece of the image, from 0.
  ///   - text: the group of a piece of the text, from 0.
  public func summed(
    rows: Int, columns: Int, image: (EmbeddingPiece) -> Int, text: (EmbeddingPiece) -> Int
  ) -> [[Double]] {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: columns), count: rows)
    let (imageGroups, textGroups) = (imagePieces.map(image), textPieces.map(text))
    for (row, group) in imageGroups.enumerated() {
      for (column, value) in zip(textGroups, terms.row(row)) { sums[group][column] += Double(value) }
    }
    return sums
  }
}
