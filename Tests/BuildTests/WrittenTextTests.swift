import Build
import Files
import Foundation
import TestSupport
import Testing

/// Files of more than a megabyte, where a person writes some paragraphs.
@Suite("A text that is too long to have been written") struct WrittenTextTests {
  private static let long = String(repeating: "a long text\n", count: 100_000)

  @Test("is refused by name, before any work", arguments: ["commentary/index.md", "prompts/labelling.txt"])
  func refused(_ name: String) throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try makeFolder(folder + "/commentary")
      try makeFolder(folder + "/prompts")
      for file in ["labelling.txt", "judging.txt", "contrasting.txt", "examples.yml"] {
        try writeFile(try readFile(Fixtures.root.path + "/content/prompts/" + file), to: "\(folder)/prompts/\(file)")
      }
      try atlas.edit(
        "pool:", "commentary: commentary\nlabeller: {id: one, url: \"http://127.0.0.1:9/v1\", model: m}\npool:")
      _ = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      try atlas.write(Self.long, to: name)
      let error = #expect(throws: InputProblems.self) {
        try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins)
      }
      #expect(error?.problems.count == 1)
      #expect(
        error?.description.contains("\(name): more than 1 MiB, expected less") == true, "\(error?.description ?? "")")
    }
  }
}
