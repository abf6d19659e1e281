import Analysis
import Build
import Foundation
import TestSupport
import Testing

@Suite("Values that commentary may name") struct ValueKeysTests {
  @Test("are known before the work: every one that the plugins of the embedded atlas give") func known() throws {
    try Fixtures.withTemporaryFolder { folder in
      let file = Fixtures.root.path + "/content/atlas.yml"
      let evidence = try atlasEvidence(configuration: file, plugins: allPlugins, cache: folder + "/cache")
      let configuration = try AtlasConfiguration(file: file, plugins: allPlugins)
      let known = try #require(configuration.possibleValueKeys(allPlugins.map(\.manifest)))
      let given = try allPlugins.reduce(into: Set<String>()) { keys, plugin in
        let results = try plugin.results(for: evidence, options: plugin.manifest.defaultOptions)
        keys.formUnion(results.values.keys)
      }
      #expect(given.count > 500)
      #expect(given.subtracting(known).sorted() == [])
    }
  }

  @Test("are not known where a plugin is not a built-in one") func foreign() throws {
    let configuration = try AtlasConfiguration(
      file: Fixtures.root.path + "/content/atlas.yml", plugins: allPlugins)
    let other = PluginManifest(id: "other", title: "Other", version: "1.0.0", summary: "Of somebody else.")
    #expect(configuration.possibleValueKeys(allPlugins.map(\.manifest) + [other]) == nil)
  }
}
