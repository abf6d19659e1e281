import Diagnostics
import Images
import LinearAlgebra

extension CLIPConfiguration {
  /// Reads open_clip's `open_clip_config.json`.
  ///
  /// Every key is read, or known to change nothing at inference, or refused by name: a setting that is ignored silently
  /// would give wrong numbers that look right. Absent keys have open_clip's defaults.
  ///
  /// - Throws: `ConfigurationError`.
  init(openCLIP file: String) throws {
    let whole = try ConfigurationNode(file: file)
    let model = try whole.object("model_cfg")
    let vision = try model.object("vision_cfg")
    let text = try model.object("text_cfg")
    let preprocess = try whole.objectOrNone("preprocess_cfg")
    // Before the sizes: those of other towers are under other keys.
    try refuseOtherTowers(model, vision, text)
    try refuseUnsupported(whole, model, vision, text, preprocess)
    let imageSize = try vision.side("image_size", default: 224, limit: 4096)
    let patchSize = try vision.side("patch_size", default: 16, limit: 4096)
    let image = try Tower(vision: vision)
    try Self.checkPatches(imageSize: imageSize, patchSize: patchSize, in: vision)
    self.init(
      embeddingWidth: try model.size("embed_dim"),
      activation: try model.flag("quick_gelu") ?? false ? .quickGELU : .gelu, image: image, imageSize: imageSize,
      patchSize: patchSize, hasInputNorm: try !(vision.flag("no_ln_pre") ?? false), text: try Tower(text: text),
      contextLength: try text.size("context_length", default: Architecture.contextLength, limit: 4096),
      vocabularySize: try text.size("vocab_size", default: Architecture.vocabularySize),
      statistics: try preprocess.statistics(mean: "mean", deviation: "std"),
      resize: try preprocess.choice("resize_mode") ?? .shortest)
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
    let width = try vision.size("width", default: 768)
    let headWidth = try vision.size("head_width", default: 64)
    guard width % headWidth == 0 else {
      throw vision.wrong("width", "\(width)", expected: "a multiple of head_width, \(headWidth)")
    }
    try self.init(vision, width: width, heads: width / headWidth)
  }

  fileprivate init(text: ConfigurationNode) throws {
    let width = try text.size("width", default: 512)
    let heads = try text.size("heads", default: 8)
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
      layers: try node.size("layers", default: 12, limit: 1000), width: width, heads: heads,
      mlpWidth: Int(Double(width) * ratio),
      epsilon: try norm?.epsilon("eps") ?? 1e-5)
  }
}

/// Refuses towers of other kinds than CLIP's own transformers, by name.
private func refuseOtherTowers(
  _ model: ConfigurationNode, _ vision: ConfigurationNode, _ text: ConfigurationNode
) throws {
  func refuse(_ node: ConfigurationNode, _ key: String, _ kind: String, expected: String) throws {
    guard let name = try node.string(key), !name.isEmpty else { return }
    throw ConfigurationError.unsupported(
      file: node.file, key: node.path(key), found: "\(quoted(name)), \(kind)", expected: expected)
  }
  try refuse(vision, "timm_model_name", "an image tower of timm", expected: "a ViT of open_clip's own")
  if case .list(let layers)? = vision.values["layers"] {
    throw ConfigurationError.unsupported(
      file: vision.file, key: vision.path("layers"), found: "a list of \(layers.count), a ResNet's", expected: "a ViT")
  }
  if try model.optionalObject("multimodal_cfg") != nil {
    throw ConfigurationError.unsupported(
      file: model.file, key: model.path("multimodal_cfg"), found: "given, a CoCa's", expected: "a CLIP")
  }
  try refuse(text, "hf_model_name", "a text tower of Hugging Face", expected: "CLIP's own text transformer")
  try refuse(text, "hf_tokenizer_name", "a tokenizer of Hugging Face", expected: "CLIP's own")
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
    "nonscalar_logit_scale", "multimodal_cfg",
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
  try text.expect("tokenizer_mode", .null)
  let tokenizer = try text.objectOrNone("tokenizer_kwargs")
  try tokenizer.allow(["clean", "reduction_mask"])
  try tokenizer.expect("clean", .string("lower"))
  try tokenizer.expect("reduction_mask", .string(""))
  for tower in [vision, text] {
    for (key, value) in blocks { try tower.expect(key, value) }
    try tower.expect("block_type", .string("default"))
  }
  try preprocess.allow(["mean", "std", "interpolation", "resize_mode", "size", "mode", "fill_color"])
  try preprocess.expect("interpolation", .string("bicubic"))
  try preprocess.expect("mode", .string("RGB"))
}
