import ArgumentParser
import Build
import Diagnostics
import Files
import Foundation

struct Build: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Builds the atlas.",
    discussion: """
      What is computed is kept in .headatlas beside the configuration and found again. The site is written beside its \
      place and put there in one step: a build that fails or is interrupted leaves the old site whole.
      """)

  @OptionGroup var atlas: AtlasOptions
  @Option(help: "The site's folder.") var output = "site"
  @Option(
    help: ArgumentHelp("Build only the pages whose path matches; the atlas's own page is index.", valueName: "glob"))
  var only: String?
  @OptionGroup var compute: ComputeArguments
  @OptionGroup var pluginArguments: PluginArguments
  @Flag(help: "Run all analyses and write all pages, even where nothing has changed since the last build.")
  var always = false
  var computeOptions: ComputeOptions? { get throws { try compute.options() } }
  @Flag(help: "Fail where the finished site has a flaw that headatlas check would find.") var strict = false
  @Flag(help: "Print the report as JSON.") var json = false

  func run() throws {
    let report = try buildAtlas(
      BuildOptions(
        configuration: atlas.config, output: output, only: only, compute: try compute.options(), strict: strict,
        always: always, runsOthers: !pluginArguments.isWithoutOthers),
      plugins: builtInPlugins, progress: ProgressLine())
    guard !json else { return try printDocument(jsonText(report)) }
    for model in report.models {
      try printResult(
        "\(model.id): largest reconstruction residual \(scientific(model.ledgerResidual)), at image \(model.ledgerImage)"
      )
    }
    let seconds = fixed(report.seconds, decimals: 1)
    let change = report.isUnchanged ? ", nothing changed since the last build" : ""
    try printResult(
      "\(report.pages) pages, \(megabytes(report.bytes)) MB, \(seconds) s\(change): \(report.output)/index.html")
  }
}
