import Attribution
import LinearAlgebra
import Tensors

/// The patches of one image in head space.
///
/// The CLS token's own key is left out.
package struct PatchCoordinates: Sendable {
  package let shape: TowerShape
  let spaces: [HeadSpace]
  /// The coordinates of the patches, `[P, D+3]` for each head in the order of `shape.allHeads`.
  package let coordinates: [Tensor]

  package init(shape: TowerShape, spaces: [HeadSpace], coordinates: [Tensor]) {
    self.shape = shape
    self.spaces = spaces
    self.coordinates = coordinates
  }

  /// The contribution of each patch to the similarity with each text, head by head.
  ///
  /// - Parameter texts: unit-norm embeddings, `[M, E]`.
  /// - Returns: the scores of each text, in order.
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

  /// The contributions in the joint embedding, `[L, P, H, E]`: large, for writing to files.
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
