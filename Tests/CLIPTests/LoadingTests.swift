import CLIP
import Checkpoints
import Foundation
import Images
import LinearAlgebra
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
      ("vision_cfg", "block_type", "\"custom\"", "default"), ("vision_cfg", "layers", "[3, 4, 6, 3]", "a ResNet's"),
      ("vision_cfg", "patch_sise", "8", "patch_size"), ("vision_cfg", "image_size", "33", "multiple"),
      ("vision_cfg", "image_size", "4096", "at most 128 patches"),
      ("vision_cfg", "head_width", "7", "multiple"), ("vision_cfg", "mlp_ratio", "-1", "mlp_ratio"),
      ("vision_cfg", "width", "1e300", "whole number"), ("vision_cfg", "norm_kwargs", "{\"bias\": false}", "bias"),
      ("vision_cfg", "act_kwargs", "{}", "act_kwargs"), ("text_cfg", "embed_cls", "true", "embed_cls"),
      ("text_cfg", "no_causal_mask", "true", "no_causal_mask"), ("text_cfg", "pool_type", "\"last\"", "argmax"),
      ("text_cfg", "proj_type", "\"mlp\"", "linear"), ("text_cfg", "hf_model_name", "\"roberta\"", "hf_model_name"),
      ("text_cfg", "tokenizer_kwargs", "{\"clean\": \"canonicalize\"}", "clean"),
      ("text_cfg", "hf_tokenizer_name", "\"bert\"", "a tokenizer of Hugging Face"),
      ("vision_cfg", "image_size", "[32, 24]", "a square"), ("vision_cfg", "patch_size", "[8]", "a square"),
      ("text_cfg", "width", "NaN", "a whole number"),
      ("text_cfg", "heads", "3", "multiple"),
    ])
  func refused(_ tower: String, _ key: String, _ value: String, _ expected: String) throws {
    try withCopy { folder in
      let file = folder + "/open_clip_config.json"
      var whole = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file))) as? [String: Any])
      var model = try #require(whole["model_cfg"] as? [String: Any])
      var part = try #require(model[tower] as? [String: Any])
      part[key] = "VALUE"
      model[tower] = part
      whole["model_cfg"] = model
      let text = String(decoding: try JSONSerialization.data(withJSONObject: whole), as: UTF8.self)
      try Data(text.replacing("\"VALUE\"", with: value).utf8).write(to: URL(fileURLWithPath: file))
      expectOneLine(message(folder), ["open_clip_config.json", key, expected])
    }
  }

  @Test(
    "reads what open_clip reads",
    arguments: [
      ("\"image_size\": 32", "\"image_size\": [32, 32]"), ("\"patch_size\": 8", "\"patch_size\": [8, 8]"),
      ("\"vocab_size\"", "\"tokenizer_kwargs\": {\"clean\": \"lower\", \"reduction_mask\": \"\"}, \"vocab_size\""),
      ("\"vocab_size\"", "\"hf_model_name\": \"\", \"hf_tokenizer_name\": \"\", \"vocab_size\""),
      ("\"image_size\"", "\"timm_model_name\": \"\", \"timm_drop_path\": NaN, \"image_size\""),
    ])
  func read(_ old: String, _ new: String) throws {
    try withCopy { folder in
      let file = folder + "/open_clip_config.json"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let changed = text.replacing(old, with: new)
      try #require(changed != text)
      let plain = try CLIPConfiguration(ModelSource(folder: folder))
      try Data(changed.utf8).write(to: URL(fileURLWithPath: file))
      #expect(try CLIPConfiguration(ModelSource(folder: folder)) == plain)
    }
  }

  @Test("gives absent keys open_clip's defaults") func defaults() throws {
    try withCopy { folder in
      let text = #"{"model_cfg": {"embed_dim": 512, "vision_cfg": {"patch_size": 32}, "text_cfg": {}}}"#
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/open_clip_config.json"))
      let found = try CLIPConfiguration(ModelSource(folder: folder))
      #expect(found.hasSizes(of: try #require(Architecture.named("ViT-B-32"))))
      #expect(found.activation == .gelu && found.statistics == .openAI && found.resize == .shortest)
    }
  }

  @Test(
    "says which size weights are for, and resizes them where that is asked",
    arguments: [
      ("\"image_size\": 32", "\"image_size\": 48", "image_size 32, expected 48"),
      ("\"context_length\": 24", "\"context_length\": 16", "context_length 24, expected 16"),
    ])
  func otherSize(_ old: String, _ new: String, _ expected: String) throws {
    try withCopy { folder in
      let file = folder + "/open_clip_config.json"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let changed = text.replacing(old, with: new)
      try #require(changed != text)
      try Data(changed.utf8).write(to: URL(fileURLWithPath: file))
      expectOneLine(message(folder), [expected, ",positions=resized"])
      var choices = ModelChoices()
      choices.resizesPositions = true
      let source = ModelSource(name: folder, place: .folder(folder), choices: choices)
      #expect(throws: Never.self) { try CLIPModel(source, threads: 1).encode(texts: ["a red house"]) }
    }
  }

  @Test(
    "refuses a configuration that is none, whole or in part",
    arguments: [
      ("", "not JSON: line 1"), ("[1]", "not a JSON object"), ("{", "not JSON: line 1"), ("{}", "model_cfg"),
      (String(repeating: "[", count: 500), "line 1: more than 100 lists and objects within each other"),
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

  @Test(
    "loads weights whatever a wrapper put before or into their names",
    arguments: [
      ("", "clip_model."), ("", "model.clip."), ("", "_fsdp_wrapped_module."), ("", "module._orig_mod.model."),
      ("visual.", "visual._orig_mod."), ("visual.transformer.", "visual.transformer._fsdp_wrapped_module."),
    ])
  func wrapped(_ place: String, _ wrapped: String) throws {
    try withCopy { folder in
      let plain = try CLIPModel(ModelSource(folder: folder), threads: 1).encode(texts: ["a red house"])
      try spoil(folder) { tensors in
        let names = tensors.map { name, tensor in
          (name.hasPrefix(place) ? wrapped + name.dropFirst(place.count) : name, tensor)
        }
        tensors = Dictionary(uniqueKeysWithValues: names)
      }
      #expect(message(folder) == "no error")
      #expect(try CLIPModel(ModelSource(folder: folder), threads: 1).encode(texts: ["a red house"]) == plain)
    }
  }

  @Test("says what names there are where none are a model's, and under what prefix there is one")
  func noModel() throws {
    func message(_ change: ([String: Tensor]) -> [String: Tensor]) throws -> String {
      var found = ""
      try withCopy { folder in
        try spoil(folder) { $0 = change($0) }
        found = self.message(folder)
      }
      return found
    }
    let words = ["visual.conv1.weight", "vision_model.embeddings.class_embedding"]
    expectOneLine(
      try message { _ in ["loss": Tensor(zeros: [1])] }, ["one tensor, \"loss\", expected", "among them"] + words)
    expectOneLine(
      try message { tensors in
        var all = Dictionary(uniqueKeysWithValues: tensors.map { ("student.net." + $0, $1) })
        all["loss.weight"] = Tensor(zeros: [1])
        return all
      }, ["\"student.net.\"", "\"loss.weight\"", "save the model alone"])
    expectOneLine(
      try message { tensors in
        Dictionary(uniqueKeysWithValues: tensors.flatMap { [("teacher." + $0, $1), ("student." + $0, $1)] })
      }, ["\"student.\" and \"teacher.\""])
    expectOneLine(
      try message { tensors in
        var all = tensors
        all["loss.weight"] = Tensor(zeros: [1])
        return all
      }, ["a tensor that the configuration does not ask for", "\"loss.weight\""])
  }
}
