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
    "id", "title", "version", "summary", "protocol", "command", "models", "subjects", "needs", "encode", "options",
    "limits",
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
    let encoded = root.optionalPath("encode", .file, in: folder).flatMap { path in
      sources.append(path)
      return problems.attempt(file, root.line(of: "encode")) { try readTexts(path) }
    }
    let models = Self.models(root)
    let limits = Self.limits(root)
    guard problems.count == before, let manifest else { return }
    plugin = ExternalPlugin(
      manifest: manifest, folder: folder, command: command, models: models, subjects: subjects,
      needs: Set(needs.compactMap { EvidenceNeed(rawValue: $0) }), encoded: encoded ?? [], limits: limits)
  }

  private static func manifest(_ root: StrictMapping, _ file: String, _ problems: ProblemList) -> PluginManifest? {
    guard let id = root.text("id"), let title = root.text("title"), let version = root.text("version"),
      let summary = root.text("summary", expected: "one sentence: what it shows")
    else { return nil }
    if !isFileName(id) { problems.add(.notAFolderName(kind: "plugin", id: id), file, root.line(of: "id")) }
    return PluginManifest(id: id, title: title, version: version, summary: summary, options: options(root, problems))
  }

  private static func models(_ root: StrictMapping) -> ExternalPlugin.Models {
    guard let name = root.optionalText("models") else { return .each }
    if let models = ExternalPlugin.Models(rawValue: name) { return models }
    root.refuse(
      "models", quoted(name), expected: ExternalPlugin.Models.allCases.map(\.rawValue).joined(separator: " or "))
    return .each
  }

  private static func limits(_ root: StrictMapping) -> ExternalPlugin.Limits {
    var limits = ExternalPlugin.Limits()
    guard let mapping = root.mapping("limits", allowed: ["seconds", "memory", "output"]) else { return limits }
    limits.seconds = mapping.integer("seconds", range: 1...1_000_000) ?? limits.seconds
    limits.memory = mapping.integer("memory", range: 16...10_000_000) ?? limits.memory
    limits.output = mapping.integer("output", range: 1...1024) ?? limits.output
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
      return mapping.mapping(entry.key, allowed: ["summary", "default", "range", "choices", "file"]).flatMap {
        option(entry.key, $0)
      }
    }
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
