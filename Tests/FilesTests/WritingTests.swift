import Files
import Foundation
import TestSupport
import Testing

private func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

@Suite struct `A file that is written` {
  @Test func `is seen when it is whole`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/f"
      try writeFile("old".utf8, to: path)
      let file = try PendingFile(path)
      Array("new bytes".utf8).withUnsafeBytes { bytes in
        #expect(throws: Never.self) { try file.append(bytes) }
      }
      #expect(try readText(path) == "old")
      #expect(try names(folder).count == 2)
      try file.putInPlace()
      #expect(try readText(path) == "new bytes")
      #expect(try names(folder) == ["f"])
    }
  }

  @Test func `leaves nothing behind when it is let go`() throws {
    try Fixtures.withTemporaryFolder { folder in
      do {
        let file = try PendingFile(folder + "/f")
        try file.resize(to: 100)
        #expect(try names(folder).count == 1)
      }
      #expect(try names(folder) == [])
    }
  }

  @Test func `may be written out of order`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let file = try PendingFile(folder + "/f")
      try file.resize(to: 5)
      for (byte, offset) in [(UInt8(3), 3), (1, 1)] {
        withUnsafeBytes(of: byte) { bytes in
          #expect(throws: Never.self) { try file.write(bytes, at: offset) }
        }
      }
      try file.putInPlace()
      #expect(try readFile(folder + "/f") == [0, 1, 0, 3, 0])
    }
  }

  @Test func `needs a folder to be in`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/none/f"
      #expect(throws: FileError.unwritable(path: path, reason: "no such file or directory")) {
        try writeFile([], to: path)
      }
      try makeFolder(folder + "/none/deeper")
      try makeFolder(folder + "/none/deeper")
      try writeFile([], to: path)
      for place in [path, path + "/deeper/still"] {
        #expect(throws: FileError.unwritable(path: place, reason: "\(path) is a file, expected a folder")) {
          try makeFolder(place)
        }
      }
      #expect(throws: FileError.self) { try writeFile([], to: folder + "/none") }
      #expect(try names(folder) == ["none"])
    }
  }
}

@Suite struct `A file that is put elsewhere too` {
  @Test func `takes the place of what is there, also of itself, and leaves nothing beside it`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let (path, place) = (folder + "/a", folder + "/b")
      try writeFile([1, 2, 3], to: path)
      try writeFile([9], to: place)
      for _ in 0..<2 {
        try shareOrCopyFile(path, to: place)
        #expect(try readFile(place) == [1, 2, 3])
        #expect(try names(folder) == ["a", "b"])
      }
      #expect(throws: FileError.self) { try shareOrCopyFile(folder + "/none", to: place) }
      #expect(throws: FileError.self) { try shareOrCopyFile(path, to: folder + "/none/b") }
      #expect(try readFile(place) == [1, 2, 3])
    }
  }

  @Test func `is copied to another file system`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let place = "/dev/shm/headatlas-\(UUID().uuidString)"
      guard FileKind(of: "/dev/shm") == .folder else { return }
      defer { unlink(place) }
      let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
      try writeFile(bytes, to: folder + "/a")
      try shareOrCopyFile(folder + "/a", to: place)
      #expect(try readFile(place) == bytes)
    }
  }
}

@Suite struct `A lock` {
  @Test func `keeps a second holder out until it is let go`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/deep/lock"
      var first = try FileLock(path)
      #expect(first != nil)
      #expect(try FileLock(path) == nil)
      #expect(try FileLock(path + "2") != nil, "another one is free")
      first = nil
      #expect(try FileLock(path) != nil)
    }
  }

  /// Between its beginning and its program, a child process has all descriptors of its parent.
  @Test func `does not stay with a child process that is being started`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/lock"
      var lock = try FileLock(path)
      let real = try #require(realPath(path))
      let held = try #require(
        names("/proc/self/fd").compactMap(Int32.init).first { descriptor in
          (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")) == real
        })
      let childs = dup(held)
      defer { close(childs) }
      #expect(lock != nil && childs >= 0)
      lock = nil
      #expect(try FileLock(path) != nil)
    }
  }

  @Test func `is waited for`() throws {
    struct Enough: Error {}
    try Fixtures.withTemporaryFolder { folder in
      var holder = try FileLock(folder + "/lock")
      var waits = 0
      let result = try withFileLock(
        folder + "/lock",
        wait: {
          waits += 1
          if waits == 3 { holder = nil }
        }
      ) { "done" }
      #expect(result == "done" && waits == 3 && holder == nil)
      holder = try FileLock(folder + "/lock")
      #expect(throws: Enough.self) { try withFileLock(folder + "/lock", wait: { throw Enough() }) {} }
      #expect(holder != nil)
    }
  }

  /// `rm -r` of a cache must not let two in.
  @Test func `on a file that was removed is another one`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/lock"
      let old = try FileLock(path)
      #expect(unlink(path) == 0)
      let new = try FileLock(path)
      #expect(new != nil)
      #expect(try FileLock(path) == nil)
      withExtendedLifetime((old, new)) {}
    }
  }

  @Test func `is never a link`() throws {
    try Fixtures.withTemporaryFolder { folder in
      #expect(symlink("elsewhere", folder + "/lock") == 0)
      #expect(throws: FileError.self) { try FileLock(folder + "/lock") }
      let found = try names(folder)
      #expect(found == ["lock"])
    }
  }
}
