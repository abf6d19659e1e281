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
  var subjects: [String] = []
  var limits = ExternalPlugin.Limits(seconds: 20, memory: 512, output: 1)
  var options: [String: OptionValue] = [:]

  init(_ script: String) { self.script = script }

  /// A right answer around some lines.
  static func saying(_ lines: String) -> ShellPlugin {
    ShellPlugin("cat <<'END'\n{\"headatlas\": \"1.0\"}\n\(lines)\n{\"end\": true}\nEND")
  }

  static func section(_ subject: String = "model/alpha/head/L00.H00", title: String = "T", _ block: String) -> String {
    #"{"section": {"subject": "\#(subject)", "title": "\#(title)", "blocks": [\#(block)]}}"#
  }

  static let goodBlock = #"{"table": {"caption": "c", "columns": [{"title": "n"}], "rows": [[1], [2]]}}"#

  func plugin(in folder: String) -> ExternalPlugin {
    ExternalPlugin(
      manifest: PluginManifest(id: "shell", title: "Shell", version: "1", summary: "s"), folder: folder,
      command: ["sh", "run.sh"], models: models, subjects: subjects, needs: needs, encoded: encoded, limits: limits)
  }

  /// What comes of it in the synthetic atlas.
  func run(
    isOptional: Bool = false, check: @escaping () throws -> Void = {}, remark: @escaping (String) -> Void = { _ in }
  ) throws -> (results: AnalysisResults, failures: [PluginFailure]) {
    try Fixtures.withTemporaryFolder { folder in
      try Data(script.utf8).write(to: URL(fileURLWithPath: folder + "/run.sh"))
      let atlas = SyntheticAtlas()
      return try PluginRunner(atlas: atlas.outline(plugin: "shell"), check: check, remark: remark)
        .results(of: plugin(in: folder), options: options, for: atlas.models, isOptional: isOptional)
    }
  }

  /// What is said of it; nil where all is well.
  func message() throws -> String? { try run().failures.first.map { "\($0)" } }
}
