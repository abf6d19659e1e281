import Analysis
import ArgumentParser
import Build
import Files

struct Plugin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Analysis plugins.", subcommands: [List.self, New.self, Test.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the plugins and their options, and says which run.",
      discussion: """
        With an atlas also those that its description names, and those in Plugins/ beside it. Of programs from outside only \
        those run that the description names.
        """)

    @Option(help: "The atlas's description.  (default: content/atlas.yml where it is there)") var config: String?

    func run() throws {
      let usual = AtlasOptions.usualFile
      let file = config ?? (FileKind(of: usual) == .file ? usual : nil)
      for plugin in try listedPlugins(configuration: file, builtIn: builtInPlugins.map(\.manifest)) {
        for line in plugin.lines { try printResult(line) }
      }
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a plugin that works, with its page and its test, to begin with.")

    @Argument(help: "Its identifier, such as my-plugin, and the folder's name.") var name: String
    @Option(help: "python (with numpy), shell or swift.") var language: NewPlugin
    @Option(name: .customLong("in"), help: "The folder that its folder is made in.") var parent = "."

    func run() throws {
      for path in try language.write(name, in: parent) { try printResult(path) }
      sayLine("try it: headatlas plugin test \(parent)/\(name)")
      sayLine("name it in atlas.yml, with the path as seen from there: plugins: [{path: \(parent)/\(name)}]")
    }
  }

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs a plugin on a small synthetic atlas and says whether it is as every plugin has to be.",
      discussion: "Exit status 3 where it is not.")

    @Argument(help: "The plugin's folder, with its plugin.yml.") var folder: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let findings = try testPlugin(in: folder)
      if json {
        try printDocument(jsonText(findings))
      } else {
        for finding in findings {
          try printResult("\(finding.isFine ? "ok     " : "wrong  ") \(finding.subject): \(finding.detail)")
        }
      }
      if findings.contains(where: { !$0.isFine }) { throw ExitStatus.found }
    }
  }
}

extension NewPlugin: ExpressibleByArgument {}
