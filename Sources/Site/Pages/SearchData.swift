import Analysis
import Diagnostics

/// The data of the search as a script that assigns them: pages opened from a disk may load scripts, but no data.
struct SearchData {
  struct Entry: Sendable {
    let kind: String
    let title: String
    /// Further words by which the entry is found.
    let text: String
    let page: Address
    var anchor: String?
    /// The properties that a head varies with beyond chance, with the share of each.
    var evidence: [(property: String, excess: Double)] = []
  }
  private(set) var entries: [Entry] = []

  init(_ content: SiteContent, pages: PageIndex, sections: [Address: [Section]], notes: [Address: [Note]]) {
    let modelTitles = Dictionary(content.models.map { ($0.id, $0.title) }) { first, _ in first }
    for page in pages.pages {
      guard case .subject(let subject) = page.kind else { continue }
      var words: [String] = []
      if let model = subject.model, case .head = subject {
        words = [modelTitles[model] ?? model] + Self.words(in: sections[page.address] ?? [])
      } else if case .layer(let model, _) = subject {
        words = [modelTitles[model] ?? model]
      } else if case .plugin(let id) = subject {
        words = content.plugins.filter { $0.manifest.id == id }.map(\.manifest.summary)
      } else if case .image(let id) = subject {
        words = [id]
      }
      entries.append(
        Entry(
          kind: subject.kind, title: page.title, text: words.joined(separator: " · "), page: page.address,
          evidence: Self.evidence(of: subject, in: content)))
      for note in notes[page.address] ?? [] {
        entries.append(
          Entry(kind: "commentary", title: note.title ?? page.title, text: note.text, page: page.address))
      }
    }
    entries += GlossaryTerm.all.map {
      Entry(kind: "glossary", title: $0.term, text: $0.meaning, page: .glossary, anchor: $0.anchor)
    }
  }

  private static func evidence(of subject: Subject, in content: SiteContent) -> [(property: String, excess: Double)] {
    guard case .head(let id, let head) = subject, let model = content.models.first(where: { $0.id == id }) else {
      return []
    }
    let found = model.summary(of: head)?.evidence.filter(\.isBeyondChance) ?? []
    return found.compactMap { evidence in
      content.properties.first { $0.id == evidence.property }.map { (property: $0.title, excess: evidence.excess) }
    }
  }

  /// The texts of a head's bars and tables, each once.
  private static func words(in sections: [Section]) -> [String] {
    var seen: Set<String> = []
    var words: [String] = []
    func add(_ text: String) { if seen.insert(text).inserted { words.append(text) } }
    for block in sections.flatMap(\.blocks) {
      switch block {
      case .bars(let bars): bars.items.forEach { add($0.label) }
      case .table(let table):
        for cell in table.rows.joined() {
          switch cell {
          case .text(let text), .link(let text, _): add(text)
          case .number, .image, .empty: break
          }
        }
      case .markdown, .imageStrip, .heatMaps, .series, .scatter, .headGrid, .download: break
      }
    }
    return words
  }

  var script: String {
    let lines = entries.map { entry in
      let fields = [
        entry.kind, entry.title, entry.text,
        Address.search.link(to: entry.page.index) + (entry.anchor.map { "#\($0)" } ?? ""),
      ]
      let evidence = entry.evidence.map { "[\(scriptString($0.property)),\(fixed($0.excess, decimals: 2))]" }
      let last = evidence.isEmpty ? [] : ["[" + evidence.joined(separator: ",") + "]"]
      return "[" + (fields.map(scriptString) + last).joined(separator: ",") + "]"
    }
    return "window.atlasSearch=[\n" + lines.joined(separator: ",\n") + "\n];\n"
  }
}

/// A string literal of JavaScript without characters that an HTML parser could read as a tag.
func scriptString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..."\u{1F}", "\u{7F}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
