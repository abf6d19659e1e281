/// The names under which the weights of a model are published.
package enum WeightFiles {
  /// The names in the order in which they are looked for: safetensors before pickles, open_clip's names before Hugging Face's.
  package static let names = [
    "open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "model.safetensors",
    "open_clip_pytorch_model.bin", "pytorch_model.bin",
  ]

  /// The index of the weights called `name`, where they come in shards.
  package static func index(of name: String) -> String { name + ".index.json" }
}
