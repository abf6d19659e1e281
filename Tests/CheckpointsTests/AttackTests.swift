import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct `Files made to do harm` {
  @Test(arguments: Attack.all.indices) func `are refused by name, on one line`(index: Int) throws {
    let attack = Attack.all[index]
    try withFile(attack.bytes) { path in
      let error = #expect(throws: CheckpointError.self, "\(attack.name)") { try Checkpoint(path: path) }
      let sentence = error?.description ?? ""
      #expect(sentence.contains(attack.message), "\(attack.name): \(sentence)")
      #expect(!sentence.contains("\n") && sentence.utf8.count < 1000)
    }
  }

  /// In a process of its own, since memory is counted by process, on files made before, since making them takes some.
  @Test func `take under a second and 100 MB`() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("headatlas-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (index, attack) in Attack.all.enumerated() {
      try Data(attack.bytes).write(to: folder.appendingPathComponent("\(index)"))
    }
    await #expect(processExitsWith: .success) { [folder = folder.path as String] in
      let before = try memory("VmRSS")
      for (index, attack) in Attack.all.enumerated() {
        let start = clock()
        #expect(throws: CheckpointError.self) { try Checkpoint(path: "\(folder)/\(index)") }
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        let growth = try memory("VmHWM") - before
        #expect(seconds < 1, "\(attack.name): \(seconds) s of processor time")
        #expect(growth < 100 << 20, "\(attack.name): \(growth) bytes")
      }
    }
  }

  @Test func `are distinguished from valid files`() throws {
    var builder = archive(Pickle.weights(Pickle.tensor()))
    builder.comment = Array("a comment with PK\u{5}\u{6} and a page of other things in it".utf8)
    let expected = Tensor(shape: [4], values: [1, 2, 3, 4])
    #expect(try withFile(builder.bytes) { try Checkpoint(path: $0).tensor("a") } == expected)
    builder.addZip64(entries: 2)
    #expect(try withFile(builder.bytes) { try Checkpoint(path: $0).tensor("a") } == expected)
  }
}

@Suite struct `Reading a checkpoint` {
  /// 128 MB of float16 in two tensors: as floats they take 256 MB, and the file's pages must not stay beside them.
  @Test func `gives the pages of the file back`() async {
    await #expect(processExitsWith: .success) {
      let count = 32 << 20
      let header =
        #"{"a":{"dtype":"F16","shape":[\#(count)],"data_offsets":[0,\#(2 * count)]},"#
        + #""b":{"dtype":"F16","shape":[\#(count)],"data_offsets":[\#(2 * count),\#(4 * count)]}}"#
      try withFile(little(UInt64(header.utf8.count)) + Array(header.utf8)) { path in
        #expect(truncate(path, 8 + header.utf8.count + 4 * count) == 0)
        let before = try memory("VmRSS")
        let checkpoint = try Checkpoint(path: path)
        let tensors = try checkpoint.names.map { try checkpoint.tensor($0) }
        let growth = try memory("VmHWM") - before
        let floats = tensors.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size }
        #expect(floats == 8 * count)
        #expect(growth < floats + 16 << 20, "\(growth) bytes for \(floats) of floats")
      }
    }
  }
}

/// A line of `/proc/self/status`, in bytes.
private func memory(_ name: String) throws -> Int {
  let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
  let line = try #require(lines.first { $0.hasPrefix(name + ":") })
  return try #require(Int(line.split(separator: " ").dropLast().last.map(String.init) ?? "")) << 10
}
