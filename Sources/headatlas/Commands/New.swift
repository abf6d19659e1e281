import ArgumentParser
import Build
import Files

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the description of an atlas to begin with, with a remark on every key; it builds as it is.",
    discussion: """
      Without options it is for the embedded model and its images. With a model and images of your own it has a pool of about a \
      thousand candidate descriptions and fifteen properties of photographs, and some of the images as its gallery.
      """)

  @Argument(help: "The folder, which is made.") var folder: String
  @Option(help: "A model: a path, or a name such as ViT-B-32/openai.") var model: String?
  @Option(help: "A folder of images, or a table that lists them.") var images: String?

  func run() throws {
    for path in try NewAtlas(model: model, images: images).write(to: folder) { try printResult(path) }
    let file = shellWord("\(folder)/atlas.yml")
    if let model, try ModelReference(model).location != nil {
      sayLine("get the model, where it is not here yet: headatlas models fetch \(shellWord(model))")
    }
    sayLine("what a build takes: headatlas plan --config \(file)")
    sayLine("build and read it: headatlas serve \(shellWord("\(folder)/site")) --watch --config \(file)")
  }
}
