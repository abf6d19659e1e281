import Analysis
import Attribution

extension AtlasConfiguration {
  /// Every key that `{{value KEY}}` may find once the atlas is built.
  ///
  /// Some are there only where labels are judged or masks are known; whatever the numbers turn out to be, there is no
  /// other key.
  ///
  /// - Parameter plugins: that give values.
  /// - Returns: nil where a plugin is not a built-in one: its keys are known only once it has run.
  package func possibleValueKeys(_ plugins: [PluginManifest]) -> Set<String>? {
    guard plugins.allSatisfy({ Self.builtInPlugins.contains($0.id) }) else { return nil }
    let facts = SceneFacts.names(in: probe.images.map(\.facts) + gallery.images.map(\.facts))
    var keys: Set<String> = []
    for model in models {
      let root = Subject.model(model.id).path
      keys.formUnion(modelKeys(facts).map { "\(root)/\($0)" })
      for layer in 0..<model.shape.layers {
        keys.insert("\(Subject.layer(model: model.id, layer: layer).path)/variance")
      }
      for head in model.shape.allHeads {
        let path = Subject.head(model: model.id, head: head).path
        keys.formUnion(headKeys(facts).map { "\(path)/\($0)" })
      }
    }
    return keys
  }

  private static let builtInPlugins: Set<String> = [
    "head-profile", "label-metrics", "method", "ground-truth", "property-neighbours", "topic-segmentation",
    "contrastive-segmentation", "image-neighbours", "text-neighbours", "ablation", "two-towers", "stability",
    "twins", "explanations",
  ]

  /// Below a model.
  private func modelKeys(_ facts: [String]) -> [String] {
    let endings = ["", "-head", "-text", "-shuffled", "-centre", "-random"]
    let maps = ["iou", "ap"].flatMap { score in
      endings.map { score + $0 } + (endings + ["-other", "-topic"]).map { "contrast-\(score)\($0)" }
    }
    let neighbours = facts.flatMap { fact in
      ["neighbours-embedding/\(fact)", "neighbours-chance/\(fact)"] + properties.map { "neighbours/\($0.id)/\(fact)" }
    }
    return [
      "ledger", "heads", "shared-label-share", "unique-label-share", "association", "one-property",
      "one-property-random", "planted", "planted-chance", "planted-explained", "planted-explained-chance",
      "label-truth", "label-truth-shuffled", "evidence-truth", "evidence-truth-shuffled", "false-evidence",
      "label-sets", "label-sets-permuted", "label-sets-size", "property-sets", "property-sets-permuted",
      "property-sets-size", "twins", "twins-found-again", "twins-found-again-permuted", "twins-truth",
      "twins-truth-permuted", "explanations", "explanations-chance", "explanations-truth",
      "explanations-truth-permuted",
    ] + maps + neighbours + properties.map { "property/\($0.id)/heads" }
  }

  /// Below a head.
  private func headKeys(_ facts: [String]) -> [String] {
    ["label", "variance", "consistency", "explained-variance", "property", "property-set", "stability/label"]
      + ["stability/set", "twin", "twin-similarity", "explanation/text", "explanation/correlation"]
      + properties.map { "evidence/\($0.id)" }
      + (1...5).map { "description/\($0)" }
      + (facts.isEmpty ? [] : ["true-property"]) + facts.flatMap { ["follows/\($0)", "neighbours/\($0)"] }
  }
}
