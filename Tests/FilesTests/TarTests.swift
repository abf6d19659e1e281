import Files
import Foundation
import TestSupport
import Testing

@Suite struct `A tar archive` {
  private struct Found: Codable, Equatable {
    let name: String
    let kind: String
    let start: Int
    let count: Int
  }

  private func members(_ path: String) throws -> [TarReader.Member] {
    var reader = try TarReader(path)
    var members: [TarReader.Member] = []
    while let member = try reader.next() { members.append(member) }
    return members
  }

  private func members(of bytes: [UInt8]) throws -> [TarReader.Member] {
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(bytes, to: folder + "/a.tar")
      return try members(folder + "/a.tar")
    }
  }

  @Test(arguments: ["ustar", "pax", "gnu"]) func `has the members that Python finds`(format: String) throws {
    let json = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("tars/members.json")))
    let expected = try #require(try JSONDecoder().decode([String: [Found]].self, from: json)[format])
    let path = Fixtures.golden("tars/\(format).tar")
    let found = try members(path).map { member in
      let name = member.kind == .folder ? String(member.name.dropLast()) : member.name
      return Found(
        name: name, kind: "\(member.kind)", start: member.range.lowerBound, count: member.range.count)
    }
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      let name = expected.name.hasPrefix("./") ? String(expected.name.dropFirst(2)) : expected.name
      #expect(found == Found(name: name, kind: expected.kind, start: expected.start, count: expected.count))
    }
    #expect(TarReader.recognises(try readStart(of: path, count: TarReader.sample)))
  }

  @Test func `gives the bytes of its members, and no more than are there`() throws {
    let path = Fixtures.golden("tars/gnu.tar")
    let member = try #require(try members(path).first { $0.name == "00000/0001.png" })
    let place = try TarReader(path).place(of: member)
    let image = try readFile(Fixtures.golden("images/originals/turned-1.png"))
    #expect(try readFile(at: place) == image)
    #expect(try readStart(at: place, count: 8) == Array(image.prefix(8)))
    #expect(try readStart(at: place, count: 1 << 20) == image)
    #expect(try hexDigest(at: place) == hexDigest(of: image))
    #expect("\(place)" == path + ":00000/0001.png" && place.path == path)
    // The archive was exchanged for a shorter one.
    try Fixtures.withTemporaryFolder { folder in
      try writeFile(image, to: folder + "/short.tar")
      let error = #expect(throws: FileError.self) {
        try readFile(at: FilePlace(member: "a.png", of: folder + "/short.tar", range: 1024..<2048))
      }
      #expect("\(try #require(error))".contains("short.tar:a.png: cannot be read: the file ends at byte 146"))
    }
  }

  static let kinds: [(name: String, make: @Sendable (inout TarFile) -> Void, found: [String])] = [
    ("nothing", { _ in }, []),
    (
      "a size of 8 bits a byte", { $0.add("a", [1, 2, 3], size: [0x80] + [UInt8](repeating: 0, count: 10) + [3]) },
      ["a 3"]
    ),
    ("a size with spaces", { $0.add("a", [1, 2], size: Array("         2 \0".utf8)) }, ["a 2"]),
    (
      "no mark of its format",
      {
        $0.add("a", [1], mark: ""); $0.add("f/", type: "\0", mark: "")
      }, ["a 1", "f/ 0"]
    ),
    (
      "a size in pax's records",
      {
        $0.add("x", TarFile.record("size", "2"), type: "x"); $0.add("a", [1, 2], size: Array("00000000002\0".utf8))
      }, ["a 2"]
    ),
    (
      "several names for a member, of which pax's last counts",
      {
        $0.add("x", Array("long name\0".utf8), type: "L")
        $0.add("x", TarFile.record("path", "b=c") + TarFile.record("path", "d"), type: "x")
        $0.add("a", [1])
      }, ["d 1"]
    ),
    (
      "records of the whole archive",
      {
        $0.add("g", TarFile.record("comment", "c"), type: "g"); $0.add("a")
      }, ["a 0"]
    ),
    (
      "a folder with a size",
      {
        $0.add("f", type: "5", size: Array("00000001000\0".utf8)); $0.add("a")
      }, ["f 0", "a 0"]
    ),
    (
      "an unknown kind with bytes",
      {
        $0.add("v", [1, 2, 3], type: "?"); $0.add("a")
      }, ["v 3", "a 0"]
    ),
    (
      "a name that is not UTF-8",
      {
        $0.add("x", [0x61, 0xFF, 0], type: "L"); $0.add("a")
      }, [#"$'a\xff' 0"#]
    ),
  ]

  @Test(arguments: kinds.indices) func `may have`(index: Int) throws {
    var file = TarFile()
    Self.kinds[index].make(&file)
    let found = try members(of: file.finished).map { "\($0.name) \($0.range.count)" }
    #expect(found == Self.kinds[index].found, "\(Self.kinds[index].name)")
  }

  static let refused: [(name: String, make: @Sendable (inout TarFile) -> Void, error: String)] = [
    (
      "a size below 0",
      {
        $0.add("a"); $0.add("b", size: [UInt8](repeating: 0xFF, count: 12))
      },
      "byte 512: found no header of a tar archive, expected one"
    ),
    (
      "a size beyond all numbers", { $0.add("a", size: [0xBF] + [UInt8](repeating: 0xFF, count: 11)) },
      "byte 0: found no header of a tar archive"
    ),
    (
      "a size beyond the file",
      {
        $0.add("a"); $0.add("b", size: Array("77777777777\0".utf8))
      },
      #"the file ends at byte 2048 within "b", which begins at byte 512; the archive is cut short: fetch it again"#
    ),
    (
      "pax's records without a length",
      {
        $0.add("x", Array("path=b\n".utf8), type: "x"); $0.add("a")
      },
      "the header at byte 0 has records that are not pax's"
    ),
    (
      "pax's records longer than they are",
      {
        $0.add("x", Array("99 path=b\n".utf8), type: "x"); $0.add("a")
      },
      "the header at byte 0 has records that are not pax's"
    ),
    (
      "a size in pax's records that is none",
      {
        $0.add("x", TarFile.record("size", "-1"), type: "x"); $0.add("a")
      },
      "the header at byte 0 has records that are not pax's"
    ),
    (
      "a name of two megabytes",
      {
        $0.add("x", [UInt8](repeating: 0x61, count: 2 << 20), type: "L"); $0.add("a")
      },
      "the header at byte 0 has a name or records of 2097152 bytes"
    ),
    (
      "a name for nothing",
      {
        $0.add("a"); $0.add("x", Array("b\0".utf8), type: "L")
      },
      "the header at byte 1536 has no member that was announced"
    ),
    (
      "a sparse file", { $0.add("a", type: "S") },
      #""a" at byte 0 is a sparse file, expected a member that is stored whole"#
    ),
    (
      "pax's sparse file",
      {
        $0.add("x", TarFile.record("GNU.sparse.major", "1"), type: "x"); $0.add("a")
      },
      "is a sparse file, expected a member that is stored whole"
    ),
    ("a part of a file", { $0.add("a", type: "M") }, "a part of a file that another archive begins"),
  ]

  @Test(arguments: refused.indices) func `is refused by name and place with`(index: Int) throws {
    var file = TarFile()
    Self.refused[index].make(&file)
    let error = #expect(throws: TarError.self) { try members(of: file.finished) }
    let message = "\(try #require(error))"
    #expect(message.contains(Self.refused[index].error), "\(message)")
    #expect(message.contains("a.tar: "))
  }

  @Test func `cut short anywhere is refused`() throws {
    var file = TarFile()
    for name in ["a", "b"] {
      file.add("x", TarFile.record("path", name), type: "x")
      file.add("y", [UInt8](repeating: 7, count: 700))
    }
    let whole = file.finished
    #expect(try members(of: whole).count == 2)
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/a.tar"
      for count in (0...file.bytes.count).filter({ $0 % 61 == 0 || $0 % 512 < 2 }) {
        try writeFile(whole[..<count], to: path)
        let error = #expect(throws: TarError.self, "\(count) bytes") { try members(path) }
        #expect("\(try #require(error))".contains("the file ends at byte \(count)"))
      }
    }
  }

  @Test func `with any byte of its headers changed does no harm`() throws {
    let whole = try readFile(Fixtures.golden("tars/pax.tar"))
    try Fixtures.withTemporaryFolder { folder in
      let path = folder + "/a.tar"
      for place in stride(from: 0, to: 4096, by: 3) {
        var bytes = Array(whole.prefix(6144))
        bytes[place] ^= 0x81
        try writeFile(bytes, to: path)
        #expect(throws: (any Error).self) { try members(path) }
      }
    }
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 8], "gzip", "zcat FILE > NAME.tar"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstdcat FILE > NAME.tar"),
      (Array("BZh9".utf8), "bzip2", "bzcat FILE > NAME.tar"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz", "xzcat FILE > NAME.tar"),
    ] as [([UInt8], String, String)])
  func `that is packed is known by its first bytes`(start: [UInt8], program: String, command: String) {
    let found = compression(start)
    #expect(found?.program == program && found?.command == command)
    #expect(!TarReader.recognises(start))
  }
}
