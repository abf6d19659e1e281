import Analysis
import Diagnostics
import Files

/// One thing that `headatlas plugin test` looked at.
package struct ConformanceFinding: Sendable, Encodable {
  package let subject: String
  package let isFine: Bool
  package let detail: String
}

/// Holds a plugin against what docs/plugin-protocol.md asks of every plugin, on a small synthetic atlas.
///
/// - Throws: `FileError` where the plugin's folder, or the folder for temporary files, cannot be read or written.
package func conformance(
  of plugin: ExternalPlugin, options: [String: OptionValue]
) throws -> [ConformanceFinding] {
  let atlas = SyntheticAtlas()
  let id = plugin.manifest.id
  func run(_ atlas: SyntheticAtlas) throws -> (results: AnalysisResults, failures: [PluginFailure]) {
    try PluginRunner(atlas: atlas.outline(plugin: id, pages: plugin.manifest.pages))
      .results(of: plugin, options: options, for: atlas.models, isOptional: false)
  }
  let (first, failures) = try run(atlas)
  if let failure = failures.first { return [.init(subject: "answer", isFine: false, detail: "\(failure)")] }
  let sections = first.sections
  let pages = Set(sections.map(\.subject.path)).count
  var findings = [
    ConformanceFinding(
      subject: "answer", isFine: true,
      detail: sections.isEmpty
        ? "no sections for the synthetic atlas, which is right where it has nothing to show"
        : "\(counted(sections.count, "section")) on \(counted(pages, "page"))")
  ]
  let (second, _) = try run(atlas)
  let isSame = try jsonText(sections) == jsonText(second.sections) && first.values == second.values
  findings.append(
    .init(
      subject: "determinism", isFine: isSame,
      detail: isSame
        ? "the same answer twice"
        : "another answer the second time; expected no clock, no randomness without a fixed seed, no order of a set"))
  let empty = try run(SyntheticAtlas(isEmpty: true))
  findings.append(
    .init(
      subject: "an empty atlas", isFine: empty.failures.isEmpty,
      detail: empty.failures.first.map { "\($0)" } ?? "no images and no texts are no trouble"))
  return findings + escaping(sections) + budgets(sections) + [captions(sections), page(of: plugin)]
}

private func escaping(_ sections: [Section]) -> [ConformanceFinding] {
  let found = sections.first { section in
    section.blocks.contains { block in
      guard case .markdown(let text) = block else { return false }
      return text.contains("alert(1)") || text.contains(/<[A-Za-z\/!?]/)
    }
  }
  return [
    .init(
      subject: "escaping", isFine: found == nil,
      detail: found.map {
        "HTML or a text of users in Markdown, in section \(quoted($0.title)) of \(oneLine($0.subject.path)); expected "
          + "such texts in captions, titles and cells, where they are escaped, and no HTML, which is left out"
      } ?? "no text of users, and no HTML, in Markdown")
  ]
}

/// What the sections of a page may be at most.
private let (mostKilobytes, mostStrips, mostMaps) = (150, 8, 4)

private func budgets(_ sections: [Section]) -> [ConformanceFinding] {
  for (subject, sections) in Dictionary(grouping: sections, by: \.subject).sorted(by: { $0.key < $1.key }) {
    let blocks = sections.flatMap(\.blocks)
    let strips = blocks.count { if case .imageStrip = $0 { true } else { false } }
    let maps = blocks.reduce(0) { sum, block in
      if case .heatMaps(let maps) = block { sum + maps.maps.count } else { sum }
    }
    let kilobytes = ((try? jsonText(sections, isPretty: false).utf8.count) ?? 0) / 1000
    let excess = [
      (kilobytes, mostKilobytes, "KB"), (strips, mostStrips, "image strips"), (maps, mostMaps, "maps"),
    ].first { $0.0 > $0.1 }
    if let (found, most, noun) = excess {
      return [
        .init(
          subject: "page budget", isFine: false,
          detail: "\(found) \(noun) on the page \(oneLine(subject.path)), expected at most \(most)")
      ]
    }
  }
  return [.init(subject: "page budget", isFine: true, detail: "every page is lean")]
}

private func captions(_ sections: [Section]) -> ConformanceFinding {
  let bare = sections.first { section in section.blocks.contains { $0.caption?.isEmpty ?? false } }
  return .init(
    subject: "captions", isFine: bare == nil,
    detail: bare.map {
      "an empty caption in section \(quoted($0.title)) of \(oneLine($0.subject.path)); expected one that says how many are shown, "
        + "of how many, by which score"
    } ?? "every figure has one")
}

private func page(of plugin: ExternalPlugin) -> ConformanceFinding {
  let path = plugin.folder + "/page.md"
  let text = try? readText(path)
  let missing = ["## How to read it", "## Formula"].filter { text?.contains($0) != true }
  return .init(
    subject: "page", isFine: missing.isEmpty,
    detail: missing.isEmpty
      ? "page.md says what it shows"
      : text == nil
        ? "no page.md, expected Markdown that says what it shows and how to read it"
        : "page.md has no \(quoted(missing[0]))")
}

extension Block {
  /// Nil for blocks that have none.
  fileprivate var caption: String? {
    switch self {
    case .markdown, .download: nil
    case .table(let table): table.caption
    case .imageStrip(let strip): strip.caption
    case .heatMaps(let maps): maps.caption
    case .bars(let bars): bars.caption
    case .series(let series): series.caption
    case .scatter(let scatter): scatter.caption
    case .headGrid(let grid): grid.caption
    }
  }
}
