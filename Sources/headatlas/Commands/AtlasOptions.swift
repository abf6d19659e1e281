import ArgumentParser

struct AtlasOptions: ParsableArguments {
  static let standard = "content/atlas.yml"

  @Option(help: "The atlas's description.") var config = standard
}
