import Analysis

/// A plugin with a value for every option of its manifest.
struct PluginChoice: Sendable {
  let plugin: any AnalysisPlugin
  let options: [String: Int]

  init(_ plugin: any AnalysisPlugin, _ configuration: AtlasConfiguration) {
    options = plugin.manifest.defaultOptions.merging(configuration.plugins[plugin.manifest.id] ?? [:]) { $1 }
    self.plugin = plugin
  }
}

extension [PluginChoice] {
  /// ANALYSE: what all plugins find.
  ///
  /// - Throws: `BuildError.plugin` with the plugin that failed, and the model where that is known.
  func analyse(_ models: [ModelEvidence], progress: any ProgressReporter) throws -> AnalysisResults {
    var results = AnalysisResults()
    for (index, choice) in enumerated() {
      try Interruption.shared.check()
      progress.report(stage: "analyses", done: index, total: count)
      let id = choice.plugin.manifest.id
      do {
        let found = try choice.plugin.results(for: models, options: choice.options)
        results.sections += found.sections
        results.values.merge(found.values) { $1 }
      } catch let failure as AnalysisFailure {
        throw failure.cause as? BuildError ?? .plugin(id: id, model: failure.model, problem: "\(failure.cause)")
      } catch {
        throw error as? BuildError ?? .plugin(id: id, model: nil, problem: "\(error)")
      }
    }
    progress.report(stage: "analyses", done: count, total: count)
    return results
  }
}
