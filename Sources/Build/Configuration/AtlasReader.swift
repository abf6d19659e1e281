import Analysis
import Attribution
import CLIP
import Diagnostics
import Files
import Foundation
import Labels
import PluginHost
import Site
import Tensors

/// Reads `atlas.yml` and the text files that it names.
///
/// What is wrong goes into a list of problems, and what hangs on it is left out.
final class AtlasReader {
  let file: String
  /// The folder that its paths start from.
  let base: String
  let root: StrictMapping
  /// The keys of which something could not be read: nothing is held against them.
  private(set) var lacking: Set<String> = []
  /// The text files that were read.
  private(set) var sources: [String]
  /// The classes of image sets as `class_texts` words them, which are curated texts too.
  private(set) var classes: [ImageClass] = []
  /// What they add to the description pool.
  private var classLines: [String] = []
  private let manifests: [PluginManifest]
  private let problems: ProblemList

  private static let keys = [
    "title", "introduction", "url", "figure_files", "models", "probe", "features", "sample", "gallery", "on_unreadable",
    "texts",
    "pool",
    "properties",
    "examples", "contrasts", "labeller", "textspan", "plugins", "sections", "commentary", "pages", "templates",
  ]

  /// - Throws: `FileError`, `InputProblems` where the file is no mapping.
  init(_ file: String, manifests: [PluginManifest], _ problems: ProblemList) throws {
    problems.mention(file)
    (self.file, base, self.manifests, self.problems) = (file, folder(of: file), manifests, problems)
    sources = [file]
    let value = try ConfigurationValue(yamlFile: file)
    if value == nil {
      problems.add(.empty(expected: "the description of an atlas: title, models, probe, gallery …"), file, nil)
    }
    let root = value.flatMap {
      StrictMapping($0, file: file, name: "the atlas", allowed: Self.keys, problems)
    }
    guard let root else { throw problems.all }
    self.root = root
  }

  /// The path that `key` gives, where there is something of the kind; nil where it is absent.
  func optionalPath(_ key: String, _ kind: FileKind) -> String? { root.optionalPath(key, kind, in: base) }

  /// The address at which the site is published, without a slash at the end; nil where there is none.
  func url() -> String? {
    let expected = "an address such as https://example.org/atlas, without ? and #"
    guard let text = root.optionalText("url", expected: expected) else { return nil }
    let address = text.replacing(/\/+$/, with: "")
    guard address.wholeMatch(of: /https?:\/\/[A-Za-z0-9.\-]+(:[0-9]+)?(\/[A-Za-z0-9\-._~%!$&'()*+,;=:@]+)*/) != nil
    else {
      root.refuse("url", quoted(text), expected: expected)
      return nil
    }
    return address
  }

  // MARK: Images and texts

  /// - Parameter unreadable: what is done about rows that name no image.
  func images(_ key: String, _ unreadable: UnreadableImages) -> ImageSet {
    let entry = root.mapping(key, allowed: ImageSetEntry.keys)
    if root.value(key) == nil {
      root.miss(key, expected: "images, a folder or a file that holds or lists them, and optionally captions, a file")
    }
    let captions = entry?.optionalPath("captions", .file, in: base)
    guard let entry = entry.map({ ImageSetEntry($0, base: base) }), let paths = entry.paths,
      var set = problems.attempt(
        file, entry.mapping.line(of: "images"),
        { try ImageSet(images: paths, named: entry.name, entry.options(unreadable)) })
    else {
      lacking.insert(key)
      return .none
    }
    sources += set.form.list.map { [$0] } ?? []
    if let captions {
      sources.append(captions)
      problems.attempt(file, entry.mapping.line(of: "captions")) { try set.read(captions: captions, problems) }
    }
    entry.checkUse(of: set)
    classes += entry.texts("class_texts", of: set).filter { !classes.contains($0) }
    classLines += entry.texts("class_pool", of: set).map(\.text)
    return set
  }

  /// The curated texts: those of the file, and those of classes that are not among them.
  func texts() -> [TextEntry] {
    // Classes may be all texts that there are.
    let classTexts = classes.map(\.text)
    guard root.value("texts") != nil || classTexts.isEmpty else {
      return TextEntry.entries(distinct(classTexts))
    }
    let texts = root.path("texts", .file, in: base).flatMap { path in
      sources.append(path)
      return problems.attempt(file, root.line(of: "texts")) { try TextEntry.read(path) }
    }
    if texts == nil { lacking.insert("texts") }
    return texts.map { TextEntry.entries(distinct($0 + classTexts)) } ?? []
  }

  /// The description pool: the lines of the file, and those of classes that are not among them.
  func pool() -> [String] {
    let lines = root.path("pool", .file, in: base).flatMap { path in
      sources.append(path)
      return problems.attempt(file, root.line(of: "pool")) { try readTexts(path) }
    }
    guard let lines, !classLines.isEmpty else { return lines ?? [] }
    let known = Set(lines)
    return lines + distinct(classLines).filter { !known.contains($0) }
  }

  /// One of the names of a setting.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default usual: Choice) -> Choice {
    guard let name = root.optionalText(key) else { return usual }
    if let choice = Choice(rawValue: name) { return choice }
    root.refuse(key, quoted(name), expected: Choice.allCases.map(\.rawValue).joined(separator: " or "))
    return usual
  }

  /// How many probe images single images are looked up in; nil where the features of all are kept.
  func sampleCount(_ features: KeptFeatures) -> Int? {
    let count = root.integer("sample", range: 2...1_000_000)
    guard features == .momentsAlone else {
      if count != nil {
        root.refuse(
          "sample", "features: \(features.rawValue)", expected: "features: none, where features of a sample are kept")
      }
      return nil
    }
    return count ?? Self.usualSample
  }

  private static let usualSample = 4096

  // MARK: Models and labels

  func models(_ properties: [AtlasConfiguration.PropertyWords]) -> [AtlasConfiguration.ModelEntry] {
    let before = problems.count
    let entries = root.mappings(
      "models", allowed: ["id", "title", "path", "labels", "descriptions", "licence", "license"])
    if entries.isEmpty, problems.count == before { root.miss("models", expected: "a list of at least one model") }
    var ids: [String: String] = [:]
    let models = entries.compactMap { model($0, &ids, properties) }
    if models.isEmpty || models.count < root.list("models").count { lacking.insert("models") }
    return models
  }

  private func model(
    _ entry: StrictMapping, _ ids: inout [String: String], _ properties: [AtlasConfiguration.PropertyWords]
  ) -> AtlasConfiguration.ModelEntry? {
    let id = identifier("model", of: entry, &ids)
    let labelsFile = entry.optionalPath("labels", .file, in: base)
    sources += labelsFile.map { [$0] } ?? []
    guard let id, let name = entry.text("path", expected: "the model's folder or name"),
      let (reference, configuration) = problems.attempt(
        file, entry.line(of: "path"),
        { () throws -> (ModelReference, CLIPConfiguration) in
          let reference = try ModelReference(name, base: base)
          return (reference, try CLIPConfiguration(reference.source()))
        })
    else { return nil }
    let labels = labelsFile.map { HandLabels($0, model: id, configuration.image, names(properties), problems).labels }
    return AtlasConfiguration.ModelEntry(
      id: id, title: entry.optionalText("title") ?? id, model: reference, configuration: configuration,
      labels: labels ?? [:], descriptions: descriptions(entry, of: id, configuration.image),
      licence: entry.optionalText("licence") ?? entry.optionalText("license"))
  }

  /// Descriptions from elsewhere: a file, or a mapping that says more of it.
  private func descriptions(
    _ entry: StrictMapping, of model: String, _ tower: CLIPConfiguration.Tower
  ) -> GivenDescriptions? {
    guard let value = entry.value("descriptions") else { return nil }
    var (title, name) = ("as given", model)
    let path: String?
    if case .mapping = value.kind {
      guard let given = entry.mapping("descriptions", allowed: ["path", "title", "name"]) else { return nil }
      path = given.path("path", .file, in: base)
      title = given.optionalText("title") ?? title
      name = given.optionalText("name") ?? name
    } else {
      path = entry.optionalPath("descriptions", .file, in: base)
    }
    guard let path else { return nil }
    sources.append(path)
    var reader = GivenDescriptionsReader(path, model: model, name: name, tower, problems)
    return reader.read().map { GivenDescriptions(title: title, texts: $0) }
  }

  private static let longestIdentifier = 1024

  /// The `id` of an entry, which becomes a folder of the site; nil where there is none or it is another's.
  ///
  /// - Parameter ids: those before it, by their form in lower case.
  private func identifier(_ kind: String, of entry: StrictMapping, _ ids: inout [String: String]) -> String? {
    guard let id = entry.text("id") else { return nil }
    let line = entry.line(of: "id")
    if !isFileName(id) {
      problems.add(.notAFolderName(kind: kind, id: id), file, line)
      // It would stand in the path of every page.
      if id.utf8.count > Self.longestIdentifier { return nil }
    }
    if let other = ids[id.lowercased()] {
      problems.add(
        other == id ? .duplicate(kind: kind, id: id) : .sameButForCase(kind: kind, id: id, other: other), file, line)
      return nil
    }
    ids[id.lowercased()] = id
    return id
  }

  /// The properties by the names that labels may give them; nil where they are not all known.
  private func names(_ properties: [AtlasConfiguration.PropertyWords]) -> PropertyNames? {
    lacking.contains("properties") ? nil : PropertyNames(properties.map { (id: $0.id, title: $0.title) })
  }

  // MARK: Properties, examples and contrasts

  func properties() -> [AtlasConfiguration.PropertyWords] {
    let before = problems.count
    var ids: [String: String] = [:]
    let properties = root.mappings("properties", allowed: ["id", "title", "words"]).compactMap { entry in
      identifier("property", of: entry, &ids).map { id in
        AtlasConfiguration.PropertyWords(
          id: id, title: entry.optionalText("title") ?? id, words: entry.texts("words").map { $0.lowercased() })
      }
    }
    // A mistyped title would make others of what bears it.
    if problems.count > before { lacking.insert("properties") }
    return properties
  }

  func examples(_ properties: [AtlasConfiguration.PropertyWords]) -> [LabelledExample] {
    let path = optionalPath("examples", .file)
    sources += path.map { [$0] } ?? []
    guard let path,
      let read = problems.attempt(path, nil, { try ConfigurationValue(yamlFile: path) })
    else { return [] }
    guard case .list(let values) = read?.kind else {
      let expected = "a list of property and descriptions"
      problems.add(
        read.map { .wrongValue(key: "the file", found: $0.words, expected: expected) } ?? .empty(expected: expected),
        path, read?.line)
      return []
    }
    var lines: [String: Int] = [:]
    let examples = values.enumerated().compactMap { index, value -> LabelledExample? in
      let entry = StrictMapping(
        value, file: path, name: "entry \(index + 1)", allowed: ["property", "descriptions"], problems)
      guard let entry, let property = entry.text("property") else { return nil }
      lines[property] = entry.line(of: "property")
      checkDeclared(property, "the example group", names(properties), path, entry.line(of: "property"), problems)
      return LabelledExample(property: property, descriptions: entry.texts("descriptions"))
    }
    do {
      // Examples that teach nothing are found without the model.
      let names = PropertyNames(declared: properties.map { (id: $0.id, title: $0.title) }, examples: examples)
      _ = try InContextLabeller(examples: examples, pool: [], names: names) { _ in Tensor(zeros: [0, 0]) }
    } catch LabelError.noDescriptions(let property) {
      problems.add(.reported("\(LabelError.noDescriptions(property: property))"), path, lines[property])
    } catch {
      problems.add(.reported("\(error)"), path, read?.line)
    }
    return examples
  }

  /// Those under `labeller`, which is one or a list.
  func labellers() -> [LabellerEntry] {
    guard let value = root.value("labeller") else { return [] }
    let entries =
      if case .list = value.kind {
        root.mappings("labeller", allowed: LabellerReader.keys)
      } else {
        [root.mapping("labeller", allowed: LabellerReader.keys)].compactMap { $0 }
      }
    var reader = LabellerReader(base: base, problems)
    var ids: Set<String> = []
    let labellers = entries.compactMap { reader.read($0, &ids) }
    if labellers.count(where: \.isShown) > 1 {
      root.refuse("labeller", "a list in which several are shown", expected: "one at most")
    }
    sources += reader.sources
    return labellers
  }

  func contrasts(_ gallery: ImageSet, _ texts: [TextEntry]) -> [AtlasConfiguration.ContrastEntry] {
    let images = lacking.contains("gallery") ? nil : gallery.images.map(\.id)
    let known = lacking.contains("texts") ? nil : texts.map(\.text)
    var seen: Set<[String]> = []
    let contrasts = root.mappings("contrasts", allowed: ["image", "texts"]).compactMap { entry in
      contrast(entry, images, known, &seen)
    }
    if contrasts.count < root.list("contrasts").count { lacking.insert("contrasts") }
    return contrasts
  }

  private func contrast(
    _ entry: StrictMapping, _ images: [String]?, _ known: [String]?, _ seen: inout Set<[String]>
  ) -> AtlasConfiguration.ContrastEntry? {
    guard let image = entry.text("image") else { return nil }
    checkKnown(image, "gallery image", images, entry.line(of: "image"))
    let chosen = entry.texts("texts")
    for text in chosen { checkKnown(text, "curated text", known, entry.line(of: "texts")) }
    guard chosen.count == 2, chosen[0] != chosen[1] else {
      let found = chosen.count == 2 ? "one text twice" : counted(chosen.count, "text")
      entry.refuse("texts", found, expected: "two different texts")
      return nil
    }
    if !seen.insert([image] + chosen).inserted {
      problems.add(.repeated(kind: "contrast", id: ([image] + chosen).joined(separator: ", ")), file, entry.line)
    }
    return AtlasConfiguration.ContrastEntry(image: image, texts: chosen)
  }

  private func checkKnown(_ name: String, _ kind: String, _ known: [String]?, _ line: Int) {
    guard let known, !known.contains(name) else { return }
    problems.add(.unknown(kind: kind, name: name, nearest: nearestName(to: name, in: known)), file, line)
  }

  // MARK: Plugins and sections

  /// - Parameter runsOthers: whether plugins run that are programs of their own.
  func plugins(runsOthers: Bool) -> PluginSettings {
    var reader = PluginSettingsReader(root, file: file, builtIn: manifests, runsOthers: runsOthers, problems)
    let settings = reader.read()
    sources += settings.sources
    return settings
  }

  /// What stands in the files of a folder of ready-made sections, by their names.
  func sections(in folder: String) -> [ReadySection] {
    let names = problems.attempt(file, root.line(of: "sections")) { () throws -> [String] in
      try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
    }
    return (names ?? []).flatMap { name -> [ReadySection] in
      let path = "\(folder)/\(name)"
      return (problems.attempt(path, nil) { try readSections(try readFile(path)) } ?? []).map {
        ReadySection(file: path, section: $0)
      }
    }
  }
}

/// A section that was made elsewhere, and the file that it is from.
package struct ReadySection: Sendable {
  package let file: String
  package let section: Section
}

/// Each text once, where it first stands.
private func distinct(_ texts: [String]) -> [String] {
  var known: Set<String> = []
  return texts.filter { known.insert($0).inserted }
}

/// Takes down a name that is the title of no property, whatever its case.
func checkDeclared(
  _ name: String, _ kind: String, _ names: PropertyNames?, _ file: String, _ line: Int, _ problems: ProblemList
) {
  guard let names, names.label(name) == .text(name) else { return }
  let nearest = nearestName(to: name, in: names.allTitles)
  problems.add(.undeclaredProperty(kind: kind, name: name, nearest: nearest), file, line)
}
