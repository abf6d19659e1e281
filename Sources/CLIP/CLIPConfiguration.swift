import Foundation
import Images

/// What open_clip's `open_clip_config.json` says of a model: sizes and switches, no weights.
///
/// Every key is read, or known to change nothing at inference, or refused by name: a setting passed over in silence
/// would give wrong numbers that look right.
package struct CLIPConfiguration: Sendable, Equatable {
  /// One of the two transformers.
  package struct Tower: Sendable, Equatable {
    /// L
    package let layers: Int
    /// W
    package let width: Int
    /// H
    package let heads: Int
    /// The width between the two layers of an MLP.
    package let mlpWidth: Int
    /// LayerNorm's ε.
    package let epsilon: Float

    /// D
    package var headWidth: Int { width / heads }
  }

  /// E
  package let embeddingWidth: Int
  package let activation: Activation
  package let image: Tower
  /// Pixels along each side of the square input.
  package let imageSize: Int
  package let patchSize: Int
  package let hasInputNorm: Bool
  package let text: Tower
  package let contextLength: Int
  package let vocabularySize: Int
  package let mean: [Float]
  package let standardDeviation: [Float]

  /// Patches along each side of the grid.
  package var gridSide: Int { imageSize / patchSize }
  package var preprocessing: Preprocessing {
    Preprocessing(size: imageSize, mean: mean, standardDeviation: standardDeviation)
  }

  /// - Parameter folder: holds `open_clip_config.json`.
  /// - Throws: `ConfigurationError`.
  package init(folder: String) throws {
    let file = folder + "/open_clip_config.json"
    guard FileManager.default.fileExists(atPath: file) else {
      let isHuggingFace = FileManager.default.fileExists(atPath: folder + "/config.json")
      throw ConfigurationError.noConfiguration(
        folder: folder, hint: isHuggingFace ? " (config.json is Hugging Face's layout, which is not read yet)" : "")
    }
    let whole = try ConfigurationNode(file: file)
    try self.init(whole)
  }

  private init(_ whole: ConfigurationNode) throws {
    let model = try whole.object("model_cfg")
    let vision = try model.object("vision_cfg")
    let text = try model.object("text_cfg")
    embeddingWidth = try model.size("embed_dim")
    activation = try model.flag("quick_gelu") ?? false ? .quickGELU : .gelu
    image = try Tower(vision: vision)
    hasInputNorm = try !(vision.flag("no_ln_pre") ?? false)
    imageSize = try vision.size("image_size", limit: 4096)
    patchSize = try vision.size("patch_size", limit: 4096)
    guard imageSize >= patchSize, imageSize % patchSize == 0 else {
      throw vision.wrong("image_size", "\(imageSize)", expected: "a multiple of patch_size, \(patchSize)")
    }
    // Attention takes memory with the fourth power of this.
    guard imageSize / patchSize <= 128 else {
      throw vision.wrong(
        "image_size", "\(imageSize), \(imageSize / patchSize) patches a side", expected: "at most 128 patches a side")
    }
    self.text = try Tower(text: text)
    contextLength = try text.size("context_length", limit: 4096)
    vocabularySize = try text.size("vocab_size")
    let preprocess = try whole.object("preprocess_cfg")
    mean = try preprocess.threeNumbers("mean") ?? Self.openAIMean
    standardDeviation = try preprocess.threeNumbers("std") ?? Self.openAIStandardDeviation
    guard standardDeviation.allSatisfy({ $0 > 0 }) else {
      throw preprocess.wrong("std", "\(standardDeviation)", expected: "three numbers above 0")
    }
    try refuseUnsupported(whole, model, vision, text, preprocess)
  }

  /// The statistics that open_clip uses where a configuration gives none.
  static let openAIMean: [Float] = [0.48145466, 0.4578275, 0.40821073]
  static let openAIStandardDeviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
}

extension CLIPConfiguration.Tower {
  fileprivate init(vision: ConfigurationNode) throws {
    let width = try vision.size("width")
    let headWidth = try vision.size("head_width", default: 64)
    guard width % headWidth == 0 else {
      throw vision.wrong("width", "\(width)", expected: "a multiple of head_width, \(headWidth)")
    }
    try self.init(vision, width: width, heads: width / headWidth)
  }

  fileprivate init(text: ConfigurationNode) throws {
    let width = try text.size("width")
    let heads = try text.size("heads")
    guard width % heads == 0 else {
      throw text.wrong("width", "\(width)", expected: "a multiple of heads, \(heads)")
    }
    try self.init(text, width: width, heads: heads)
  }

  private init(_ node: ConfigurationNode, width: Int, heads: Int) throws {
    layers = try node.size("layers", limit: 1000)
    self.width = width
    self.heads = heads
    let ratio = try node.number("mlp_ratio") ?? 4
    guard ratio > 0, ratio <= 64, width <= 1 << 20 else {
      throw node.wrong("mlp_ratio", "\(ratio)", expected: "a number above 0 and at most 64")
    }
    mlpWidth = Int(Double(width) * ratio)
    let norm = try node.optionalObject("norm_kwargs")
    try norm?.allow(["eps"])
    epsilon = Float(try norm?.number("eps") ?? 1e-5)
    guard epsilon > 0, epsilon < 1 else {
      throw node.wrong("norm_kwargs.eps", "\(epsilon)", expected: "a number above 0 and below 1")
    }
  }
}

/// What the settings of a configuration may be besides those that are read.
private func refuseUnsupported(
  _ whole: ConfigurationNode, _ model: ConfigurationNode, _ vision: ConfigurationNode, _ text: ConfigurationNode,
  _ preprocess: ConfigurationNode
) throws {
  try whole.allow(["model_cfg", "preprocess_cfg"])
  // The last three only matter while training.
  try model.allow([
    "embed_dim", "quick_gelu", "vision_cfg", "text_cfg", "custom_text", "init_logit_scale", "init_logit_bias",
    "nonscalar_logit_scale",
  ])
  try model.expect("custom_text", .boolean(false))
  let blocks: [(String, ConfigurationValue)] = [
    ("ls_init_value", .null), ("act_kwargs", .null), ("qk_norm", .boolean(false)),
    ("scaled_cosine_attn", .boolean(false)), ("scale_heads", .boolean(false)),
    ("scale_attn_inner", .boolean(false)), ("scale_attn", .boolean(false)), ("scale_fc", .boolean(false)),
  ]
  // Patches are only dropped while training, output_tokens adds an output, and with the CLS token as the pool it makes
  // no difference whether the norm comes before or after it.
  try vision.allow(
    [
      "image_size", "patch_size", "layers", "width", "head_width", "mlp_ratio", "no_ln_pre", "norm_kwargs",
      "patch_dropout", "output_tokens", "final_ln_after_pool", "attentional_pool", "attn_pooler_queries",
      "attn_pooler_heads", "pos_embed_type", "pool_type", "block_type", "timm_model_name", "timm_model_pretrained",
      "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path",
    ] + blocks.map(\.0))
  try vision.expect("timm_model_name", .null)
  try vision.expect("attentional_pool", .boolean(false))
  try vision.expect("pos_embed_type", .string("learnable"))
  try vision.expect("pool_type", .string("tok"))
  // pad_id and eos_id count only with other pools than "argmax".
  try text.allow(
    [
      "context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "norm_kwargs", "output_tokens",
      "pad_id", "eos_id", "final_ln_after_pool", "embed_cls", "no_causal_mask", "pool_type", "proj_type", "proj_bias",
      "block_type", "hf_model_name", "hf_model_pretrained", "hf_proj_type", "hf_pooler_type", "hf_tokenizer_name",
      "tokenizer_mode", "tokenizer_kwargs",
    ] + blocks.map(\.0))
  try text.expect("embed_cls", .boolean(false))
  try text.expect("no_causal_mask", .boolean(false))
  try text.expect("pool_type", .string("argmax"))
  try text.expect("proj_type", .string("linear"))
  try text.expect("proj_bias", .boolean(false))
  for key in ["hf_model_name", "hf_tokenizer_name", "tokenizer_mode", "tokenizer_kwargs"] {
    try text.expect(key, .null)
  }
  for tower in [vision, text] {
    for (key, value) in blocks { try tower.expect(key, value) }
    try tower.expect("block_type", .string("default"))
  }
  try preprocess.allow(["mean", "std", "interpolation", "resize_mode", "size", "mode", "fill_color"])
  try preprocess.expect("interpolation", .string("bicubic"))
  try preprocess.expect("resize_mode", .string("shortest"))
  try preprocess.expect("mode", .string("RGB"))
}
