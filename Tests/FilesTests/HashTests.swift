import Files
import TestSupport
import Testing

@Suite struct `A hash` {
  /// Of FIPS 180-4's examples and of the empty message.
  static let vectors: [(text: String, sha1: String, sha256: String)] = [
    (
      "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    ),
    (
      "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    ),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: vectors.indices) func `is the one of the standard`(index: Int) throws {
    let (text, sha1, sha256) = Self.vectors[index]
    #expect(hexDigest(of: text.utf8) == sha256)
    for (function, expected) in [(Hash.Function.sha1, sha1), (.sha256, sha256)] {
      let hash = Hash(function)
      hash.add(String(text.prefix(3)))
      hash.add("")
      hash.add(String(text.dropFirst(3)))
      #expect(hash.hexDigest() == expected)
      try Fixtures.withTemporaryFolder { folder in
        try writeFile("head".utf8.map { $0 } + Array(text.utf8), to: folder + "/f")
        #expect(try hexDigest(ofFile: folder + "/f", from: 4, by: function) == expected)
        try writeFile(Array(text.utf8.dropFirst(2)), to: folder + "/g")
        #expect(try hexDigest(ofFile: folder + "/g", by: function, after: String(text.prefix(2))) == expected)
      }
    }
  }

  @Test func `of joined texts is that of the text they make`() {
    var joined = JoinedDigest(separator: ", ")
    for text in ["a", "", "b"] { joined.add(text) }
    #expect(joined.hexDigest == hexDigest(of: "a, , b".utf8))
    // It may be asked again, and go on.
    #expect(joined.hexDigest == hexDigest(of: "a, , b".utf8))
    joined.add("c")
    #expect(joined.hexDigest == hexDigest(of: "a, , b, c".utf8))
    #expect(JoinedDigest(separator: ", ").hexDigest == hexDigest(of: []))
  }
}
