import CLIP
import Files
import Tokenizer

extension FuzzedParser {
  static let configurations = [openCLIP, huggingFace, tokenizer]

  private static let goldens = "/Tests/Goldens"
  private static let small = goldens + "/tokenizer/small"

  private static let openCLIP = FuzzedParser(
    name: "open-clip",
    words: wordsOfJSON + ["vision_cfg", "text_cfg", "layers", "width", "patch_size", "\"timm\"", "embed_dim"],
    seeds: { root in
      try ["clip/plain", "clip/no-input-norm", "clip/ratio-and-width", "formats/custom-text", "formats/open_clip-bin"]
        .map {
          let name = "open_clip_config.json"
          return Seed(file: name, bytes: try readFile(root + goldens + "/" + $0 + "/" + name))
        }
    },
    // Whether there are weights is all that is asked of them.
    others: { _ in ["open_clip_model.safetensors": []] },
    read: { path, _ in
      _ = isModelFolder(folder(of: path))
      _ = try CLIPConfiguration(ModelSource(folder: folder(of: path)))
    })

  private static let huggingFace = FuzzedParser(
    name: "hugging-face",
    words: wordsOfJSON + [
      "vision_config", "text_config", "hidden_size", "crop_size", "size", "shortest_edge", "image_mean",
    ],
    seeds: { root in
      try ["config.json", "config.json", "preprocessor_config.json"].map {
        Seed(file: $0, bytes: try readFile(root + goldens + "/formats/hugging-face-bin/" + $0))
      }
    },
    others: { _ in ["model.safetensors": []] },
    read: { path, _ in
      _ = isModelFolder(folder(of: path))
      _ = try CLIPConfiguration(ModelSource(folder: folder(of: path)))
    })

  /// Vocabularies of three kinds, one of them with added tokens, in folders of their own.
  private static let tokenizer = FuzzedParser(
    name: "tokenizer",
    words: wordsOfJSON + ["vocab", "merges", "added_tokens", "content", "id", "Ġ", "</w>", "<|endoftext|>"],
    seeds: { root in
      let packed = try readFile(root + small + "/bpe_simple_vocab.txt.gz")
      let (vocabulary, merges) = try (readFile(root + small + "/vocab.json"), readFile(root + small + "/merges.txt"))
      let list = "bpe/bpe_simple_vocab.txt.gz"
      return [
        Seed(file: list, bytes: packed),
        Seed(file: list, bytes: try gunzip(packed, limit: 1 << 20), finish: Containers.gzip),
        Seed(file: "pair/vocab.json", bytes: vocabulary), Seed(file: "pair/merges.txt", bytes: merges),
        Seed(file: "one/tokenizer.json", bytes: whole(vocabulary, merges)),
        Seed(file: "added/added_tokens.json", bytes: Array(#"{"<cat>": 707, "photo of": 708, "é": 709}"#.utf8)),
        Seed(
          file: "configured/tokenizer_config.json",
          bytes: Array(
            #"{"added_tokens_decoder": {"707": {"content": "<cat>", "lstrip": true, "special": false}}}"#.utf8)),
      ]
    },
    others: { root in
      var files: [String: [UInt8]] = [:]
      for folder in ["pair", "added", "configured"] {
        for name in ["vocab.json", "merges.txt"] {
          files[folder + "/" + name] = try readFile(root + small + "/" + name)
        }
      }
      return files
    },
    read: { path, _ in
      let size = path.hasSuffix("added_tokens.json") || path.hasSuffix("_config.json") ? 714 : 707
      let tokenizer = try BytePairTokenizer(folder: folder(of: path), contextLength: 16, vocabularySize: size)
      for text in ["a photo of a cat", "<cat> isn't 123 é&amp;Ã© <|endoftext|> \u{301}photo of", ""] {
        _ = tokenizer.encodePadded(text)
      }
    })

  private static func whole(_ vocabulary: [UInt8], _ merges: [UInt8]) -> [UInt8] {
    let lines = merges.split(separator: UInt8(ascii: "\n")).dropFirst().map { Array("\"".utf8) + $0 + Array("\"".utf8) }
    let start = #"{"version": "1.0", "added_tokens": [{"id": 705, "content": "<start_of_text>", "special": true}], "#
    return Array((start + #""model": {"type": "BPE", "vocab": "#).utf8) + vocabulary
      + Array(", \"merges\": [".utf8) + Array(lines.joined(separator: Array(",".utf8))) + Array("]}}".utf8)
  }
}
