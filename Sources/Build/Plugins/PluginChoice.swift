import Analysis
import PluginHost

/// A plugin that runs, with a value for every option of its manifest.
struct PluginChoice: Sendable {
  enum Program: Sendable {
    case builtIn(any AnalysisPlugin)
    /// A program of its own.
    case external(ExternalPlugin)
  }
  let manifest: PluginManifest
  let program: Program
  let options: [String: OptionValue]
  /// Whether the atlas is built without it where it fails.
  let isOptional: Bool
}

extension AtlasConfiguration {
  /// The plugins that run, in their order: those that the program comes with, then those that the description names.
  ///
  /// - Parameter builtIn: all that the program comes with.
  func choices(of builtIn: [any AnalysisPlugin]) -> [PluginChoice] {
    func options(_ manifest: PluginManifest) -> [String: OptionValue] {
      manifest.defaultOptions.merging(plugins.options[manifest.id] ?? [:]) { $1 }
    }
    let own = builtIn.filter { !plugins.disabled.contains($0.manifest.id) }.map {
      PluginChoice(
        manifest: $0.manifest, program: .builtIn($0), options: options($0.manifest), isOptional: false)
    }
    let others = plugins.external.map {
      PluginChoice(
        manifest: $0.plugin.manifest, program: .external($0.plugin), options: options($0.plugin.manifest),
        isOptional: $0.isOptional)
    }
    return own + others
  }

  /// What sections from outside are held against.
  var outlineOfAtlas: AtlasOutline {
    AtlasOutline(
      models: models.map(\.id), pages: pagePaths(), gallery: gallery.images.map(\.id), probe: probe.images.map(\.id))
  }
}

/// What the plugins of an atlas found.
struct PluginFindings: Sendable {
  var results = AnalysisResults()
  /// Whether no plugin failed.
  var isWhole = true
}

extension [PluginChoice] {
  /// ANALYSE: what all plugins find.
  ///
  /// - Parameter always: whether programs are started of which an answer is kept.
  /// - Throws: `BuildError.plugin` with the plugin that failed, and the model where that is known.
  func analyse(
    _ models: [ModelEvidence], of configuration: AtlasConfiguration, cache: FeatureCache, always: Bool = false,
    progress: any ProgressReporter
  ) throws -> PluginFindings {
    var findings = PluginFindings()
    let runner = PluginRunner(
      atlas: configuration.outlineOfAtlas,
      kept: { always ? nil : cache.bytes(.results, inputs: $0).map { Array<UInt8>($0) } },
      keep: { cache.keep($0, .results, inputs: $1) }, check: { try Interruption.shared.check() },
      remark: progress.remark)
    for (index, choice) in enumerated() {
      try Interruption.shared.check()
      progress.report(stage: "analyses", done: index, total: count)
      switch choice.program {
      case .builtIn(let plugin): findings.add(try choice.results(of: plugin, for: models))
      case .external(let plugin):
        try findings.add(choice, plugin, for: models, runner: runner, progress: progress)
      }
    }
    progress.report(stage: "analyses", done: count, total: count)
    return findings
  }
}

extension PluginFindings {
  fileprivate mutating func add(_ found: AnalysisResults) {
    results.sections += found.sections
    results.values.merge(found.values) { $1 }
  }

  fileprivate mutating func add(
    _ choice: PluginChoice, _ plugin: ExternalPlugin, for models: [ModelEvidence], runner: PluginRunner,
    progress: any ProgressReporter
  ) throws {
    let id = choice.manifest.id
    let (found, failures) = try runner.results(
      of: plugin, options: choice.options, for: models, isOptional: choice.isOptional
    ) { progress.report(stage: "plugin \(id)", done: $0, total: $1) }
    if let failure = failures.first, !choice.isOptional {
      throw BuildError.plugin(id: id, model: failure.model, problem: "\(failure)")
    }
    add(found)
    for failure in failures {
      progress.remark(
        "\(BuildError.plugin(id: id, model: failure.model, problem: "\(failure)")); built without, as it is optional")
      results.sections += choice.marks(of: failure)
      isWhole = false
    }
  }
}

extension PluginChoice {
  fileprivate func results(of plugin: any AnalysisPlugin, for models: [ModelEvidence]) throws -> AnalysisResults {
    do {
      return try plugin.results(for: models, options: options)
    } catch let failure as AnalysisFailure {
      throw failure.cause as? BuildError
        ?? .plugin(id: manifest.id, model: failure.model, problem: "\(failure.cause)")
    } catch {
      throw error as? BuildError ?? .plugin(id: manifest.id, model: nil, problem: "\(error)")
    }
  }

  /// What stands in the place of the sections that a failed plugin has not: on its own page, and on that of the model.
  ///
  /// What the plugin wrote to standard error is not shown: paths of this machine may be in it.
  fileprivate func marks(of failure: PluginFailure) -> [Section] {
    let table = Table(
      caption: "This plugin failed, and its sections are missing from the atlas, which was built without them.",
      columns: [.init("Plugin"), .init("What went wrong")],
      rows: [[.link(manifest.title, .plugin(manifest.id)), .text("\(failure.problem)")]])
    let subjects = [.plugin(manifest.id)] + (failure.model.map { [Subject.model($0)] } ?? [])
    return subjects.map {
      Section(
        subject: $0, plugin: manifest.id, model: failure.model, title: "\(manifest.title): not available", order: 0,
        blocks: [.table(table)])
    }
  }
}
