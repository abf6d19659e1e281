import ArgumentParser
import Build
import Diagnostics

/// What heads are described from, and by how many texts.
struct DescriptionArguments: ParsableArguments {
  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(parsing: .upToNextOption, help: "Images, folders of images, and other image sets.") var images: [String] = []
  @Flag(help: "Leave images out that cannot be read, and say which.") var skipUnreadable = false
  @Option(help: "A file of moments, in place of images.") var moments: String?
  @Option(help: "The description pool, one text a line.") var texts: String
  @Option(help: "last4, all, or a list such as 8,9 or 8-11.") var layers = "last4"
  @Option(help: "How many singular vectors of a head are kept at most.") var rank = 80
  @Option(help: "The file to write.") var output: String

  func validate() throws {
    guard images.isEmpty != (moments == nil) else {
      throw ValidationError("expected --images or --moments, and not both")
    }
    guard rank > 0 else { throw ValidationError("--rank \(rank), expected a number above 0") }
    _ = try layerChoice()
  }

  private func layerChoice() throws -> LayerChoice {
    guard let choice = LayerChoice(layers) else {
      throw ValidationError("--layers \(quoted(layers)), expected last4, all or a list of layers such as 8,9 or 8-11")
    }
    return choice
  }

  func options(count: Int, _ compute: ComputeArguments) throws -> TextSpanOptions {
    TextSpanOptions(
      model: model, images: moments.map { .moments($0) } ?? .paths(images),
      unreadable: skipUnreadable ? .skip : .stop, texts: texts, count: count, layers: try layerChoice(), rank: rank,
      output: output, compute: try compute.options())
  }
}

struct TextSpan: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "textspan", abstract: "Describes heads with texts, as JSON.")

  @OptionGroup var arguments: DescriptionArguments
  @Option(help: "Descriptions per head.") var count = 20
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions? { get throws { try compute.options() } }

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count \(count), expected a number above 0") }
  }

  func run() throws {
    try describeHeads(try arguments.options(count: count, compute), progress: ProgressLine())
  }
}
