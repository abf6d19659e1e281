import Analysis
import Attribution
import Evaluation
import LinearAlgebra
import Tensors

/// Which heads of six models of the study's shapes write alike, 1,344 heads in all, whose features are noise that is made where it is read.
///
/// Time and peak of memory are those of the comparison with the features of the images compared.
func compareSyntheticTowers(images: Int, threads: Int) throws -> Answer {
  let shapes = [(12, 12, 512), (12, 12, 512), (12, 12, 512), (12, 12, 512), (24, 16, 768), (24, 16, 768)]
  let models = shapes.enumerated().map { place, shape in
    SyntheticTower(
      shape: TowerShape(
        layers: shape.0, heads: shape.1, headWidth: 64, width: 64 * shape.1, embeddingWidth: shape.2, gridSide: 1),
      images: images, seed: UInt64(place)
    ).evidence(threads: threads)
  }
  let (study, seconds) = try timed { try TwinStudy(models, images: images) }
  let pairs = models.indices.flatMap { first in models.indices.compactMap { study.pair(first, $0) } }
  return Answer(
    seconds: seconds, checksum: pairs.reduce(0) { $0 + checksum($1.similarity) },
    numbers: ["heads": Double(models.reduce(0) { $0 + $1.shape.headCount }), "chance": pairs[0].chance(0.99) ?? 0])
}

/// A model whose features are noise.
private struct SyntheticTower: HeadFeatures {
  let shape: TowerShape
  let spaces: [HeadSpace]
  let blocks: [Range<Int>]
  private let seed: UInt64

  init(shape: TowerShape, images: Int, seed: UInt64) {
    (self.shape, self.seed) = (shape, seed)
    let basis = noise([shape.headSpaceWidth, shape.embeddingWidth], seed: ~seed)
    spaces = [HeadSpace](
      repeating: HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed)), count: shape.headCount)
    blocks = stride(from: 0, to: images, by: 1024).map { $0..<min($0 + 1024, images) }
  }

  func coordinates(of head: Head, block: Int) -> Tensor {
    noise(
      [blocks[block].count, shape.headSpaceWidth],
      seed: seed << 32 | UInt64(shape.index(of: head)) << 16 | UInt64(block))
  }

  func embeddings(block: Int) -> Tensor {
    noise([blocks[block].count, shape.embeddingWidth], seed: seed << 32 | 0xFFFF_0000 | UInt64(block))
  }

  func evidence(threads: Int) -> ModelEvidence {
    let empty = Tensor(zeros: [0, shape.embeddingWidth])
    return ModelEvidence(
      model: "\(seed)", title: "\(seed)", shape: shape,
      card: ModelCard(imageSize: 1, activation: "GELU", tensorCount: 0, parameterCount: 0),
      residual: ReconstructionResidual(largest: 0, image: 0, images: 0), heads: [],
      probe: ProbeSet(
        items: .init(count: count) { .init(reference: .init(set: .probe, id: "\($0)"), caption: nil) }, features: self),
      gallery: ImageCollection(
        items: [],
        contributions: HeadContributions(
          shape: shape, spaces: spaces,
          coordinates: shape.allHeads.map { _ in Tensor(zeros: [0, shape.headSpaceWidth]) },
          mlp: Tensor(zeros: [0, shape.layers + 1, shape.embeddingWidth]), embeddings: empty), captionEmbeddings: empty),
      texts: TextCollection(items: [], embeddings: empty), pool: DescriptionPool(texts: [], embeddings: empty),
      properties: [], contrasts: [], names: PropertyNames([]), patches: NoTower(), encoder: NoTower(),
      deferred: NoTower(), threads: threads)
  }
}

/// Numbers between -1 and 1.
private func noise(_ shape: [Int], seed: UInt64) -> Tensor {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  return Tensor(
    shape: shape,
    values: (0..<shape[0] * shape[1]).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 23) - 1
    })
}

/// Nothing that needs a tower is asked for.
private struct NoTower: Error, PatchScoring, TextEncoding, DeferredEvidence {
  var keys: (gallery: String, probe: String) { ("", "") }
  func moments(of head: Head) throws -> HeadMoments { throw self }
  func attention(image: GalleryIndex) throws -> Tensor { throw self }
  func mlps(block: Int) throws -> Tensor { throw self }
  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { throw self }
  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] { throw self }
  func embeddings(of texts: [String]) throws -> Tensor { throw self }
}
