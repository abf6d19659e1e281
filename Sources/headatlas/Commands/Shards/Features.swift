import ArgumentParser
import Build
import Diagnostics
import Files
import Foundation

struct Features: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes a shard of an atlas's probe set, as a task of a cluster does.",
    discussion: """
      First, once: headatlas features --config FILE --output FOLDER --manifest, which freezes the image set. Then, on any machines that \
      see the same paths: --output FOLDER --shard 0/8 to 7/8, or --shard auto/8 in tasks numbered from 0. Then headatlas merge FOLDER. \
      SIGTERM and SIGUSR1 end it with status 75; run again, it goes on. On stdout is a line of JSON for each model.
      """)

  @Option(help: "The atlas's description; with --shard, only held against the manifest.  (default: content/atlas.yml)")
  var config: String?
  @Option(help: "The folder of the manifest and of all shards.") var output: String
  @Flag(help: "Freeze the image set: write FOLDER/manifest.tsv.") var manifest = false
  @Option(help: ArgumentHelp("i/n from 0, auto, or auto/n.", valueName: "shard")) var shard: String?
  @Option(help: "A model of the atlas; all by default.") var model: String?
  @Option(help: "What is kept of features: fp32, fp16, or none for moments alone; by default what the atlas says.")
  var features: String?
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions { get throws { try compute.options() } }

  func validate() throws {
    guard manifest != (shard != nil) else { throw ValidationError("expected --manifest or --shard, and not both") }
    _ = try chosenShard()
    _ = try chosenFeatures()
  }

  private func chosenShard() throws -> Shard? {
    guard let shard else { return nil }
    guard let choice = ShardChoice(shard) else {
      throw ValidationError("--shard \(quoted(shard)), expected i/n with i from 0 to n-1, auto, or auto/n")
    }
    do {
      return try choice.shard(ProcessInfo.processInfo.environment)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private func chosenFeatures() throws -> KeptFeatures? {
    guard let features else { return nil }
    guard let choice = KeptFeatures(rawValue: features) else {
      throw ValidationError(
        "--features \(quoted(features)), expected \(KeptFeatures.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    return choice
  }

  func run() throws {
    do {
      if let shard = try chosenShard() {
        try compute(shard)
      } else {
        let options = ManifestOptions(
          configuration: config ?? AtlasOptions.usualFile, output: output, compute: try compute.options())
        let made = try writeManifest(options, plugins: builtInPlugins, progress: ProgressLine())
        try printDocument(jsonText(made, isPretty: false))
      }
    } catch BuildError.interrupted where Interruption.shared.isToComeBack {
      sayLine("headatlas: stopped by a signal; what was begun is finished and kept: run the command again to go on")
      throw ExitStatus.tryAgain
    }
  }

  private func compute(_ shard: Shard) throws {
    let options = ShardOptions(
      output: output, configuration: config, model: model, shard: shard, features: try chosenFeatures(),
      compute: try compute.options())
    try computeShards(options, progress: ProgressLine()) { report in
      if report.isUnchanged { sayLine("headatlas: \(report.folder) is finished, nothing to do") }
      try printDocument(jsonText(report, isPretty: false))
    }
  }
}
