import Analysis
import Attribution
import CLIP
import Diagnostics
import Files
import Foundation
import Images
import Metrics
import Site

/// What `headatlas build` is asked for.
package struct BuildOptions: Sendable {
  package var configuration: String
  package var output: String
  /// A shell pattern; only pages whose path matches are written, into the site that is there. The atlas is `index`.
  package var only: String?
  package var compute: ComputeOptions
  /// Fail where the finished site has a broken link or another flaw.
  package var strict: Bool

  package init(
    configuration: String, output: String, only: String? = nil, compute: ComputeOptions = ComputeOptions(),
    strict: Bool = false
  ) {
    self.configuration = configuration
    self.output = output
    self.only = only
    self.compute = compute
    self.strict = strict
  }
}

package struct BuildReport: Sendable, Codable, Equatable {
  package struct Model: Sendable, Codable, Equatable {
    package let id: String
    package let ledgerResidual: Double
    package let ledgerImage: String
  }
  package let output: String
  package let pages: Int
  package let bytes: Int
  package let seconds: Double
  package let models: [Model]
}

/// Builds the atlas: computes what is not cached, runs the plugins, writes the site beside its place and puts it there.
///
/// - Throws: `BuildError` and the errors of the modules it calls; each says what is wrong on one line. The old site is
///   whole then.
package func buildAtlas(
  _ options: BuildOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> BuildReport {
  let start = ContinuousClock.now
  let staged = try StagedFolder(target: options.output, keepsOld: options.only != nil)
  let recipe = try AtlasRecipe(options.configuration, plugins: plugins)
  let studies = try recipe.studies(options.compute, progress: progress)
  let content = try recipe.content(studies, progress: progress)
  try Interruption.shared.check()
  progress.report(stage: "pages", done: 0, total: nil)
  var siteOptions = SiteOptions(
    templates: try templatesFolder(), overrides: recipe.configuration.templates,
    rebuildCommand: { rebuildCommand(for: $0, configuration: options.configuration) })
  if let pattern = options.only {
    siteOptions.isWanted = { path in fnmatch(pattern, path, 0) == 0 }
  }
  let report = try writeSite(content, options: siteOptions, to: staged.staging) { _ in }
  guard report.pages > 0 else {
    throw BuildError.usage(
      "no page matches --only \(quoted(options.only ?? "")), expected a pattern such as 'model/*' or 'image/*'")
  }
  if options.strict, let problem = try checkSite(at: staged.staging).first {
    throw BuildError.usage("\(problem) (--strict)")
  }
  try Interruption.shared.check()
  try staged.commit()
  progress.report(stage: "pages", done: report.pages, total: report.pages)
  return BuildReport(
    output: options.output, pages: report.pages, bytes: report.bytes,
    seconds: start.secondsUntilNow,
    models: studies.map { study in
      .init(
        id: study.evidence.model, ledgerResidual: Double(study.ledger.worstResidual),
        ledgerImage: study.evidence.gallery.items[study.ledger.worstImage].reference.id)
    })
}

extension ContinuousClock.Instant {
  var secondsUntilNow: Double { duration(to: .now) / .seconds(1) }
}

/// The command that builds one page again, as every page says.
private func rebuildCommand(for path: String, configuration: String) -> String {
  let file = configuration.hasPrefix("/") ? fileName(configuration) : configuration
  return "headatlas build --config \(file) --only '\(path)'"
}

/// The templates that travel with the program: `HEADATLAS_TEMPLATES`, or `Templates` in a folder above the executable or
/// the working folder.
func templatesFolder() throws -> String {
  if let named = ProcessInfo.processInfo.environment["HEADATLAS_TEMPLATES"] { return named }
  let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  for start in [executable, FileManager.default.currentDirectoryPath + "/x"] {
    var place = folder(of: start)
    while place != "/", place != ".", !place.isEmpty {
      let candidate = place + "/Templates"
      if FileManager.default.fileExists(atPath: candidate + "/layout.mustache") { return candidate }
      place = folder(of: place)
    }
  }
  throw FileError.unreadable(
    path: "Templates", reason: "no folder of that name above the program; set HEADATLAS_TEMPLATES to it")
}

extension AtlasConfiguration {
  /// - Throws: `BuildError`.
  package init(file: String, plugins: [any AnalysisPlugin]) throws {
    try self.init(
      file: file,
      knownPlugins: Dictionary(
        uniqueKeysWithValues: plugins.map { ($0.manifest.id, $0.manifest.options.map(\.name)) }))
  }
}

/// An atlas as configured, with everything that every model shares.
struct AtlasRecipe: Sendable {
  let configuration: AtlasConfiguration
  let plugins: [any AnalysisPlugin]
  let gallery: HashedImages
  let probe: HashedImages

  init(_ file: String, plugins: [any AnalysisPlugin]) throws {
    try self.init(AtlasConfiguration(file: file, plugins: plugins), plugins: plugins)
  }

  init(_ configuration: AtlasConfiguration, plugins: [any AnalysisPlugin]) throws {
    self.configuration = configuration
    self.plugins = plugins
    // A wrong option is found before hours of work, not after.
    for plugin in plugins {
      let chosen = Self.options(of: plugin, configuration)
      for option in plugin.manifest.options { _ = try plugin.manifest.value(of: option.name, in: chosen) }
    }
    gallery = try HashedImages(configuration.gallery)
    probe = try HashedImages(configuration.probe)
  }

  static func options(of plugin: any AnalysisPlugin, _ configuration: AtlasConfiguration) -> [String: Int] {
    plugin.manifest.standardOptions.merging(configuration.plugins[plugin.manifest.id] ?? [:]) { $1 }
  }

  func studies(_ compute: ComputeOptions, progress: any ProgressReporter) throws -> [ModelStudy] {
    let cache = FeatureCache(folder: configuration.cacheFolder)
    return try configuration.models.map { entry in
      try ModelStudy(
        entry, of: configuration, gallery: gallery, probe: probe, compute, cache: cache, progress: progress)
    }
  }

  /// Sections of all plugins and of the core, and the frame around them.
  func content(_ studies: [ModelStudy], progress: any ProgressReporter) throws -> SiteContent {
    var sections: [Section] = []
    var values: [String: String] = [:]
    let total = studies.count * plugins.count
    for (number, study) in studies.enumerated() {
      for (index, plugin) in plugins.enumerated() {
        progress.report(stage: "analyses", done: number * plugins.count + index, total: total)
        do {
          sections += try plugin.sections(
            for: study.evidence, options: Self.options(of: plugin, configuration))
        } catch let error as BuildError {
          throw error
        } catch {
          throw BuildError.plugin(
            id: plugin.manifest.id, model: study.evidence.model, problem: "\(error)")
        }
      }
      progress.report(stage: "analyses", done: (number + 1) * plugins.count, total: total)
    }
    let truths = try studies.map { try TruthReport($0, configuration: configuration) }
    let core = CoreSections(configuration: configuration, studies: studies, truths: truths)
    sections += core.sections()
    values = core.values()
    return SiteContent(
      title: configuration.title, introduction: configuration.introduction,
      models: studies.map { study in
        .init(
          id: study.evidence.model, title: study.evidence.title, shape: study.shape, labels: study.evidence.labels,
          resize: study.loaded.model.configuration.resize, provenance: core.provenance(of: study))
      },
      gallery: configuration.gallery.images.map { file($0, .gallery) }, probe: probeFiles(shownIn: sections),
      texts: configuration.texts.map { .init(id: $0.id, text: $0.text) },
      properties: configuration.properties.map { .init(id: $0.id, title: $0.title) },
      contrasts: configuration.contrastEntries.map {
        .init(id: $0.id, title: $0.texts.joined(separator: " or "), image: $0.image, texts: $0.texts.map(uniqueSlug))
      },
      plugins: try pluginEntries(), sections: sections, commentary: try commentary(), values: values,
      provenance: [
        .init("headatlas", headatlasVersion),
        .init("gallery", "\(gallery.set.images.count) images, sha256 \(gallery.hash.prefix(16))"),
        .init("probe set", "\(probe.set.images.count) images, sha256 \(probe.hash.prefix(16))"),
        .init("description pool", "\(configuration.pool.count) lines"),
      ] + plugins.map { .init("plugin \($0.manifest.id)", $0.manifest.version) },
      date: sourceDate())
  }

  /// The probe images that sections refer to, a few of what may be very many.
  private func probeFiles(shownIn sections: [Section]) -> [SiteContent.ImageFile] {
    let shown = Set(imagesShown(in: sections).filter { $0.set == .probe }.map(\.id))
    return configuration.probe.images.lazy.filter { shown.contains($0.id) }.map { file($0, .probe) }
  }

  private func file(_ image: ImageSet.Entry, _ set: ImageReference.Origin) -> SiteContent.ImageFile {
    .init(
      reference: ImageReference(set: set, id: image.id), path: image.path, caption: image.caption,
      credit: image.credit, licence: image.licence)
  }

  private func pluginEntries() throws -> [SiteContent.PluginEntry] {
    try ([CoreSections.manifest] + plugins.map(\.manifest)).map { manifest in
      let file = configuration.pagesFolder.map { "\($0)/\(manifest.id).md" }
      let page = try file.flatMap { FileManager.default.fileExists(atPath: $0) ? try readText($0) : nil }
      return .init(manifest: manifest, page: page ?? manifest.summary)
    }
  }

  private func commentary() throws -> [SiteContent.Commentary] {
    guard let root = configuration.commentaryFolder else { return [] }
    let names = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".md") }.sorted()
    return try names.map { name in
      let path = String(name.dropLast(3))
      return .init(
        file: "\(root)/\(name)", subjectPath: path == "index" ? "" : path, source: try readText("\(root)/\(name)"))
    }
  }

  /// SOURCE_DATE_EPOCH as an ISO date: the only date that ever stands on a page.
  private func sourceDate() -> String? {
    guard let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"], let seconds = TimeInterval(text) else {
      return nil
    }
    return Date(timeIntervalSince1970: seconds).formatted(.iso8601.year().month().day())
  }
}

/// The version of the program.
package let headatlasVersion = "0.1.0"
