import CLIP
import Foundation
import TestSupport
import Testing

@Suite struct `Configurations that open_clip ships` {
  /// Each name with the setting for which it is refused; written by `scripts/goldens/configurations.py`, which also runs the program
  /// on the configurations themselves.
  private static func table() throws -> [String: String?] {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("configurations.json")))
    return try JSONDecoder().decode([String: String?].self, from: bytes)
  }

  /// A small configuration that has the setting, and none of the sizes that such a model does not have either.
  private static let small = [
    "vision_cfg.timm_model_name": #""vision_cfg": {"timm_model_name": "vit_base_patch16_siglip_224"}, "text_cfg": {}"#,
    "vision_cfg.layers": #""vision_cfg": {"layers": [3, 4, 6, 3]}, "text_cfg": {}"#,
    "multimodal_cfg": #""vision_cfg": {}, "text_cfg": {}, "multimodal_cfg": {"width": 512}"#,
    "text_cfg.hf_model_name": #""vision_cfg": {}, "text_cfg": {"hf_model_name": "roberta-base"}"#,
    "text_cfg.hf_tokenizer_name": #""vision_cfg": {}, "text_cfg": {"hf_tokenizer_name": "xlm-roberta-base"}"#,
    "vision_cfg.ls_init_value": #""vision_cfg": {"ls_init_value": 0.0001}, "text_cfg": {}"#,
  ]

  private func message(_ model: String) throws -> String {
    try Fixtures.withTemporaryFolder { folder in
      let text = #"{"model_cfg": {"embed_dim": 512, \#(model)}}"#
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/open_clip_config.json"))
      try Data().write(to: URL(fileURLWithPath: folder + "/open_clip_model.safetensors"))
      do {
        _ = try CLIPConfiguration(ModelSource(folder: folder))
        return "read"
      } catch {
        return "\(error)".replacing(folder + "/", with: "")
      }
    }
  }

  @Test func `are refused by the name of what is not supported`() throws {
    let reasons = Set(try Self.table().values.compactMap { $0 })
    #expect(reasons == Set(Self.small.keys))
    for (reason, model) in Self.small {
      let found = try message(model)
      #expect(found.hasPrefix("open_clip_config.json: model_cfg.\(reason) is "), "\(found)")
      #expect(found.contains("not supported") && !found.contains("\n"), "\(found)")
    }
    #expect(
      try message(Self.small["vision_cfg.timm_model_name"] ?? "")
        == "open_clip_config.json: model_cfg.vision_cfg.timm_model_name is \"vit_base_patch16_siglip_224\", an image tower of "
        + "timm, which is not supported, expected a ViT of open_clip's own")
    #expect(try message(#""vision_cfg": {}, "text_cfg": {}"#) == "read")
  }

  @Test func `are known by their names too`() throws {
    for (name, reason) in try Self.table() where reason?.hasSuffix("ls_init_value") != true {
      #expect((RegisteredModel.unsupportedKind(of: name + "/tag") == nil) == (reason == nil), "\(name)")
    }
  }
}

@Suite struct `Positional embeddings of another size` {
  private struct Case: Decodable {
    let kind: String
    let from: Int
    let to: Int
    let before: [Float]
    let after: [Float]
  }

  /// Written by `scripts/goldens/positions.py`.
  @Test func `are open_clip's`() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("clip/positions.json")))
    let cases = try JSONDecoder().decode([Case].self, from: bytes)
    #expect(cases.count == 14)
    for golden in cases {
      let found =
        golden.kind == "grid"
        ? PositionResizing.grid(golden.before, side: golden.from, to: golden.to, width: 2)
        : PositionResizing.sequence(golden.before, count: golden.from, to: golden.to, width: 2)
      let difference = WorstDifference(found, golden.after)
      // Rounding of float32, in which the reference sums, of numbers of about 3.
      #expect(difference.value < 1e-6, "\(golden.kind) \(golden.from) to \(golden.to): \(difference)")
    }
  }
}
