import Checkpoints
import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// A file with this header, unpadded, and `bytes` numbers of bytes after it.
private func file(_ header: String, bytes: Int, length: UInt64? = nil) -> [UInt8] {
  let length = length ?? UInt64(header.utf8.count)
  return withUnsafeBytes(of: length.littleEndian, Array.init) + Array(header.utf8) + [UInt8](repeating: 0, count: bytes)
}

private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
  try Fixtures.withTemporaryFolder { folder in
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/f"))
    return try SafetensorsFile(path: folder + "/f")
  }
}

@Suite struct `Safetensors files` {
  @Test func `hold what the reference implementation reads`() throws {
    let file = try SafetensorsFile(path: Fixtures.golden("checkpoints/weights.safetensors"))
    #expect(file.metadata == ["note": "line\nbreak ✓"])
    #expect(file.byteCount == 678)
    #expect(
      file.names == [
        "empty", "logit_scale", "naïve \"name\"", "position_ids", "visual.brain", "visual.half", "visual.proj",
      ])
    #expect(file.shape(of: "visual.half") == [2, 3, 2])
    #expect(file.shape(of: "empty") == [0, 4])
    #expect(file.shape(of: "logit_scale") == [])
    #expect(file.shape(of: "absent") == nil)
    let found = try file.names.filter { $0 != "position_ids" }.flatMap { try file.tensor($0).values }
    let expected = try contents(Fixtures.golden("checkpoints/weights.bin")).withUnsafeBytes {
      Array($0.bindMemory(to: Float.self))
    }
    let difference = WorstDifference(found, expected)
    #expect(difference.value == 0, "\(difference)")
  }

  @Test func `may start their numbers at an odd byte`() throws {
    let file = try SafetensorsFile(path: Fixtures.golden("checkpoints/unaligned.safetensors"))
    #expect(try file.tensor("a") == Tensor(shape: [3], values: [1, 2, 3]))
  }

  @Test func `give every half and every bfloat its value`() throws {
    let patterns = (0..<65536).map { UInt16($0) }
    let bytes = patterns.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    for (type, value) in [
      ("F16", { Float(Float16(bitPattern: $0)) }), ("BF16", { Float(bitPattern: UInt32($0) << 16) }),
    ] as [(String, (UInt16) -> Float)] {
      let header = #"{"a":{"dtype":"\#(type)","shape":[256,256],"data_offsets":[0,131072]}}"#
      let found = try open(file(header, bytes: 0) + bytes).tensor("a").values
      let wrong = patterns.indices.filter {
        let (seen, expected) = (found[$0], value(patterns[$0]))
        return expected.isNaN ? !seen.isNaN : seen.bitPattern != expected.bitPattern
      }
      #expect(wrong.isEmpty, "\(type) \(wrong.prefix(5))")
    }
  }

  @Test func `cut short are refused, wherever the cut`() throws {
    let whole = try contents(Fixtures.golden("checkpoints/weights.safetensors"))
    for count in whole.indices {
      let error = #expect(throws: CheckpointError.self, "\(count) bytes") { try open(Array(whole[..<count])) }
      #expect(error?.description.contains("\n") == false)
    }
    #expect(throws: CheckpointError.self) { try open(whole + [0]) }
  }

  @Test func `with any byte of the header changed do no harm`() throws {
    var bytes = try contents(Fixtures.golden("checkpoints/weights.safetensors"))
    for index in 0..<520 {
      let byte = bytes[index]
      for change in [0x01, 0x10, 0x80] as [UInt8] {
        bytes[index] = byte ^ change
        do {
          let file = try open(bytes)
          for name in file.names {
            if let tensor = try? file.tensor(name) { #expect(tensor.shape == file.shape(of: name)) }
          }
        } catch let error as CheckpointError {
          #expect(!error.description.contains("\n"))
        }
      }
      bytes[index] = byte
    }
  }

  @Test func `outlive their names on disk`() throws {
    let file = try open(try contents(Fixtures.golden("checkpoints/unaligned.safetensors")))
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(try file.tensor("a").values == [1, 2, 3])
  }

  @Test func `name the nearest tensor when one is missing`() throws {
    let file = try SafetensorsFile(path: Fixtures.golden("checkpoints/weights.safetensors"))
    #expect(
      throws: CheckpointError.missingTensor(path: file.path, tensor: "visual.prod", nearest: "visual.proj")
    ) { try file.tensor("visual.prod") }
    #expect(throws: CheckpointError.missingTensor(path: file.path, tensor: "zzzzzzzzz", nearest: nil)) {
      try file.tensor("zzzzzzzzz")
    }
    #expect(throws: CheckpointError.notNumbers(path: file.path, tensor: "position_ids", type: "I64")) {
      try file.tensor("position_ids")
    }
  }

  @Test func `that are missing or folders are refused`() throws {
    let error = try #require(throws: CheckpointError.self) { try SafetensorsFile(path: "/no/such") }
    #expect(
      "\(error)"
        == "/no/such: cannot be read: no such file or directory; check the path and its permissions"
    )
    #expect(throws: CheckpointError.self) { try SafetensorsFile(path: "/tmp") }
  }
}

/// Files that lie, each with a part of what is said of it.
@Suite struct `Safetensors files that lie` {
  static let good = #"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  static let lies: [(name: String, bytes: [UInt8], message: String)] = [
    ("length past the limit", file("{}", bytes: 0, length: 100_000_001), "header length 100000001, expected at most"),
    ("length of 2^64 − 1", file("{}", bytes: 0, length: .max), "header length 18446744073709551615"),
    ("length past the end", file("{}", bytes: 0, length: 3), "the header needs 3 bytes, found 2"),
    ("empty header", file("", bytes: 0), #"header byte 0: found its end, expected "{""#),
    ("space first", file(" {}", bytes: 0), "header byte 0: found byte 0x20"),
    ("array", file("[]", bytes: 0), "header byte 0"),
    ("text after", file("{} x", bytes: 0), "header byte 3: found byte 0x78"),
    ("trailing comma", file("{\"a\":\(good),}", bytes: 8), "expected"),
    ("same tensor twice", file("{\"a\":\(good),\"a\":\(good)}", bytes: 8), #"the key "a" twice"#),
    ("escaped twin", file("{\"a\":\(good),\"\\u0061\":\(good)}", bytes: 8), #"the key "a" twice"#),
    ("metadata twice", file(#"{"__metadata__":{},"__metadata__":{}}"#, bytes: 0), "twice"),
    ("metadata key twice", file(#"{"__metadata__":{"k":"1","k":"2"}}"#, bytes: 0), #"the key "k" twice"#),
    ("metadata number", file(#"{"__metadata__":{"k":1}}"#, bytes: 0), #"expected """#),
    ("field twice", file(#"{"a":{"dtype":"F32","dtype":"F32"}}"#, bytes: 0), #"the key "dtype" twice"#),
    ("unknown field", file(#"{"a":{"dtypo":"F32"}}"#, bytes: 0), #"found the key "dtypo" of "a""#),
    ("no shape", file(#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, bytes: 8), #"tensor "a" without all of them"#),
    ("three offsets", file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}"#, bytes: 8), "without all"),
    (
      "unknown type", file(#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, bytes: 8),
      #"unknown dtype "F31""#
    ),
    ("negative", file(#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, bytes: 8), "expected a size"),
    ("fraction", file(#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, bytes: 8), "expected"),
    ("leading zero", file(#"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#, bytes: 8), "a leading zero"),
    (
      "size past 2^63", file(#"{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}"#, bytes: 8),
      "a larger number"
    ),
    (
      "product past 2^63",
      file(#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, bytes: 8),
      "more bytes than a file can hold"
    ),
    (
      "product that wraps to 8",
      file(#"{"a":{"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]}}"#, bytes: 8),
      "more bytes than a file can hold"
    ),
    (
      "wrong size", file(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, bytes: 8),
      "has 8 bytes, expected 12"
    ),
    (
      "offsets backwards", file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, bytes: 8),
      "at bytes 8 to 0, expected within 0 to 8"
    ),
    ("past the end", file("{\"a\":\(good)}", bytes: 7), "at bytes 0 to 8, expected within 0 to 7"),
    ("bytes left over", file("{\"a\":\(good)}", bytes: 9), "the end of the file begins at byte 9, expected 8"),
    (
      "hole at the start", file(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, bytes: 2),
      #"tensor "a" begins at byte 1, expected 0"#
    ),
    (
      "overlap",
      file("{\"a\":\(good),\"b\":" + #"{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, bytes: 12),
      #"tensor "b" begins at byte 4, expected 8: it overlaps"#
    ),
    (
      "hole",
      file("{\"a\":\(good),\"b\":" + #"{"dtype":"U8","shape":[1],"data_offsets":[9,10]}}"#, bytes: 10),
      #"tensor "b" begins at byte 9, expected 8: the bytes between"#
    ),
    ("lone surrogate", file(#"{"\ud800":1}"#, bytes: 0), "a pair of surrogates"),
    ("no digits", file(#"{"\u00g1":1}"#, bytes: 0), "four hexadecimal digits"),
    ("a sign", file(#"{"\u+0e9":1}"#, bytes: 0), "four hexadecimal digits"),
    ("half an escape", file(#"{"\u00"#, bytes: 0), "four hexadecimal digits"),
    ("no escape", file(#"{"\x41":1}"#, bytes: 0), "an escape"),
    ("control character", file("{\"a\u{1}\":1}", bytes: 0), "an escaped control character"),
    ("line break in a name", file(#"{"a\nb":{"dtype":"F31","shape":[],"data_offsets":[0,0]}}"#, bytes: 0), #""a\nb""#),
    (
      "broken UTF-8", withUnsafeBytes(of: UInt64(4).littleEndian, Array.init) + [0x7B, 0x22, 0xFF, 0x22], "valid UTF-8"
    ),
    ("deep nesting", file(String(repeating: "{\"a\":", count: 100_000), bytes: 0), "expected"),
  ]

  @Test(arguments: lies.indices) func `are refused by name, on one line`(index: Int) throws {
    let lie = Self.lies[index]
    let error = try #require(throws: CheckpointError.self, "\(lie.name)") { try open(lie.bytes) }
    #expect("\(error)".contains(lie.message), "\(lie.name): \(error)")
    #expect(!"\(error)".contains("\n"))
  }

  @Test(arguments: [
    file("{}", bytes: 0), file("{ } \t\n", bytes: 0), file(#"{"__metadata__":{}}"#, bytes: 0),
    file("{\"\\ud83d\\ude00\\/\" : \(good) }     ", bytes: 8),
    file(
      #"{"b":{"data_offsets":[4,8],"shape":[1,1],"dtype":"F32"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
      bytes: 8),
  ])
  func `are distinguished from unusual but valid ones`(bytes: [UInt8]) throws {
    let file = try open(bytes)
    for name in file.names { #expect(try file.tensor(name).values.allSatisfy { $0 == 0 }) }
  }

  @Test func `may escape any character of a name`() throws {
    let name = #"\"\\\/\b\f\n\r\t\u00e9\u00E9\u2192\ud83d\ude00A"#
    let file = try open(file("{\"\(name)\":\(Self.good)}", bytes: 8))
    #expect(file.names.map { Array($0.unicodeScalars) } == [Array("\"\\/\u{8}\u{C}\n\r\téé→😀A".unicodeScalars)])
  }
}

@Suite struct `Written safetensors files` {
  static let tensors: [(name: String, tensor: Tensor)] = [
    ("z", Tensor(shape: [2, 2], values: [1, -0.0, .infinity, 4])), ("a.b", Tensor(shape: [], values: [7])),
    ("a \"quoted\"\n\u{1}é", Tensor(zeros: [0, 3])),
  ]

  @Test func `read back the same`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let metadata = ["images": "[\"a.png\"]", "é\\": "\t"]
      try writeSafetensors(Self.tensors, metadata: metadata, to: folder + "/t")
      let file = try SafetensorsFile(path: folder + "/t")
      #expect(file.metadata == metadata)
      for (name, tensor) in Self.tensors { #expect(try file.tensor(name) == tensor) }
      #expect(file.names.count == 3)
      let bytes = try contents(folder + "/t")
      #expect(bytes[0] % 8 == 0)
      try writeSafetensors(Self.tensors.reversed(), metadata: metadata, to: folder + "/t")
      #expect(try contents(folder + "/t") == bytes)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["t"])
    }
  }

  @Test func `replace an older one only when whole`() throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeSafetensors(Self.tensors, metadata: [:], to: folder + "/t")
      let bytes = try contents(folder + "/t")
      let twice = #expect(throws: CheckpointError.self) {
        try writeSafetensors(Self.tensors + Self.tensors, metadata: [:], to: folder + "/t")
      }
      #expect(twice == .duplicateName(path: folder + "/t", tensor: "a \"quoted\"\n\u{1}é"))
      let reserved = #expect(throws: CheckpointError.self) {
        try writeSafetensors([("__metadata__", Tensor(zeros: [1]))], metadata: [:], to: folder + "/t")
      }
      #expect(reserved == .reservedName(path: folder + "/t"))
      #expect(try contents(folder + "/t") == bytes)
      let nowhere = #expect(throws: FileError.self) {
        try writeSafetensors(Self.tensors, metadata: [:], to: folder + "/no/t")
      }
      #expect(nowhere == .unwritable(path: folder + "/no/t", reason: "no such file or directory"))
      // A folder in the way: the rename fails, and the temporary file is gone.
      try FileManager.default.createDirectory(atPath: folder + "/d/e", withIntermediateDirectories: true)
      #expect(throws: FileError.self) { try writeSafetensors(Self.tensors, metadata: [:], to: folder + "/d") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["d", "t"])
    }
  }
}

@Suite struct `Safetensors files written in parts` {
  private let plan = [
    PlannedTensor(name: "rows", type: .f32, shape: [2, 3, 2]), PlannedTensor(name: "half", type: .f16, shape: [4]),
  ]
  private let values = (0..<12).map { Float($0) / 3 }

  private func write(to path: String) throws {
    let writer = try SafetensorsBlockWriter(plan, metadata: ["digest": "----", "key": "k"], to: path)
    try writer.write(values[6...], to: "rows", at: 6)
    try writer.write([65504, 1e-3, 1 / 3, -2] as [Float], to: "half", at: 0)
    try writer.write(values[2..<6], to: "rows", at: 2)
    try writer.write(values[..<2], to: "rows", at: 0)
    try writer.finish { file, start in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      return ["digest": "\(1000 + bytes.count - start)", "key": "k"]
    }
  }

  @Test func `hold what was written, in any order`() throws {
    try Fixtures.withTemporaryFolder { folder in
      try write(to: folder + "/f")
      let file = try SafetensorsFile(path: folder + "/f")
      #expect(file.metadata == ["digest": "1056", "key": "k"])
      #expect(try file.tensor("rows") == Tensor(shape: [2, 3, 2], values: values))
      #expect(try file.tensor("rows", at: 1) == Tensor(shape: [3, 2], values: Array(values[6...])))
      #expect(try file.tensor("half").values == [65504, Float(Float16(1e-3)), Float(Float16(1) / 3), -2])
      #expect(try file.tensor("half", at: 3) == Tensor(shape: [], values: [-2]))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
    }
  }

  @Test func `are those that are written at once, byte for byte`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let tensor = Tensor(shape: [2, 3, 2], values: values)
      try writeSafetensors([("rows", tensor)], metadata: ["key": "k"], to: folder + "/whole")
      let writer = try SafetensorsBlockWriter([plan[0]], metadata: ["key": "k"], to: folder + "/pieces")
      for place in values.indices.reversed() { try writer.write([values[place]], to: "rows", at: place) }
      try writer.finish { _, _ in ["key": "k"] }
      #expect(try contents(folder + "/pieces") == contents(folder + "/whole"))
    }
  }

  @Test func `hold numbers in double to the last bit, and can be read back while they are written`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let numbers = [0.1, -1 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
      let writer = try SafetensorsBlockWriter(
        [plan[0], PlannedTensor(name: "doubles", type: .f64, shape: [2, 2])], metadata: [:], to: folder + "/f")
      try writer.write(doubles: Array(numbers[2...]), to: "doubles", at: 2)
      try writer.write(doubles: Array(numbers[..<2]), to: "doubles", at: 0)
      try writer.write(values[3..<5], to: "rows", at: 3)
      #expect(try writer.values(of: "rows", at: 2, count: 4) == [0, values[3], values[4], 0])
      try writer.finish { _, _ in [:] }
      let file = try SafetensorsFile(path: folder + "/f")
      #expect(try (0..<2).flatMap { try file.doubles("doubles", at: $0) } == numbers)
      #expect(throws: CheckpointError.notDouble(path: file.path, tensor: "rows", type: "F32")) {
        try file.doubles("rows", at: 0)
      }
    }
  }

  @Test func `that are never finished leave nothing behind`() throws {
    try Fixtures.withTemporaryFolder { folder in
      do {
        let writer = try SafetensorsBlockWriter(plan, metadata: [:], to: folder + "/f")
        try writer.write(values, to: "rows", at: 0)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      #expect(throws: FileError.self) {
        try SafetensorsBlockWriter(plan, metadata: [:], to: folder + "/nowhere/f")
      }
      #expect(throws: CheckpointError.self) {
        try SafetensorsBlockWriter([plan[0], plan[0]], metadata: [:], to: folder + "/f")
      }
    }
  }
}
