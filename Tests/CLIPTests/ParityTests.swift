import Attribution
import CLIP
import Checkpoints
import Foundation
import Images
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// What `scripts/goldens/clip.py` left of one model.
private struct Golden {
  let file: SafetensorsFile
  let images: [String]
  let texts: [String]

  init(_ path: String) throws {
    file = try SafetensorsFile(path: Fixtures.golden("clip/" + path))
    let metadata = file.metadata
    func names(_ key: String) throws -> [String] {
      try JSONDecoder().decode([String].self, from: Data((metadata[key] ?? "").utf8))
    }
    images = try names("images")
    texts = try names("texts")
  }

  /// Large tensors are kept thinned, every 37th number.
  func worst(_ name: String, _ found: Tensor) throws -> WorstDifference {
    let expected = try file.tensor(name).values
    guard expected.count != found.count else { return WorstDifference(found.values, expected) }
    return WorstDifference(stride(from: 0, to: found.count, by: 37).map { found.values[$0] }, expected)
  }
}

/// The goldens come from open_clip (embeddings) and a float64 reference (contributions).
@Suite("A model") struct ParityTests {
  static let tolerance = 2e-5

  private func check(_ model: CLIPModel, _ golden: Golden, images: String) throws {
    let pixels = try golden.images.map { model.preprocessing.pixels(try readImage(path: images + "/" + $0)) }
    let parts = try model.decompose(pixels)
    let found: [(String, Tensor)] = [
      ("image_embeddings", parts.embeddings), ("head_contributions", parts.allContributions()),
      ("mlp_contributions", parts.mlp), ("text_embeddings", try model.encode(texts: golden.texts)),
      ("patch_contributions", try model.patchCoordinates(pixels[0]).contributions()),
    ]
    for (name, tensor) in found {
      let worst = try golden.worst(name, tensor)
      print("\(model.name.split(separator: "/").last ?? "") \(name): \(worst)")
      #expect(worst.value <= Self.tolerance, "\(name): \(worst)")
    }
    #expect(reconstructionResidual(of: parts).largest <= 5e-6)
  }

  @Test(
    "in bfloat16 moves by a few thousandths, and its contributions still sum to the embedding",
    .enabled(if: ProductEngine.supports(.bf16), "built without oneDNN, or a processor without bfloat16"),
    arguments: ["quick-gelu", "ratio-and-width", "no-input-norm"])
  func bfloat16(_ name: String) throws {
    let source = ModelSource(folder: Fixtures.golden("clip/" + name))
    let golden = try Golden(name + "/golden.safetensors")
    let (model, exact) = (try CLIPModel(source, precision: .bf16), try CLIPModel(source))
    let pixels = try golden.images.map {
      model.preprocessing.pixels(try readImage(path: Fixtures.golden("images/originals/" + $0)))
    }
    let (parts, exactParts) = (try model.decompose(pixels), try exact.decompose(pixels))
    let (texts, exactTexts) = (try model.encode(texts: golden.texts), try exact.encode(texts: golden.texts))
    for (found, expected) in [(parts.embeddings, exactParts.embeddings), (texts, exactTexts)] {
      let worst = WorstDifference(found.values, expected.values)
      #expect(worst.value > 1e-6 && worst.value < 0.02, "\(worst)")
    }
    let patches = try model.patchCoordinates(pixels[0]).contributions()
    let worst = WorstDifference(patches.values, try exact.patchCoordinates(pixels[0]).contributions().values)
    #expect(worst.value < 0.02, "\(worst)")
    #expect(reconstructionResidual(of: parts).largest <= 5e-6)
  }

  @Test(
    "in bfloat16, where there is none, says what it needs",
    .enabled(if: !ProductEngine.supports(.bf16), "bfloat16 is there"))
  func noBFloat16() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try CLIPModel(ModelSource(folder: Fixtures.golden("clip/plain")), precision: .bf16)
    }
    let found = "\(try #require(error))"
    #expect(
      found.contains(ProductEngine.name(for: .fp32)) && found.contains("expected fp32") && found.contains("AVX-512"),
      "\(found)")
    // Only where it is not the engine already.
    #expect(found.contains("--traits OneDNN") == (ProductEngine.libraries == [.openBLAS]), "\(found)")
  }

  @Test(
    "with random weights agrees with open_clip and the float64 reference",
    arguments: ["quick-gelu", "ratio-and-width", "no-input-norm", "plain"])
  func random(_ name: String) throws {
    let model = try CLIPModel(ModelSource(folder: Fixtures.golden("clip/" + name)), threads: 2)
    try check(model, try Golden(name + "/golden.safetensors"), images: Fixtures.golden("images/originals"))
  }

  @Test("of picture-world agrees with open_clip and the float64 reference")
  func pictureWorld() throws {
    let content = Fixtures.root.path + "/content"
    let model = try CLIPModel(ModelSource(folder: content + "/models/picture-world"), threads: 2)
    try check(model, try Golden("picture-world.safetensors"), images: content + "/images/gallery")
  }

  @Test(
    "trained on photographs agrees with open_clip and the float64 reference",
    .enabled(if: Fixtures.shared("real") != nil, "needs ../shared/real"))
  func real() throws {
    let folder = try #require(Fixtures.shared("real"))
    let model = try CLIPModel(ModelSource(folder: folder + "/ViT-Ti-16"), threads: 2)
    try check(model, try Golden("real.safetensors"), images: folder + "/photos")
  }
}

@Suite("Decomposing") struct DecompositionTests {
  private func model(threads: Int) throws -> CLIPModel {
    try CLIPModel(ModelSource(folder: Fixtures.golden("clip/quick-gelu")), threads: threads)
  }

  /// Waves that differ from image to image.
  private func pixels(_ count: Int) -> [Tensor] {
    (0..<count).map { image in
      Tensor(shape: [3, 32, 32], values: (0..<3 * 32 * 32).map { sin(Float($0 * (image + 3)) / 50) })
    }
  }

  @Test("gives the same bytes for any number of threads") func threads() throws {
    let pixels = pixels(150)
    let (one, three) = (try model(threads: 1), try model(threads: 3))
    let (first, second) = (try one.decompose(pixels), try three.decompose(pixels))
    #expect(first.embeddings == second.embeddings)
    #expect(first.coordinates == second.coordinates)
    #expect(first.mlp == second.mlp)
    let texts = (0..<700).map { "\($0) red cats" }
    #expect(try one.encode(texts: texts) == three.encode(texts: texts))
    let (pieces, same) = (try one.decompose(texts: texts), try three.decompose(texts: texts))
    #expect(pieces.coordinates == same.coordinates && pieces.mlp == same.mlp && pieces.embeddings == same.embeddings)
  }

  @Test("does not depend on the images beside it, beyond rounding") func batches() throws {
    let model = try model(threads: 2)
    let pixels = pixels(70)
    let together = try model.decompose(pixels)
    for image in [0, 31, 69] {
      let alone = try model.decompose([pixels[image]])
      let worst = WorstDifference(alone.embeddings.values, Array(together.embeddings.row(image)))
      #expect(worst.value < 1e-6, "\(worst)")
    }
  }

  @Test("nothing gives nothing") func nothing() throws {
    let model = try model(threads: 2)
    #expect(try model.decompose([]).count == 0)
    #expect(try model.encode(texts: []).rows == 0)
    #expect(try model.decompose(texts: []).count == 0)
  }

  @Test("attends as open_clip's weights say", arguments: ["quick-gelu", "ratio-and-width", "no-input-norm", "plain"])
  func attention(_ name: String) throws {
    let folder = Fixtures.golden("clip/" + name)
    let model = try CLIPModel(ModelSource(folder: folder))
    let golden = try Golden(name + "/golden.safetensors")
    let image = try readImage(path: Fixtures.golden("images/originals/" + golden.images[0]))
    let found = model.attention(model.preprocessing.pixels(image))
    #expect(found.shape == [model.shape.headCount, model.shape.patches + 1])
    let expected = try SafetensorsFile(path: folder + "/attention.safetensors").tensor("attention").values
    let worst = WorstDifference(found.values, expected)
    #expect(worst.value <= ParityTests.tolerance, "\(name): \(worst)")
  }

  @Test("into patches: with the CLS token's share they sum to the heads, and scores are dot products") func patches()
    throws
  {
    let model = try model(threads: 1)
    let image = pixels(2)[1]
    let (shape, width) = (model.shape, model.shape.embeddingWidth)
    let patches = try model.patchCoordinates(image)
    let contributions = patches.contributions()
    let texts = try model.encode(texts: ["a red cat", "a boat"])
    for (text, scores) in patches.scores(texts: texts).enumerated() {
      for head in shape.allHeads {
        let expected = (0..<shape.patches).map { patch in
          let start = ((head.layer * shape.patches + patch) * shape.heads + head.head) * width
          return zip(contributions.values[start..<start + width], texts.row(text)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let worst = WorstDifference(scores.map(of: head), expected)
        #expect(worst.value < 1e-6, "\(head): \(worst)")
      }
    }
  }

  @Test("an image without direction is an error, not a NaN") func noDirection() throws {
    let model = try model(threads: 1)
    let broken = Tensor(shape: [3, 32, 32], values: [Float](repeating: .nan, count: 3 * 32 * 32))
    #expect(throws: ConfigurationError.self) { try model.decompose([broken]) }
  }
}
