import Attribution
import LinearAlgebra
import Tensors

/// The patches of one image in head space. The CLS token's own key is left out.
package struct PatchCoordinates: Sendable {
  package let shape: TowerShape
  let spaces: [HeadSpace]
  /// Per head, in the order of `shape.allHeads`, `[P, D+3]`.
  package let coordinates: [Tensor]

  package init(shape: TowerShape, spaces: [HeadSpace], coordinates: [Tensor]) {
    self.shape = shape
    self.spaces = spaces
    self.coordinates = coordinates
  }

  /// What each patch adds to the similarity with each text, head by head.
  ///
  /// - Parameter texts: `[M, E]`, unit norm.
  /// - Returns: one per text, in order.
  package func scores(texts: Tensor) -> [PatchScores] {
    let (patches, count) = (shape.patches, texts.rows)
    var values = [[Float]](
      repeating: [Float](repeating: 0, count: shape.headCount * patches), count: count)
    for head in 0..<shape.headCount {
      let queries = product(texts, .normal, spaces[head].basis, .transposed)  // [M, D+3]
      let scores = product(queries, .normal, coordinates[head], .transposed)  // [M, P]
      for text in 0..<count {
        values[text].replaceSubrange(head * patches..<(head + 1) * patches, with: scores.row(text))
      }
    }
    return values.map { PatchScores(shape: shape, values: Tensor(shape: [shape.headCount, patches], values: $0)) }
  }

  /// The contributions themselves, `[L, P, H, E]`: large, for writing to files.
  package func contributions() -> Tensor {
    let (patches, heads, width) = (shape.patches, shape.heads, shape.embeddingWidth)
    var result = Tensor(zeros: [shape.layers, patches, heads, width])
    for head in shape.allHeads {
      let index = shape.index(of: head)
      let rows = product(coordinates[index], spaces[index].basis)  // [P, E]
      for patch in 0..<patches {
        let start = ((head.layer * patches + patch) * heads + head.head) * width
        result.values.replaceSubrange(start..<start + width, with: rows.row(patch))
      }
    }
    return result
  }
}

extension HeadContributions {
  /// What every head wrote, `[N, L, H, E]`: large, for writing to files.
  package func allContributions() -> Tensor {
    var result = Tensor(zeros: [count, shape.layers, shape.heads, shape.embeddingWidth])
    let width = shape.embeddingWidth
    for (head, space) in spaces.enumerated() where count > 0 {
      let rows = product(coordinates[head], space.basis)  // [N, E]
      for image in 0..<count {
        let start = (image * shape.headCount + head) * width
        result.values.replaceSubrange(start..<start + width, with: rows.row(image))
      }
    }
    return result
  }
}

/// How much the pieces of `contributions` miss the embeddings that they should sum to.
package func ledger(_ contributions: HeadContributions) -> Ledger {
  let (count, width) = (contributions.count, contributions.shape.embeddingWidth)
  var sums = [Double](repeating: 0, count: count * width)
  for (space, coordinates) in zip(contributions.spaces, contributions.coordinates) where count > 0 {
    for (index, value) in product(coordinates, space.basis).values.enumerated() { sums[index] += Double(value) }
  }
  var worst = (residual: 0.0, image: 0)
  for image in 0..<count {
    let terms = contributions.mlp.row(image)
    for column in 0..<width {
      var sum = sums[image * width + column]
      for term in stride(from: terms.startIndex + column, to: terms.endIndex, by: width) { sum += Double(terms[term]) }
      let residual = abs(sum - Double(contributions.embeddings.values[image * width + column]))
      // Not a number counts as the worst of all.
      if !(residual <= worst.residual) { worst = (residual.isNaN ? .infinity : residual, image) }
    }
  }
  return Ledger(worstResidual: Float(worst.residual), worstImage: worst.image, images: count)
}
