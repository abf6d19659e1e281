import Files
import Testing

@Suite struct `A name for addresses` {
  @Test(arguments: [
    ("Bird Species", "bird-species"), ("a_b.c-d", "a-b-c-d"), ("  x  ", "x"), ("-", ""), ("", ""), ("ü", ""),
    ("A--B", "a-b"), ("3D", "3d"), ("naïve", "na-ve"), ("a/../b", "a-b"), ("½", ""),
    (String(repeating: "a", count: 70), String(repeating: "a", count: 60)),
  ])
  func `has letters, digits and single hyphens`(text: String, expected: String) { #expect(slug(text) == expected) }

  @Test(arguments: [
    ("Bird Species", "bird-species"), ("a_b.c-d", "a-b-c-d"), ("c++", "c-cedb1b"), ("c#", "c-951a4d"),
    ("", "e3b0c4"), ("ü", "607474"), ("...", "ab5df6"), ("con", "con-1143da"), ("NUL", "nul-ae6de1"),
    ("com1", "com1-957a49"),
    ("cons", "cons"), ("com", "com"), ("com12", "com12"),
  ])
  func `tells apart what loses more than spaces`(text: String, expected: String) {
    #expect(uniqueSlug(text) == expected)
  }

  @Test func `that is too long differs from another with the same start`() {
    let start = String(repeating: "a", count: 60)
    #expect(uniqueSlug(start) == start)
    #expect(uniqueSlug(start + "b") != uniqueSlug(start + "c"))
    #expect(uniqueSlug(start + "b").hasPrefix(start + "-"))
  }

  @Test(arguments: [
    ("abcXYZ019", "", "abcXYZ019"), ("a b", "", "a%20b"), ("a/b", "", "a%2Fb"), ("a/b", "/", "a/b"),
    ("ü", "", "%C3%BC"), ("\n", "", "%0A"), ("\u{0}", "", "%00"), ("%41", "", "%2541"), ("-_.~", "-_.~", "-_.~"),
    ("-_.~", "", "%2D%5F%2E%7E"), ("", "", ""), ("\u{7F}", "", "%7F"),
  ])
  func `may have any byte escaped`(text: String, kept: String, expected: String) {
    #expect(percentEncoded(text, keeping: kept) == expected)
  }
}

@Suite struct `A name for files` {
  @Test(
    arguments: [
      "a", "A-b_c.d", "é", "日本", "3", "con-1", "console", "com", "com12", "a.con", String(repeating: "a", count: 120),
    ])
  func `is taken`(name: String) { #expect(isFileName(name)) }

  @Test(
    arguments: [
      "", ".", "..", ".git", "a/b", "a b", "a:b", "a\\b", "a?", "a*", "a\n", "pw.", "a ", "con", "CON", "aux.jpg",
      "Nul.tar.gz",
      "com1", "LPT9", "com¹", String(repeating: "a", count: 121),
    ])
  func `is refused where an address or Windows reads it otherwise`(name: String) { #expect(!isFileName(name)) }
}

@Suite struct `A path` {
  @Test(arguments: [
    (".", ".", "."), ("s", ".", "s"), ("/", "/", ""), ("", ".", ""), ("a/", ".", "a"), ("/a", "/", "a"),
    ("a/b", "a", "b"), ("a/b/", "a", "b"), ("/a/b", "/a", "b"), ("//", "/", ""), ("//a", "/", "a"),
    ("a//b", "a", "b"), ("..", ".", ".."), ("../a", "..", "a"), ("a/.", "a", "."), ("ü/é", "ü", "é"),
  ])
  func `has a folder and a name`(path: String, inFolder: String, name: String) {
    #expect(folder(of: path) == inFolder)
    #expect(fileName(path) == name)
  }

  /// A letter with an accent on the slash is another Character, but the same slash to the system.
  @Test func `is made of bytes`() {
    #expect(folder(of: "a/\u{301}b") == "a")
    #expect(fileName("a/\u{301}b") == "\u{301}b")
  }

  @Test(arguments: [
    ("~", "/home/ada"), ("~/a", "/home/ada/a"), ("~//", "/home/ada//"), ("a~", "a~"), ("w", "w"), ("", ""),
    ("~root/a", "/root/a"), ("~no-such-user/a", "~no-such-user/a"), ("~/\u{301}a", "/home/ada/\u{301}a"),
  ])
  func `may begin with a user's home`(path: String, expected: String) {
    #expect(expandingHome(path, environment: ["HOME": "/home/ada"]) == expected)
  }

  @Test(arguments: [
    ("a.b", "a", "b"), ("a", "a", ""), (".a", ".a", ""), ("a.", "a", ""), ("a.b.c", "a.b", "c"), ("", "", ""),
    (".", ".", ""), ("..", ".", ""), (".a.b", ".a", "b"),
  ])
  func `has an extension after its last dot`(text: String, name: String, suffix: String) {
    let found = nameAndExtension(text)
    #expect(found.name == name)
    #expect(found.suffix == suffix)
  }

  @Test(arguments: [("a", "b/a"), ("/a", "/a"), ("../a", "b/../a")])
  func `is seen from a folder`(path: String, expected: String) { #expect(resolve(path, in: "b") == expected) }
}
