import Analysis
import Attribution
import CLIP
import Files
import Labels
import LanguageModels
import Site

extension AtlasConfiguration {
  /// SHA-256 of all that the atlas is made from: the program's version, weights, preprocessing, images, captions, texts, properties,
  /// labels, and plugins with their options.
  ///
  /// It is the same wherever and however fast the atlas is built: no path, no time and no computed number goes into it. Titles of the
  /// atlas, prose and templates do not either.
  ///
  /// - Throws: `FileError` where a file that an option names, or the replies of a labeller, cannot be read.
  func hash(_ findings: AtlasFindings, _ plugins: [PluginChoice]) throws -> String {
    var digest = JoinedDigest(separator: "\n")
    func add(_ parts: String...) { digest.add(parts.map { "\($0.utf8.count):\($0)" }.joined(separator: " ")) }
    add("headatlas", headatlasVersion, "\(features)", "\(textSpanCount)", "\(textSpanRank)")
    if let sampleCount { add("sample", "\(sampleCount)") }
    for (entry, model) in zip(models, findings.models) {
      let known = entry.configuration
      add("model", entry.id, model.weights, "\(known)")
      for (head, label) in entry.labels.sorted(by: { $0.key < $1.key }) { add("label", "\(head)", label) }
      for part in entry.descriptions?.parts ?? [] { add("given", part) }
    }
    for (set, hash) in [(gallery, findings.galleryHash), (probe, findings.probeHash)] {
      add("images", hash)
      for image in set.images { add(image.id, image.caption) }
    }
    for text in texts { add("text", text.text) }
    for line in pool { add("candidate", line) }
    for known in classes { add("class", known.name, known.text) }
    for property in properties { add("property", property.id, property.words.joined(separator: "\n")) }
    for example in examples { add("example", example.property, example.descriptions.joined(separator: "\n")) }
    for contrast in contrasts { add("contrast", contrast.image, contrast.texts.joined(separator: "\n")) }
    for labeller in labellers {
      switch labeller.source {
      case .table(let table):
        add("labeller", labeller.id, "\(labeller.isShown)", try hexDigest(ofFile: table.path))
        for (model, name) in table.names.sorted(by: { $0.key < $1.key }) { add("name", model, name) }
      case .model(let model):
        let replies = FileKind(of: model.replies) == .file ? try hexDigest(ofFile: model.replies) : ""
        add("labeller", labeller.id, "\(labeller.isShown)", model.endpoint.model, replies)
      }
    }
    for plugin in plugins {
      add("plugin", plugin.manifest.id, plugin.manifest.version)
      for (name, value) in plugin.options.sorted(by: { $0.key < $1.key }) {
        if case .file(let path) = value {
          add("option", name, try path.map { try hexDigest(ofFile: $0) } ?? "")
        } else {
          add("option", name, "\(value)")
        }
      }
    }
    return digest.hexDigest
  }
}

extension AtlasConfiguration.ModelEntry {
  /// - Parameter weights: their hash.
  func source(weights: String) -> SiteContent.ModelSource {
    SiteContent.ModelSource(
      weights: weights, imageSize: configuration.imageSize, mean: configuration.statistics.mean,
      standardDeviation: configuration.statistics.standardDeviation, licence: licence)
  }
}
