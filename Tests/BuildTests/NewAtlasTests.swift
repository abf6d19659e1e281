import Build
import Files
import Foundation
import TestSupport
import Testing

@Suite("An atlas to begin with") struct NewAtlasTests {
  private static let content = Fixtures.root.appendingPathComponent("content").path

  @Test("of the embedded model is described without a mistake") func embedded() throws {
    try Fixtures.withTemporaryFolder { place in
      let files = try NewAtlas(model: nil, images: nil).write(to: "\(place)/my atlas")
      #expect(files.contains("\(place)/my atlas/images/gallery-000.jpg"))
      let atlas = try AtlasConfiguration(file: "\(place)/my atlas/atlas.yml", manifests: [])
      #expect(atlas.gallery.images.count == 24 && atlas.probe.images.count == 400)
      #expect(atlas.gallery.images.allSatisfy { !$0.caption.isEmpty })
    }
  }

  @Test("of a model and images names them as seen from anywhere") func own() throws {
    try Fixtures.withTemporaryFolder { place in
      _ = try NewAtlas(
        model: "\(Self.content)/models/picture-world,resize=squash", images: "\(Self.content)/images/probe"
      ).write(to: "\(place)/a")
      let atlas = try AtlasConfiguration(file: "\(place)/a/atlas.yml", manifests: [])
      #expect(atlas.models.map(\.id) == ["picture-world"])
      #expect(atlas.models.first?.model.text.hasSuffix("/content/models/picture-world,resize=squash") == true)
      #expect(atlas.gallery.images.count == 24 && atlas.probe.images.count == 400)
      #expect(atlas.properties.count == 15 && atlas.pool.count > 900)
    }
  }

  @Test("has examples that are lines of its pool", arguments: ["general", "picture-world"])
  func examples(kind: String) throws {
    let folder = Fixtures.root.appendingPathComponent("Templates/new/\(kind)").path
    let pool = try readText(kind == "general" ? "\(folder)/pool.txt" : "\(Self.content)/texts/pool.txt")
    let lines = Set(splitLines(pool).map(String.init))
    let examples = splitLines(try readText("\(folder)/examples.yml")).filter { $0.contains("descriptions:") }
    let texts = examples.flatMap { line in
      line.drop { $0 != "[" }.dropFirst().dropLast().split(separator: ",").map { stripped($0) }
    }
    #expect(texts.count >= 25)
    for text in texts { #expect(lines.contains(text), "\(text)") }
  }

  @Test("is refused where it cannot be") func refused() throws {
    #expect(throws: BuildError.self) { try NewAtlas(model: "ViT-B-32/openai", images: nil) }
    #expect(throws: BuildError.self) { try NewAtlas(model: nil, images: Self.content) }
    #expect(throws: BuildError.self) { try NewAtlas(model: "no/such-model", images: "\(Self.content)/images/probe") }
    try Fixtures.withTemporaryFolder { place in
      try FileManager.default.createDirectory(atPath: place + "/there", withIntermediateDirectories: true)
      #expect(throws: BuildError.self) { try NewAtlas(model: nil, images: nil).write(to: place + "/there") }
    }
  }
}
