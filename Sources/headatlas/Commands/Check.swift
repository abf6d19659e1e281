import ArgumentParser
import Build
import Files
import Site

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks a finished site: links, anchors, files, identifiers, sizes.",
    discussion: "Exit status 3 where it finds something.")

  @Argument(help: "The site's folder.") var site = "site"
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let problems: [SiteProblem] = try checkSite(at: site)
    if json {
      try printDocument(jsonText(problems))
    } else {
      try printResults(problems.map(\.description))
      try printResult(problems.isEmpty ? "\(site): nothing found" : "\(site): \(problems.count) found")
    }
    if !problems.isEmpty { throw ExitStatus.found }
  }
}
