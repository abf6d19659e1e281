import ArgumentParser

struct AtlasOptions: ParsableArguments {
  static let usualFile = "content/atlas.yml"

  @Option(help: "The atlas's description.") var config = AtlasOptions.usualFile
}

struct PluginArguments: ParsableArguments {
  @Flag(name: .customLong("no-plugins"), help: "Run no plugin that is a program of its own.") var isWithoutOthers =
    false

  /// The same, for another process.
  var arguments: [String] { isWithoutOthers ? ["--no-plugins"] : [] }
}
