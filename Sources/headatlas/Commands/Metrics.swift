import ArgumentParser
import Build

struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Entanglement and association of labelled heads.")

  @Option(help: ArgumentHelp("JSON: {\"MODEL\": {\"L8.H0\": \"Label\"}}.", valueName: "file")) var labels: String
  @Option(help: ArgumentHelp("JSON: {\"MODEL\": {\"L8.H0\": [1,0,1,1,0]}}.", valueName: "file")) var judgements: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws { try printDocument(labelMetrics(labels: labels, judgements: judgements, asJSON: json)) }
}
