import Checkpoints
import Files

extension FuzzedParser {
  static let weights = [safetensors, shards, torch]

  private static let formats = "/Tests/Goldens/checkpoints/formats"

  private static let safetensors = FuzzedParser(
    name: "safetensors",
    words: wordsOfJSON + [
      "F32", "F16", "BF16", "F64", "I64", "BOOL", "__metadata__", "dtype", "shape", "data_offsets",
    ],
    seeds: { root in
      let files =
        try seedFiles(root + formats, [".safetensors"], as: "weights.safetensors")
        + seedFiles(root + "/Tests/Goldens/checkpoints", [".safetensors"], as: "weights.safetensors")
      let headers = files.map { file in
        let length = Containers.number(file.bytes, at: 0, width: 8) ?? 0
        return Seed(file: file.file, bytes: Array(file.bytes.dropFirst(8).prefix(length))) {
          Containers.safetensors(header: $0, of: file.bytes)
        }
      }
      return files + headers + headers
    },
    read: { path, _ in
      let file = try SafetensorsFile(path: path)
      for name in file.names {
        _ = try file.tensor(name)
        if let first = file.shape(of: name)?.first, first > 0 { _ = try file.tensor(name, at: first - 1) }
      }
    })

  private static let shards = FuzzedParser(
    name: "shards", words: wordsOfJSON + ["weight_map", "metadata", "total_size", "../", "/", "model-00001-of-00002"],
    seeds: { root in
      try ["shards-safetensors", "shards-bin"].flatMap { folder in
        let path = root + formats + "/" + folder
        return try fileNames(path).flatMap { name in
          let seed = Seed(file: folder + "/" + name, bytes: try readFile(path + "/" + name))
          // The indices are what is not mutated elsewhere.
          return [Seed](repeating: seed, count: name.hasSuffix(".json") ? 4 : 1)
        }
      }
    },
    read: { path, _ in
      let name = folder(of: path).hasSuffix("bin") ? "pytorch_model.bin" : "model.safetensors"
      try readAll(Checkpoint(path: folder(of: path) + "/" + WeightFiles.index(of: name)))
    })

  private static let torch = FuzzedParser(
    name: "torch",
    words: [
      "torch", "FloatStorage", "collections\nOrderedDict\n", "_rebuild_tensor_v2", "cbuiltins\neval\n", "cpu",
      "storage",
      "\u{80}\u{2}", "(", ")", "t", "R", ".", "q\u{0}", "h\u{0}", "]", "}", "u", "s", "a", "e", "2", "0", "1", "N",
      "K\u{FF}",
      "M\u{FF}\u{FF}", "data.pkl", "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}",
    ], isText: false,
    seeds: { root in
      let files =
        try seedFiles(root + formats, [".pt", ".pth", ".bin", ".ckpt"], as: "weights.pt")
        + seedFiles(root + "/Tests/Goldens/checkpoints/refused", [".pt", ".pkl"], as: "weights.pt")
        + seedFiles(root + "/Tests/Goldens/checkpoints", [".pt"], as: "weights.pt")
      let pickles = files.flatMap { file in
        let members = Containers.members(ofZip: file.bytes)
        return members.indices.filter { members[$0].name.suffix(4) == Array(".pkl".utf8) }.map { place in
          Seed(file: file.file, bytes: members[place].bytes) { bytes in
            var changed = members
            changed[place].bytes = bytes
            return Containers.zip(changed)
          }
        }
      }
      return files + pickles + pickles
    },
    read: { path, _ in try readAll(Checkpoint(path: path)) })
}

private func readAll(_ checkpoint: Checkpoint) throws {
  for name in checkpoint.names { _ = try? checkpoint.tensor(name) }
  _ = checkpoint.withoutCommonPrefix.names
}
