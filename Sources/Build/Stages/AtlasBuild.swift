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
  /// A shell pattern; only pages whose path matches are written, into the site that is there.
  ///
  /// The atlas is `index`.
  package var only: String?
  package var compute: ComputeOptions
  /// Fail where the finished site has a broken link or another flaw.
  package var strict: Bool
  /// Run all analyses and write all pages, even where nothing has changed since the last build.
  package var always: Bool
  /// Whether plugins run that are programs of their own.
  package var runsOthers: Bool

  package init(
    configuration: String, output: String, only: String? = nil, compute: ComputeOptions = ComputeOptions(),
    strict: Bool = false, always: Bool = false, runsOthers: Bool = true
  ) {
    self.configuration = configuration
    self.output = output
    self.only = only
    self.compute = compute
    self.strict = strict
    self.always = always
    self.runsOthers = runsOthers
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
  /// Whether the site was left as it was, since nothing that it is made from had changed.
  package let isUnchanged: Bool

  func unchanged(seconds: Double) -> BuildReport {
    BuildReport(
      output: output, pages: pages, bytes: bytes, seconds: seconds, models: models, isUnchanged: true)
  }
}

/// Builds the atlas: computes what is not cached, runs the plugins, writes the site beside its place and puts it there.
///
/// - Throws: `BuildError` and the errors of the modules it calls; each says what is wrong on one line. The old site is
///   whole then.
package func buildAtlas(
  _ options: BuildOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> BuildReport {
  let (start, date) = (ContinuousClock.now, Date().timeIntervalSince1970)
  _ = try sourceDate()
  let staged = try StagedFolder(target: options.output, keepsOld: options.only != nil)
  let described = try AtlasConfiguration(
    file: options.configuration, plugins: plugins, only: options.only, runsOthers: options.runsOthers)
  let cache = FeatureCache(folder: described.cacheFolder)
  let choices = described.choices(of: plugins)
  let evidence = try described.evidenceStamps(options.compute, choices)
  let inputs = try described.stamps(options, evidence: evidence)
  described.imageRemarks.forEach(progress.remark)
  if options.only == nil, !options.always,
    let report = LastBuild.unchanged(inputs, output: options.output, cache: cache)
  {
    return report.unchanged(seconds: start.secondsUntilNow)
  }
  let threads = CLIPModel.threads(asked: options.compute.jobs)
  let configuration = try described.withReadableImages(threads: threads, progress: progress)
  let content = try siteContent(configuration, choices, evidence, options, cache, since: date, progress: progress)
  let report = try write(content.site, configuration, options, into: staged, progress: progress)
  try Interruption.shared.check()
  try staged.commit()
  progress.report(stage: "pages", done: report.pages, total: report.pages)
  let built = BuildReport(
    output: options.output, pages: report.pages, bytes: report.bytes, seconds: start.secondsUntilNow,
    models: content.models.map { .init(id: $0.id, ledgerResidual: $0.residual, ledgerImage: $0.residualImage) },
    isUnchanged: false)
  if options.only == nil, content.isWhole { LastBuild.note(built, inputs, since: date, cache: cache) }
  return built
}

/// The stages from DATASET to ANALYSE, or what they gave before where nothing that they depend on has changed; and whether no
/// plugin failed.
private func siteContent(
  _ configuration: AtlasConfiguration, _ plugins: [PluginChoice], _ evidence: StampDigest, _ options: BuildOptions,
  _ cache: FeatureCache, since start: Double, progress: any ProgressReporter
) throws -> (site: SiteContent, models: [AtlasFindings.Model], isWhole: Bool) {
  let threads = CLIPModel.threads(asked: options.compute.jobs)
  if !options.always, let findings = AtlasFindings.kept(evidence, cache) {
    let images = try GalleryImages(configuration, configuration.renditions, threads: threads)
    return (
      try SiteContent(configuration, images, configuration.renditions, findings, plugins), findings.models, true
    )
  }
  let dataset = try Dataset(configuration, threads: threads)
  let models = try dataset.studiedModels(options.compute, progress: progress)
  let found = try plugins.analyse(
    models.map(\.evidence), of: configuration, cache: cache, always: options.always, progress: progress)
  let findings = AtlasFindings(dataset, models, found.results)
  // What was changed while it was read is not known, and a plugin that failed is started again.
  if evidence.isOlder(than: start), found.isWhole { findings.keep(evidence, cache) }
  return (
    try SiteContent(configuration, dataset.galleryImages, configuration.renditions, findings, plugins),
    findings.models, found.isWhole
  )
}

extension Dataset {
  /// All models of the atlas, one after the other.
  func studiedModels(_ compute: ComputeOptions, progress: any ProgressReporter) throws -> [StudiedModel] {
    let cache = FeatureCache(folder: configuration.cacheFolder)
    return try configuration.models.map { entry in
      try StudiedModel(entry, of: self, compute, cache: cache, progress: progress)
    }
  }
}

/// WRITE: the pages, and where asked for the check of them.
private func write(
  _ content: SiteContent, _ configuration: AtlasConfiguration, _ options: BuildOptions, into staged: StagedFolder,
  progress: any ProgressReporter
) throws -> SiteReport {
  try Interruption.shared.check()
  progress.report(stage: "pages", done: 0, total: nil)
  var siteOptions = SiteOptions(
    templates: try templatesFolder(), overrides: configuration.templates,
    rebuildCommand: { rebuildCommand(for: $0, configuration: options.configuration) },
    threads: CLIPModel.threads(asked: options.compute.jobs))
  siteOptions.former = staged.target
  if let pattern = options.only {
    siteOptions.isWanted = { path in fnmatch(pattern, path, 0) == 0 }
  }
  let report = try writeSite(content, options: siteOptions, to: staged.staging) { _ in }
  if options.strict, let problem = try checkSite(at: staged.staging).first { throw BuildError.siteProblem(problem) }
  return report
}

extension ContinuousClock.Instant {
  var secondsUntilNow: Double { duration(to: .now) / .seconds(1) }
}

/// The command that builds one page again, as every page says.
///
/// It is for the folder of the atlas's description, so that pages do not depend on how its path was written.
private func rebuildCommand(for path: String, configuration: String) -> String {
  let file = fileName(configuration)
  let isPlain = file.utf8.allSatisfy { percentEncoded([$0], keeping: "-_.").utf8.count == 1 } && !file.hasPrefix("-")
  let word = isPlain ? file : "'" + file.replacing("'", with: "'\\''") + "'"
  return "headatlas build --config \(word) --only '\(path)'"
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
  /// - Throws: `FileError`, `InputProblems`.
  package init(
    file: String, plugins: [any AnalysisPlugin], only: String? = nil, runsOthers: Bool = true
  ) throws {
    try self.init(file: file, manifests: plugins.map(\.manifest), only: only, runsOthers: runsOthers)
  }
}

/// What the models of an atlas are to its analyses.
///
/// - Parameter cache: a folder for what is computed of images and texts.
/// - Throws: as `buildAtlas` does.
package func atlasEvidence(
  configuration file: String, plugins: [any AnalysisPlugin], cache: String
) throws -> [ModelEvidence] {
  let threads = CLIPModel.threads(asked: nil)
  let dataset = try Dataset(
    try AtlasConfiguration(file: file, plugins: plugins)
      .withReadableImages(threads: threads, progress: SilentProgress()), threads: threads)
  return try dataset.configuration.models.map { entry in
    try StudiedModel(
      entry, of: dataset, ComputeOptions(), cache: FeatureCache(folder: cache), progress: SilentProgress()
    ).evidence
  }
}

/// The version of the program.
package let headatlasVersion = "0.1.0"
