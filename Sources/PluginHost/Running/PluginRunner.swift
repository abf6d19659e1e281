import Analysis
import Diagnostics
import Files
import Foundation

/// Starts plugins that are programs of their own, and takes from the cache what they answered before.
package struct PluginRunner {
  package let atlas: AtlasOutline
  /// What was kept for the inputs given; nil where nothing was.
  private let kept: ([String]) -> [UInt8]?
  private let keep: ([UInt8], [String]) -> Void
  /// Throws where the work is to stop.
  private let check: () throws -> Void
  /// Takes a line that is worth knowing.
  private let remark: (String) -> Void

  package init(
    atlas: AtlasOutline, kept: @escaping ([String]) -> [UInt8]? = { _ in nil },
    keep: @escaping ([UInt8], [String]) -> Void = { _, _ in }, check: @escaping () throws -> Void = {},
    remark: @escaping (String) -> Void = { _ in }
  ) {
    (self.atlas, self.kept, self.keep, self.check, self.remark) = (atlas, kept, keep, check, remark)
  }

  /// What a plugin finds in the models of an atlas, and its failures.
  ///
  /// - Parameters:
  ///   - isOptional: whether it goes on with the next model after a failure.
  ///   - progress: gets how far the plugin says that it is.
  /// - Throws: what reading features throws, and what `check` does; never what the plugin does.
  package func results(
    of plugin: ExternalPlugin, options: [String: OptionValue], for models: [ModelEvidence], isOptional: Bool,
    progress: (Int, Int?) -> Void = { _, _ in }
  ) throws -> (results: AnalysisResults, failures: [PluginFailure]) {
    var results = AnalysisResults()
    var failures: [PluginFailure] = []
    let groups = plugin.models == .all ? [models] : models.map { [$0] }
    for group in groups {
      do {
        let answer = try answer(of: plugin, options, for: group, progress)
        results.sections += answer.results.sections
        results.values.merge(answer.results.values) { $1 }
        for warning in answer.warnings { remark("plugin \(plugin.manifest.id): \(warning)") }
      } catch let failure as PluginFailure {
        failures.append(failure)
        if !isOptional { break }
      }
    }
    return (results, failures)
  }

  /// - Throws: `PluginFailure`, and what reading features and `check` throw.
  private func answer(
    of plugin: ExternalPlugin, _ options: [String: OptionValue], for models: [ModelEvidence],
    _ progress: (Int, Int?) -> Void
  ) throws -> PluginAnswer {
    let model = plugin.models == .each ? models.first?.model : nil
    let evidence = try models.map { known in
      do {
        return try PreparedEvidence(known, for: plugin, options)
      } catch let problem as PluginProblem {
        throw PluginFailure(problem: problem, model: known.model, lastLines: [])
      }
    }
    let inputs =
      ["plugin", PluginVersion.current, try plugin.digest(), try key(of: options)]
      + evidence.flatMap { [$0.model, $0.title, $0.digest] }
    if let transcript = kept(inputs) {
      // One that the atlas has no place for any more is asked for again.
      var answer = PluginAnswer(plugin, model: model, atlas)
      if (try? answer.add(transcript)) != nil, (try? answer.finish()) != nil { return answer }
    }
    let answer = try run(plugin, options, evidence, model: model, progress)
    keep(answer.transcript, inputs)
    return answer
  }

  private func run(
    _ plugin: ExternalPlugin, _ options: [String: OptionValue], _ evidence: [PreparedEvidence], model: String?,
    _ progress: (Int, Int?) -> Void
  ) throws -> PluginAnswer {
    let place = NSTemporaryDirectory() + "/headatlas-plugin-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: place) }
    // Others have no business in it.
    guard mkdir(place, 0o700) == 0, let root = realPath(place) else { throw FileError.failedWrite(place) }
    for folder in ["work", "evidence"] { try makeFolder("\(root)/\(folder)") }
    for model in evidence { try model.write(to: "\(root)/evidence/\(model.model)") }
    setWritable(false, allIn: "\(root)/evidence")
    defer { setWritable(true, allIn: "\(root)/evidence") }
    let request = PluginRequest(
      plugin: plugin.manifest.id, version: plugin.manifest.version, folder: realPath(plugin.folder) ?? plugin.folder,
      options: options,
      models: evidence.map { .init(id: $0.model, title: $0.title, evidence: "\(root)/evidence/\($0.model)") })
    try writeFile(try request.text.utf8, to: "\(root)/request")
    let process = PluginProcess(
      words: plugin.words, folder: "\(root)/work", input: "\(root)/request",
      environment: Self.environment(folder: "\(root)/work"), limits: plugin.limits)
    var answer = PluginAnswer(plugin, model: model, atlas)
    let end = try process.run(check: check) { bytes throws(PluginProblem) in
      try answer.add(bytes)
      if let (done, total) = answer.progress { progress(done, total) }
    }
    do {
      if let problem = end.problem { throw problem }
      try answer.finish()
    } catch let problem as PluginProblem {
      throw PluginFailure(problem: problem, model: model, lastLines: end.lastLines)
    }
    return answer
  }

  /// All that a plugin sees of this program's environment, and what makes it give the same answer everywhere: programs that
  /// share sums among threads round by their number, and Python's sets are in another order in every run.
  private static func environment(folder: String) -> [String: String] {
    let own = ProcessInfo.processInfo.environment
    return [
      "PATH": own["PATH"] ?? "/usr/local/bin:/usr/bin:/bin", "HOME": own["HOME"] ?? folder, "TMPDIR": folder,
      "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
      "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    ]
  }

  /// The options, with what is in files that they name in place of their paths.
  private func key(of options: [String: OptionValue]) throws -> String {
    try jsonText(
      options.mapValues { value in
        guard case .file(let path?) = value else { return value }
        return .text("\(fileName(path)) \(try hexDigest(ofFile: path))")
      }, isPretty: false)
  }

  private func setWritable(_ isWritable: Bool, allIn folder: String) {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    for path in [folder] + names.map({ "\(folder)/\($0)" }) {
      chmod(path, FileKind(of: path) == .folder ? (isWritable ? 0o700 : 0o500) : (isWritable ? 0o600 : 0o400))
    }
  }
}

/// What a plugin is asked, on the second line of its standard input.
private struct PluginRequest: Encodable {
  struct Model: Encodable {
    let id, title: String
    /// The folder with `evidence.json`.
    let evidence: String
  }
  let plugin, version: String
  /// The plugin's own.
  let folder: String
  let options: [String: OptionValue]
  let models: [Model]

  var text: String { get throws { "\(PluginVersion.line)\n\(try jsonText(self, isPretty: false))\n" } }
}
