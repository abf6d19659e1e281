import CLIP
import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Loading a model") struct LoadingTests {
  private static let source = Fixtures.golden("clip/quick-gelu")

  /// A copy of a small model whose configuration or weights can be spoilt.
  private func withCopy(_ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      let copy = folder + "/model"
      try FileManager.default.copyItem(atPath: Self.source, toPath: copy)
      try body(copy)
    }
  }

  private func message(_ folder: String) -> String {
    do {
      _ = try CLIPModel(ModelSource(folder: folder), threads: 1)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func expectOneLine(_ message: String, _ words: [String]) {
    #expect(!message.contains("\n"))
    for word in words { #expect(message.contains(word), "\(word) in: \(message)") }
  }

  @Test(
    "refuses by name what a configuration asks for and cannot be done",
    arguments: [
      ("vision_cfg", "attentional_pool", "true", "attentional_pool"), ("vision_cfg", "pool_type", "\"avg\"", "\"tok\""),
      ("vision_cfg", "pos_embed_type", "\"sin_cos_2d\"", "learnable"),
      ("vision_cfg", "timm_model_name", "\"vit\"", "timm"),
      ("vision_cfg", "ls_init_value", "0.1", "ls_init_value"), ("vision_cfg", "qk_norm", "true", "qk_norm"),
      ("vision_cfg", "block_type", "\"custom\"", "default"), ("vision_cfg", "layers", "[3, 4, 6, 3]", "whole number"),
      ("vision_cfg", "patch_sise", "8", "patch_size"), ("vision_cfg", "image_size", "33", "multiple"),
      ("vision_cfg", "image_size", "4096", "at most 128 patches"),
      ("vision_cfg", "head_width", "7", "multiple"), ("vision_cfg", "mlp_ratio", "-1", "mlp_ratio"),
      ("vision_cfg", "width", "1e300", "whole number"), ("vision_cfg", "norm_kwargs", "{\"bias\": false}", "bias"),
      ("vision_cfg", "act_kwargs", "{}", "act_kwargs"), ("text_cfg", "embed_cls", "true", "embed_cls"),
      ("text_cfg", "no_causal_mask", "true", "no_causal_mask"), ("text_cfg", "pool_type", "\"last\"", "argmax"),
      ("text_cfg", "proj_type", "\"mlp\"", "linear"), ("text_cfg", "hf_model_name", "\"roberta\"", "hf_model_name"),
      ("text_cfg", "tokenizer_kwargs", "{\"clean\": \"none\"}", "tokenizer_kwargs"),
      ("text_cfg", "heads", "3", "multiple"),
    ])
  func refused(_ tower: String, _ key: String, _ value: String, _ expected: String) throws {
    try withCopy { folder in
      let file = folder + "/open_clip_config.json"
      var whole = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file))) as? [String: Any])
      var model = try #require(whole["model_cfg"] as? [String: Any])
      var part = try #require(model[tower] as? [String: Any])
      part[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
      model[tower] = part
      whole["model_cfg"] = model
      try JSONSerialization.data(withJSONObject: whole).write(to: URL(fileURLWithPath: file))
      expectOneLine(message(folder), ["open_clip_config.json", key, expected])
    }
  }

  @Test(
    "refuses a configuration that is none, whole or in part",
    arguments: [
      ("", "not a JSON object"), ("[1]", "not a JSON object"), ("{", "not a JSON object"), ("{}", "model_cfg"),
      ("{\"model_cfg\": 3}", "an object"), ("{\"model_cfg\": {\"embed_dim\": 8}}", "vision_cfg"),
    ])
  func noConfiguration(_ text: String, _ expected: String) throws {
    try withCopy { folder in
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/open_clip_config.json"))
      expectOneLine(message(folder), ["open_clip_config.json", expected])
    }
  }

  @Test(
    "says what a folder lacks",
    arguments: ["open_clip_config.json", "open_clip_model.safetensors", "bpe_simple_vocab.txt.gz"])
  func missingFile(_ name: String) throws {
    try withCopy { folder in
      try FileManager.default.removeItem(atPath: folder + "/" + name)
      expectOneLine(message(folder), [folder, name.hasPrefix("bpe") ? "bpe_" : name])
    }
  }

  /// Writes the weights again after `change`.
  private func spoil(_ folder: String, _ change: (inout [String: Tensor]) throws -> Void) throws {
    let path = folder + "/open_clip_model.safetensors"
    let file = try SafetensorsFile(path: path)
    var tensors = Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) })
    try change(&tensors)
    try writeSafetensors(tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, metadata: [:], to: path)
  }

  @Test("names a missing tensor and its shape") func missingTensor() throws {
    try withCopy { folder in
      try spoil(folder) { $0["visual.ln_post.bias"] = nil }
      expectOneLine(message(folder), ["\"visual.ln_post.bias\"", "[32]"])
    }
  }

  @Test("names a tensor too many") func extraTensor() throws {
    try withCopy { folder in
      try spoil(folder) { $0["visual.ln_postt.bias"] = Tensor(zeros: [32]) }
      expectOneLine(message(folder), ["\"visual.ln_postt.bias\"", "\"visual.ln_post.bias\""])
    }
  }

  @Test("names both shapes of a tensor that does not fit") func wrongShape() throws {
    try withCopy { folder in
      try spoil(folder) { $0["visual.proj"] = Tensor(zeros: [24, 32]) }
      expectOneLine(message(folder), ["\"visual.proj\"", "[24, 32]", "[32, 24]"])
    }
  }

  @Test("names a tensor with a number that is not finite", arguments: [Float.nan, .infinity]) func notFinite(
    _ value: Float
  ) throws {
    try withCopy { folder in
      try spoil(folder) { tensors in
        var proj = try #require(tensors["text_projection"])
        proj.values[5] = value
        tensors["text_projection"] = proj
      }
      expectOneLine(message(folder), ["\"text_projection\"", "not finite"])
    }
  }
}
