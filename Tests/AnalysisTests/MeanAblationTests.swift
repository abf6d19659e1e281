import Analysis
import Attribution
import Files
import Foundation
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// What `scripts/goldens/ablation.py` worked out.
struct AblationGolden: Decodable, Sendable {
  struct Case: Decodable, Sendable, CustomStringConvertible {
    let heads, mlps: [Int]
    let scores: [Double]
    let answers: [Int]
    let accuracy: Double
    let margins: [Double?]
    var description: String { "heads \(heads), MLPs \(mlps)" }
  }
  /// What an `AblationStudy` finds.
  struct Study: Decodable, Sendable {
    struct Measures: Decodable, Sendable {
      let similarity, reciprocalRank, firstShare, accuracy: Double
    }
    var ownCaptions, ownClasses: [Int?]
    let classEmbeddings: [Float]
    let images: [Int]
    let whole, nothing: Measures
    let heads, layers, mlps, fromLast, fromFirst, mlpsFromLast, mlpsFromFirst: [Measures]
  }
  let layers, heads, headWidth, embeddingWidth, images, probeImages, texts: Int
  let basis, gallery, probe, galleryMLPs, probeMLPs, embeddings, textEmbeddings: [Float]
  let truth: [Int?]
  let cases: [Case]
  var study: Study

  static func read() throws -> AblationGolden {
    try JSONDecoder().decode(AblationGolden.self, from: Data(readFile(Fixtures.golden("ablation/goldens.json"))))
  }

  var shape: TowerShape {
    TowerShape(
      layers: layers, heads: heads, headWidth: headWidth, width: heads * headWidth, embeddingWidth: embeddingWidth,
      gridSide: 1)
  }

  var textRows: Tensor { Tensor(shape: [texts, embeddingWidth], values: textEmbeddings) }

  private func contributions(_ count: Int, _ coordinates: [Float], _ mlps: [Float], _ embeddings: [Float])
    -> HeadContributions
  {
    let width = shape.headSpaceWidth
    func part(_ values: [Float], _ place: Int, _ size: Int) -> [Float] {
      Array(values[place * size..<(place + 1) * size])
    }
    return HeadContributions(
      shape: shape,
      spaces: (0..<shape.headCount).map { head in
        let basis = Tensor(shape: [width, embeddingWidth], values: part(basis, head, width * embeddingWidth))
        return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
      },
      coordinates: (0..<shape.headCount).map {
        Tensor(shape: [count, width], values: part(coordinates, $0, count * width))
      }, mlp: Tensor(shape: [count, layers + 1, embeddingWidth], values: mlps),
      embeddings: Tensor(shape: [count, embeddingWidth], values: embeddings))
  }

  /// The texts as captions, each of the same words for all of its images.
  private var captions: Tensor {
    let rows = study.ownCaptions.map { own in
      own.map { Array(textRows.row($0)) } ?? [Float](repeating: 0, count: embeddingWidth)
    }
    return Tensor(shape: [images, embeddingWidth], values: rows.flatMap { $0 })
  }

  private func item(_ place: Int) -> ImageItem {
    let known = study.ownClasses[place].map { ["class": "class \($0)"] } ?? [:]
    return ImageItem(
      reference: .init(set: .gallery, id: "\(place)"), caption: study.ownCaptions[place].map { "caption \($0)" },
      facts: SceneFacts(scene: known))
  }

  /// - Parameter sizes: the probe set's images are read so many at a time.
  func evidence(_ sizes: [Int]) -> ModelEvidence {
    let whole = contributions(
      probeImages, probe, probeMLPs, [Float](repeating: 0, count: probeImages * embeddingWidth))
    let inBlocks = InBlocks(whole, sizes: sizes)
    return ModelEvidence(
      model: "m", title: "M", shape: shape,
      card: ModelCard(imageSize: 1, activation: "GELU", tensorCount: 0, parameterCount: 0),
      residual: ReconstructionResidual(largest: 0, image: 0, images: images), heads: [],
      probe: ProbeSet(
        items: .init(count: probeImages) { .init(reference: .init(set: .probe, id: "\($0)"), caption: nil) },
        features: inBlocks),
      gallery: ImageCollection(
        items: (0..<images).map(item), contributions: contributions(images, gallery, galleryMLPs, embeddings),
        captionEmbeddings: captions),
      texts: TextCollection(items: [], embeddings: Tensor(zeros: [0, embeddingWidth])),
      pool: DescriptionPool(texts: [], embeddings: Tensor(zeros: [0, embeddingWidth])), properties: [], contrasts: [],
      classes: (0..<3).map { ImageClass(name: "class \($0)", text: "\($0)") }, names: PropertyNames([]),
      patches: NoTower(), encoder: Classes(golden: study, width: embeddingWidth),
      deferred: Numbers(whole: whole, probe: inBlocks)
    )
  }

  private struct Classes: TextEncoding {
    let golden: Study
    let width: Int
    func embeddings(of texts: [String]) throws -> Tensor {
      precondition(texts == ["0", "1", "2"], "\(texts)")
      return Tensor(shape: [3, width], values: golden.classEmbeddings)
    }
  }

  private struct Numbers: DeferredEvidence {
    let whole: HeadContributions
    let probe: InBlocks
    var keys: (gallery: String, probe: String) { ("", "") }
    func moments(of head: Head) throws -> HeadMoments { try HeadMoments(of: head, in: probe) }
    func attention(image: GalleryIndex) throws -> Tensor { throw NoTower() }
    func mlps(block: Int) throws -> Tensor {
      let rows = probe.blocks[block]
      return Tensor(
        shape: [rows.count] + whole.mlp.shape.dropFirst(), values: rows.flatMap { whole.mlp.row($0) })
    }
    func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { throw NoTower() }
  }
}

/// Nothing that needs the image tower is asked for.
private struct NoTower: Error, PatchScoring {
  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] { throw self }
}

@Suite("Mean ablation and zero-shot classification") struct MeanAblationTests {
  @Test("agree with the long way in float64") func oracle() throws {
    let golden = try AblationGolden.read()
    let evidence = golden.evidence([4, 3])
    let similarity = AblatedSimilarity(evidence, images: evidence.gallery.indices, texts: golden.textRows)
    for expected in golden.cases {
      let found = ZeroShot(
        scores: try similarity.without(expected.heads.map { evidence.shape.allHeads[$0] }, mlps: expected.mlps))
      let worst = WorstDifference(found.scores.values, expected.scores)
      #expect(worst.value < 2e-6, "\(expected): \(worst)")
      #expect(found.answers == expected.answers, "\(expected)")
      #expect(found.accuracy(golden.truth) == expected.accuracy, "\(expected)")
      let margins = found.margins(golden.truth)
      #expect(margins.map { $0 == nil } == expected.margins.map { $0 == nil }, "\(expected)")
      #expect(
        WorstDifference(margins.compactMap { $0 }, expected.margins.compactMap { $0 }).value < 4e-6, "\(expected)")
    }
  }

  @Test("are of the images given, in their order") func some() throws {
    let golden = try AblationGolden.read()
    let (evidence, texts) = (golden.evidence([9]), golden.textRows)
    let heads = [evidence.shape.allHeads[2]]
    let all = try AblatedSimilarity(evidence, images: evidence.gallery.indices, texts: texts).without(heads, mlps: [1])
    let some = try AblatedSimilarity(evidence, images: [4, 1], texts: texts).without(heads, mlps: [1])
    let expected = Array(all.row(4)) + Array(all.row(1))
    #expect(WorstDifference(some.values, expected).value < 1e-6)
  }

  @Test("give the lower of equal classes, and no accuracy where no class is known") func ties() {
    let found = ZeroShot(scores: Tensor(shape: [2, 3], values: [1, 1, 0, -1, 2, 2]))
    #expect(found.answers == [0, 1])
    #expect(found.accuracy([nil, nil]) == nil && found.accuracy([0, 2]) == 0.5)
    #expect(ZeroShot(scores: Tensor(shape: [1, 1], values: [1])).margins([0]) == [nil])
  }

  @Test("have moments that do not depend on how the images are read") func moments() throws {
    let golden = try AblationGolden.read()
    let head = Head(layer: 1, head: 0)
    let (one, many) = (try golden.evidence([9]).moments(of: head), try golden.evidence([4, 2]).moments(of: head))
    #expect(one.count == 9 && one.mean.count == golden.shape.headSpaceWidth)
    #expect(WorstDifference(one.mean, many.mean).value < 1e-15)
    #expect(WorstDifference(one.covariance, many.covariance).value < 1e-15)
  }
}
