import Analysis
import Diagnostics
import Files
import PluginHost

/// What the description of an atlas says of plugins.
package struct PluginSettings: Sendable {
  package struct Named: Sendable {
    package let plugin: ExternalPlugin
    package let isOptional: Bool
  }
  /// What was chosen for options, by plugin.
  package var options: [String: [String: OptionValue]] = [:]
  /// Plugins of the program that do not run.
  package var disabled: Set<String> = []
  /// The programs that run, in the order of the description.
  package var external: [Named] = []
  /// The text files that this was read from.
  package var sources: [String] = []
}

/// The folders of `Plugins/` beside the description of an atlas that hold a `plugin.yml`, by the identifiers in them.
///
/// None of them runs for being there: the description must name it.
///
/// - Parameter base: the folder of the description.
func foundPlugins(in base: String) -> [String: String] {
  var found: [String: String] = [:]
  let root = base + "/Plugins"
  for name in (try? FolderNames(of: root).names) ?? [] {
    let folder = "\(root)/\(name)"
    guard let value = try? ConfigurationValue(yamlFile: folder + "/plugin.yml"),
      case .mapping(let entries) = value.kind,
      let id = entries.first(where: { $0.key == "id" }), case .text(let text) = id.value.kind
    else { continue }
    if found[text] == nil { found[text] = folder }
  }
  return found
}

/// Reads `plugins` of `atlas.yml`: a mapping of identifiers to options, or a list of which each names a folder or an identifier.
struct PluginSettingsReader {
  private let file: String
  private let base: String
  private let root: StrictMapping
  private let builtIn: [PluginManifest]
  private let problems: ProblemList
  /// Whether programs of their own run.
  private let runsOthers: Bool
  private let found: [String: String]
  private var settings = PluginSettings()
  private var named: Set<String> = []

  init(
    _ root: StrictMapping, file: String, builtIn: [PluginManifest], runsOthers: Bool, _ problems: ProblemList
  ) {
    (self.root, self.file, self.builtIn, self.runsOthers, self.problems) = (root, file, builtIn, runsOthers, problems)
    base = folder(of: file)
    found = foundPlugins(in: folder(of: file))
  }

  mutating func read() -> PluginSettings {
    guard let value = root.value("plugins") else { return settings }
    switch value.kind {
    case .list: readList()
    case .mapping(let entries): readMapping(entries)
    case .null, .text: root.refuse("plugins", value.words, expected: "a list, or a mapping of plugins to options")
    }
    return settings
  }

  // MARK: A mapping of identifiers to options

  private mutating func readMapping(_ entries: [ConfigurationValue.Entry]) {
    let known = (builtIn.map(\.id) + found.keys).sorted()
    guard let mapping = root.mapping("plugins", allowed: known) else { return }
    for entry in entries where known.contains(entry.key) {
      guard let (manifest, external) = plugin(entry.key, mapping.line(of: entry.key)) else { continue }
      let own = manifest.options.map(\.name) + ["enabled"] + (external == nil ? [] : ["optional"])
      let values = mapping.mapping(entry.key, allowed: own)
      add(
        manifest, external, isEnabled: values?.flag("enabled") ?? true, isOptional: values?.flag("optional") ?? false,
        options: values)
    }
  }

  // MARK: A list

  private mutating func readList() {
    for entry in root.mappings("plugins", allowed: ["path", "id", "enabled", "optional", "options"]) {
      guard let (manifest, external) = plugin(of: entry) else { continue }
      let isOptional = entry.flag("optional")
      if external == nil, isOptional != nil {
        entry.refuse("optional", "\(isOptional ?? false)", expected: "no such key for a plugin of the program")
      }
      add(
        manifest, external, isEnabled: entry.flag("enabled") ?? true, isOptional: isOptional ?? false,
        options: entry.mapping("options", allowed: manifest.options.map(\.name)))
    }
  }

  private mutating func plugin(of entry: StrictMapping) -> (PluginManifest, ExternalPlugin?)? {
    let (path, id) = (entry.optionalText("path"), entry.optionalText("id"))
    guard (path == nil) != (id == nil) else {
      entry.miss("path", expected: "either path, the folder of a plugin, or id")
      return nil
    }
    guard let id else {
      return entry.path("path", .folder, in: base).flatMap { external(in: $0, line: entry.line(of: "path")) }
    }
    let known = (builtIn.map(\.id) + found.keys).sorted()
    guard known.contains(id) else {
      problems.add(
        .unknown(kind: "plugin", name: id, nearest: nearestName(to: id, in: known)), file, entry.line(of: "id"))
      return nil
    }
    return plugin(id, entry.line(of: "id"))
  }

  // MARK: Both

  private mutating func plugin(_ id: String, _ line: Int) -> (PluginManifest, ExternalPlugin?)? {
    if let manifest = builtIn.first(where: { $0.id == id }) { return (manifest, nil) }
    return found[id].flatMap { external(in: $0, line: line) }
  }

  /// Nil where it cannot be read, or no program but this one is to run.
  private mutating func external(in folder: String, line: Int) -> (PluginManifest, ExternalPlugin?)? {
    guard runsOthers else { return nil }
    let read = PluginFile(folder, problems)
    settings.sources += read.sources
    guard let plugin = read.plugin else { return nil }
    if builtIn.contains(where: { $0.id == plugin.manifest.id }) {
      problems.add(.duplicate(kind: "plugin", id: plugin.manifest.id), file, line)
      return nil
    }
    return (plugin.manifest, plugin)
  }

  private mutating func add(
    _ manifest: PluginManifest, _ external: ExternalPlugin?, isEnabled: Bool, isOptional: Bool, options: StrictMapping?
  ) {
    guard named.insert(manifest.id).inserted else {
      problems.add(.repeated(kind: "plugin", id: manifest.id), file, options?.line ?? root.line(of: "plugins"))
      return
    }
    if let options { settings.options[manifest.id] = values(of: manifest, in: options) }
    if let external {
      if isEnabled { settings.external.append(.init(plugin: external, isOptional: isOptional)) }
    } else if !isEnabled {
      settings.disabled.insert(manifest.id)
    }
  }

  private func values(of manifest: PluginManifest, in mapping: StrictMapping) -> [String: OptionValue] {
    var chosen: [String: OptionValue] = [:]
    for option in manifest.options {
      let name = option.name
      switch option.kind {
      case .number(_, let range): chosen[name] = mapping.integer(name, range: range).map(OptionValue.number)
      case .isOn: chosen[name] = mapping.flag(name).map(OptionValue.isOn)
      case .file: chosen[name] = mapping.optionalPath(name, .file, in: base).map { .file(realPath($0)) }
      case .texts: if mapping.value(name) != nil { chosen[name] = .texts(mapping.texts(name)) }
      case .text(_, let choices):
        guard let text = mapping.optionalText(name) else { continue }
        if choices.isEmpty || choices.contains(text) {
          chosen[name] = .text(text)
        } else {
          mapping.refuse(name, quoted(text), expected: choices.joined(separator: " or "))
        }
      }
    }
    return chosen
  }
}
