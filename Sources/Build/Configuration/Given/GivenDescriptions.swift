import Attribution
import CLIP
import Files
import Foundation

/// Descriptions of a model's heads that were made elsewhere, such as those that were published with TextSpan.
package struct GivenDescriptions: Sendable {
  /// As pages call them.
  let title: String
  /// The texts of each head, in the order of their choice; some heads may have none.
  let texts: [Head: [String]]

  /// All that they say, in an order of its own, for hashes.
  var parts: [String] {
    [title] + texts.sorted { $0.key < $1.key }.flatMap { head, lines in ["\(head)", "\(lines)"] }
  }

  static let expected =
    #"texts of heads: {"L8.H0": ["a text", …]}, alone, under "heads" or under the model's name, or lines after "Layer 8, Head 0""#
}

/// Reads a file of descriptions: JSON, or text as the reference implementation of TextSpan writes it.
struct GivenDescriptionsReader {
  private let file: String
  /// Whose heads they are of, as messages call it, and as the file does.
  private let (model, name): (String, String)
  private let last: Head
  private let problems: ProblemList
  private var texts: [Head: [String]] = [:]

  /// - Parameters:
  ///   - model: whose heads they are of.
  ///   - name: of the model in the file.
  ///   - tower: the model's sizes.
  init(_ file: String, model: String, name: String, _ tower: CLIPConfiguration.Tower, _ problems: ProblemList) {
    (self.file, self.model, self.name, self.problems) = (file, model, name, problems)
    last = Head(layer: tower.layers - 1, head: tower.heads - 1)
  }

  /// The texts of heads; nil where there are none, which is a problem.
  mutating func read() -> [Head: [String]]? {
    let count = problems.count
    problems.attempt(file, nil) {
      if try readText(file).allSatisfy(\.isWhitespace) { return refuse("the file", "empty", nil) }
      let lines = try readLines(file)
      if lines.first(where: { !$0.isEmpty })?.hasPrefix("{") == true {
        read(ConfigurationValue(try JSONValue(json: try readFile(file)), line: 1))
      } else {
        read(lines)
      }
    }
    if texts.values.allSatisfy(\.isEmpty), problems.count == count {
      refuse("the file", "without a text of a head", nil)
    }
    return texts.isEmpty ? nil : texts
  }

  private func refuse(_ key: String, _ found: String, _ line: Int?) {
    problems.add(.wrongValue(key: key, found: found, expected: GivenDescriptions.expected), file, line)
  }

  /// Begins the list of a head, which must be one of the model's and have none yet.
  private mutating func begin(_ head: Head?, _ name: String, _ line: Int?) -> Head? {
    guard let head, head.layer <= last.layer, head.head <= last.head else {
      problems.add(.noHead(name: name, model: model, last: "\(last)"), file, line)
      return nil
    }
    guard texts.updateValue([], forKey: head) == nil else {
      problems.add(.duplicate(kind: "head", id: "\(head)"), file, line)
      return nil
    }
    return head
  }

  // MARK: JSON

  private mutating func read(_ root: ConfigurationValue) {
    guard case .mapping(let entries) = root.kind else { return refuse("the file", root.words, nil) }
    // Heads stand in it, or in what it has under a name.
    guard let inner = [name, "heads"].lazy.compactMap({ name in entries.first { $0.key == name } }).first else {
      return read(heads: entries)
    }
    guard case .mapping(let heads) = inner.value.kind else { return refuse(inner.key, inner.value.words, nil) }
    read(heads: heads)
  }

  private mutating func read(heads: [ConfigurationValue.Entry]) {
    // A file of other models has hundreds of keys that are no heads: the first says it.
    if let other = heads.first(where: { Head($0.key) == nil }) {
      return refuse(other.key, other.value.words, nil)
    }
    for entry in heads {
      guard let head = begin(Head(entry.key), entry.key, nil) else { continue }
      guard case .list(let values) = entry.value.kind else {
        refuse(entry.key, entry.value.words, nil)
        continue
      }
      for value in values {
        guard case .text(let text) = value.kind else {
          refuse(entry.key, "a list with \(value.words)", nil)
          break
        }
        add(text, to: head)
      }
    }
  }

  private mutating func add(_ text: String, to head: Head) {
    if !stripped(text[...]).isEmpty { texts[head]?.append(text) }
  }

  // MARK: Text

  /// Reads lists of lines, each after a line of dashes, the head's name and a line of dashes.
  ///
  /// What stands after another name, such as the accuracy at the end, is no list.
  private mutating func read(_ lines: [String]) {
    func isRule(_ place: Int) -> Bool {
      lines.indices.contains(place) && lines[place].count > 2 && lines[place].allSatisfy { $0 == "-" }
    }
    var head: Head?
    var place = 0
    while place < lines.count {
      if isRule(place) {
        head = nil
        if isRule(place + 2) {
          head = begin(Self.head(named: lines[place + 1]), lines[place + 1], place + 2)
          place += 2
        }
      } else if let head {
        add(lines[place], to: head)
      }
      place += 1
    }
  }

  /// The head that a line such as "Layer 8, Head 0" names.
  private static func head(named line: String) -> Head? {
    let words = line.split { $0 == " " || $0 == "," }
    guard words.count == 4, words[0].lowercased() == "layer", words[2].lowercased() == "head" else { return nil }
    return Head("L\(words[1]).H\(words[3])")
  }
}
