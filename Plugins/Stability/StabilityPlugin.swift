import Analysis
import Attribution
import Diagnostics

/// How much of what is said of a head would be said again over other images, and by other candidate descriptions.
public struct StabilityPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "stability", title: "Stability", version: "1.1.0",
    summary:
      "How often a head's descriptions and its label come back where images or candidate descriptions are drawn anew.")

  public init() {}

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] {
    let pages = StabilityPages(evidence: evidence)
    return evidence.heads.compactMap(pages.headSection) + [pages.modelSection()].compactMap { $0 }
  }

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    AnalysisResults(
      sections: try models.flatMap { try sections(for: $0, options: options) },
      values: models.map { StabilityPages(evidence: $0).values() }.reduce(into: [:]) { $0.merge($1) { $1 } })
  }
}

/// The sections of one model.
struct StabilityPages {
  let evidence: ModelEvidence

  private func section(_ subject: Subject, _ title: String, order: Int, _ blocks: [Block]) -> Section {
    Section(
      subject: subject, plugin: StabilityPlugin.manifest.id, model: evidence.model, title: title, order: order,
      blocks: blocks)
  }

  func headSection(_ head: HeadEvidence) -> Section? {
    guard let stability = head.stability, !stability.descriptions.isEmpty else { return nil }
    let blocks = [descriptionTable(head, stability), labelTable(head, stability), propertyTable(head)]
    return section(
      evidence.subject(of: head.head), "How stable that is", order: 11, blocks.compactMap { $0 }.map(Block.table))
  }

  /// Which properties lead where images and words are drawn anew; nil where nothing was drawn.
  private func propertyTable(_ head: HeadEvidence) -> Table? {
    let set = head.propertySet
    guard let first = set.first else { return nil }
    let (titles, draws) = (set.map { evidence.properties[$0].title }, HeadEvidence.propertyDraws)
    let rest =
      set.count > 1
      ? " It takes \(set.count) to lead in \(set.reduce(0) { $0 + head.propertyLeads[$1] }): \(titles.joined(separator: ", "))."
      : ""
    let order = head.propertyLeads.indices.filter { head.propertyLeads[$0] > 0 }
      .sorted { (head.propertyLeads[$1], $0) < (head.propertyLeads[$0], $1) }
    return Table(
      caption:
        "By what it varies with, with images and the words of properties drawn anew: \(titles[0]) leads in "
        + "\(head.propertyLeads[first]) of \(draws) draws.\(rest)",
      columns: [
        .init("property"), .init("leads", note: "share of draws", isNumeric: true),
        .init("with all images and words", note: "share of variance beyond chance", isNumeric: true),
      ],
      rows: order.map { place in
        [
          .link(evidence.properties[place].title, .property(evidence.properties[place].id)),
          .number(Double(head.propertyLeads[place]) / Double(draws), decimals: 2),
          head.properties[place].map { .number($0.excess, decimals: 3) } ?? .empty,
        ]
      })
  }

  private static func share(_ returns: HeadStability.Returns?) -> Cell {
    returns?.share.map { .number($0, decimals: 2) } ?? .empty
  }

  private func descriptionTable(_ head: HeadEvidence, _ stability: HeadStability) -> Table {
    let (count, pool) = (stability.descriptions.count, evidence.pool.texts.count)
    let images =
      stability.imageBootstraps > 0
      ? "\(stability.imageBootstraps) draws of \(counted(stability.blocks, "block")) of probe images"
      : "too few probe images to draw from"
    return Table(
      caption:
        "How often each of the first \(counted(count, "description")) is among as many first ones again: over \(images), "
        + "and by \(stability.poolBootstraps) draws of the \(pool) candidate descriptions, of those that have it.",
      columns: [
        .init("description"), .init("images", note: "share of draws in which it comes back", isNumeric: true),
        .init("candidates", note: "share of draws in which it comes back", isNumeric: true),
        .init("chance", note: "control: as many texts at random", isNumeric: true),
      ],
      rows: stability.descriptions.map { description in
        [
          .text(evidence.pool.texts[description.index]), Self.share(description.images), Self.share(description.pool),
          .number(Double(count) / Double(max(pool, 1)), decimals: 3),
        ]
      })
  }

  /// What is said of the label in one sentence.
  func labelSentence(_ stability: HeadStability, _ label: Label) -> String {
    let set = stability.labelSet.map { evidence.title(of: $0) }
    let returns = stability.labelReturns.flatMap(\.share).map { percent($0) } ?? "none"
    let own =
      label == .ambiguous
      ? "By its first descriptions the head is ambiguous, and in \(returns) of \(stability.bootstraps) draws it is so again."
      : "By its first descriptions the head is labelled \(evidence.title(of: label)), and in \(returns) of \(stability.bootstraps) draws it is again"
        + (stability.isWeak ? ": a weak label." : ".")
    let coverage = percent(HeadStability.coverage)
    let rest =
      switch set.count {
      case 0: "In no draw does anything speak for a property."
      case 1: "One property leads in at least \(coverage) of them: \(set[0])."
      default:
        "It takes \(set.count) properties to hold \(coverage) of what leads in them: \(set.joined(separator: ", "))"
          + (stability.isAmbiguous ? ", so many that the head is ambiguous." : ".")
      }
    return "\(own) \(rest)"
  }

  private func labelTable(_ head: HeadEvidence, _ stability: HeadStability) -> Table? {
    guard let label = stability.label else { return nil }
    let known = (stability.leading + stability.labels).map(\.label)
    let labels = known.enumerated().filter { known.firstIndex(of: $1) == $0 }.map(\.element)
    func share(_ count: Int?, _ all: Int) -> Cell {
      all > 0 ? .number(Double(count ?? 0) / Double(all), decimals: 2) : .empty
    }
    return Table(
      caption: labelSentence(stability, label),
      columns: [
        .init("label"), .init("images", note: "share of draws that are labelled so", isNumeric: true),
        .init("candidates", note: "share of draws that are labelled so", isNumeric: true),
        .init("leads", note: "share of all draws in which most speaks for it", isNumeric: true),
        .init("chance", note: "control: the same of other heads", isNumeric: true),
      ],
      rows: labels.map { label in
        let own = stability.labels.first { $0.label == label }
        return [
          .text(evidence.title(of: label)), share(own?.images, stability.imageBootstraps),
          share(own?.pool, stability.poolBootstraps),
          label == .ambiguous ? .empty : .number(leading(label, of: stability), decimals: 2),
          label == .ambiguous ? .empty : chance(label, but: head).map { .number($0, decimals: 2) } ?? .empty,
        ]
      })
  }

  private func leading(_ label: Label, of stability: HeadStability) -> Double {
    let count = stability.leading.first { $0.label == label }?.all ?? 0
    return Double(count) / Double(max(stability.bootstraps, 1))
  }

  /// How often a property leads in draws of the other heads.
  private func chance(_ label: Label, but head: HeadEvidence) -> Double? {
    let others = evidence.heads.filter { $0.head != head.head }.compactMap(\.stability)
    return others.isEmpty ? nil : others.reduce(0) { $0 + leading(label, of: $1) } / Double(others.count)
  }

  func modelSection() -> Section? {
    let known = evidence.heads.compactMap(\.stability)
    guard !known.isEmpty else { return nil }
    let grid = HeadGrid(
      of: evidence,
      caption:
        "How often the label of each head comes back where images or candidate descriptions are drawn anew; ambiguous heads are left out.",
      measure: "share of draws with the same label in context",
      values: evidence.heads.map { head in
        head.stability.flatMap { $0.label == .ambiguous ? nil : $0.labelReturns?.share }
      })
    let hasLabels = known.contains { $0.label != nil }
    return section(
      .model(evidence.model), "How stable descriptions and labels are", order: 16,
      (hasLabels ? [.headGrid(grid)] : []) + [.table(summary(known))])
  }

  private func summary(_ known: [HeadStability]) -> Table {
    func row(_ name: String, _ number: Double?, _ decimals: Int, chance: Double? = nil) -> [Cell] {
      [
        .text(name), number.map { .number($0, decimals: decimals) } ?? .empty,
        chance.map { .number($0, decimals: 3) } ?? .empty,
      ]
    }
    func mean(_ shares: [Double]) -> Double? {
      shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
    let descriptions = known.flatMap(\.descriptions)
    let chance = mean(known.map { Double($0.descriptions.count) / Double(max(evidence.pool.texts.count, 1)) })
    let labelled = known.filter { $0.label.map { $0 != .ambiguous } ?? false }
    let sets = known.filter { !$0.labelSet.isEmpty }
    func count(_ name: String, _ heads: [HeadStability]) -> [Cell] { row(name, Double(heads.count), 0) }
    let labels =
      known.allSatisfy { $0.label == nil }
      ? []
      : [
        count("heads with a label in context", labelled),
        row("a label comes back, mean share of draws", mean(labelled.compactMap { $0.labelReturns?.share }), 3),
        count("heads whose label is weak: back in less than half of the draws", labelled.filter(\.isWeak)),
        count("heads whose set is one property", sets.filter { $0.labelSet.count == 1 }),
        count("two properties", sets.filter { $0.labelSet.count == 2 }),
        count("three properties or more", sets.filter { $0.labelSet.count > 2 }),
        count("heads that are ambiguous by the size of the set", sets.filter(\.isAmbiguous)),
      ]
    return Table(
      caption:
        "Over \(counted(known.count, "head")); each was described anew \(known[0].imageBootstraps) times over other images and "
        + "\(known[0].poolBootstraps) times by other candidate descriptions.",
      columns: [.init("what"), .init("value", isNumeric: true), .init("chance", note: "control", isNumeric: true)],
      rows: [
        row(
          "a description comes back over other images, mean share", mean(descriptions.compactMap(\.images.share)), 3,
          chance: chance),
        row(
          "by other candidate descriptions that have it, mean share", mean(descriptions.compactMap(\.pool.share)), 3,
          chance: chance),
      ] + labels)
  }

  /// What commentary may claim.
  func values() -> [String: String] {
    evidence.heads.reduce(into: [:]) { values, head in
      guard let stability = head.stability else { return }
      let path = evidence.subject(of: head.head).path
      if let share = stability.labelReturns?.share { values["\(path)/stability/label"] = fixed(share, decimals: 2) }
      if !stability.labelSet.isEmpty {
        values["\(path)/stability/set"] = stability.labelSet.map { evidence.title(of: $0) }.joined(separator: ", ")
      }
    }
  }
}
