import Analysis
import Attribution
import LinearAlgebra
import Tensors
import TestSupport

/// L = 2, H = 2, D = 3, E = 8.
let tinyShape = TowerShape(layers: 2, heads: 2, headWidth: 3, width: 6, embeddingWidth: 8, gridSide: 3)

/// Contributions of noise, or with the coordinates given for all heads.
func contributions(count: Int, seed: UInt64 = 1, coordinates: Tensor? = nil) -> HeadContributions {
  var noise = Noise(seed)
  let spaces = tinyShape.allHeads.map { _ in
    let basis = noise.tensor([tinyShape.headSpaceWidth, tinyShape.embeddingWidth])
    return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
  }
  return HeadContributions(
    shape: tinyShape, spaces: spaces,
    coordinates: tinyShape.allHeads.map { _ in coordinates ?? noise.tensor([count, tinyShape.headSpaceWidth]) },
    mlp: Tensor(zeros: [count, tinyShape.layers + 1, tinyShape.embeddingWidth]),
    embeddings: Tensor(zeros: [count, tinyShape.embeddingWidth]))
}

extension HeadContributions {
  /// The same images in another order.
  func reordered(_ order: [Int]) -> HeadContributions {
    HeadContributions(
      shape: shape, spaces: spaces,
      coordinates: coordinates.map { tensor in
        Tensor(shape: tensor.shape, values: order.flatMap { tensor.row($0) })
      }, mlp: mlp, embeddings: embeddings)
  }
}

/// Contributions read a few rows at a time, as from disk.
struct InBlocks: HeadFeatures {
  let whole: HeadContributions
  let blocks: [Range<Int>]

  /// - Parameter sizes: of the blocks, over and over.
  init(_ whole: HeadContributions, sizes: [Int]) {
    var (blocks, start) = ([Range<Int>](), 0)
    while start < whole.count {
      let end = min(start + sizes[blocks.count % sizes.count], whole.count)
      blocks.append(start..<end)
      start = end
    }
    self.whole = whole
    self.blocks = blocks
  }

  var shape: TowerShape { whole.shape }
  var spaces: [HeadSpace] { whole.spaces }

  func coordinates(of head: Head, block: Int) -> Tensor { rows(whole.coordinates(of: head, block: 0), blocks[block]) }

  func embeddings(block: Int) -> Tensor { rows(whole.embeddings, blocks[block]) }

  private func rows(_ tensor: Tensor, _ range: Range<Int>) -> Tensor {
    Tensor(shape: [range.count, tensor.rowCount], values: range.flatMap { tensor.row($0) })
  }
}

/// The search as its definition reads: vectors of the joint embedding, in double, every row looked at.
struct BruteForce {
  let vectors: [[Double]]  // [N, E]

  init(_ head: Head, _ contributions: HeadContributions) {
    vectors = (0..<contributions.count).map { image in
      contributions.contribution(of: head, image: image).map(Double.init)
    }
  }

  var mean: [Double] {
    vectors[0].indices.map { column in vectors.reduce(0) { $0 + $1[column] } / Double(vectors.count) }
  }

  func scores(image: [Double], _ score: NeighbourScore) -> [Double] {
    let mean = mean
    return vectors.map { vector in
      score == .dot ? dot(vector, image) : cosine(difference(vector, mean), difference(image, mean))
    }
  }

  func scores(text: [Double], _ score: NeighbourScore) -> [Double] {
    let mean = mean
    return vectors.map { score == .dot ? dot($0, text) : cosine(difference($0, mean), text) }
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
func cosine(_ a: [Double], _ b: [Double]) -> Double {
  dot(a, b) / (dot(a, a).squareRoot() * dot(b, b).squareRoot())
}
func standardDeviation(_ numbers: [Double]) -> Double {
  let mean = numbers.reduce(0, +) / Double(numbers.count)
  return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)).squareRoot()
}
