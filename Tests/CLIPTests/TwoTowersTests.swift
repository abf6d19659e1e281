import Analysis
import Attribution
import CLIP
import Checkpoints
import Foundation
import Images
import Tensors
import TestSupport
import Testing

/// The goldens come from open_clip's modules in float64: `scripts/goldens/towers.py`, for the images and texts of `clip.py`.
@Suite struct `Both towers of a model` {
  private func list(_ file: SafetensorsFile, _ key: String) throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data((file.metadata[key] ?? "").utf8))
  }

  /// Large tensors of the trained models are kept thinned, every 37th number.
  private func worst(_ found: Tensor, _ expected: Tensor) -> WorstDifference {
    guard expected.count != found.count else { return WorstDifference(found.values, expected.values) }
    return WorstDifference(stride(from: 0, to: found.count, by: 37).map { found.values[$0] }, expected.values)
  }

  /// Holds the pieces of texts, and the ledgers of all pairs of an image and a text, against float64.
  private func check(_ folder: String, inputs: String, goldens: String, images: String) throws {
    let model = try CLIPModel(ModelSource(folder: folder), threads: 2)
    let named = try SafetensorsFile(path: Fixtures.golden("clip/" + inputs))
    let golden = try SafetensorsFile(path: Fixtures.golden("clip/" + goldens))
    let (files, texts) = (try list(named, "images"), try list(named, "texts"))
    let pixels = try files.map { model.preprocessing.pixels(try readImage(path: images + "/" + $0)) }
    let (left, right) = (try model.decompose(pixels), try model.decompose(texts: texts))
    for (name, tensor) in [("text_heads", right.allContributions()), ("text_mlps", right.mlp)] {
      let worst = worst(tensor, try golden.tensor(name))
      #expect(worst.value <= 5e-6, "\(name): \(worst)")
    }
    #expect(try right.embeddings == model.encode(texts: texts))
    #expect(reconstructionResidual(of: right).largest <= 2e-6)
    var sums: [Double] = []
    for image in files.indices {
      for text in texts.indices {
        let ledger = TwoTowerLedger(image: image, of: left, text: text, of: right)
        #expect(ledger.terms.shape == [ledger.imagePieces.count, ledger.textPieces.count])
        sums.append(ledger.sum)
        guard image == 0, text == 1 else { continue }
        let worst = worst(ledger.terms, try golden.tensor("table"))
        #expect(worst.value <= 5e-6, "table: \(worst)")
      }
    }
    let worst = WorstDifference(sums, try golden.tensor("cosines").values)
    print("\(model.name.split(separator: "/").last ?? ""): Σ − cosine, \(sums.count) pairs: \(worst)")
    #expect(worst.value <= 1e-5, "\(worst)")
  }

  @Test(
    arguments: ["quick-gelu", "ratio-and-width", "no-input-norm", "plain"])
  func `of random weights have pieces as in float64, whose products sum to the cosine`(_ name: String) throws {
    try check(
      Fixtures.golden("clip/" + name), inputs: name + "/golden.safetensors", goldens: name + "/towers.safetensors",
      images: Fixtures.golden("images/originals"))
  }

  @Test func `of picture-world have pieces as in float64, whose products sum to the cosine`() throws {
    let content = Fixtures.root.path + "/content"
    try check(
      content + "/models/picture-world", inputs: "picture-world.safetensors",
      goldens: "picture-world-towers.safetensors", images: content + "/images/gallery")
  }

  @Test(.enabled(if: Fixtures.shared("real") != nil, "needs ../shared/real"))
  func `trained on photographs have pieces as in float64, whose products sum to the cosine`() throws {
    let folder = try #require(Fixtures.shared("real"))
    try check(
      folder + "/ViT-Ti-16", inputs: "real.safetensors", goldens: "real-towers.safetensors",
      images: folder + "/photos")
  }

  @Test func `have a shape each: that of the text tower has no grid`() throws {
    let model = try CLIPModel(ModelSource(folder: Fixtures.golden("clip/quick-gelu")))
    let shape = try model.decompose(texts: ["a red cat"]).shape
    #expect(
      shape
        == TowerShape(layers: 2, heads: 2, headWidth: 8, width: 16, embeddingWidth: 24, gridSide: 0))
  }
}
