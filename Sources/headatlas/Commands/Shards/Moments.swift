import ArgumentParser
import Build

struct Moments: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the moments of all heads over blocks of images as safetensors.",
    discussion: """
      float64 tensors counts [B], means [L*H,B,C] and co_moments [L*H,B,C*(C+1)/2], where B is the number of blocks and C that of a \
      head's coordinates, D+3. They are all that textspan needs: textspan --moments reads them in place of images.
      """)

  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(parsing: .upToNextOption, help: "Images, folders of images, and other image sets.") var images: [String]
  @Flag(help: "Leave images out that cannot be read, and say which.") var skipUnreadable = false
  @Option(help: "The file to write.") var output: String
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions { get throws { try compute.options() } }

  func run() throws {
    try writeMoments(
      MomentsOptions(
        model: model, images: images, unreadable: skipUnreadable ? .skip : .stop, output: output,
        compute: try compute.options()),
      progress: ProgressLine())
  }
}
