import ArgumentParser
import Build
import Files
import Foundation

struct Plan: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a build will take: pages, work, time, memory, size.",
    discussion: """
      Time and memory are those of a build from an empty cache. With the site's size they come from building a small part of the atlas in a \
      temporary folder, with its own models and on this machine as busy as it is, which takes some seconds, more for large models.
      """)

  @OptionGroup var atlas: AtlasOptions
  @OptionGroup var compute: ComputeArguments
  @OptionGroup var pluginArguments: PluginArguments
  var computeOptions: ComputeOptions? { get throws { countOnly ? nil : try compute.options() } }
  @Flag(help: "Only count: load no model and try nothing.") var countOnly = false
  @Option(help: "Also what a shard takes where the probe set is divided into so many.") var shards: Int?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    if let shards, !(1...100_000).contains(shards) {
      throw ValidationError("--shards \(shards), expected 1 to 100000")
    }
    guard shards == nil || !countOnly else { throw ValidationError("--shards needs what --count-only leaves out") }
  }

  private struct Report: Encodable {
    let counts: BuildPlan
    let forecast: BuildForecast?

    /// The keys of both, side by side.
    func encode(to encoder: any Encoder) throws {
      try counts.encode(to: encoder)
      try forecast?.encode(to: encoder)
    }
  }

  func run() throws {
    let runsOthers = !pluginArguments.isWithoutOthers
    let counts = try planAtlas(
      configuration: atlas.config, plugins: builtInPlugins, runsOthers: runsOthers, progress: ProgressLine())
    let forecast =
      countOnly
      ? nil
      : try forecastBuild(
        configuration: atlas.config, plugins: builtInPlugins, runsOthers: runsOthers, compute: try compute.options(),
        shards: shards, progress: ProgressLine())
    if json {
      try printDocument(jsonText(Report(counts: counts, forecast: forecast)))
    } else {
      try printResults(counts.lines + (forecast?.lines ?? []))
    }
  }
}
