import Analysis
import ArgumentParser

struct Plugin: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Analysis plugins.", subcommands: [List.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the plugins and their options.")

    func run() throws {
      for manifest in builtInPlugins.map(\.manifest) {
        try printResult("\(manifest.id) \(manifest.version): \(manifest.summary)")
        for option in manifest.options {
          try printResult(
            "  \(option.name): \(option.summary); \(option.defaultValue), from \(option.range.lowerBound) to "
              + "\(option.range.upperBound)")
        }
      }
    }
  }
}
