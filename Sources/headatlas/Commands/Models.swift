import ArgumentParser
import Build
import Files
import Foundation

struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Models: what there is, fetching, checking.",
    discussion: """
      Wherever a model is named: a folder, a file of weights, local-dir:PATH, hf-hub:ORG/NAME[@REVISION], a published model \
      such as ViT-B-32/openai, or weights of an architecture such as ViT-B-32-quickgelu=FILE. Choices may follow: \
      ,activation=gelu ,statistics=openai ,resize=squash ,tokenizer=FOLDER ,positions=resized.
      """, subcommands: [List.self, Fetch.self, Verify.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the models in a folder or in the hub's cache, or the published ones that have a name.")
    @Argument(help: "The folder; without it content/models where that is here, else the hub's cache.")
    var folder: String?
    @Flag(help: "The published models that can be named, in place of a folder's.") var published = false

    func run() throws {
      guard !published else { return try printResults(publishedModels()) }
      let found = try listModels(in: folder)
      for model in found.models {
        try printResult("\(model.path): \(model.summary ?? "cannot be used: \(model.problem ?? "")")")
      }
      if let advice = found.advice { try printResult(advice) }
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
      for note in fetched.notes { sayLine("headatlas: \(note)") }
      try printResult(fetched.folder)
    }
  }

  struct Verify: ParsableCommand, ComputingCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Loads a model, says what it is and in what it differs from the registry, and takes an image apart with it.",
      discussion: "Exit status 3 where the pieces do not add up.")
    @Argument(help: "The model.") var model: String
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let found = try verifyModel(ModelReference(model))
      if json { try printDocument(jsonText(found)) } else { try printResults(found.lines) }
      if !found.passed { throw ExitStatus.found }
    }
  }
}
