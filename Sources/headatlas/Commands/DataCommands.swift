import Analysis
import ArgumentParser
import Build
import Diagnostics
import Files
import Foundation

struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes embeddings and contributions as safetensors.",
    discussion: """
      float32 tensors image_embeddings [N,E] (unit norm), head_contributions [N,L,H,E], mlp_contributions [N,L+1,E], \
      text_embeddings [M,E] (unit norm); with --patches, patch_contributions [N,L,P,H,E]; with --inputs, pixels [N,3,S,S] \
      and tokens [M,C]. Rows are in the order of the sorted file names and of the lines; both are kept as JSON in the metadata keys images and texts.
      """)

  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(parsing: .upToNextOption, help: "Images, and folders of images.") var images: [String] = []
  @Option(help: "A file with one text a line.") var texts: String?
  @Flag(help: "Also what every patch gives: large.") var patches = false
  @Flag(help: "Also what the model is given: pixels and tokens.") var inputs = false
  @Option(help: "The file to write.") var output: String
  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    guard !images.isEmpty || texts != nil else {
      throw ValidationError("nothing to encode, expected --images, --texts or both")
    }
    guard !patches || !images.isEmpty else { throw ValidationError("--patches needs --images") }
  }

  func run() throws {
    try encode(
      EncodeOptions(
        model: model, images: images, texts: texts, patches: patches, inputs: inputs, output: output,
        compute: try compute.options()),
      progress: ProgressLine())
  }
}

struct TextSpan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "textspan", abstract: "Describes heads with texts, as JSON.")

  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(parsing: .upToNextOption, help: "Images, and folders of images.") var images: [String]
  @Option(help: "The description pool, one text a line.") var texts: String
  @Option(help: "Descriptions per head.") var count = 20
  @Option(help: "last4, all, or a list such as 8,9 or 8-11.") var layers = "last4"
  @Option(help: "How many singular vectors of a head are kept at most.") var rank = 80
  @Option(help: "The file to write.") var output: String
  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count \(count), expected a number above 0") }
    guard rank > 0 else { throw ValidationError("--rank \(rank), expected a number above 0") }
    _ = try layerChoice()
  }

  private func layerChoice() throws -> LayerChoice {
    guard let choice = LayerChoice(layers) else {
      throw ValidationError("--layers \(quoted(layers)), expected last4, all or a list of layers such as 8,9 or 8-11")
    }
    return choice
  }

  func run() throws {
    try describeHeads(
      TextSpanOptions(
        model: model, images: images, texts: texts, count: count, layers: try layerChoice(), rank: rank,
        output: output, compute: try compute.options()), progress: ProgressLine())
  }
}

struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Entanglement and association of labelled heads.")

  @Option(help: ArgumentHelp("JSON: {\"MODEL\": {\"L8.H0\": \"Label\"}}.", valueName: "file")) var labels: String
  @Option(help: ArgumentHelp("JSON: {\"MODEL\": {\"L8.H0\": [1,0,1,1,0]}}.", valueName: "file")) var judgements: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws { print(try labelMetrics(labels: labels, judgements: judgements, asJSON: json)) }
}

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Models: what there is, fetching, checking.",
    discussion: """
      Wherever a model is named: a folder, a file of weights, local-dir:PATH, hf-hub:ORG/NAME[@REVISION], a published model \
      such as ViT-B-32/openai, or weights of an architecture such as ViT-B-32-quickgelu=FILE. Choices may follow: \
      ,activation=gelu ,statistics=openai ,resize=squash ,tokenizer=FOLDER.
      """, subcommands: [List.self, Fetch.self, Verify.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the models in a folder, or the published ones that have a name.")
    @Argument(help: "The folder.") var folder = "content/models"
    @Flag(help: "The published models that can be named, in place of a folder's.") var published = false

    func run() throws {
      guard !published else { return print(publishedModels().joined(separator: "\n")) }
      let models = try listModels(in: folder)
      for model in models { print("\(model.path): \(model.summary ?? "cannot be used: \(model.problem ?? "")")") }
      if models.isEmpty {
        print("\(folder): no model, that is no folder with an open_clip_config.json or a CLIP's config.json")
      }
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fetches a model from the hub into its cache, and says where it is.",
      discussion: """
        ViT-B-32/openai, hf-hub:ORG/NAME or hf-hub:ORG/NAME@REVISION. The cache is shared with Hugging Face's tools: HF_HOME, \
        HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE mean what they mean there. What is interrupted goes on where it \
        stopped; what is there is not fetched again.
        """)
    @Argument(help: "The model.") var model: String

    func run() throws {
      let fetched = try fetchModel(ModelReference(model), progress: ProgressLine())
      for note in fetched.notes { FileHandle.standardError.write(Data("headatlas: \(note)\n".utf8)) }
      print(fetched.folder)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Loads a model, says what it is and in what it differs from the registry, and takes an image apart with it.",
      discussion: "Exit status 3 where the pieces do not add up.")
    @Argument(help: "The model.") var model: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let found = try verifyModel(ModelReference(model))
      print(json ? try jsonText(found) : found.lines.joined(separator: "\n"))
      if !found.passed { throw ExitStatus.found }
    }
  }
}

struct Plugin: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Analysis plugins.", subcommands: [List.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the plugins and their options.")

    func run() throws {
      for manifest in builtInPlugins.map(\.manifest) {
        print("\(manifest.id) \(manifest.version): \(manifest.summary)")
        for option in manifest.options {
          print(
            "  \(option.name): \(option.summary); \(option.standard), from \(option.range.lowerBound) to "
              + "\(option.range.upperBound)")
        }
      }
    }
  }
}
