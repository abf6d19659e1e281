import Checkpoints
import Diagnostics
import Files
import Foundation
import Images
import LinearAlgebra

extension CLIPConfiguration {
  /// Reads Hugging Face's `config.json` of a `CLIPModel` and the preprocessing file beside it.
  ///
  /// Such files hold every default of the library, most of which a CLIP model never reads, and they differ between
  /// versions. So the keys that the model reads are read, and others are ignored. Absent keys have the library's defaults.
  ///
  /// - Throws: `ConfigurationError`.
  init(huggingFace file: String) throws {
    let whole = try ConfigurationNode(file: file)
    try whole.expect("model_type", .string("clip"))
    let vision = try whole.tower("vision_config")
    let text = try whole.tower("text_config")
    let imageSize = try vision.size("image_size", default: 224, limit: 4096)
    let patchSize = try vision.size("patch_size", default: 32, limit: 4096)
    try vision.expect("num_channels", .number(3))
    try Self.checkPatches(imageSize: imageSize, patchSize: patchSize, in: vision)
    let input = try HuggingFaceInput(besides: file, imageSize: imageSize)
    self.init(
      embeddingWidth: try whole.size("projection_dim", default: 512),
      activation: try Self.activation(vision: vision, text: text),
      image: try Tower(huggingFace: vision, width: 768, inner: 3072, heads: 12), imageSize: imageSize,
      patchSize: patchSize, hasInputNorm: true,
      text: try Tower(huggingFace: text, width: 512, inner: 2048, heads: 8),
      contextLength: try text.size("max_position_embeddings", default: 77, limit: 4096),
      vocabularySize: try text.size("vocab_size", default: 49_408), statistics: input.statistics,
      resize: input.resize, endToken: try Self.endToken(text))
  }

  /// The activation, which must be the same in both towers.
  private static func activation(vision: ConfigurationNode, text: ConfigurationNode) throws -> Activation {
    let image = try vision.hiddenActivation()
    guard try text.hiddenActivation() == image else {
      throw ConfigurationError.unsupported(
        file: text.file, key: text.path("hidden_act"), found: "another function than vision_config.hidden_act",
        expected: "one for both towers")
    }
    return image
  }

  /// The end token; nil for 2, which old files state whatever the token is: the library then reads at the largest token of
  /// a text, which is the end token.
  private static func endToken(_ text: ConfigurationNode) throws -> Int? {
    guard let token = try text.number("eos_token_id") else { return 49_407 }
    guard let token = Int(exactly: token) else {
      throw text.wrong("eos_token_id", "\(token)", expected: "a token's number")
    }
    return token == 2 ? nil : token
  }
}

extension CLIPConfiguration.Tower {
  fileprivate init(huggingFace node: ConfigurationNode, width: Int, inner: Int, heads: Int) throws {
    let width = try node.size("hidden_size", default: width)
    let heads = try node.size("num_attention_heads", default: heads)
    guard width % heads == 0 else {
      throw node.wrong("hidden_size", "\(width)", expected: "a multiple of num_attention_heads, \(heads)")
    }
    self.init(
      layers: try node.size("num_hidden_layers", default: 12, limit: 1000), width: width, heads: heads,
      mlpWidth: try node.size("intermediate_size", default: inner),
      epsilon: try node.epsilon("layer_norm_eps") ?? 1e-5)
  }
}

extension ConfigurationNode {
  /// The object at `key`, overlaid with the one at `key_dict`, as the library reads files of its first years.
  fileprivate func tower(_ key: String) throws -> ConfigurationNode {
    let tower = try optionalObject(key)
    let older = try optionalObject(key + "_dict")
    guard let tower else { return try older ?? object(key) }
    return older.map { tower.overlaid(with: $0) } ?? tower
  }

  fileprivate func hiddenActivation() throws -> Activation {
    switch try string("hidden_act") ?? "quick_gelu" {
    case "quick_gelu": .quickGELU
    case "gelu": .gelu
    case let other:
      throw ConfigurationError.unsupported(
        file: file, key: path("hidden_act"), found: quoted(other), expected: "\"gelu\" or \"quick_gelu\"")
    }
  }
}

/// How Hugging Face's processor makes the model's input.
private struct HuggingFaceInput {
  var statistics = Statistics.openAI
  var resize = Preprocessing.Resize.shortest

  /// Reads `preprocessor_config.json`, or the part of `processor_config.json` that newer versions write in its place.
  ///
  /// Where there is neither, the library's defaults apply, which are OpenAI's.
  init(besides configuration: String, imageSize: Int) throws {
    guard let node = try Self.node(Files.folder(of: configuration)) else { return }
    try node.expect("resample", .number(3))
    for step in ["do_resize", "do_rescale", "do_normalize", "do_convert_rgb"] { try node.expect(step, .boolean(true)) }
    statistics = try node.statistics(mean: "image_mean", deviation: "image_std")
    if let factor = try node.number("rescale_factor"), abs(factor * 255 - 1) > 1e-6 {
      throw node.wrong("rescale_factor", "\(factor)", expected: "1/255")
    }
    let size = try node.inputSide("size")
    if size?.isShortest == false { resize = .squash }
    let crop = try node.inputSide("crop_size")
    if resize == .shortest { try node.expect("do_center_crop", .boolean(true)) }
    // Squashed images are not cropped.
    for (key, found) in [("size", size?.pixels), ("crop_size", resize == .squash ? nil : crop?.pixels)] {
      guard let found, found != imageSize else { continue }
      throw node.wrong(key, "\(found)", expected: "the model's image_size, \(imageSize)")
    }
  }

  private static func node(_ folder: String) throws -> ConfigurationNode? {
    let old = folder + "/preprocessor_config.json"
    if FileManager.default.fileExists(atPath: old) { return try ConfigurationNode(file: old) }
    let new = folder + "/processor_config.json"
    guard FileManager.default.fileExists(atPath: new) else { return nil }
    return try ConfigurationNode(file: new).optionalObject("image_processor")
  }
}

extension ConfigurationNode {
  /// A size written as `224`, `{"shortest_edge": 224}` or `{"height": 224, "width": 224}`.
  fileprivate func inputSide(_ key: String) throws -> (pixels: Int, isShortest: Bool)? {
    if let number = try? size(key, limit: 4096) { return (number, true) }
    guard let object = try optionalObject(key) else { return nil }
    if object.values["shortest_edge"] != nil { return (try object.size("shortest_edge", limit: 4096), true) }
    let (height, width) = (try object.size("height", limit: 4096), try object.size("width", limit: 4096))
    guard height == width else { throw wrong(key, "\(height)×\(width)", expected: "a square") }
    return (height, false)
  }
}
