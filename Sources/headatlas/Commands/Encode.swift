import ArgumentParser
import Build

struct Encode: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes embeddings and contributions as safetensors.",
    discussion: """
      float32 tensors image_embeddings [N,E] (unit norm), head_contributions [N,L,H,E], mlp_contributions [N,L+1,E], \
      text_embeddings [M,E] (unit norm); with --patches, patch_contributions [N,L,P,H,E]; with --inputs, pixels [N,3,S,S] \
      and tokens [M,C]. Rows are in the order of the sorted file names and of the lines; both are kept as JSON in the metadata keys images and texts.
      """)

  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(parsing: .upToNextOption, help: "Images, folders of images, and other image sets.") var images: [String] = []
  @Flag(help: "Leave images out that cannot be read, and say which.") var skipUnreadable = false
  @Option(help: "A file with one text a line.") var texts: String?
  @Flag(help: "Also what every patch gives: large.") var patches = false
  @Flag(help: "Also what the model is given: pixels and tokens.") var inputs = false
  @Option(help: "The file to write.") var output: String
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions? { get throws { try compute.options() } }

  func validate() throws {
    guard !images.isEmpty || texts != nil else {
      throw ValidationError("nothing to encode, expected --images, --texts or both")
    }
    guard !patches || !images.isEmpty else { throw ValidationError("--patches needs --images") }
    guard !skipUnreadable || !images.isEmpty else { throw ValidationError("--skip-unreadable needs --images") }
  }

  func run() throws {
    try encode(
      EncodeOptions(
        model: model, images: images, unreadable: skipUnreadable ? .skip : .stop, texts: texts, patches: patches,
        inputs: inputs, output: output, compute: try compute.options()),
      progress: ProgressLine())
  }
}
