import Analysis
import Attribution
import Foundation

/// The words of an atlas with what they lead to, for readers without scripts: heads by the descriptions that have a word, texts and
/// images by their own words.
struct WordIndex: Sendable {
  struct Entry: Sendable {
    /// The heads whose first descriptions have the word, the one that it accounts for most first.
    var heads: [(model: String, head: Head, share: Double)] = []
    var pages: [Page] = []
  }
  /// In alphabetical order.
  let words: [(word: String, entry: Entry)]

  /// Words that say nothing of what they stand in.
  private static let empty: Set<String> = [
    "and", "are", "for", "from", "has", "her", "his", "its", "near", "not", "one", "that", "the", "this", "with",
  ]
  /// Of words in Latin letters; a word of another script may be one letter.
  private static let shortest = 3
  private static let descriptions = 5

  init(_ content: SiteContent, pages: PageIndex, sections: [Address: [Section]]) {
    var entries: [String: Entry] = [:]
    for model in content.models {
      for head in model.shape.allHeads {
        let blocks = (sections[Subject.head(model: model.id, head: head).address] ?? []).flatMap(\.blocks)
        var shares: [String: Double] = [:]
        for item in describingBars(in: blocks)?.items.prefix(Self.descriptions) ?? [] {
          for word in Self.words(of: item.label) { shares[word, default: 0] += item.value }
        }
        for (word, share) in shares { entries[word, default: Entry()].heads.append((model.id, head, share)) }
      }
    }
    for page in pages.pages {
      switch page.kind {
      case .subject(.image), .subject(.text), .subject(.property):
        for word in Self.words(of: page.title) { entries[word, default: Entry()].pages.append(page) }
      default: break
      }
    }
    words = entries.map { word, entry in
      (
        word,
        Entry(
          heads: entry.heads.sorted { ($1.share, $0.model, $0.head) < ($0.share, $1.model, $1.head) },
          pages: entry.pages)
      )
    }.sorted { $0.word < $1.word }
  }

  /// The words of a text in lower case, each once, without those that say nothing.
  static func words(of text: String) -> Set<String> {
    Set(text.lowercased().split { !$0.isLetter && $0 != "-" && $0 != "'" }.map { String($0).trimmingDashes })
      .filter { word in
        !word.isEmpty && !empty.contains(word) && (word.count >= shortest || letter(of: word) == "other")
      }
  }

  /// The page that a word stands on: a letter of the Latin alphabet, or the last.
  static func letter(of word: String) -> String {
    let plain = word.folding(options: .diacriticInsensitive, locale: nil)
    return plain.first.map(String.init).flatMap { letters.contains($0) ? $0 : nil } ?? "other"
  }

  static let letters = (UInt8(ascii: "a")...UInt8(ascii: "z")).map { String(UnicodeScalar($0)) } + ["other"]
}

/// The first bars that are held against no chance and lead nowhere: a head's descriptions.
func describingBars(in blocks: [Block]) -> Bars? {
  blocks.lazy.compactMap { block -> Bars? in
    if case .bars(let bars) = block, bars.items.allSatisfy({ $0.chance == nil && $0.link == nil }) { bars } else { nil }
  }.first
}

extension String {
  fileprivate var trimmingDashes: String {
    String(drop { !$0.isLetter }.reversed().drop { !$0.isLetter }.reversed())
  }
}

extension PageLead {
  /// Heads, images and texts that a word leads to at most.
  private static let headsOfWord = 8
  private static let pagesOfWord = 6

  /// Links to the pages of words, by their first letters.
  func letterLinks(_ page: Address) -> Markup {
    let used = Set(words.words.map { WordIndex.letter(of: $0.word) })
    let links = WordIndex.letters.filter(used.contains).map { letter in
      link(to: .letter(letter), from: page, "\(letter == "other" ? "other" : letter.uppercased())")
    }
    guard !links.isEmpty else { return "" }
    return """
      <section><h2 id="words">Words</h2><p>What heads are described by, and the words of images and texts: for each word the \
      heads that vary along it, the first of them most.</p><p class="headlinks">\(links.joined(separator: " "))</p></section>
      """
  }

  /// The words that begin with a letter.
  func wordList(_ letter: String, page: Address) -> Markup {
    let rows: [Markup] = words.words.filter { WordIndex.letter(of: $0.word) == letter }.map { word, entry in
      let heads: [Markup] = entry.heads.prefix(Self.headsOfWord).map { found in
        let name: Markup =
          content.models.count > 1 ? "\("\(found.head)") \(title(of: found.model))" : "\("\(found.head)")"
        return link(to: .head(model: found.model, head: found.head), from: page, name)
      }
      let further = entry.heads.count - heads.count
      let more: Markup? = further > 0 ? " <span class=\"small\">and \(further) more</span>" : nil
      let others: [Markup] = entry.pages.prefix(Self.pagesOfWord).map {
        link(to: $0.address, from: page, "\($0.title)")
      }
      let shown: Markup? =
        heads.isEmpty ? nil : "<span class=\"headlinks\">\(heads.joined(separator: " "))</span>\(more)"
      let found: Markup? =
        others.isEmpty ? nil : "<span class=\"small\">\(others.joined(separator: ", "))</span>"
      let parts = [shown, found].compactMap { $0 }.joined(separator: "<br>")
      return "<div><dt>\(word)</dt><dd>\(parts)</dd></div>\n"
    }
    return rows.isEmpty
      ? "<p>No word of this atlas begins with it.</p>" : "<dl class=\"facts words\">\n\(rows)</dl>"
  }

  private func title(of model: String) -> String { content.models.first { $0.id == model }?.title ?? model }
}
