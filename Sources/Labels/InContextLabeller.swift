import Foundation
import Tensors

/// Labels heads from labelled examples, offline, with nothing but the model's own text tower.
///
/// 1. In every example line, the word least usual in the lines of other properties is taken to carry the property: in
///    "a red cat" that is "red", since cats are everywhere. Function words are left out; a plural counts as its
///    singular where that occurs.
/// 2. Every other word speaks of the property whose example words are nearest (`WordSpace`), if they are near and no
///    other property's are as near. A line carries the properties its words speak of; it can carry several.
/// 3. A head's first ten lines vote, the i-th with weight 1/√i. A line's vote is shared among the properties it
///    carries by their rarity, −log of the share of all heads' lines that carry them: where nearly every line names
///    an object, a line that also names a colour votes for the colour. The property with most votes is the label if
///    it has at least 40% of them and leads the next by 25 points; else the head is ambiguous. The margin is that
///    lead.
///
/// The judge of association is step 2: a description fits a label if it carries the label's property.
///
/// How far to trust it, measured on picture-world with made-up heads of ten lines, under 60 random sets of examples
/// (other draws than those the thresholds were chosen on, but of the same world and model): 92% of heads are labelled
/// rightly whose lines have only words that no example has, patterns worst (68%); 84% where three lines in ten are
/// drawn by chance. But of heads whose lines are all drawn by chance 19% still get a label, mostly of the commonest
/// properties: read a label together with its margin and CCS.
///
/// The labeller knows only the properties it is shown. It is not a language model: it cannot name a property that has
/// no example.
package struct InContextLabeller: HeadLabeller {
  private let examples: [(property: String, lines: [LineWords])]
  private let embed: @Sendable ([String]) throws -> Tensor

  private static let votingLines = 10
  private static let judgedLines = 5
  private static let majority = 0.4
  private static let clearLead = 0.25

  /// - Parameters:
  ///   - examples: of two properties or more; several of one property are taken together.
  ///   - embed: `[count, E]`, the text tower's unit-norm embeddings of a list of texts.
  /// - Throws: `LabelError`.
  package init(
    examples: [LabelledExample], embed: @escaping @Sendable ([String]) throws -> Tensor
  ) throws {
    var merged: [(property: String, lines: [LineWords])] = []
    for example in examples {
      let lines = example.descriptions.map { LineWords($0) }.filter { !$0.content.isEmpty }
      guard !lines.isEmpty else { throw LabelError.noDescriptions(property: example.property) }
      if let known = merged.firstIndex(where: { $0.property.lowercased() == example.property.lowercased() }) {
        merged[known].lines += lines
      } else {
        merged.append((example.property, lines))
      }
    }
    guard merged.count >= 2 else { throw LabelError.tooFewProperties(found: merged.map(\.property)) }
    self.examples = merged
    self.embed = embed
  }

  package func label(heads: [[String]]) throws -> [HeadLabel] {
    let lines = heads.map { $0.prefix(Self.votingLines).map { LineWords($0) } }
    let words = try WordProperties(examples: examples, lines: lines.flatMap { $0 }, embed: embed)
    let carried = lines.map { $0.map { properties(of: $0, words) } }
    let rarity = rarity(carried.flatMap { $0 })
    return carried.map { label(carried: $0, rarity: rarity, names: words.properties) }
  }

  /// Judges labels that somebody else gave.
  ///
  /// A label that names a property of the examples, or is a prefix of one or the other way round ("Colours"), is
  /// judged by that property. Another label fits a description with a word near to one of its own.
  ///
  /// - Returns: for every head, whether each of its first five descriptions fits its label; an ambiguous head's never
  ///   do.
  /// - Throws: `LabelError`.
  package func judge(labels: [String], heads: [[String]]) throws -> [[Bool]] {
    guard labels.count == heads.count else { throw LabelError.counts(labels: labels.count, heads: heads.count) }
    let lines = heads.map { $0.prefix(Self.judgedLines).map { LineWords($0) } }
    let known = labels.map { label in examples.firstIndex { Self.isSame($0.property, label) } }
    let others = zip(labels, known).filter { $0.1 == nil && $0.0 != HeadLabel.ambiguous }.map(\.0)
    let words = try WordProperties(
      examples: examples, lines: lines.flatMap { $0 }, extraWords: others.flatMap { LineWords($0).content },
      embed: embed)
    return zip(labels, zip(known, lines)).map { label, head in
      let (property, lines) = head
      if label == HeadLabel.ambiguous { return lines.map { _ in false } }
      if let property { return lines.map { properties(of: $0, words).contains(property) } }
      let own = LineWords(label).content
      return lines.map { line in line.content.contains { word in own.contains { words.isNear(word, to: $0) } } }
    }
  }

  private static func isSame(_ property: String, _ label: String) -> Bool {
    let (first, second) = (property.lowercased(), label.lowercased())
    return !second.isEmpty && (first.hasPrefix(second) || second.hasPrefix(first))
  }

  private func properties(of line: LineWords, _ words: WordProperties) -> Set<Int> {
    Set(line.content.compactMap(words.property(of:)))
  }

  /// −log of the share of lines that carry each property, with one line that does and one that does not added.
  private func rarity(_ lines: [Set<Int>]) -> [Double] {
    examples.indices.map { property in
      -log(Double(lines.count { $0.contains(property) } + 1) / Double(lines.count + 2))
    }
  }

  private func label(carried: [Set<Int>], rarity: [Double], names: [String]) -> HeadLabel {
    var votes = [Double](repeating: 0, count: names.count)
    var all = 0.0
    for (index, properties) in carried.enumerated() {
      let weight = 1 / Double(index + 1).squareRoot()
      let total = properties.sorted().reduce(0) { $0 + rarity[$1] }
      all += weight
      for property in properties where total > 0 { votes[property] += weight * rarity[property] / total }
    }
    let order = votes.indices.sorted { (votes[$0], $1) > (votes[$1], $0) }
    let shares = order.map { all > 0 ? votes[$0] / all : 0 }
    let margin = shares[0] - shares[1]
    let isClear = shares[0] >= Self.majority && margin >= Self.clearLead
    return HeadLabel(
      property: isClear ? names[order[0]] : HeadLabel.ambiguous, margin: margin,
      fits: carried.prefix(Self.judgedLines).map { isClear && $0.contains(order[0]) }, source: HeadLabel.inContext)
  }
}
