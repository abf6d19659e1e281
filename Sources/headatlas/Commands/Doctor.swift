import ArgumentParser
import Build
import Files

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
      try printDocument(jsonText(findings))
    } else {
      for finding in findings {
        try printResult("\(finding.isFine ? "ok     " : "missing") \(finding.subject): \(finding.detail)")
      }
    }
    if findings.contains(where: { !$0.isFine }) { throw ExitStatus.found }
  }
}
