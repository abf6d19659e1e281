import Build
import Files
import Foundation
import TestSupport
import Testing

@Suite("Images in tar archives") struct TarImagesTests {
  private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private func withTars(_ files: [(name: String, tar: TarFile)], _ body: (String) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { folder in
      for (name, tar) in files { try writeFile(tar.finished, to: "\(folder)/\(name)") }
      try body(folder)
    }
  }

  @Test("are told by content, in the archive's order, with the texts beside them") func whole() throws {
    var tar = TarFile()
    tar.add("b/", type: "5")
    tar.add("b/2.png", png)
    tar.add("b/2.txt", Array(" two \n".utf8))
    tar.add("1.data", png)
    tar.add("1.cls", Array("7".utf8))
    tar.add("1.json", Array(#"{"text": "one", "label": 3, "credit": "Ada", "license": "MIT"}"#.utf8))
    tar.add("a.b.left.jpg", [])
    tar.add("a.txt", Array("three".utf8))
    tar.add("c.txt", Array("of nothing".utf8))
    tar.add("../../etc/x.png", png)
    try withTars([("set.tar", tar)]) { folder in
      let set = try ImageSet(images: folder + "/set.tar")
      #expect(set.form == .tars(areSeveral: false) && set.remark == nil)
      #expect(set.images.map(set.name) == ["b/2.png", "1.data", "a.b.left.jpg", "../../etc/x.png"])
      #expect(set.images.map(\.caption) == ["two", "one", "three", ""])
      #expect(set.images.map(\.id) == ["b-2", "1", "a-b-left", "etc-x"])
      #expect(set.images[1].scene == ["class": "7"] && set.images[1].credit == "Ada" && set.images[1].licence == "MIT")
      #expect(try readFile(at: set.images[1].place) == png)
      #expect(set.images.allSatisfy { $0.place.path == folder + "/set.tar" })
    }
  }

  @Test("are left out with the reason where they cannot be used, and the last of one name counts") func leftOut() throws
  {
    var tar = TarFile()
    tar.add("a.png", png)
    tar.add("a.gif", Array("GIF89a".utf8))
    tar.add("._a.png", [1])
    tar.add("link.png", type: "2")
    tar.add("pipe", type: "6")
    tar.add("other.bin", [1])
    tar.add("x", [0x63, 0xE9, 0x2E, 0x70, 0x6E, 0x67, 0], type: "L")
    tar.add("c.png", png)
    tar.add("a.png", png + [1])
    tar.add("b.json", Array("[1]".utf8))
    tar.add("b.txt", [0xFF])
    tar.add("b.cls", [UInt8](repeating: 0x20, count: 2 << 20))
    try withTars([("set.tar", tar)]) { folder in
      let set = try ImageSet(images: folder + "/set.tar")
      #expect(try set.images.count == 1 && readFile(at: set.images[0].place) == png + [1])
      #expect(
        set.remark
          == "\(folder)/set.tar: 1 image; left out 1 hidden file, 1 GIF image (a.gif; convert: mogrify -format png *.gif), "
          + "1 other file (other.bin), 1 pipe or device (pipe), 1 link (link.png; pack the files themselves: tar --hard-dereference), "
          + #"1 file whose name is not UTF-8 ($'c\xe9.png'; rename: convmv -f latin1 -t utf8 --notest *), 1 file that a later one of its name replaces (a.png), "#
          + "1 text not in UTF-8 (b.txt), 1 text of more than 1 MiB (b.cls), 1 text without a JSON object (b.json)")
    }
  }

  @Test("of several archives bear the archives' names, which no two may share") func several() throws {
    var tar = TarFile()
    tar.add("0.png", png)
    try withTars([("00000.tar", tar), ("00001.tar", tar)]) { folder in
      try makeFolder(folder + "/more")
      try writeFile(tar.finished, to: folder + "/more/00000.tar")
      let problem = #expect(throws: BuildError.self) { try imageArguments([folder + "/{,more/}00000.tar"]) }
      let problemWords = "\(try #require(problem))"
      #expect(problemWords.contains("more/00000.tar: another archive of that name is in the set, "))
      let images = try imageArguments([folder + "/{00000..00001}.tar"])
      #expect(images.map(\.name) == ["00000/0.png", "00001/0.png"])
      try writeFile(Array("a,b\n".utf8), to: folder + "/00002.tar")
      #expect(throws: BuildError.self) { try imageArguments([folder + "/{00000..00002}.tar"]) }
    }
  }

  @Test("of a packed or damaged archive are not, and the message says what to do") func refused() throws {
    try Fixtures.withTemporaryFolder { folder in
      let packed = #expect(throws: TarError.self) { try ImageSet(images: Fixtures.golden("tars/packed.tar.gz")) }
      let packedWords = "\(try #require(packed))"
      #expect(packedWords.hasSuffix("unpack it: zcat FILE > NAME.tar"))
      try writeFile(try readFile(Fixtures.golden("tars/gnu.tar")).prefix(5200), to: folder + "/short.tar")
      let short = #expect(throws: TarError.self) { try ImageSet(images: folder + "/short.tar") }
      let shortWords = "\(try #require(short))"
      #expect(shortWords.contains("short.tar: the file ends at byte 5200 within"))
    }
  }

  @Test("may be fifty thousand to an archive, and are read in seconds") func many() throws {
    var tar = TarFile()
    for image in 0..<64 { tar.add("000/\(image).png", png) }
    let block = tar.bytes
    try Fixtures.withTemporaryFolder { folder in
      // The same names over and over: the last of each counts.
      let path = folder + "/set.tar"
      let whole = [UInt8]((0..<782).map { _ in block }.joined()) + [UInt8](repeating: 0, count: 1024)
      try writeFile(whole, to: path)
      let set = try ImageSet(images: path)
      #expect(set.images.count == 64)
      #expect(set.images[0].place.range?.lowerBound == 781 * block.count + 512)
    }
  }
}
