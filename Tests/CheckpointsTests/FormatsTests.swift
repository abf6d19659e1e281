import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
  try Fixtures.withTemporaryFolder { folder in
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/f"))
    return try body(folder + "/f")
  }
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

func golden(_ path: String) -> String { Fixtures.golden("checkpoints/" + path) }

/// The numbers that the goldens' script wrote as float32.
private func expected(_ path: String) throws -> [Float] {
  try contents(golden(path)).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
}

@Suite struct `Checkpoints of every format` {
  static let shapes: [(name: String, shape: [Int])] = [
    ("logit_scale", []), ("visual.conv1.weight", [2, 3, 2, 2]), ("visual.resblocks.0.in_proj_bias", [6]),
    ("visual.resblocks.0.in_proj_weight", [6, 2]), ("visual.resblocks.1.in_proj_bias", [6]),
    ("visual.resblocks.1.in_proj_weight", [6, 2]), ("visual.scale", [2]),
  ]

  static let files: [(path: String, type: String)] = [
    ("f32.safetensors", "F32"), ("f16.safetensors", "F16"), ("bf16.safetensors", "BF16"),
    ("shards-safetensors/model.safetensors.index.json", "F32"),
    ("f32.bin", "F32"), ("f16.bin", "F16"), ("bf16.bin", "BF16"), ("f64.pth", "F64"),
    ("protocol3.pt", "F32"), ("protocol4.pt", "F32"), ("protocol5.pt", "F32"),
    ("training.ckpt", "F32"), ("compiled.pt", "F32"), ("fine-tuned.pt", "F32"),
    ("shards-bin/pytorch_model.bin.index.json", "F32"),
    ("script.pt", "F16"), ("deflated.pt", "F32"), ("zip64.pt", "F32"),
  ]

  @Test(arguments: files.indices) func `hold the same weights`(index: Int) throws {
    let (path, type) = Self.files[index]
    let checkpoint = try Checkpoint(path: golden("formats/" + path))
    #expect(checkpoint.path == golden("formats/" + path))
    #expect(checkpoint.names == Self.shapes.map(\.name))
    for (name, shape) in Self.shapes {
      #expect(checkpoint.shape(of: name) == shape)
      #expect(checkpoint.elementType(of: name) == type)
      #expect(try checkpoint.tensor(name).shape == shape)
    }
    #expect(checkpoint.shape(of: "module.logit_scale") == nil)
    #expect(checkpoint.elementType(of: "epoch") == nil)
    let found = try checkpoint.names.flatMap { try checkpoint.tensor($0).values }
    let difference = WorstDifference(found, try expected("formats/expected.bin"))
    #expect(difference.value == 0, "\(path) \(difference)")
  }

  @Test func `keep views of shared storages apart`() throws {
    let checkpoint = try Checkpoint(path: golden("views.pt"))
    #expect(checkpoint.shape(of: "transposed") == [8, 6])
    #expect(checkpoint.shape(of: "permuted") == [5, 3, 4])
    #expect(checkpoint.shape(of: "nothing") == [0, 8])
    #expect(try checkpoint.tensor("scalar") == Tensor(shape: [], values: [11.75]))
    let found = try checkpoint.names.flatMap { try checkpoint.tensor($0).values }
    let difference = WorstDifference(found, try expected("views.bin"))
    #expect(difference.value == 0, "\(difference)")
  }

  @Test func `list every element type and convert the floating-point ones`() throws {
    let checkpoint = try Checkpoint(path: golden("types.pt"))
    let types = [
      "bfloat16": "BF16", "bool": "BOOL", "float16": "F16", "float32": "F32", "float64": "F64",
      "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2", "int16": "I16", "int32": "I32", "int64": "I64",
      "int8": "I8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "uint8": "U8",
    ]
    #expect(checkpoint.names == types.keys.sorted())
    var found: [Float] = []
    for (name, type) in types.sorted(by: { $0.key < $1.key }) {
      #expect(checkpoint.elementType(of: name) == type)
      #expect(checkpoint.shape(of: name) == [4])
      if ["F64", "F32", "F16", "BF16"].contains(type) {
        found += try checkpoint.tensor(name).values
      } else {
        #expect(throws: CheckpointError.notNumbers(path: checkpoint.path, tensor: name, type: type)) {
          try checkpoint.tensor(name)
        }
      }
    }
    #expect(WorstDifference(found, try expected("types.bin")).value == 0)
  }

  @Test func `name the nearest tensor when one is missing`() throws {
    let checkpoint = try Checkpoint(path: golden("formats/f32.bin"))
    #expect(
      throws: CheckpointError.missingTensor(path: checkpoint.path, tensor: "visual.scales", nearest: "visual.scale")
    ) { try checkpoint.tensor("visual.scales") }
  }

  static let refused: [(path: String, message: String)] = [
    ("module.pt", #""__main__.Model" is not allowed at byte 2; save the weights alone: torch.save(model"#),
    ("legacy.pt", "the format of torch.save before PyTorch 1.6, which is not read; convert it in Python: torch.save("),
    ("bare.pkl", "a bare pickle, which is not read; convert it"),
    ("system2.pt", #""posix.system" is not allowed at byte "#), ("system4.pt", #""posix.system" is not allowed"#),
    ("eval2.pt", #""__builtin__.eval" is not allowed"#), ("eval4.pt", #""builtins.eval" is not allowed"#),
    ("expanded.pt", #"tensor "a" [1000] repeats the 1 elements of its storage; save a copy"#),
    ("complex.pt", #""torch.ComplexFloatStorage" is not allowed"#),
    ("list.pt", "found a list, expected a dictionary of tensors"),
    ("empty.pt", "found a dictionary without tensors"),
  ]

  @Test(arguments: refused.indices) func `that hold no plain weights are refused`(index: Int) throws {
    let (path, message) = Self.refused[index]
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(path: golden("refused/" + path)) }
    #expect(error?.description.contains(message) == true, "\(path): \(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test(arguments: ["state_dict", "model_state_dict", "model", "module"])
  func `are found under the keys that training scripts use`(key: String) throws {
    func dictionary(_ items: [UInt8]...) -> [UInt8] {
      Pickle.dictionary + Pickle.joined(items.map { $0 + Pickle.setItem })
    }
    let weights = dictionary(Pickle.text("a.b") + Pickle.tensor())
    let inner = dictionary(Pickle.text("epoch") + Pickle.int(3), Pickle.text(key) + weights)
    // The tensor beside them is the loss, which fine-tuning scripts save without a second thought.
    let root = dictionary(
      Pickle.text(key) + inner, Pickle.text("optimizer_state_dict") + Pickle.dictionary,
      Pickle.text("loss") + Pickle.tensor())
    let bytes = archive(Pickle.start + root + Pickle.stop).bytes
    #expect(try withFile(bytes) { try Checkpoint(path: $0).names } == ["a.b"])
  }

  @Test func `that have none say what they have`() throws {
    let pickle =
      Pickle.start + Pickle.dictionary + Pickle.text("net") + Pickle.dictionary + Pickle.setItem + Pickle.stop
    let error = #expect(throws: CheckpointError.self) {
      try withFile(archive(pickle).bytes) { try Checkpoint(path: $0) }
    }
    #expect(error?.description.contains(#"a dictionary without tensors (its keys: "net"), expected"#) == true)
  }

  static let unknown: [(bytes: [UInt8], message: String)] = [
    ([], "begins with nothing"), ([1, 2, 3], "begins with bytes 1 2 3, expected"),
    (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a pointer of Git LFS"),
    ([UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8), "a tar archive"),
    (Array("[1]".utf8), "begins with bytes 5b 31 5d"),
    (Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 18), "begins with bytes 50 4b 5 6"),
    (Array(" {}".utf8), #"no index of shards, expected JSON with a "weight_map""#),
    (Array(#"{"weight_map":{}}"#.utf8), "an index of no tensors"),
    (Pickle.op(String(repeating: "{\"a\":", count: 100_000)), "no index of shards"),
    (Pickle.op("{" + String(repeating: " ", count: 1 << 20)), "the bytes of the index: 1048577, expected at most"),
  ]

  @Test(arguments: unknown.indices) func `that are none are refused`(index: Int) throws {
    let (bytes, message) = Self.unknown[index]
    try withFile(bytes) { path in
      let error = #expect(throws: CheckpointError.self) { try Checkpoint(path: path) }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
  }

  @Test(arguments: ["f32.bin", "f16.safetensors", "script.pt", "zip64.pt", "deflated.pt", "training.ckpt"])
  func `cut short are refused, wherever the cut`(name: String) throws {
    let whole = try contents(golden("formats/" + name))
    try withFile(whole) { path in
      for count in whole.indices.reversed() {
        #expect(truncate(path, count) == 0)
        let error = #expect(throws: CheckpointError.self, "\(count) bytes") { try Checkpoint(path: path) }
        #expect(error?.description.contains("\n") == false)
      }
    }
  }

  @Test(arguments: ["f32.bin", "script.pt", "zip64.pt", "deflated.pt"])
  func `with any byte changed do no harm`(name: String) throws {
    let bytes = try contents(golden("formats/" + name))
    try withFile(bytes) { path in
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      func put(_ byte: UInt8, at index: Int) throws {
        try handle.seek(toOffset: UInt64(index))
        try handle.write(contentsOf: [byte])
      }
      for (index, byte) in bytes.enumerated() {
        for change in [0x01, 0x40, 0xFF] as [UInt8] {
          try put(byte ^ change, at: index)
          do {
            let checkpoint = try Checkpoint(path: path)
            for name in checkpoint.names {
              if let tensor = try? checkpoint.tensor(name) { #expect(tensor.shape == checkpoint.shape(of: name)) }
            }
          } catch let error as CheckpointError {
            #expect(!error.description.contains("\n"))
          }
        }
        try put(byte, at: index)
      }
    }
  }
}
