import ArgumentParser
import Build
import Diagnostics
import Files

struct Cache: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how much the cache of an atlas holds, or empties it.")

  @OptionGroup var atlas: AtlasOptions
  @Flag(help: "Empty it. Everything in it can be computed again.") var clear = false

  func run() throws {
    let cache = FeatureCache(folder: folder(of: atlas.config) + "/.headatlas")
    if clear { try cache.clear() }
    let (files, bytes) = cache.size()
    try printResult("\(cache.folder): \(files) files, \(megabytes(bytes)) MB")
  }
}
