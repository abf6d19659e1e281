import Attribution
import Checkpoints
import Diagnostics
import Files
import Foundation
import Labels
import Yams

/// `atlas.yml`: what an atlas is of. Paths in it are relative to the file; here they are not any more.
package struct AtlasConfiguration: Sendable {
  package struct ModelEntry: Sendable {
    package let id: String
    package let title: String
    package let model: ModelReference
    /// Labels given by hand.
    package let labels: [Head: String]
    package let licence: String?
    let line: Int
  }
  package struct PropertyWords: Sendable {
    package let id: String
    package let title: String
    /// Words that name a value of the property, lower case.
    package let words: [String]
  }
  package struct ContrastEntry: Sendable {
    package let image: String
    package let texts: [String]
    let line: Int
  }

  /// As it was named on the command line.
  package let file: String
  package let title: String
  package let introduction: String
  package let models: [ModelEntry]
  package private(set) var probe: ImageSet
  /// How the probe set's features are kept.
  package let features: FeaturePrecision
  package private(set) var gallery: ImageSet
  /// The curated texts.
  package let texts: [TextEntry]
  /// The description pool.
  package private(set) var pool: [String]
  package let poolFile: String
  package let properties: [PropertyWords]
  package private(set) var examples: [LabelledExample]
  package private(set) var contrasts: [ContrastEntry]
  package let textSpanCount: Int
  package let textSpanRank: Int
  /// Options by plugin, as written.
  package let plugins: [String: [String: Int]]
  package private(set) var commentaryFolder: String?
  package let pagesFolder: String?
  /// A folder whose files take the place of our templates of the same name.
  package let templates: String?

  /// Where the cache of this atlas is.
  package private(set) var cacheFolder: String

  static let keys = [
    "title", "introduction", "models", "probe", "features", "gallery", "texts", "pool", "properties", "examples",
    "contrasts",
    "textspan", "plugins", "commentary", "pages", "templates",
  ]

  /// - Parameter knownPlugins: option names by plugin.
  /// - Throws: `BuildError`.
  package init(file: String, knownPlugins: [String: [String]]) throws {
    guard let node = try readYAML(file) else {
      throw BuildError.empty(path: file, expected: "the description of an atlas: title, models, probe, gallery …")
    }
    let root = try YAMLMapping(node, file: file, place: "the atlas", allowed: Self.keys)
    let base = folder(of: file)
    func path(_ key: String) throws -> String { resolve(try root.string(key, expected: "a path"), in: base) }
    self.file = file
    cacheFolder = base + "/.headatlas"
    title = try root.string("title")
    introduction = try root.optionalString("introduction") ?? ""
    models = try Self.models(root, base)
    probe = try Self.images(root, "probe", base)
    features = try Self.features(root)
    gallery = try Self.images(root, "gallery", base)
    texts = try TextEntry.read(try path("texts"))
    poolFile = try path("pool")
    pool = try readLines(poolFile)
    properties = try Self.properties(root)
    examples = try root.optionalString("examples").map { try Self.examples(resolve($0, in: base)) } ?? []
    contrasts = try root.mappings("contrasts", allowed: ["image", "texts"]).map { entry in
      ContrastEntry(image: try entry.string("image"), texts: try entry.strings("texts"), line: entry.line)
    }
    let span = try root.mapping("textspan", allowed: ["count", "rank"])
    textSpanCount = try span?.integer("count", default: 20, range: 5...60) ?? 20
    textSpanRank = try span?.integer("rank", default: 80, range: 1...10_000) ?? 80
    plugins = try Self.pluginOptions(root, knownPlugins)
    commentaryFolder = try Self.optionalFolder(root, "commentary", base)
    pagesFolder = try Self.optionalFolder(root, "pages", base)
    templates = try Self.optionalFolder(root, "templates", base)
    try checkContrasts()
  }

  /// A part of the atlas that is built the same way: some images and lines of the pool, spread evenly over all of them, and
  /// what speaks of no others. Labels and commentary are left out.
  func sample(gallery: Int, probe: Int, pool: Int, cacheFolder: String) -> AtlasConfiguration {
    var sample = self
    sample.cacheFolder = cacheFolder
    sample.gallery = self.gallery.sample(gallery)
    sample.probe = self.probe.sample(probe)
    sample.pool = evenlySpaced(pool, of: self.pool)
    sample.examples = []
    sample.commentaryFolder = nil
    let images = Set(sample.gallery.images.map(\.id))
    sample.contrasts = contrasts.filter { images.contains($0.image) }
    return sample
  }

  private static func models(_ root: YAMLMapping, _ base: String) throws -> [ModelEntry] {
    let entries = try root.mappings("models", allowed: ["id", "title", "path", "labels", "licence"])
    guard !entries.isEmpty else {
      throw BuildError.missingKey(
        file: root.file, line: root.line, key: "models", place: root.place, expected: "a list of at least one model")
    }
    var seen: Set<String> = []
    return try entries.map { entry in
      let id = try entry.string("id")
      guard seen.insert(id).inserted else {
        throw BuildError.duplicate(file: root.file, line: entry.line(of: "id"), kind: "model", id: id)
      }
      return ModelEntry(
        id: id, title: try entry.optionalString("title") ?? id,
        model: try ModelReference(try entry.string("path", expected: "the model's folder or name"), base: base),
        labels: try entry.optionalString("labels").map { try labels(resolve($0, in: base)) } ?? [:],
        licence: try entry.optionalString("licence"), line: entry.line)
    }
  }

  /// A mapping of heads to labels: `L5.H0: Setting`.
  private static func labels(_ file: String) throws -> [Head: String] {
    guard let node = try readYAML(file) else { return [:] }
    guard let mapping = node.mapping else {
      throw BuildError.wrongValue(
        file: file, line: 1, key: "the file", found: yamlKind(node), expected: "a mapping such as L5.H0: Setting")
    }
    var labels: [Head: String] = [:]
    for (key, value) in mapping {
      let line = key.mark?.line ?? 1
      guard let name = key.string, let head = Head(name) else {
        throw BuildError.wrongValue(
          file: file, line: line, key: "a key", found: yamlKind(key), expected: "a head such as L5.H0")
      }
      guard let label = value.scalar?.string, !label.isEmpty else {
        throw BuildError.wrongValue(file: file, line: line, key: name, found: yamlKind(value), expected: "a label")
      }
      guard labels.updateValue(label, forKey: head) == nil else {
        throw BuildError.duplicate(file: file, line: line, kind: "head", id: name)
      }
    }
    return labels
  }

  private static func images(_ root: YAMLMapping, _ key: String, _ base: String) throws -> ImageSet {
    guard let entry = try root.mapping(key, allowed: ["images", "captions"]) else {
      throw BuildError.missingKey(
        file: root.file, line: root.line, key: key, place: root.place, expected: "images and captions")
    }
    return try ImageSet(
      folder: resolve(try entry.string("images", expected: "a folder of images"), in: base),
      captions: try entry.optionalString("captions").map { resolve($0, in: base) })
  }

  private static func features(_ root: YAMLMapping) throws -> FeaturePrecision {
    guard let name = try root.optionalString("features") else { return .fp32 }
    guard let precision = FeaturePrecision(rawValue: name) else {
      throw root.wrong(
        "features", quoted(name), expected: FeaturePrecision.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return precision
  }

  private static func properties(_ root: YAMLMapping) throws -> [PropertyWords] {
    var seen: Set<String> = []
    return try root.mappings("properties", allowed: ["id", "title", "words"]).map { entry in
      let id = try entry.string("id")
      guard seen.insert(id).inserted else {
        throw BuildError.duplicate(file: root.file, line: entry.line(of: "id"), kind: "property", id: id)
      }
      return PropertyWords(
        id: id, title: try entry.optionalString("title") ?? id,
        words: try entry.strings("words").map { $0.lowercased() })
    }
  }

  private static func examples(_ file: String) throws -> [LabelledExample] {
    try readYAMLList(file, allowed: ["property", "descriptions"]).map { entry in
      LabelledExample(property: try entry.string("property"), descriptions: try entry.strings("descriptions"))
    }
  }

  private static func pluginOptions(
    _ root: YAMLMapping, _ known: [String: [String]]
  ) throws -> [String: [String: Int]] {
    guard let entry = try root.mapping("plugins", allowed: known.keys.sorted()) else { return [:] }
    var options: [String: [String: Int]] = [:]
    for (plugin, names) in known {
      guard let values = try entry.mapping(plugin, allowed: names) else { continue }
      for name in names where values.node(name) != nil {
        options[plugin, default: [:]][name] = try values.integer(name, default: 0, range: Int.min...Int.max)
      }
    }
    return options
  }

  private static func optionalFolder(_ root: YAMLMapping, _ key: String, _ base: String) throws -> String? {
    guard let name = try root.optionalString(key) else { return nil }
    let path = resolve(name, in: base)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw root.wrong(key, "\(quoted(name)), where no folder is", expected: "a folder")
    }
    return path
  }

  private func checkContrasts() throws {
    let images = gallery.images.map(\.id)
    let known = texts.map(\.text)
    for contrast in contrasts {
      guard images.contains(contrast.image) else {
        throw BuildError.notFound(
          file: file, line: contrast.line, kind: "gallery image", name: contrast.image,
          nearest: nearestName(to: contrast.image, in: images))
      }
      guard contrast.texts.count == 2, contrast.texts[0] != contrast.texts[1] else {
        throw BuildError.wrongValue(
          file: file, line: contrast.line, key: "texts", found: "\(contrast.texts.count) texts",
          expected: "two different texts")
      }
      for text in contrast.texts where !known.contains(text) {
        throw BuildError.notFound(
          file: file, line: contrast.line, kind: "curated text", name: text, nearest: nearestName(to: text, in: known))
      }
    }
  }
}
