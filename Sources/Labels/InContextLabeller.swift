import Attribution
import Foundation
import Tensors

/// Labels heads from labelled examples, offline, with nothing but the model's own text tower.
///
/// 1. In every example line, the word least usual in the lines of other properties is taken to carry the property: in
///    "a red cat" that is "red", since cats are everywhere. Function words are left out, and words such as "photo" that
///    frame captions, unless an example has a line of nothing else; a plural counts as its singular where that occurs.
/// 2. Every other word speaks of the property whose example words are nearest (`WordSpace`), if they are near and no
///    other property's are as near. A line carries the properties its words speak of; it can carry several.
/// 3. A head's first ten lines are held against the pool they were chosen from, each with the share of the head's variance
///    that it explains as its weight. A property speaks for itself by how much more of the lines carry it, or carry it
///    alone, than of the pool: n·KL(share ‖ usual share), in nats, where n is the number of lines that weigh alike. So where
///    nearly every line of the pool names an object, a head whose lines also name colours has the colour; and where every
///    line names a setting and some a weather, it has the setting. The property with most evidence is the label if 40% of
///    the lines carry it, the evidence is at least 1.7 nats, and the next property has at least a quarter less; else the
///    head is ambiguous. The margin is how much less the next has, as a share.
///
/// The judge of association is step 2: a description fits a label if it carries the label's property.
///
/// How far to trust it, measured on made-up heads of ten lines in a small world of seven properties (the one that the
/// tests use), with weights 1/√i, and with weights that fall by 28% from line to line: of heads with three lines in ten
/// drawn by chance and a property in the others 99% get its label (92% with the steep weights); of heads whose lines are
/// all drawn by chance 11% (14%) still get one. Read a label together with its margin and CCS.
///
/// The labeller knows only the properties it is shown. It is not a language model: it cannot name a property that has
/// no example.
package struct InContextLabeller: HeadLabeller {
  private let examples: [(property: String, lines: [LineWords])]
  private let pool: [LineWords]
  /// Words that frame captions elsewhere and here speak of a property: an example has a line of nothing else.
  private let telling: Set<String>
  private let names: PropertyNames
  private let embed: @Sendable ([String]) throws -> Tensor

  static let votingLines = 10
  private static let judgedLines = 5
  private static let majority = 0.4
  private static let enough = 1.7
  private static let clearLead = 0.25

  /// - Parameters:
  ///   - examples: of two properties or more; several of one property are taken together.
  ///   - pool: the lines that heads' descriptions were chosen from.
  ///   - names: the declared properties, which the examples' properties are resolved to.
  ///   - embed: `[count, E]`, the text tower's unit-norm embeddings of a list of texts.
  /// - Throws: `LabelError`.
  package init(
    examples: [LabelledExample], pool: [String], names: PropertyNames,
    embed: @escaping @Sendable ([String]) throws -> Tensor
  ) throws {
    let telling = Set(examples.flatMap(\.descriptions).compactMap { LineWords($0).loneFrame })
    var merged: [(property: String, lines: [LineWords])] = []
    for example in examples {
      let lines = example.descriptions.map { LineWords($0, telling: telling) }.filter { !$0.content.isEmpty }
      guard !lines.isEmpty else { throw LabelError.noDescriptions(property: example.property) }
      if let known = merged.firstIndex(where: { names.label($0.property) == names.label(example.property) }) {
        merged[known].lines += lines
      } else {
        merged.append((example.property, lines))
      }
    }
    guard merged.count >= 2 else { throw LabelError.tooFewProperties(found: merged.map(\.property)) }
    self.examples = merged
    self.pool = pool.map { LineWords($0, telling: telling) }
    self.telling = telling
    self.names = names
    self.embed = embed
  }

  package func label(heads: [[String]], shares: [[Double]]) throws -> [HeadLabel] {
    guard zip(heads, shares).allSatisfy({ $0.count == $1.count }), heads.count == shares.count else {
      throw LabelError.shares(heads: heads.map(\.count), shares: shares.map(\.count))
    }
    let lines = votingLines(heads)
    let words = try words(beside: lines)
    let usual = usualShares(pool.map { properties(of: $0, words) })
    return zip(lines, shares).map { head, shares in
      let carried = head.map { properties(of: $0, words) }
      return label(
        evidence(carried, weights: shares.prefix(Self.votingLines).map { max($0, 0) }, usual: usual), carried)
    }
  }

  /// Reads the pool as `label` does with these heads, so that heads can be labelled by lines of the pool again and again.
  ///
  /// - Parameter heads: the descriptions of every head, best first.
  /// - Throws: `LabelError`.
  package func reader(heads: [[String]]) throws -> PoolReader {
    let words = try words(beside: votingLines(heads))
    let carried = pool.map { properties(of: $0, words) }
    return PoolReader(
      labeller: self, properties: examples.map { names.label($0.property) }, carried: carried,
      usual: usualShares(carried))
  }

  private func votingLines(_ heads: [[String]]) -> [[LineWords]] {
    heads.map { $0.prefix(Self.votingLines).map { LineWords($0, telling: telling) } }
  }

  /// What the words of some lines and of the pool speak of.
  private func words(beside lines: [[LineWords]]) throws -> WordProperties {
    try WordProperties(examples: examples, lines: lines.flatMap { $0 } + pool, embed: embed)
  }

  /// Judges labels that somebody else gave.
  ///
  /// A label that names a property of the examples, or is a prefix of one or the other way round ("Colours"), is
  /// judged by that property. Another label fits a description with a word near to one of its own.
  ///
  /// - Returns: for every head, whether each of its first five descriptions fits its label; an ambiguous head's never
  ///   do.
  /// - Throws: `LabelError`.
  package func judge(labels: [Label], heads: [[String]]) throws -> [[Bool]] {
    guard labels.count == heads.count else { throw LabelError.counts(labels: labels.count, heads: heads.count) }
    let lines = heads.map { $0.prefix(Self.judgedLines).map { LineWords($0, telling: telling) } }
    let known = labels.map { label in examples.firstIndex { isSame($0.property, label) } }
    let others = zip(labels, known).filter { $0.1 == nil && $0.0 != .ambiguous }.map { names.title(of: $0.0) }
    let words = try WordProperties(
      examples: examples, lines: lines.flatMap { $0 }, extraWords: others.flatMap { LineWords($0).content },
      embed: embed)
    return zip(labels, zip(known, lines)).map { label, head in
      let (property, lines) = head
      if label == .ambiguous { return lines.map { _ in false } }
      if let property { return lines.map { properties(of: $0, words).contains(property) } }
      let own = LineWords(names.title(of: label)).content
      return lines.map { line in line.content.contains { word in own.contains { words.isNear(word, to: $0) } } }
    }
  }

  private func isSame(_ property: String, _ label: Label) -> Bool {
    if names.label(property) == label { return true }
    guard case .text(let text) = label else { return false }
    let (first, second) = (property.lowercased(), text.lowercased())
    return first.hasPrefix(second) || second.hasPrefix(first)
  }

  private func properties(of line: LineWords, _ words: WordProperties) -> Set<Int> {
    Set(line.content.compactMap(words.property(of:)))
  }

  /// What can be true of a line and a property: the line carries it, or carries it and no other.
  private static let relations: [@Sendable (Set<Int>, Int) -> Bool] = [
    { $0.contains($1) }, { $0.count == 1 && $0.contains($1) },
  ]

  /// By property, the share of the pool's lines that stand in each relation to it, with one line that does and one that
  /// does not added.
  private func usualShares(_ lines: [Set<Int>]) -> [[Double]] {
    examples.indices.map { property in
      Self.relations.map { holds in Double(lines.count { holds($0, property) } + 1) / Double(lines.count + 2) }
    }
  }

  /// How much a head's lines speak for each property, in nats: n·KL(share ‖ usual share) where the share is above the
  /// usual, else 0; the larger of the two relations.
  func evidence(
    _ carried: [Set<Int>], weights: [Double], usual: [[Double]]
  ) -> [(share: Double, nats: Double)] {
    let all = weights.reduce(0, +)
    guard all > 0 else { return usual.map { _ in (0, 0) } }
    let lines = all * all / weights.reduce(0) { $0 + $1 * $1 }
    return usual.enumerated().map { property, usual in
      let found = zip(Self.relations, usual).map { holds, usual in
        let share = zip(carried, weights).reduce(0) { $0 + (holds($1.0, property) ? $1.1 : 0) } / all
        return (share: share, nats: share > usual ? lines * divergence(share, from: usual) : 0)
      }
      return found[0].nats >= found[1].nats ? found[0] : found[1]
    }
  }

  /// The label that evidence for each property gives.
  func label(_ found: [(share: Double, nats: Double)], _ carried: [Set<Int>]) -> HeadLabel {
    let order = found.indices.sorted { (found[$0].nats, $1) > (found[$1].nats, $0) }
    let (best, next) = (found[order[0]], found[order[1]])
    let margin = best.nats > 0 ? (best.nats - next.nats) / best.nats : 0
    let isClear = best.share >= Self.majority && best.nats >= Self.enough && margin >= Self.clearLead
    return HeadLabel(
      label: isClear ? names.label(examples[order[0]].property) : .ambiguous, margin: margin,
      fits: carried.prefix(Self.judgedLines).map { isClear && $0.contains(order[0]) }, source: .inContext)
  }
}

/// KL(share ‖ usual) of two Bernoulli variables, in nats; `usual` is neither 0 nor 1.
private func divergence(_ share: Double, from usual: Double) -> Double {
  func part(_ share: Double, _ usual: Double) -> Double { share > 0 ? share * log(share / usual) : 0 }
  return part(share, usual) + part(1 - share, 1 - usual)
}
