import ArgumentParser
import Build
import Diagnostics
import Files
import Foundation
import Site

struct AtlasOptions: ParsableArguments {
  @Option(help: "The atlas's description.") var config = "content/atlas.yml"
}

struct ComputeArguments: ParsableArguments {
  @Option(help: "Threads; all cores by default. Results do not depend on it.") var jobs: Int?
  @Option(help: "Of the towers' products: fp32, or bf16 where built with oneDNN.") var precision = "fp32"

  func validate() throws {
    try checkJobs(jobs)
    do {
      _ = try options()
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func options() throws -> ComputeOptions { try ComputeOptions(jobs: jobs, precision: precision) }
}

struct Build: ParsableCommand {
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
  @Flag(help: "Never use the network. A build never does; the option is there for scripts that say it.") var offline =
    false
  @Flag(help: "Fail where the finished site has a flaw that headatlas check would find.") var strict = false
  @Flag(help: "Print the report as JSON.") var json = false

  func run() throws {
    let report = try buildAtlas(
      BuildOptions(
        configuration: atlas.config, output: output, only: only, compute: try compute.options(), strict: strict),
      plugins: builtInPlugins, progress: ProgressLine())
    guard !json else { return print(try jsonText(report)) }
    for model in report.models {
      print(
        "\(model.id): worst ledger residual \(scientific(model.ledgerResidual)), at image \(model.ledgerImage)")
    }
    let seconds = (report.seconds * 10).rounded() / 10
    print("\(report.pages) pages, \(megabytes(report.bytes)) MB, \(seconds) s: \(report.output)/index.html")
  }
}

struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a build will take: pages, work, time, memory, size.",
    discussion: """
      Time and memory are those of a build from an empty cache. With the site's size they come from building a small part of the atlas in a \
      temporary folder, with its own models and on this machine as busy as it is, which takes some seconds, more for large models.
      """)

  @OptionGroup var atlas: AtlasOptions
  @OptionGroup var compute: ComputeArguments
  @Flag(help: "Only count: load no model and try nothing.") var countOnly = false
  @Flag(help: "Print JSON.") var json = false

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
    let counts = try planAtlas(configuration: atlas.config, plugins: builtInPlugins)
    let forecast =
      countOnly
      ? nil
      : try forecastBuild(
        configuration: atlas.config, plugins: builtInPlugins, compute: try compute.options(), progress: ProgressLine())
    print(
      json
        ? try jsonText(Report(counts: counts, forecast: forecast))
        : (counts.lines + (forecast?.lines ?? [])).joined(separator: "\n"))
  }
}

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a finished site: links, anchors, files, identifiers, sizes.",
    discussion: "Exit status 3 where it finds something.")

  @Argument(help: "The site's folder.") var site = "site"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let problems = try checkSite(at: site)
    if json {
      print(try jsonText(problems))
    } else {
      for problem in problems { print(problem) }
      print(problems.isEmpty ? "\(site): nothing found" : "\(site): \(problems.count) found")
    }
    if !problems.isEmpty { throw ExitCode(3) }
  }
}

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Looks at everything that a build needs and says what to do where it is missing.",
    discussion: "Exit status 3 where something is missing.")

  @OptionGroup var atlas: AtlasOptions
  @Option(help: "The site's folder.") var output = "site"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let findings = diagnose(configuration: atlas.config, output: output, plugins: builtInPlugins)
    if json {
      print(try jsonText(findings))
    } else {
      for finding in findings {
        print("\(finding.isFine ? "ok     " : "missing") \(finding.subject): \(finding.detail)")
      }
    }
    if findings.contains(where: { !$0.isFine }) { throw ExitCode(3) }
  }
}

struct Cache: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how much the cache of an atlas holds, or empties it.")

  @OptionGroup var atlas: AtlasOptions
  @Flag(help: "Empty it. Everything in it can be computed again.") var clear = false

  func run() throws {
    let cache = FeatureCache(folder: folder(of: atlas.config) + "/.headatlas")
    if clear { try cache.clear() }
    let (files, bytes) = cache.size()
    print("\(cache.folder): \(files) files, \(megabytes(bytes)) MB")
  }
}

func checkJobs(_ jobs: Int?) throws {
  if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs \(jobs), expected 1 to 1024") }
}
