import ArgumentParser
import Build
import Files

struct Label: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Labels of heads by language models: asked once, kept, and replayed by every build.",
    discussion: """
      Which models are asked, and how, stands under labeller in the atlas's description. label plan says what it takes, label run asks, \
      or label export and label import have a batch answered elsewhere. A build only replays the replies that are kept.
      """, subcommands: [Plan.self, Run.self, Replay.self, Export.self, Import.self])

  struct Options: ParsableArguments {
    @OptionGroup var atlas: AtlasOptions
    @Option(help: "One of the atlas's labellers; all by default.") var labeller: String?
    @OptionGroup var compute: ComputeArguments

    func options() throws -> LabelOptions {
      LabelOptions(configuration: atlas.config, labeller: labeller, compute: try compute.options())
    }
  }

  struct Plan: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says how many requests and tokens are to come, and what they cost. Nothing is sent.")

    @OptionGroup var options: Options
    @Option(
      help: ArgumentHelp(
        "YAML: MODEL: {in: 0.15, out: 0.6, currency: USD}, by the million tokens.", valueName: "file")) var prices:
      String?
    @Flag(help: "Print JSON.") var json = false
    var computeOptions: ComputeOptions? { get throws { try options.compute.options() } }

    func run() throws {
      let plans = try planLabels(
        options.options(), prices: prices, plugins: builtInPlugins, progress: ProgressLine())
      if json { try printDocument(jsonText(plans)) } else { try printResults(plans.flatMap(\.lines)) }
    }
  }

  struct Run: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asks the models all that has no reply yet, and keeps every reply as it comes.",
      discussion:
        "Interrupted or killed, it goes on where it was when it is run again; nothing that was answered is asked twice."
    )

    @OptionGroup var options: Options
    @Flag(help: "Print JSON.") var json = false
    var computeOptions: ComputeOptions? { get throws { try options.compute.options() } }

    func run() throws {
      let reports = try runLabels(options.options(), plugins: builtInPlugins, progress: ProgressLine())
      if json { try printDocument(jsonText(reports)) } else { try printResults(reports.flatMap(\.lines)) }
    }
  }

  struct Replay: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what the replies that are kept make of the heads. Nothing is sent.")

    @OptionGroup var options: Options
    @Flag(help: "Print JSON, with the label of every head.") var json = false
    var computeOptions: ComputeOptions? { get throws { try options.compute.options() } }

    func run() throws {
      let reports = try replayLabels(options.options(), plugins: builtInPlugins, progress: ProgressLine())
      if json { try printDocument(jsonText(reports)) } else { try printResults(reports.flatMap(\.lines)) }
    }
  }

  struct Export: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the requests that are open as a file of the OpenAI Batch format.",
      discussion: "There are three rounds, each made of the answers before it: export and import until nothing is open."
    )

    @OptionGroup var options: Options
    @Option(help: "The file to write.") var output: String
    var computeOptions: ComputeOptions? { get throws { try options.compute.options() } }

    func run() throws {
      try printResult(
        exportLabels(options.options(), to: output, plugins: builtInPlugins, progress: ProgressLine()))
    }
  }

  struct Import: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(abstract: "Keeps the replies of a batch.")

    @OptionGroup var options: Options
    @Argument(help: "The file of answers.") var file: String
    var computeOptions: ComputeOptions? { get throws { try options.compute.options() } }

    func run() throws {
      let found = try importLabels(options.options(), from: file, plugins: builtInPlugins, progress: ProgressLine())
      try printResults(found.lines)
      if found.failed > 0 { throw ExitStatus.failed }
    }
  }
}
