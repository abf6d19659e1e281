import Analysis
import Files
import PluginHost

/// A plugin that an atlas has, names or could name, as `headatlas plugin list` shows it.
package struct ListedPlugin: Sendable {
  package let manifest: PluginManifest
  /// Nil for a plugin that the program comes with.
  package let external: ExternalPlugin?
  /// Why it does not run, in words; nil where it does.
  package let idle: String?

  package var lines: [String] {
    let head = "\(manifest.id) \(manifest.version): \(manifest.summary)"
    let command = external.map { ["  runs \($0.command.joined(separator: " ")), in \($0.folder)"] } ?? []
    let reason = idle.map { ["  does not run: \($0)"] } ?? []
    return [head] + command + reason
      + manifest.options.map { "  \($0.name): \($0.summary); \($0.defaultValue.words), of \($0.choices)" }
  }
}

/// The plugins that the program comes with and, where there is a description of an atlas, those that it names and those in
/// `Plugins/` beside it.
///
/// - Parameter file: the description; nil for none.
/// - Throws: `FileError`, `InputProblems`.
package func listedPlugins(configuration file: String?, builtIn: [PluginManifest]) throws -> [ListedPlugin] {
  guard let file else { return builtIn.map { ListedPlugin(manifest: $0, external: nil, idle: nil) } }
  let configuration = try AtlasConfiguration(file: file, manifests: builtIn)
  let own = builtIn.map { manifest in
    ListedPlugin(
      manifest: manifest, external: nil,
      idle: configuration.plugins.disabled.contains(manifest.id) ? "enabled is false in \(file)" : nil)
  }
  let named = configuration.plugins.external.map {
    ListedPlugin(manifest: $0.plugin.manifest, external: $0.plugin, idle: nil)
  }
  let running = Set(named.map(\.manifest.id))
  let others = foundPlugins(in: folder(of: file)).sorted { $0.key < $1.key }.filter { !running.contains($0.key) }
  let idle = others.compactMap { _, folder -> ListedPlugin? in
    let problems = ProblemList()
    guard let plugin = PluginFile(folder, problems).plugin else { return nil }
    return ListedPlugin(
      manifest: plugin.manifest, external: plugin, idle: "\(file) does not name it, or says enabled: false")
  }
  return own + named + idle
}

/// Holds the plugin in a folder against what is asked of every plugin.
///
/// - Throws: `FileError`, `InputProblems` where its `plugin.yml` is wrong.
package func testPlugin(in folder: String) throws -> [Finding] {
  let problems = ProblemList()
  let read = PluginFile(folder, problems)
  try problems.check()
  guard let plugin = read.plugin else { return [] }
  return try conformance(of: plugin, options: plugin.manifest.defaultOptions).map {
    Finding(subject: $0.subject, isFine: $0.isFine, detail: $0.detail)
  }
}
