import Attribution
import CLIP
import Checkpoints
import Foundation
import Images
import LinearAlgebra
import Tensors
import TestSupport
import Testing

/// Made by `scripts/goldens/formats.py`: the same weights in every format.
private let formats = [
  "open_clip-safetensors", "open_clip-bin", "training-checkpoint", "custom-text", "hugging-face-safetensors",
  "hugging-face-bin", "hugging-face-sharded", "hugging-face-sharded-bin", "openai-archive",
]

private func source(_ format: String) -> ModelSource {
  let folder = Fixtures.golden("formats/" + format)
  guard format == "openai-archive" else { return ModelSource(folder: folder) }
  return ModelSource(name: format, place: .file(folder + "/model.pt"))
}

@Suite("Formats") struct FormatsTests {
  private let golden: SafetensorsFile
  private let texts: [String]
  private let images: [String]

  init() throws {
    golden = try SafetensorsFile(path: Fixtures.golden("formats/golden.safetensors"))
    texts = try JSONDecoder().decode([String].self, from: Data((golden.metadata["texts"] ?? "").utf8))
    images = try JSONDecoder().decode([String].self, from: Data((golden.metadata["images"] ?? "").utf8))
  }

  private func results(_ source: ModelSource) throws -> [(String, Tensor)] {
    let model = try CLIPModel(source, threads: 2)
    let pixels = try images.map {
      model.preprocessing.pixels(try readImage(path: Fixtures.golden("images/originals/" + $0)))
    }
    let parts = try model.decompose(pixels)
    return [
      ("image_embeddings", parts.embeddings), ("head_contributions", parts.allContributions()),
      ("mlp_contributions", parts.mlp), ("text_embeddings", try model.encode(texts: texts)),
    ]
  }

  @Test("agree with open_clip, transformers and the float64 reference") func parity() throws {
    for (name, tensor) in try results(source(formats[0])) {
      let worst = WorstDifference(tensor.values, try golden.tensor(name).values)
      #expect(worst.value <= 2e-6, "\(name): \(worst)")
    }
  }

  @Test("of one checkpoint give the same bytes", arguments: formats.dropFirst()) func sameBytes(_ format: String)
    throws
  {
    for (expected, found) in zip(try results(source(formats[0])), try results(source(format))) {
      #expect(found.1.shape == expected.1.shape)
      #expect(found.1.values.map(\.bitPattern) == expected.1.values.map(\.bitPattern), "\(found.0)")
    }
  }

  @Test("decompose texts at the end token, and alike", arguments: formats) func texts(_ format: String) throws {
    let first = try CLIPModel(source(formats[0]), threads: 1).decompose(texts: texts)
    let model = try CLIPModel(source(format), threads: 2)
    let found = try model.decompose(texts: texts)
    #expect(found.allContributions() == first.allContributions() && found.mlp == first.mlp)
    #expect(try found.embeddings == model.encode(texts: texts))
    let residual = reconstructionResidual(of: found).largest
    #expect(residual <= 2e-6, "\(residual)")
  }

  @Test("a file of weights alone needs the name of its architecture, or a configuration beside it") func bareFile()
    throws
  {
    try Fixtures.withTemporaryFolder { folder in
      let file = folder + "/weights.bin"
      try FileManager.default.copyItem(
        atPath: Fixtures.golden("formats/open_clip-bin/open_clip_pytorch_model.bin"), toPath: file)
      let alone = message(ModelSource(name: file, place: .file(file)))
      #expect(alone.contains("ViT-B-32=\(file)") && alone.contains("open_clip_config.json"), "\(alone)")
      let architecture = Architecture.withActivation("ViT-B-32-quickgelu")
      let wrong = message(ModelSource(name: file, place: .file(file), architecture: architecture))
      #expect(wrong.contains("no tokenizer"), "\(wrong)")
      var choices = ModelChoices()
      choices.tokenizer = Fixtures.golden("formats/open_clip-bin")
      let small = message(ModelSource(name: file, place: .file(file), architecture: architecture, choices: choices))
      #expect(small.contains("expected 48894"), "\(small)")
    }
  }
}

/// What loading says; nothing where it succeeds.
private func message(_ source: ModelSource) -> String {
  do {
    _ = try CLIPModel(source, threads: 1)
    return ""
  } catch {
    return "\(error)"
  }
}

/// Files that say different things of one model.
@Suite("What is said of a model") struct ContradictionTests {
  /// A copy of a folder in one of the formats, with texts of its files replaced.
  private func with(
    _ format: String, _ edits: [(file: String, old: String, new: String)], _ body: (String) throws -> Void
  ) throws {
    try Fixtures.withTemporaryFolder { folder in
      let copy = folder + "/model"
      try FileManager.default.copyItem(atPath: Fixtures.golden("formats/" + format), toPath: copy)
      for edit in edits {
        let text = try String(contentsOfFile: "\(copy)/\(edit.file)", encoding: .utf8)
        #expect(text.contains(edit.old), "\(edit.old) in \(edit.file)")
        try text.replacingOccurrences(of: edit.old, with: edit.new)
          .write(toFile: "\(copy)/\(edit.file)", atomically: true, encoding: .utf8)
      }
      try body(copy)
    }
  }

  @Test("open_clip's configuration and Hugging Face's beside it must have one activation") func twoFiles() throws {
    try with("open_clip-safetensors", [("open_clip_config.json", "\"quick_gelu\": true", "\"quick_gelu\": false")]) {
      folder in
      try FileManager.default.copyItem(
        atPath: Fixtures.golden("formats/hugging-face-bin/config.json"), toPath: folder + "/config.json")
      let found = message(ModelSource(folder: folder))
      #expect(
        found.contains("activation is gelu by \(folder)/open_clip_config.json")
          && found.contains("quick_gelu by \(folder)/config.json")
          && found.contains("\(folder),activation=gelu to confirm it"), "\(found)")
      var choices = ModelChoices()
      choices.activation = .quickGELU
      #expect(message(ModelSource(name: folder, place: .folder(folder), choices: choices)) == "")
    }
  }

  @Test("OpenAI's archive is QuickGELU, whatever architecture it is said to be") func archive() throws {
    let file = Fixtures.golden("formats/openai-archive/model.pt")
    let named = ModelSource(
      name: "ViT-B-32=\(file)", place: .file(file), architecture: Architecture.withActivation("ViT-B-32"))
    let found = message(named)
    #expect(
      found.contains("activation is quick_gelu by the kind of archive, OpenAI's, but gelu by the architecture's name"),
      "\(found)")
  }

  @Test("both towers of Hugging Face's must have one activation") func towers() throws {
    try with(
      "hugging-face-bin",
      [("config.json", "\"text_config\": {", "\"text_config_dict\": {\"hidden_act\": \"gelu\"}, \"text_config\": {")]
    ) {
      let found = message(ModelSource(folder: $0))
      #expect(found.contains("text_config.hidden_act") && found.contains("one for both towers"), "\(found)")
    }
  }

  @Test("what a published model's files say must be what the registry knows") func registry() throws {
    let published = try #require(RegisteredModel.named("ViT-B-32/laion2b_s34b_b79k"))
    let folder = Fixtures.golden("formats/open_clip-safetensors")
    let source = ModelSource(name: published.id, place: .folder(folder), published: published)
    let sizes = message(source)
    #expect(sizes.contains("layers is 1, expected 12 of ViT-B-32/laion2b_s34b_b79k"), "\(sizes)")
    try Fixtures.withTemporaryFolder { folder in
      let file = folder + "/open_clip_config.json"
      try Data(
        """
        {"model_cfg": {"embed_dim": 512, "quick_gelu": true,
          "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
          "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}},
         "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
        """.utf8
      ).write(to: URL(fileURLWithPath: file))
      try Data().write(to: URL(fileURLWithPath: folder + "/open_clip_model.safetensors"))
      func configuration(_ choices: ModelChoices) throws -> CLIPConfiguration {
        try CLIPConfiguration(
          ModelSource(name: published.id, place: .folder(folder), published: published, choices: choices))
      }
      var choices = ModelChoices()
      let activation = #expect(throws: ConfigurationError.self) { try configuration(choices) }
      #expect(
        "\(activation.map { "\($0)" } ?? "")".contains(
          "activation is gelu by the registry, which knows ViT-B-32/laion2b_s34b_b79k, but quick_gelu by \(file)"))
      choices.activation = .gelu
      let statistics = #expect(throws: ConfigurationError.self) { try configuration(choices) }
      #expect(
        "\(statistics.map { "\($0)" } ?? "")".contains("ViT-B-32/laion2b_s34b_b79k,statistics=half for the latter"))
      choices.statistics = .half
      let found = try configuration(choices)
      #expect(found.activation == .gelu && found.statistics == .half)
    }
  }

  @Test(
    "Hugging Face's files that ask for what is not done are refused by name",
    arguments: [
      ("config.json", "\"hidden_act\": \"quick_gelu\"", "\"hidden_act\": \"gelu_new\"", "hidden_act is \"gelu_new\""),
      ("config.json", "\"model_type\": \"clip\"", "\"model_type\": \"siglip\"", "model_type is \"siglip\""),
      ("config.json", "\"num_channels\": 3", "\"num_channels\": 4", "num_channels is 4"),
      ("config.json", "\"eos_token_id\": 706", "\"eos_token_id\": 705", "eos_token_id"),
      ("config.json", "\"num_attention_heads\": 1", "\"num_attention_heads\": 3", "a multiple of num_attention_heads"),
      ("preprocessor_config.json", "\"resample\": 3", "\"resample\": 2", "resample is 2"),
      ("preprocessor_config.json", "\"shortest_edge\": 32", "\"shortest_edge\": 64", "size is 64"),
      ("preprocessor_config.json", "\"do_normalize\": true", "\"do_normalize\": false", "do_normalize is false"),
    ]) func huggingFace(_ file: String, _ old: String, _ new: String, _ expected: String) throws
  {
    try with("hugging-face-safetensors", [(file, old, new)]) {
      let found = message(ModelSource(folder: $0))
      #expect(found.contains(expected) && !found.contains("\n"), "\(found)")
    }
  }
}

/// Held against open_clip's own tables, `scripts/goldens/registry.py`.
@Suite("The registry") struct RegistryTests {
  private struct Known: Decodable {
    let id: String
    let repository: String
    let quickGELU: Bool
    let mean: [Float]
    let std: [Float]
    let resize: String
    let image: [Int]
    let text: [Int]
    let joint: Int

    enum CodingKeys: String, CodingKey {
      case id, repository, mean, std, resize, image, text, joint
      case quickGELU = "quick_gelu"
    }
  }

  private func known() throws -> [Known] {
    try JSONDecoder().decode(
      [Known].self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("registry.json"))))
  }

  @Test("knows open_clip's ViTs as open_clip does") func agrees() throws {
    let known = try known()
    #expect(RegisteredModel.all.map(\.id) == known.map(\.id))
    for (model, expected) in zip(RegisteredModel.all, known) {
      #expect(model.repository == expected.repository, "\(model.id)")
      #expect((model.activation == .quickGELU) == expected.quickGELU, "\(model.id)")
      #expect(model.statistics == Statistics(mean: expected.mean, standardDeviation: expected.std), "\(model.id)")
      #expect(model.resize.rawValue == expected.resize, "\(model.id)")
      let architecture = try #require(model.architecture, "\(model.id)")
      let (image, text) = (architecture.image, architecture.text)
      #expect(
        [image.layers, image.width, image.heads, image.mlpWidth, architecture.imageSize, architecture.patchSize]
          == expected.image, "\(model.id)")
      #expect(
        [text.layers, text.width, text.heads, text.mlpWidth, Architecture.contextLength, Architecture.vocabularySize]
          == expected.text, "\(model.id)")
      #expect(architecture.embeddingWidth == expected.joint, "\(model.id)")
    }
  }

  @Test("has the six models of the study, with the activation that their weights were trained with") func study() {
    let six: [(String, Activation)] = [
      ("ViT-B-32/openai", .quickGELU), ("ViT-B-32/datacomp_m_s128m_b4k", .gelu), ("ViT-B-16/openai", .quickGELU),
      ("ViT-B-16/laion2b_s34b_b88k", .gelu), ("ViT-L-14/openai", .quickGELU), ("ViT-L-14/laion2b_s32b_b82k", .gelu),
    ]
    #expect(RegisteredModel.all.filter { $0.publishedTop1 != nil }.map(\.id) == six.map(\.0))
    for (name, activation) in six { #expect(RegisteredModel.named(name)?.activation == activation, "\(name)") }
    #expect(RegisteredModel.named("ViT-L-14/laion2b_s32b_b82k")?.statistics == .half)
    #expect(RegisteredModel.named("ViT-B-32-quickgelu/openai") == RegisteredModel.named("ViT-B-32/openai"))
    #expect(RegisteredModel.named("ViT-B-32-quickgelu/laion2b_e16") == nil)
    #expect(RegisteredModel.inRepository("openai/clip-vit-large-patch14")?.id == "ViT-L-14/openai")
  }

  @Test(
    "statistics are written as they are read", arguments: ["openai", "half", "imagenet", "0.5/0.4/0.3:0.2/0.25/0.5"])
  func statistics(_ text: String) {
    #expect(Statistics(choice: text)?.description == text)
  }

  @Test(
    "statistics that are none are refused",
    arguments: ["", "openay", "1/2:3/4", "1/2/3", "1/2/3:0/1/1", "a/b/c:1/1/1", "nan/0/0:1/1/1"])
  func noStatistics(_ text: String) {
    #expect(Statistics(choice: text) == nil)
  }
}
