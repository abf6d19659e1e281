import Build
import Foundation
import TestSupport
import Testing

@Suite("The description of an atlas") struct ConfigurationTests {
  private func message(_ change: (SmallAtlas) throws -> Void) throws -> String {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try change(atlas)
      do {
        _ = try AtlasConfiguration(file: atlas.configuration, knownPlugins: ["image-neighbours": ["count"]])
        return "no error"
      } catch {
        return "\(error)".replacingOccurrences(of: folder + "/", with: "")
      }
    }
  }

  @Test("is read where it is right") func right() throws {
    #expect(try message { _ in } == "no error")
  }

  @Test(
    "says where it is wrong, what was found and what was expected",
    arguments: [
      ("title: Small", "titel: Small", "atlas.yml:1: unknown key \"titel\" in the atlas, did you mean \"title\"?"),
      ("title: Small", "", "atlas.yml:2: the atlas has no \"title\", expected text"),
      ("title: Small", "title: [a]", "atlas.yml:1: the atlas.title is a list, expected text"),
      ("textspan: {count: 6}", "textspan: {count: 1000}", "a whole number from 5 to 60"),
      ("textspan: {count: 6}", "textspan: 6", "expected a mapping of count, rank"),
      ("{images: probe}", "{images: prob}", "prob: cannot be read: no such file"),
      ("{images: probe}", "{image: probe}", "did you mean \"images\"?"),
      ("pool: pool.txt", "pool: none.txt", "none.txt: cannot be read"),
      ("id: setting", "id: colour", "property \"colour\" stands there twice"),
      ("a blue boat]", "a blue boot]", "did you mean \"a blue boat\"?"),
      ("a blue boat]", "a red house]", "expected two different texts"),
      ("textspan:", "plugins: {image-neighbors: {count: 2}}\ntextspan:", "did you mean \"image-neighbours\"?"),
      ("textspan:", "plugins: {image-neighbours: {count: many}}\ntextspan:", "expected a whole number"),
      ("textspan:", "commentary: nowhere\ntextspan:", "expected a folder"),
      ("title: Small", "title: Small\ntitle: Again", "title"),
      ("title: Small", "title: Small\nfeatures: fp8", "atlas.features is \"fp8\", expected fp32 or fp16"),
    ])
  func wrong(_ old: String, _ new: String, _ expected: String) throws {
    let message = try message { try $0.edit(old, new) }
    #expect(message.contains(expected), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test(
    "says what is wrong with the files it names",
    arguments: [
      ("texts.txt", "", "texts.txt: empty, expected one text a line"),
      ("texts.txt", "a red house\nA red house!\na red  house\n", "texts.txt:3: text"),
      ("captions.yml", "- {file: gallery-00.jpg}", "did you mean \"gallery-000.jpg\"?"),
      ("captions.yml", "- {file: gallery-000.jpg}\n- {file: gallery-000.jpg}", "captions.yml:2: image"),
      ("captions.yml", "- {fil: gallery-000.jpg}", "did you mean \"file\"?"),
      ("captions.yml", "a: b", "expected a list"),
      ("atlas.yml", "", "atlas.yml: empty"), ("atlas.yml", "3", "expected a mapping"),
    ])
  func wrongFile(_ name: String, _ text: String, _ expected: String) throws {
    let message = try message { try $0.write(text, to: name) }
    #expect(message.contains(expected), "\(message)")
    #expect(!message.contains("\n"))
  }
}
