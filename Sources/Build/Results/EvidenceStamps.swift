import Analysis
import Attribution
import CLIP
import Files
import Foundation
import Labels
import LanguageModels
import LinearAlgebra
import PluginHost

extension AtlasConfiguration {
  /// Stamps of all that analyses depend on: the program and its plugins with their options, models, images, masks, captions and
  /// texts.
  ///
  /// Titles of the atlas, prose and templates are not among them.
  func evidenceStamps(_ compute: ComputeOptions, _ plugins: [PluginChoice]) throws -> StampDigest {
    var stamps = StampDigest()
    let engine = ProductEngine.name(for: compute.precision)
    stamps.add(headatlasVersion, engine, OpenBLAS.kernels, "\(compute.precision)")
    stamps.add(file: "/proc/self/exe")
    for choice in plugins {
      let manifest = choice.manifest
      switch choice.program {
      case .builtIn(let plugin): stamps.add("\(type(of: plugin))")
      case .external(let plugin):
        stamps.add("a program of its own")
        for file in try plugin.files() { stamps.add(file: file.path) }
        // Their files may lie elsewhere.
        stamps.add("\(plugin.encoded)", "\(plugin.patches?.texts ?? [])")
      }
      stamps.add(manifest.id, manifest.version, sorted(choice.options))
      for case .file(let path?) in choice.options.sorted(by: { $0.key < $1.key }).map(\.value) {
        stamps.add(file: path)
      }
    }
    stamps.add("\(features) \(sampleCount ?? 0) \(textSpanCount) \(textSpanRank) \(unreadable)")
    for set in [gallery, probe] { add(set, to: &stamps) }
    for text in texts { stamps.add(text.id, text.text) }
    for known in classes { stamps.add(known.name, known.text) }
    stamps.add("\(pool)")
    for property in properties { stamps.add(property.id, property.title, "\(property.words)") }
    for example in examples { stamps.add(example.property, "\(example.descriptions)") }
    for labeller in labellers { stamps.add(labeller) }
    for contrast in contrasts { stamps.add(contrast.image, "\(contrast.texts)") }
    for entry in models {
      stamps.add(entry.id, entry.title, entry.licence ?? "")
      stamps.add(sorted(Dictionary(uniqueKeysWithValues: entry.labels.map { ($0.key.padded, $0.value) })))
      for part in entry.descriptions?.parts ?? [] { stamps.add(part) }
      try add(entry.model, to: &stamps)
    }
    return stamps
  }

  /// Stamps of all that a build reads.
  func stamps(_ options: BuildOptions, evidence: StampDigest) throws -> StampDigest {
    var stamps = StampDigest()
    stamps.add(evidence)
    stamps.add(fileName(options.configuration), "\(options.strict)")
    stamps.add(ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"] ?? "no date")
    for path in sources { stamps.add(file: path) }
    for path in [try templatesFolder(), templates, pagesFolder, commentaryFolder, sectionsFolder].compactMap({ $0 }) {
      stamps.add(allIn: path)
    }
    return stamps
  }

  private func add(_ set: ImageSet, to stamps: inout StampDigest) {
    stamps.add("\(set.images.count) images", "\(set.rowsLeftOut) rows left out")
    for image in set.images {
      stamps.add(file: image.place)
      stamps.add(image.id, image.caption, sorted(image.scene), "\(image.objects.count)")
      for object in image.objects {
        stamps.add(object.text, sorted(object.facts))
        if let mask = object.mask { stamps.add(file: mask) }
      }
    }
  }

  private func add(_ model: ModelReference, to stamps: inout StampDigest) throws {
    stamps.add(model.text)
    let source = try model.source()
    switch source.place {
    case .folder(let path): stamps.add(filesIn: path)
    case .file(let path):
      stamps.add(file: path)
      stamps.add(filesIn: folder(of: path))
    }
    if let tokenizer = source.choices.tokenizer { stamps.add(filesIn: tokenizer) }
  }
}

extension StampDigest {
  /// Takes in what a labeller is and the files that it reads.
  mutating func add(_ labeller: LabellerEntry) {
    add(labeller.id, labeller.title, "\(labeller.isShown)")
    switch labeller.source {
    case .table(let table):
      add(sorted(table.names))
      add(file: table.path)
    case .model(let model):
      let endpoint = model.endpoint
      add(
        "\(endpoint.address)", endpoint.model, endpoint.interface.rawValue, "\(endpoint.temperature)",
        "\(endpoint.logProbabilities) \(endpoint.longestAnswer) \(model.seeds)",
        "\(model.isLimited) \(model.contrasts) \(model.judges)")
      let prompts = model.prompts
      add(prompts.labelling.text, prompts.judging.text, prompts.contrasting.text)
      for example in prompts.examples { add(example.label, "\(example.lines)") }
      add(file: model.replies)
    }
  }
}

/// The same text for equal dictionaries.
private func sorted(_ values: [String: some Any]) -> String {
  "\(values.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })"
}
