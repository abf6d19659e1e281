import ArgumentParser

struct AtlasOptions: ParsableArguments {
  @Option(help: "The atlas's description.") var config = "content/atlas.yml"
}
