import Site
import Testing

@Suite struct `YAML with aliases` {
  /// Thirty lists, each three times the one before: 3³⁰ values.
  private static let bomb =
    "a0: &a0 [x, x, x]\n" + (1...29).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }.joined()

  static let read = [
    "words: &w [a, b]\nmore: *w\n", "a: &a {b: &b 1, c: *b}\nd: *a\n", "text: |\n  *emphasis* &amp; *more*\n",
    "text: '*a* & *b*'\n", "text: \"*a* & *b*\"\n", "text: a *b & c # *d\n", "? plain\n: &x 1\ny: *x\n",
    "a: &a 1\nb: &a 2\nc: [*a, \u{E000}]\n",
  ]

  @Test(arguments: read) func `is read`(text: String) {
    #expect(throws: Never.self) { _ = try composeYAML(text) }
  }

  static let refused: [(text: String, line: Int, problem: String)] = [
    (bomb, 11, "aliases that stand for more than 100000 values; write out what is meant"),
    (
      "a0: &a0 [x]\n? *a0\n: 1\n", 2, "a key that is an alias, expected a text; write it out"
    ),
    ("a: &a [x]\n*a : 1\n", 2, "a key that is an alias, expected a text; write it out"),
    ("a: &a x\nb: {*a : 1}\n", 2, "a key that is an alias, expected a text; write it out"),
    ("a: &a x\n? [*a, *a]\n: 1\n", 2, "a key that is a list or a mapping, expected a text"),
    ("a: &a x\nb: *c\n", 2, "found undefined alias; check indentation, quotes and colons"),
  ]

  @Test(arguments: refused.indices) func `is refused where it is endless`(index: Int) {
    let (text, line, problem) = Self.refused[index]
    #expect(throws: YAMLProblem(line: line, text: problem)) { _ = try composeYAML(text) }
  }

  @Test func `is refused in a key before the key is looked at`() throws {
    #expect(throws: YAMLProblem.self) { _ = try composeYAML(Self.bomb + "? *a29\n: 1\n") }
    let message = try BuiltSite.failure { $0.comment("---\n\(Self.bomb)? *a29\n: 1\n---\n") }
    #expect(message?.contains("aliases that stand for more than") == true, "\(message ?? "")")
  }
}
