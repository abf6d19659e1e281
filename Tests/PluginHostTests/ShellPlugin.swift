import Analysis
import Files
import Foundation
import PluginHost
import TestSupport

/// A plugin whose program is a line of shell.
struct ShellPlugin {
  var script: String
  var models = ExternalPlugin.Models.each
  var needs: Set<EvidenceNeed> = []
  var encoded: [String] = []
  var patches: ExternalPlugin.Patches?
  var pages: [PluginPage] = []
  var manifestOptions: [PluginOption] = []
  var encodedOptions: Set<String> = []
  var subjects: [String] = []
  var limits = ExternalPlugin.Limits(seconds: 20, memory: 512, output: HostileProgram.output)
  var options: [String: OptionValue] = [:]

  init(_ script: String) { self.script = script }

  /// A right answer around some lines.
  static func saying(_ lines: String) -> ShellPlugin { ShellPlugin(HostileProgram.saying(lines)) }

  static func section(_ subject: String = "model/alpha/head/L00.H00", title: String = "T", _ block: String) -> String {
    HostileProgram.section(subject, title: title, block)
  }

  func plugin(in folder: String) -> ExternalPlugin {
    ExternalPlugin(
      manifest: PluginManifest(
        id: "shell", title: "Shell", version: "1", summary: "s", options: manifestOptions, pages: pages),
      folder: folder, command: ["sh", "run.sh"], models: models, subjects: subjects, needs: needs, encoded: encoded,
      encodedOptions: encodedOptions, patches: patches, limits: limits)
  }

  /// What comes of it in the synthetic atlas.
  func run(
    isOptional: Bool = false, check: @escaping () throws -> Void = {}, remark: @escaping (String) -> Void = { _ in }
  ) throws -> (results: AnalysisResults, failures: [PluginFailure]) {
    try Fixtures.withTemporaryFolder { folder in
      try Data(script.utf8).write(to: URL(fileURLWithPath: folder + "/run.sh"))
      let atlas = SyntheticAtlas()
      return try PluginRunner(atlas: atlas.outline(plugin: "shell", pages: pages), check: check, remark: remark)
        .results(of: plugin(in: folder), options: options, for: atlas.models, isOptional: isOptional)
    }
  }

  /// What is said of it; nil where all is well.
  func message() throws -> String? { try run().failures.first.map { "\($0)" } }
}
