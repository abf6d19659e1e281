import Files
import Foundation
import TestSupport
import Testing

@Suite struct `A file that is read` {
  @Test func `is given whole, up to its limit`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
      try writeFile(content, to: folder + "/f")
      #expect(try readFile(folder + "/f") == content)
      #expect(try readFile(folder + "/f", limit: 3_000_000) == content)
      #expect(throws: FileError.tooLarge(path: folder + "/f", limit: 2_999_999)) {
        try readFile(folder + "/f", limit: 2_999_999)
      }
      #expect(throws: FileError.tooLarge(path: folder + "/f", limit: 5)) { try readText(folder + "/f", limit: 5) }
      try writeFile([], to: folder + "/empty")
      #expect(try readFile(folder + "/empty", limit: 0) == [])
      // Files of the system say that they have no bytes.
      #expect(try !readFile("/proc/self/status").isEmpty)
      #expect(throws: FileError.tooLarge(path: "/proc/self/status", limit: 5)) {
        try readFile("/proc/self/status", limit: 5)
      }
    }
  }

  @Test func `may be a part of another, which has the bytes of the part alone`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/f"
      try writeFile(Array("0123456789".utf8), to: path)
      let part = FilePlace(member: "b.txt", of: path, range: 3..<7)
      #expect(try readFile(at: part) == Array("3456".utf8))
      #expect(try readStart(at: part, count: 2) == Array("34".utf8))
      #expect(try readStart(at: part, count: 20) == Array("3456".utf8))
      #expect(try hexDigest(at: part) == hexDigest(of: Array("3456".utf8)))
      #expect("\(part)" == path + ":b.txt" && part.path == path)
      #expect(try readFile(at: FilePlace("f", in: folder)) == readFile(path))
      #expect(FilePlace("f", in: folder).path == path && FilePlace(path).path == path)
      let error = #expect(throws: FileError.self) {
        try readFile(at: FilePlace(member: "c.txt", of: path, range: 3..<11))
      }
      #expect("\(try #require(error))".hasPrefix("\(path):c.txt: cannot be read: the file ends at byte 10, before it"))
      #expect(throws: FileError.wrongKind(path: folder, found: .folder, expected: "a file")) {
        try readFile(at: FilePlace(member: "c.txt", of: folder, range: 0..<1))
      }
    }
  }

  @Test func `may be nothing else`() throws {
    try Fixtures.withTemporaryFolder { folder in
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      for (path, kind) in [(folder + "/pipe", FileKind.pipe), (folder, .folder), ("/dev/null", .device)] {
        #expect(throws: FileError.wrongKind(path: path, found: kind, expected: "a file")) { try readFile(path) }
        #expect(throws: FileError.wrongKind(path: path, found: kind, expected: "a file")) { try readText(path) }
        #expect(throws: FileError.wrongKind(path: path, found: kind, expected: "a file")) {
          try hexDigest(ofFile: path)
        }
        #expect(throws: FileError.wrongKind(path: path, found: kind, expected: "a file")) {
          try FileMapping(path: path)
        }
        #expect(FileKind(of: path) == kind)
      }
      let missing = folder + "/none"
      #expect(throws: FileError.unreadable(path: missing, reason: "no such file or directory")) {
        try readFile(missing)
      }
      #expect(FileKind(of: missing) == nil)
      #expect(throws: FileError.unreadable(path: folder + "/pipe/x", reason: "not a directory")) {
        try readFile(folder + "/pipe/x")
      }
    }
  }

  @Test func `as text passes over a byte-order mark`() throws {
    try Fixtures.withTemporaryFolder { folder in
      for (bytes, expected) in [
        ([0xEF, 0xBB, 0xBF, 0x61], "a"), ([0xEF, 0xBB, 0xBF], ""), ([], ""), ([0x61, 0xEF, 0xBB, 0xBF], "a\u{FEFF}"),
      ] as [([UInt8], String)] {
        try writeFile(bytes, to: folder + "/f")
        #expect(try readText(folder + "/f").unicodeScalars.elementsEqual(expected.unicodeScalars))
      }
    }
  }

  @Test(
    arguments: [
      ([0xFF], 1), ([0x61, 0x0A, 0x62, 0x0A, 0xC3, 0x0A], 3), ([0x61, 0x0A, 0xC3], 2),
      ([0xEF, 0xBB, 0xBF, 0x0A, 0xFF], 2),
      ([0xED, 0xA0, 0x80], 1), ([0xC3, 0x0A, 0xA4], 1), ([0x61, 0x0D, 0x62, 0x0D, 0x0A, 0xFF], 3),
    ] as [([UInt8], Int)])
  func `as text names the line that is none`(bytes: [UInt8], line: Int) throws {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(bytes, to: folder + "/f")
      #expect(throws: FileError.notText(path: folder + "/f", line: line)) { try readText(folder + "/f") }
    }
  }

  @Test(arguments: [
    ("", [""]), ("a", ["a"]), ("a\n", ["a", ""]), ("a\nb\r\nc\rd", ["a", "b", "c", "d"]),
    ("\n\r\n\r", ["", "", "", ""]),
    ("a\n\rb", ["a", "", "b"]), ("a\r\r\nb", ["a", "", "b"]),
    ("a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f\n", ["a\u{2028}b\u{2029}c\u{85}d\u{0B}e\u{0C}f", ""]),
    // An accent on what ends the line makes one Character of both.
    ("a\n\u{301}b", ["a", "\u{301}b"]),
  ])
  func `as text has the lines that Python finds`(text: String, lines: [String]) {
    #expect(splitLines(text).map { Array($0.unicodeScalars) } == lines.map { Array($0.unicodeScalars) })
  }

  @Test func `as text may be a pipe where that is said`() throws {
    try Fixtures.withTemporaryFolder { folder in
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      let writer = Thread {
        let descriptor = open(pipe, O_WRONLY)
        _ = write(descriptor, "one\ntwo", 7)
        close(descriptor)
      }
      writer.start()
      let text = try readText(pipe, pipes: true)
      #expect(text == "one\ntwo")
    }
  }
}

@Suite struct `Compressed bytes` {
  /// "hello, hello, hello" as `gzip -n` writes it, whose deflate stream lies between a header of 10 bytes and an end of 8.
  static let gzip: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0xD7, 0x51, 0xC8, 0x40,
    0xA2, 0x00, 0x9F, 0xA1, 0xCA, 0x09, 0x13, 0x00, 0x00, 0x00,
  ]
  static let text = Array("hello, hello, hello".utf8)

  @Test func `come out as they went in`() throws {
    #expect(try gunzip(Self.gzip, limit: Self.text.count) == Self.text)
    #expect(throws: GzipFailure.tooLarge) { try gunzip(Self.gzip, limit: Self.text.count - 1) }
  }

  @Test(arguments: 0..<29) func `that are cut are damaged`(count: Int) {
    #expect(throws: GzipFailure.damaged("it ends early")) { try gunzip(Array(Self.gzip[..<count]), limit: 100) }
  }

  @Test func `with more after their end, or a wrong checksum, are damaged`() {
    #expect(throws: GzipFailure.damaged("2 bytes after its end")) { try gunzip(Self.gzip + [1, 2], limit: 100) }
    #expect(throws: GzipFailure.damaged("\(Self.gzip.count) bytes after its end")) {
      try gunzip(Self.gzip + Self.gzip, limit: 100)
    }
    for index in 21..<29 {
      var bytes = Self.gzip
      bytes[index] ^= 1
      #expect(throws: GzipFailure.self, "byte \(index)") { try gunzip(bytes, limit: 100) }
    }
  }

  private func inflate(_ bytes: some Collection<UInt8>, count: Int) -> [UInt8]? {
    Array(bytes).withUnsafeBytes { source in
      guard let whole = inflated(source, count: count) else { return nil }
      defer { whole.deallocate() }
      return Array(whole)
    }
  }

  @Test func `without a header are of one size exactly`() {
    let stream = Self.gzip[10..<21]
    #expect(inflate(stream, count: Self.text.count) == Self.text)
    for count in [0, 1, Self.text.count - 1, Self.text.count + 1] { #expect(inflate(stream, count: count) == nil) }
    for count in 0..<stream.count { #expect(inflate(stream.prefix(count), count: Self.text.count) == nil) }
    #expect(inflate(stream + [0], count: Self.text.count) == nil)
    // An empty stream.
    #expect(inflate([0x03, 0x00], count: 0) == [])
  }
}
