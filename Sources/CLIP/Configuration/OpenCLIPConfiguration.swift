import Images
import LinearAlgebra

extension CLIPConfiguration {
  /// Reads open_clip's `open_clip_config.json`.
  ///
  /// Every key is read, or known to change nothing at inference, or refused by name: a setting that is ignored silently
  /// would give wrong numbers that look right.
  ///
  /// - Throws: `ConfigurationError`.
  init(openCLIP file: String) throws {
    let whole = try ConfigurationNode(file: file)
    let model = try whole.object("model_cfg")
    let vision = try model.object("vision_cfg")
    let text = try model.object("text_cfg")
    let preprocess = try whole.object("preprocess_cfg")
    let imageSize = try vision.size("image_size", limit: 4096)
    let patchSize = try vision.size("patch_size", limit: 4096)
    let image = try Tower(vision: vision)
    try Self.checkPatches(imageSize: imageSize, patchSize: patchSize, in: vision)
    self.init(
      embeddingWidth: try model.size("embed_dim"),
      activation: try model.flag("quick_gelu") ?? false ? .quickGELU : .gelu, image: image, imageSize: imageSize,
      patchSize: patchSize, hasInputNorm: try !(vision.flag("no_ln_pre") ?? false), text: try Tower(text: text),
      contextLength: try text.size("context_length", limit: 4096), vocabularySize: try text.size("vocab_size"),
      statistics: try preprocess.statistics(mean: "mean", deviation: "std"),
      resize: try preprocess.choice("resize_mode") ?? .shortest)
    try refuseUnsupported(whole, model, vision, text, preprocess)
  }
}

extension ConfigurationNode {
  /// The mean and standard deviation under these keys; OpenAI's, the default of both libraries, where they are absent.
  func statistics(mean: String, deviation: String) throws -> Statistics {
    let found = Statistics(
      mean: try threeNumbers(mean) ?? Statistics.openAI.mean,
      standardDeviation: try threeNumbers(deviation) ?? Statistics.openAI.standardDeviation)
    guard found.standardDeviation.allSatisfy({ $0 > 0 }) else {
      throw wrong(deviation, "\(found.standardDeviation)", expected: "three numbers above 0")
    }
    return found
  }
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
    let ratio = try node.number("mlp_ratio") ?? 4
    guard ratio * Double(width) >= 1, ratio <= 64 else {
      throw node.wrong("mlp_ratio", "\(ratio)", expected: "a number from 1/width to 64")
    }
    let norm = try node.optionalObject("norm_kwargs")
    try norm?.allow(["eps"])
    self.init(
      layers: try node.size("layers", limit: 1000), width: width, heads: heads, mlpWidth: Int(Double(width) * ratio),
      epsilon: try norm?.epsilon("eps") ?? 1e-5)
  }
}

/// Refuses settings that are neither read nor known to change nothing.
private func refuseUnsupported(
  _ whole: ConfigurationNode, _ model: ConfigurationNode, _ vision: ConfigurationNode, _ text: ConfigurationNode,
  _ preprocess: ConfigurationNode
) throws {
  try whole.allow(["model_cfg", "preprocess_cfg"])
  // custom_text changes names of tensors, which are looked for; the last three only matter while training.
  try model.allow([
    "embed_dim", "quick_gelu", "vision_cfg", "text_cfg", "custom_text", "init_logit_scale", "init_logit_bias",
    "nonscalar_logit_scale",
  ])
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
  try preprocess.expect("mode", .string("RGB"))
}
