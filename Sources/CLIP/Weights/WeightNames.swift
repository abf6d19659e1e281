/// A checkpoint's names for the weights, which this module calls by open_clip's names (`visual.conv1.weight` and so on).
enum WeightNames: Equatable {
  /// The names of open_clip and OpenAI; the text tower's begin with `textPrefix` (`text.` in `CustomTextCLIP`).
  case openCLIP(textPrefix: String)
  /// The names of Hugging Face's `CLIPModel`.
  case huggingFace

  /// A stored tensor: a whole weight, or one of several parts whose rows follow each other.
  struct Part: Equatable {
    let name: String
    var isTransposed = false
  }

  /// Recognises the kind of names by the names themselves.
  init(_ names: some Collection<String>) {
    let names = Set(names)
    if names.contains(where: { $0.hasPrefix("vision_model.") || $0.hasPrefix("text_model.") }) {
      self = .huggingFace
    } else {
      self = .openCLIP(textPrefix: names.contains("text.token_embedding.weight") ? "text." : "")
    }
  }

  /// A name of each kind that no model of the kind is without.
  static let anchors = ["visual.conv1.weight", "vision_model.embeddings.class_embedding"]

  /// What stands before a model's names; an empty text where they are as they should be.
  static func prefixes(in names: [String]) -> [String] {
    let found = names.flatMap { name in
      anchors.filter { name == $0 || name.hasSuffix("." + $0) }.map { String(name.dropLast($0.count)) }
    }
    return Set(found).sorted()
  }

  /// Whether a tensor changes no embedding: the scale and bias of the similarity, which matter for training and for
  /// probabilities; OpenAI's sizes and the causal mask as tensors; Hugging Face's 0, 1, 2 ….
  func changesNothing(_ name: String) -> Bool {
    switch self {
    case .openCLIP(let prefix):
      ["logit_scale", "logit_bias", "input_resolution", "context_length", "vocab_size", prefix + "attn_mask"]
        .contains(name)
    case .huggingFace:
      ["logit_scale", "vision_model.embeddings.position_ids", "text_model.embeddings.position_ids"].contains(name)
    }
  }

  /// The stored tensors that hold the weight that open_clip calls `name`.
  func parts(of name: String) -> [Part] {
    switch self {
    case .openCLIP(let textPrefix):
      name.hasPrefix("visual.") ? [Part(name: name)] : [Part(name: textPrefix + name)]
    case .huggingFace: Self.huggingFaceParts(of: name)
    }
  }

  private static func huggingFaceParts(of name: String) -> [Part] {
    if let part = singles[name] { return [part] }
    for (prefix, tower) in [("visual.transformer.", "vision_model"), ("transformer.", "text_model")] {
      guard name.hasPrefix(prefix + "resblocks.") else { continue }
      let rest = name.dropFirst(prefix.count + "resblocks.".count).split(separator: ".", maxSplits: 1)
      guard rest.count == 2, let names = blockNames[String(rest[1])] else { continue }
      return names.map { Part(name: "\(tower).encoder.layers.\(rest[0]).\($0)") }
    }
    return [Part(name: name)]
  }

  private static let singles: [String: Part] = [
    "visual.conv1.weight": Part(name: "vision_model.embeddings.patch_embedding.weight"),
    "visual.class_embedding": Part(name: "vision_model.embeddings.class_embedding"),
    "visual.positional_embedding": Part(name: "vision_model.embeddings.position_embedding.weight"),
    // The library's own spelling.
    "visual.ln_pre.weight": Part(name: "vision_model.pre_layrnorm.weight"),
    "visual.ln_pre.bias": Part(name: "vision_model.pre_layrnorm.bias"),
    "visual.ln_post.weight": Part(name: "vision_model.post_layernorm.weight"),
    "visual.ln_post.bias": Part(name: "vision_model.post_layernorm.bias"),
    "visual.proj": Part(name: "visual_projection.weight", isTransposed: true),
    "token_embedding.weight": Part(name: "text_model.embeddings.token_embedding.weight"),
    "positional_embedding": Part(name: "text_model.embeddings.position_embedding.weight"),
    "ln_final.weight": Part(name: "text_model.final_layer_norm.weight"),
    "ln_final.bias": Part(name: "text_model.final_layer_norm.bias"),
    "text_projection": Part(name: "text_projection.weight", isTransposed: true),
  ]

  /// The names within a block; query, key and value are one matrix in open_clip and three in Hugging Face.
  private static let blockNames: [String: [String]] = {
    var names: [String: [String]] = [:]
    for kind in ["weight", "bias"] {
      names["ln_1.\(kind)"] = ["layer_norm1.\(kind)"]
      names["attn.in_proj_\(kind)"] = ["q", "k", "v"].map { "self_attn.\($0)_proj.\(kind)" }
      names["attn.out_proj.\(kind)"] = ["self_attn.out_proj.\(kind)"]
      names["ln_2.\(kind)"] = ["layer_norm2.\(kind)"]
      names["mlp.c_fc.\(kind)"] = ["mlp.fc1.\(kind)"]
      names["mlp.c_proj.\(kind)"] = ["mlp.fc2.\(kind)"]
    }
    return names
  }()
}
