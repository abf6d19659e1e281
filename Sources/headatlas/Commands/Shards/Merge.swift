import ArgumentParser
import Build
import Files

struct Merge: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts the shards of headatlas features into the atlas's cache, where a build finds them.",
    discussion: "In any order they give the bytes of one process. On stdout is a line of JSON for each model.")

  @Argument(help: "The folder of the manifest and of all shards.") var folder: String
  @Option(help: "The atlas's description.  (default: the one that the manifest names)") var config: String?
  @Option(help: "A model of the atlas; all by default.") var model: String?
  @Option(help: "Also write the moments of all blocks, of one model, to this file.") var moments: String?

  func run() throws {
    try mergeShards(
      MergeOptions(folder: folder, configuration: config, model: model, moments: moments), progress: ProgressLine()
    ) { try printDocument(jsonText($0, isPretty: false)) }
  }
}
