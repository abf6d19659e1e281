import Build
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("Files of the gallery") struct OpenedFilesTests {
  @Test("are read once and decoded once more where they are new, and an image's patches run through the tower once")
  func once() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder, gallery: 5)
      let passes = PatchPasses()
      let opened = try opens(in: atlas.folder + "/gallery") { try atlas.build(progress: passes) }
      #expect(opened.keys.sorted() == (0..<5).map { "gallery-00\($0).jpg" })
      // For its first bytes when the folder is listed, to see whether it can be decoded, and for all else.
      #expect(opened.values.allSatisfy { $0 == 3 }, "\(opened)")
      // Topics ask for every image, contrasts and ground truth for one of them again.
      #expect(passes.count.load(ordering: .relaxed) == 5)
    }
  }

  @Test("are read once where everything is cached, too") func cached() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      let opened = try opens(in: atlas.folder + "/gallery") { try atlas.build() }
      #expect(opened.count == 3 && opened.values.allSatisfy { $0 == 2 }, "\(opened)")
    }
  }

  @Test("are the same pages where patches lie in files, and none of these is left") func spilled() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.build()
      let inMemory = try atlas.files()
      try atlas.cache.clear()
      let passes = PatchPasses()
      let before = try Self.spilled()
      try atlas.build(compute: ComputeOptions(patchMemory: 0), progress: passes)
      #expect(try atlas.files() == inMemory)
      #expect(passes.count.load(ordering: .relaxed) == 3)
      #expect(try Self.spilled().subtracting(before) == [])
    }
  }

  /// The temporary folders of patches that there are.
  private static func spilled() throws -> Set<String> {
    let names = try FileManager.default.contentsOfDirectory(atPath: FileManager.default.temporaryDirectory.path)
    return Set(names.filter { $0.hasPrefix("headatlas-patches-") })
  }

  /// How often each file of a folder was opened while `body` ran, by inotify.
  private func opens(in folder: String, _ body: () throws -> Void) throws -> [String: Int] {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK))
    defer { close(descriptor) }
    try #require(descriptor >= 0 && inotify_add_watch(descriptor, folder, UInt32(IN_OPEN)) >= 0)
    try body()
    var counts: [String: Int] = [:]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    defer { buffer.deallocate() }
    while case let count = read(descriptor, buffer.baseAddress, buffer.count), count > 0 {
      var place = 0
      while place < count {
        let event = buffer.load(fromByteOffset: place, as: inotify_event.self)
        let start = place + MemoryLayout<inotify_event>.size
        let name = buffer[start..<start + Int(event.len)].prefix { $0 != 0 }
        // Without a name it is the folder that was opened.
        if !name.isEmpty { counts[String(decoding: name, as: UTF8.self), default: 0] += 1 }
        place = start + Int(event.len)
      }
    }
    return counts
  }
}

/// Counts the patch passes that a build reports.
private final class PatchPasses: ProgressReporter {
  let count = Atomic<Int>(0)

  func report(stage: String, done: Int, total: Int?) {
    if stage.hasSuffix(": patches") { count.add(1, ordering: .relaxed) }
  }
}
