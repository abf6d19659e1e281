import ArgumentParser
import Build

struct Segmentation: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Holds maps of texts against masks of objects, as JSON.",
    discussion: """
      For each mask the map of its text, all heads summed: pixel accuracy, mIoU and mAP of zero-shot segmentation as arXiv 2310.05916 \
      measures it, and the IoU and AP of the method page. Masks are named by the objects in --captions, or lie in --masks under the names of \
      the images; then the text of an image is its caption, or --prompt with its class.
      """)

  @Option(help: "The model: a folder, a file, or a name.") var model: String
  @Option(help: "A folder of images, or another image set.") var images: String
  @Option(help: "A file of JSON Lines with an object per image; its objects may name masks.") var captions: String?
  @Option(help: "A folder with a mask for each image, white where the object is.") var masks: String?
  @Option(help: "The text of an image of a class, with {} for the class.") var prompt = "a photo of a {}"
  @Option(help: "The file to write.") var output: String
  @OptionGroup var compute: ComputeArguments
  var computeOptions: ComputeOptions? { get throws { try compute.options() } }

  func validate() throws {
    guard captions != nil || masks != nil else {
      throw ValidationError("no masks, expected --captions with objects that name them, or --masks")
    }
    guard prompt.contains("{}") else { throw ValidationError("--prompt \"\(prompt)\" has no {} for the class") }
  }

  func run() throws {
    try scoreSegmentation(
      SegmentationOptions(
        model: model, images: images, captions: captions, masks: masks, prompt: prompt, output: output,
        compute: try compute.options()),
      progress: ProgressLine())
  }
}
