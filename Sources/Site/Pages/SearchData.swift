import Analysis
import Attribution
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
    var evidence: [(name: String, share: Double)] = []
    /// A head's first descriptions, with the share of what it writes that each accounts for.
    var descriptions: [(name: String, share: Double)] = []
    var image: SizedFile?
  }
  private(set) var entries: [Entry] = []

  private static let descriptionsShown = 5

  init(
    _ content: SiteContent, pages: PageIndex, sections: [Address: [Section]], notes: [Address: [Note]],
    images: SiteImages
  ) {
    let telling = Self.tellingWords(content, sections)
    let modelTitles = Dictionary(content.models.map { ($0.id, $0.title) }) { first, _ in first }
    for page in pages.pages {
      guard case .subject(let subject) = page.kind else { continue }
      var words: [String] = []
      var descriptions: [(name: String, share: Double)] = []
      var image: SizedFile?
      if case .head(let model, let head) = subject {
        let blocks = (sections[page.address] ?? []).flatMap(\.blocks)
        let label = content.models.first { $0.id == model }.map { $0.label(of: head) }
        words = [modelTitles[model] ?? model, label].compactMap(\.self) + (telling[page.address] ?? [])
        descriptions = (describingBars(in: blocks)?.items ?? []).prefix(Self.descriptionsShown).map {
          ($0.label, $0.value)
        }
      } else if case .layer(let model, _) = subject {
        words = [modelTitles[model] ?? model]
      } else if case .plugin(let id) = subject {
        words = content.plugins.filter { $0.manifest.id == id }.map(\.manifest.summary)
      } else if case .image(let id) = subject {
        words = [id]
        image = images[ImageReference(set: .gallery, id: id)]?.thumb
      }
      entries.append(
        Entry(
          kind: subject.kind, title: page.title, text: words.joined(separator: " · "), page: page.address,
          evidence: Self.evidence(of: subject, in: content), descriptions: descriptions, image: image))
      for note in notes[page.address] ?? [] {
        entries.append(
          Entry(kind: "commentary", title: note.title ?? page.title, text: note.text, page: page.address))
      }
    }
    entries += GlossaryTerm.all.map {
      Entry(kind: "glossary", title: $0.term, text: $0.meaning, page: .glossary, anchor: $0.anchor)
    }
  }

  private static func evidence(of subject: Subject, in content: SiteContent) -> [(name: String, share: Double)] {
    guard case .head(let id, let head) = subject, let model = content.models.first(where: { $0.id == id }) else {
      return []
    }
    let found = model.summary(of: head)?.evidence.filter(\.isBeyondChance) ?? []
    return found.compactMap { evidence in
      content.properties.first { $0.id == evidence.property }.map { ($0.title, evidence.excess) }
    }
  }

  /// The texts on the pages of heads by which they are found: what stands on those of most heads of a model, as the names of properties
  /// do, tells none of them from the others.
  private static func tellingWords(_ content: SiteContent, _ sections: [Address: [Section]]) -> [Address: [String]] {
    var telling: [Address: [String]] = [:]
    for model in content.models {
      let found = model.shape.allHeads.map { head in
        let address = Subject.head(model: model.id, head: head).address
        return (address, words: words(in: (sections[address] ?? []).flatMap(\.blocks)))
      }
      var counts: [String: Int] = [:]
      for word in found.flatMap(\.words) { counts[word, default: 0] += 1 }
      for (address, words) in found {
        telling[address] = words.filter { found.count <= 4 || 2 * (counts[$0] ?? 0) <= found.count }
      }
    }
    return telling
  }

  /// The texts of a head's bars and tables, each once.
  private static func words(in blocks: [Block]) -> [String] {
    var seen: Set<String> = []
    var words: [String] = []
    func add(_ text: String) { if seen.insert(text).inserted { words.append(text) } }
    for block in blocks {
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

  /// Of each entry: kind, title, further words, link; then evidence, descriptions and the image as far as there are any.
  var script: String {
    let lines = entries.map { entry in
      let fields = [
        entry.kind, entry.title, entry.text,
        Address.search.link(to: entry.page.index) + (entry.anchor.map { "#\($0)" } ?? ""),
      ].map(scriptString)
      let image = entry.image.map {
        [scriptString(Address.search.link(to: $0.file)), "\($0.width)", "\($0.height)"]
      }
      let more = [Self.shares(entry.evidence), Self.shares(entry.descriptions), image ?? []]
      let end = more.lastIndex { !$0.isEmpty } ?? -1
      return "[" + (fields + more.prefix(end + 1).map { "[\($0.joined(separator: ","))]" }).joined(separator: ",") + "]"
    }
    return "window.atlasSearch=[\n" + lines.joined(separator: ",\n") + "\n];\n"
  }

  private static func shares(_ list: [(name: String, share: Double)]) -> [String] {
    list.filter { $0.share > 0 && $0.share.isFinite }.map {
      "[\(scriptString($0.name)),\(fixed($0.share, decimals: 2))]"
    }
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
