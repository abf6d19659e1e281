import Analysis
import Diagnostics
import Files
import PluginHost

/// `plugin.yml`: what a plugin that is a program of its own is, how it is started and what it needs.
struct PluginFile {
  /// Nil where something is wrong, which is in the list of problems.
  private(set) var plugin: ExternalPlugin?
  /// The text files that were read.
  private(set) var sources: [String]

  private static let keys = [
    "id", "title", "version", "summary", "protocol", "command", "models", "subjects", "needs", "encode", "patches",
    "pages", "options", "limits",
  ]

  /// - Parameter folder: the plugin's.
  init(_ folder: String, _ problems: ProblemList) {
    let file = folder + "/plugin.yml"
    sources = [file]
    let before = problems.count
    guard let value = problems.attempt(file, nil, { try ConfigurationValue(yamlFile: file) }) else { return }
    guard let value else {
      problems.add(.empty(expected: "the description of a plugin: id, title, version, command …"), file, nil)
      return
    }
    guard let root = StrictMapping(value, file: file, name: "the plugin", allowed: Self.keys, problems) else { return }
    let manifest = Self.manifest(root, file, problems)
    let command = root.texts("command")
    if command.isEmpty { root.miss("command", expected: "a list: the program and its arguments") }
    if root.value("protocol") == nil { root.miss("protocol", expected: "1") }
    if let value = root.value("protocol"), value.kind != .text("1") {
      root.refuse("protocol", value.words, expected: "1")
    }
    let needs = Self.names(root, "needs", "evidence", of: EvidenceNeed.allCases.map(\.rawValue), file, problems)
    let subjects = Self.names(root, "subjects", "kind of page", of: Subject.kinds, file, problems)
    func texts(_ key: String, of mapping: StrictMapping) -> [String]? {
      mapping.optionalPath(key, .file, in: folder).flatMap { path in
        sources.append(path)
        return problems.attempt(file, mapping.line(of: key)) { try readTexts(path) }
      }
    }
    let encoded = texts("encode", of: root)
    let patches = root.mapping("patches", allowed: ["texts", "images", "heads"]).flatMap { mapping in
      if mapping.value("texts") == nil { mapping.miss("texts", expected: "a file: texts, one a line") }
      return Self.patches(mapping, texts: texts("texts", of: mapping) ?? [])
    }
    let models = Self.choice(root, "models", default: .each, of: ExternalPlugin.Models.allCases)
    let limits = Self.limits(root)
    guard problems.count == before, let manifest else { return }
    plugin = ExternalPlugin(
      manifest: manifest, folder: folder, command: command, models: models, subjects: subjects,
      needs: Set(needs.compactMap { EvidenceNeed(rawValue: $0) }), encoded: encoded ?? [],
      encodedOptions: Self.encodedOptions(root), patches: patches, limits: limits)
  }

  private static func patches(_ mapping: StrictMapping, texts: [String]) -> ExternalPlugin.Patches {
    .init(
      texts: texts, images: choice(mapping, "images", default: .gallery, of: [.gallery, .probe]),
      heads: choice(mapping, "heads", default: .each, of: ExternalPlugin.Patches.Heads.allCases))
  }

  private static func choice<Choice: RawRepresentable<String>>(
    _ mapping: StrictMapping, _ key: String, default usual: Choice, of choices: [Choice]
  ) -> Choice {
    guard let name = mapping.optionalText(key) else { return usual }
    if let choice = choices.first(where: { $0.rawValue == name }) { return choice }
    mapping.refuse(key, quoted(name), expected: choices.map(\.rawValue).joined(separator: " or "))
    return usual
  }

  /// The pages that it has beside the one that every plugin has.
  private static func pages(_ root: StrictMapping) -> [PluginPage] {
    guard let value = root.value("pages") else { return [] }
    guard case .mapping(let entries) = value.kind else {
      root.refuse("pages", value.words, expected: "a mapping of names to titles")
      return []
    }
    guard let mapping = root.mapping("pages", allowed: entries.map(\.key)) else { return [] }
    return entries.compactMap { entry in
      guard isPageName(entry.key) else {
        mapping.refuse(
          entry.key, "a page", expected: "another name: small letters, digits, - and _, at most 60, such as by-layer")
        return nil
      }
      return mapping.text(entry.key, expected: "the page's title").map { PluginPage(id: entry.key, title: $0) }
    }
  }

  /// A page is a folder beside the files of its plugin's own page, whose names have a dot.
  private static func isPageName(_ name: String) -> Bool {
    let isPlain = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
    return isPlain && isFileName(name) && name.utf8.count <= 60
  }

  private static func manifest(_ root: StrictMapping, _ file: String, _ problems: ProblemList) -> PluginManifest? {
    guard let id = root.text("id"), let title = root.text("title"), let version = root.text("version"),
      let summary = root.text("summary", expected: "one sentence: what it shows")
    else { return nil }
    if !isFileName(id) { problems.add(.notAFolderName(kind: "plugin", id: id), file, root.line(of: "id")) }
    return PluginManifest(
      id: id, title: title, version: version, summary: summary, options: options(root, problems), pages: pages(root))
  }

  private static func limits(_ root: StrictMapping) -> ExternalPlugin.Limits {
    var limits = ExternalPlugin.Limits()
    guard let mapping = root.mapping("limits", allowed: ["seconds", "memory", "output", "evidence"]) else {
      return limits
    }
    limits.seconds = mapping.integer("seconds", range: 1...1_000_000) ?? limits.seconds
    limits.memory = mapping.integer("memory", range: 16...10_000_000) ?? limits.memory
    limits.output = mapping.integer("output", range: 1...1024) ?? limits.output
    limits.evidence = mapping.integer("evidence", range: 1...10_000_000) ?? limits.evidence
    return limits
  }

  private static func names(
    _ root: StrictMapping, _ key: String, _ kind: String, of known: [String], _ file: String, _ problems: ProblemList
  ) -> [String] {
    let names = root.texts(key)
    for name in names where !known.contains(name) {
      problems.add(
        .unknown(kind: kind, name: name, nearest: nearestName(to: name, in: known)), file,
        root.line(of: key))
    }
    return names
  }

  // MARK: Options

  private static func options(_ root: StrictMapping, _ problems: ProblemList) -> [PluginOption] {
    guard let value = root.value("options") else { return [] }
    guard case .mapping(let entries) = value.kind else {
      root.refuse("options", value.words, expected: "a mapping of names to summary, default and range or choices")
      return []
    }
    guard let mapping = root.mapping("options", allowed: entries.map(\.key)) else { return [] }
    return entries.compactMap { entry in
      if ["enabled", "optional"].contains(entry.key) || !isFileName(entry.key) {
        mapping.refuse(
          entry.key, "an option", expected: "another name: letters, digits, - and _, not enabled or optional")
      }
      return mapping.mapping(entry.key, allowed: ["summary", "default", "range", "choices", "file", "encode"])
        .flatMap { mapping in
          guard let option = option(entry.key, mapping) else { return nil }
          if mapping.flag("encode") == true, !option.kind.isOfTexts {
            mapping.refuse("encode", "true for \(option.choices)", expected: "a text or a list of texts")
          }
          return option
        }
    }
  }

  /// The options of texts that are given with their embeddings.
  private static func encodedOptions(_ root: StrictMapping) -> Set<String> {
    guard case .mapping(let entries)? = root.value("options")?.kind else { return [] }
    return Set(
      entries.filter { entry in
        guard case .mapping(let keys) = entry.value.kind else { return false }
        return keys.contains { $0.key == "encode" && $0.value.kind == .text("true") }
      }.map(\.key))
  }

  private static func option(_ name: String, _ entry: StrictMapping) -> PluginOption? {
    guard let summary = entry.text("summary", expected: "what it does") else { return nil }
    if entry.flag("file") == true { return PluginOption(name: name, summary: summary, kind: .file) }
    if entry.value("range") != nil { return number(name, summary, entry) }
    switch entry.value("default")?.kind {
    case .list: return PluginOption(name: name, summary: summary, kind: .texts(default: entry.texts("default")))
    case .text("true"), .text("false"):
      return PluginOption(name: name, summary: summary, kind: .isOn(default: entry.flag("default") ?? false))
    default: break
    }
    let choices = entry.texts("choices")
    guard let text = entry.optionalText("default") ?? (choices.isEmpty ? "" : choices[0]) as String? else { return nil }
    if !choices.isEmpty, !choices.contains(text) {
      entry.refuse("default", quoted(text), expected: choices.joined(separator: " or "))
    }
    return PluginOption(name: name, summary: summary, kind: .text(default: text, choices: choices))
  }

  private static func number(_ name: String, _ summary: String, _ entry: StrictMapping) -> PluginOption? {
    let ends = entry.texts("range").map { Int($0) }
    guard ends.count == 2, let least = ends[0], let most = ends[1], least <= most else {
      entry.refuse("range", "not two whole numbers", expected: "the least and the most, such as [1, 100]")
      return nil
    }
    if entry.value("default") == nil { entry.miss("default", expected: "a whole number from \(least) to \(most)") }
    return entry.integer("default", range: least...most).map {
      PluginOption(name: name, summary: summary, default: $0, range: least...most)
    }
  }
}

extension PluginOption.Kind {
  fileprivate var isOfTexts: Bool {
    switch self {
    case .text, .texts: true
    case .number, .isOn, .file: false
    }
  }
}
