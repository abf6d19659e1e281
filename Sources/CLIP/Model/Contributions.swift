import Attribution
import LinearAlgebra
import Tensors

extension HeadContributions {
  /// The contributions of every head in the joint embedding, `[N, L, H, E]`: large, for writing to files.
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

/// The reconstruction residual: the largest difference between the sum of all contributions and the embeddings.
package func reconstructionResidual(of contributions: HeadContributions) -> ReconstructionResidual {
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
  return ReconstructionResidual(largest: Float(worst.residual), image: worst.image, images: count)
}
