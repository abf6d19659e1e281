import Build
import Files
import Foundation
import Site
import TestSupport
import Testing

@Suite("Descriptions that come with an atlas", .serialized) struct GivenDescriptionsTests {
  /// The rows of a head's table of methods, split at commas.
  private func rows(of head: String, _ atlas: SmallAtlas) throws -> [[String]] {
    let table = try readText("\(atlas.site)/model/small/head/\(head)/method-describes.csv")
    return table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// What is said of a file of descriptions; nil where nothing is wrong.
  private func message(_ text: String, entry: String = "given.txt") throws -> String? {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(in: folder)
      try atlas.write(text, to: "given.txt")
      try atlas.edit("path: ", "descriptions: \(entry), path: ")
      do {
        _ = try AtlasConfiguration(file: atlas.configuration, plugins: allPlugins, only: nil)
        return nil
      } catch let error as InputProblems {
        return "\(error)".replacingOccurrences(of: folder + "/", with: "")
      }
    }
  }

  @Test("are measured as those of methods: TextSpan's own have its numbers") func measured() throws {
    try Fixtures.withTemporaryFolder { folder in
      let atlas = try SmallAtlas(dividedIn: folder)
      try atlas.build()
      let own = try rows(of: "L05.H00", atlas)
      let texts = own[1][1].components(separatedBy: "; ")
      try #require(own[1][0] == "TextSpan" && texts.count == 5)

      // As the reference implementation writes them, with the accuracy that it ends with.
      let rule = "------------------"
      let lines = [rule, "Layer 5, Head 0", rule] + texts + [rule, "Current accuracy: 50.0", "Number of texts: 5", ""]
      try atlas.write(lines.joined(separator: "\n"), to: "given.txt")
      try atlas.edit("path: ", "descriptions: {path: given.txt, title: Published}, path: ")
      try atlas.build()
      let given = try rows(of: "L05.H00", atlas)
      #expect(given.count == own.count + 1 && Array(given.dropLast()) == own)
      let last = try #require(given.last)
      #expect(last[0] == "Published" && last[1] == own[1][1])
      // Embedded beside other texts, which may change last bits.
      func number(_ row: [String], _ column: Int) throws -> Double { try #require(Double(row[column])) }
      for column in [2, 4] { #expect(abs(try number(last, column) - number(own[1], column)) < 1e-6) }
      #expect((0.05...1).contains(try number(last, 3)))
      // A head that the file does not have.
      let other = try rows(of: "L04.H01", atlas)
      #expect(try #require(other.last).dropFirst().allSatisfy(\.isEmpty))
      let page = try readText("\(atlas.site)/model/small/index.html")
      #expect(page.contains("came with the atlas, for 1 of its 24 heads") && page.contains("5.0 are on average among"))

      // The same as JSON, with a text that is no candidate description.
      try atlas.write(
        #"{"source": "here", "heads": {"L5.H0": \#(try jsonText(["a zebra"] + texts, isPretty: false))}}"#,
        to: "given.txt")
      try atlas.build()
      let more = try #require(try rows(of: "L05.H00", atlas).last)
      #expect(more[1].hasPrefix("a zebra; ") && more[2] != last[2])
      #expect(try checkSite(at: atlas.site) == [])
    }
  }

  @Test(
    "may stand alone or under the model's name",
    arguments: [
      (#"{"L5.H0": ["a cat"]}"#, "given.txt"), (#"{"small": {"L5.H0": ["a cat"]}, "other": 3}"#, "given.txt"),
      (#"{"ViT": {"L5.H0": ["a cat"], "L0.H3": []}}"#, "{path: given.txt, name: ViT}"),
      ("\n---\nlayer 0, head 3\n---\na cat\n\na dog", "given.txt"),
    ])
  func forms(text: String, entry: String) throws {
    #expect(try message(text, entry: entry) == nil)
  }

  @Test(
    "say where they are wrong",
    arguments: [
      ("a cat\na dog\n", "given.txt: the file is without a text of a head, expected texts of heads"),
      ("", "given.txt: the file is empty, expected texts of heads"),
      (#"{"L5.H0": []}"#, "given.txt: the file is without a text of a head, expected texts of heads"),
      (#"{"L6.H0": ["a cat"]}"#, #"given.txt: no head "L6.H0", expected L0.H0 to L5.H3 of the model "small""#),
      (
        "---\nLayer 6, Head 0\n---\na cat\n",
        #"given.txt:2: no head "Layer 6, Head 0", expected L0.H0 to L5.H3 of the model "small""#
      ),
      ("---\nLayer 5\n---\na cat\n", #"given.txt:2: no head "Layer 5", expected L0.H0 to L5.H3 of the model "small""#),
      (
        "---\nLayer 5, Head 0\n---\na cat\n---\nLayer 5, Head 0\n---\n",
        #"given.txt:6: head "L5.H0" is duplicated; rename or remove one of them"#
      ),
      (#"{"ViT": {"L5.H0": ["a cat"]}}"#, "given.txt: ViT is a mapping, expected "),
      (#"{"L5.H0": "a cat"}"#, #"given.txt: L5.H0 is "a cat", expected "#),
      (#"{"L5.H0": [["a cat"]]}"#, "given.txt: L5.H0 is a list with a list, expected "),
      (#"{"L5.H0": ["a cat"}"#, "given.txt: "),
    ])
  func wrong(text: String, expected: String) throws {
    let found = try message(text)
    #expect(found?.hasPrefix(expected) == true, "\(found ?? "nothing")")
  }
}
