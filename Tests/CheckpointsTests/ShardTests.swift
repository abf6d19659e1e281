import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct `Checkpoints in shards` {
  static let one = "pytorch_model-00001-of-00002.bin"
  static let two = "pytorch_model-00002-of-00002.bin"
  /// What the golden's index says.
  static let places = [
    "logit_scale": one, "visual.scale": one, "visual.conv1.weight": one, "visual.resblocks.0.in_proj_weight": two,
    "visual.resblocks.0.in_proj_bias": two, "visual.resblocks.1.in_proj_weight": two,
    "visual.resblocks.1.in_proj_bias": two,
  ]

  /// Opens the golden's shards by another index.
  private func opened(_ places: [String: String], without shard: String? = nil) throws -> Checkpoint {
    try Fixtures.withTemporaryFolder { folder in
      for name in [Self.one, Self.two] where name != shard {
        try FileManager.default.copyItem(atPath: golden("formats/shards-bin/" + name), toPath: folder + "/" + name)
      }
      try JSONEncoder().encode(["weight_map": places]).write(to: URL(fileURLWithPath: folder + "/index"))
      try FileManager.default.copyItem(atPath: folder + "/index", toPath: folder + "/index.json")
      return try Checkpoint(path: folder + "/index")
    }
  }

  @Test func `are whole by their index`() throws {
    #expect(try opened(Self.places).names == Self.places.keys.sorted())
  }

  static let wrong: [(name: String, tensor: String, shard: String?, message: String)] = [
    (
      "a tensor in the other shard", "visual.resblocks.0.in_proj_bias", one,
      #"has no tensor "visual.resblocks.0.in_proj"#
    ),
    ("a tensor in none", "visual.absent", one, #"shard "\#(one)" has no tensor "visual.absent""#),
    (
      "a tensor that the index leaves out", "visual.scale", nil, #"has tensor "visual.scale", which the index does not"#
    ),
    (
      "a shard that is missing", "visual.scale", "absent.bin",
      #"no shard "absent.bin", which has tensor "visual.scale""#
    ),
    ("a shard above", "visual.scale", "../" + one, "is not beside the index"),
    ("a shard with a path", "visual.scale", "/etc/passwd", "is not beside the index"),
    ("a shard in a folder", "visual.scale", "a/b", "is not beside the index"),
    ("the folder above", "visual.scale", "..", "is not beside the index"),
    ("a shard without a name", "visual.scale", "", "is not beside the index"),
    ("an index as a shard", "visual.scale", "index.json", "an index as a shard"),
  ]

  @Test(arguments: wrong.indices) func `are refused where index and shards differ`(index: Int) throws {
    let (name, tensor, shard, message) = Self.wrong[index]
    var places = Self.places
    places[tensor] = shard
    let error = #expect(throws: CheckpointError.self, "\(name)") { try opened(places) }
    #expect(error?.description.contains(message) == true, "\(name): \(error?.description ?? "")")
  }

  @Test func `name the shard that is missing`() throws {
    let error = #expect(throws: CheckpointError.self) { try opened(Self.places, without: Self.two) }
    #expect(error?.description.contains("no shard \"\(Self.two)\", which has tensor \"visual.resblocks.0") == true)
  }

  /// In a process of its own, since the working folder is the process's.
  @Test func `open from within their folder`() async {
    await #expect(processExitsWith: .success) {
      #expect(FileManager.default.changeCurrentDirectoryPath(golden("formats/shards-bin")))
      let checkpoint = try Checkpoint(path: "pytorch_model.bin.index.json")
      #expect(checkpoint.names == Self.places.keys.sorted())
    }
  }
}
