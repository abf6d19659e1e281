import Build
import CLIP
import Foundation
import Hub
import Images
import LinearAlgebra
import TestSupport
import Testing

@Suite("The name of a model") struct ModelReferenceTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        atPath: Fixtures.golden("formats/open_clip-bin"), toPath: folder + "/a model, mine")
      try FileManager.default.copyItem(
        atPath: Fixtures.golden("formats/openai-archive/model.pt"), toPath: folder + "/model.pt")
      try body(folder)
    }
  }

  @Test("is a path, seen from the atlas's description, whatever is in it") func path() throws {
    try inFolder { folder in
      let found = try ModelReference("a model, mine", base: folder).source()
      #expect(found.place == .folder(folder + "/a model, mine") && found.published == nil)
      #expect(try ModelReference("local-dir:a model, mine/", base: folder).source().place == found.place)
      #expect(try ModelReference(folder + "/model.pt").source().place == .file(folder + "/model.pt"))
      #expect(try ModelReference("model.pt", base: folder).source().place == .file(folder + "/model.pt"))
    }
  }

  @Test("may say the architecture of a file") func architecture() throws {
    try inFolder { folder in
      let found = try ModelReference("ViT-B-32-quickgelu=model.pt", base: folder).source()
      #expect(found.architecture?.name == "ViT-B-32" && found.architectureActivation == .quickGELU)
      #expect(found.place == .file(folder + "/model.pt"))
    }
  }

  @Test("may carry choices") func choices() throws {
    try inFolder { folder in
      let found = try ModelReference(
        "a model, mine,activation=gelu,statistics=half,resize=squash,tokenizer=words,positions=resized", base: folder)
      #expect(found.choices.activation == .gelu && found.choices.statistics == .half)
      #expect(found.choices.resize == .squash && found.choices.tokenizer == folder + "/words")
      #expect(found.choices.resizesPositions)
      #expect(try found.source().place == .folder(folder + "/a model, mine"))
    }
  }

  @Test(
    "that nothing answers to is an error with the nearest that something does",
    arguments: [
      ("ViT-B-32/openay", "did you mean ViT-B-32/openai?"), ("nowhere", "no such folder or file"),
      ("local-dir:nowhere", "is not there"), ("ViT-B-23=model.pt", "did you mean ViT-B-32?"),
      ("ViT-B-32=nothing.pt", "nothing.pt"), ("hf-hub:a/b/c", "more than one slash"), ("hf-hub:../b", "org/name"),
      ("model.pt,activation=relu", "gelu or quick_gelu"), ("model.pt,statistics=mine", "openai, half, imagenet"),
      ("model.pt,resize=longest", "shortest or squash"), ("model.pt,positions=kept", "expected resized"),
      ("ViT-B/32", "did you mean ViT-B-32/openai?"), ("ViT-L/14@336px", "did you mean ViT-L-14-336/openai?"),
      ("vit-b-16", "did you mean ViT-B-16/openai?"), ("ViT-B-33", "did you mean ViT-B-32/openai?"),
      ("openai/clip-vit-base-patch32", "did you mean hf-hub:openai/clip-vit-base-patch32?"),
      ("openai/clip-vit-base-patch23", "did you mean hf-hub:openai/clip-vit-base-patch32?"),
      ("ViT-B-16-SigLIP/webli", "SigLIP is not supported"), ("RN50/openai", "ResNet is not supported"),
      ("model.tp", "did you mean model.pt?"), ("local-dir:a modle, mine", "did you mean a model, mine?"),
      ("ViT-B-32=modle.pt", "did you mean model.pt?"),
    ]) func refused(_ name: String, _ expected: String) throws
  {
    try inFolder { folder in
      let found = message { _ = try ModelReference(name, base: folder) }
      #expect(found.contains(expected) && !found.contains("\n"), "\(found)")
    }
  }

  @Test("that is a published model's and a folder's too has to be told apart") func ambiguous() throws {
    try inFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/ViT-B-32/openai", withIntermediateDirectories: true)
      let found = message { _ = try ModelReference("ViT-B-32/openai", base: folder) }
      #expect(found.contains("local-dir:ViT-B-32/openai"), "\(found)")
    }
  }

  @Test("of the hub is looked for in its cache, without a network") func hub() throws {
    try Fixtures.withTemporaryFolder { root in
      let cache = HubCache(root: root)
      let reference = try ModelReference("ViT-B-32/openai")
      let missing = message { _ = try reference.source(cache: cache) }
      #expect(missing.contains("headatlas models fetch ViT-B-32/openai") && missing.contains(root), "\(missing)")

      let commit = String(repeating: "0a", count: 20)
      let repository = root + "/models--openai--clip-vit-base-patch32"
      for folder in ["/refs", "/snapshots"] {
        try FileManager.default.createDirectory(atPath: repository + folder, withIntermediateDirectories: true)
      }
      try Data(commit.utf8).write(to: URL(fileURLWithPath: repository + "/refs/main"))
      try FileManager.default.copyItem(
        atPath: Fixtures.golden("formats/hugging-face-safetensors"), toPath: repository + "/snapshots/" + commit)
      let found = try reference.source(cache: cache)
      #expect(found.place == .folder(repository + "/snapshots/" + commit))
      #expect(found.published?.id == "ViT-B-32/openai")
      let same = try ModelReference("hf-hub:openai/clip-vit-base-patch32@\(commit)").source(cache: cache)
      #expect(same.place == found.place && same.published == found.published)
      let byPath = try ModelReference("\(repository)/snapshots/\(commit)").source()
      #expect(byPath.place == found.place && byPath.published == found.published)
      let wrong = message { _ = try CLIPModel(found) }
      #expect(wrong.contains("the files are of another model"), "\(wrong)")
    }
  }

  @Test("is what every command takes") func commands() throws {
    try inFolder { folder in
      try Fixtures.withTemporaryFolder { output in
        let name = "local-dir:\(folder)/model.pt,tokenizer=\(folder)/a model, mine"
        let found = try verifyModel(ModelReference(name))
        #expect(found.passed && found.tensors == 42)
        try encode(
          EncodeOptions(
            model: name, images: [Fixtures.golden("images/originals/wide.png")], texts: nil, patches: false,
            output: output + "/out.safetensors"), progress: SilentProgress())
      }
    }
  }

  @Test("that is here already is not fetched") func fetch() throws {
    try inFolder { folder in
      let found = message { _ = try fetchModel(ModelReference("model.pt", base: folder), progress: SilentProgress()) }
      #expect(found.contains("here already"), "\(found)")
    }
  }
}
