import Files

/// The names of the files beside one page: by what is in them, and each once.
///
/// The same figure keeps its name as long as it and the figures before it have the titles that they have.
struct FigureNames: Sendable {
  /// In lower case, with what follows the point.
  private var used: Set<String>

  /// - Parameter taken: names that the page has for other files.
  init(taken: Set<String>) { used = taken }

  func isUsed(_ name: String) -> Bool { used.contains(name.lowercased()) }

  mutating func take(_ name: String) { used.insert(name.lowercased()) }

  /// A name without an extension that no file has yet.
  ///
  /// - Parameters:
  ///   - words: what the figure shows; nil where it is all that its section has.
  ///   - section: the title of its section, which stands before the words where they are few, quoted or another figure's.
  ///   - prefix: the model, on a page with figures of several.
  mutating func name(_ words: String?, section: String, prefix: String?) -> String {
    let (own, around) = (words.map(Self.keywords) ?? [], Self.shortened(slug(section), to: 48))
    let start = prefix.map { Self.shortened(slug($0), to: 30) + "-" } ?? ""
    let joined = Self.shortened(own.joined(separator: "-"), to: 40)
    let long = [around, joined].filter { !$0.isEmpty }.joined(separator: "-")
    // What is quoted says of what the figure is, and not what it shows.
    let isClear = own.count > 1 && words?.first?.isLetter ?? false
    let candidates = (isClear ? [joined, long] : [long]).map { start + ($0.isEmpty ? "figure" : $0) }
    let numbered = (2...).lazy.map { "\(candidates[candidates.count - 1])-\($0)" }
    func isFree(_ name: String) -> Bool {
      !isUsed("\(name).csv") && !isUsed("\(name).svg") && isFileName("\(name).csv")
    }
    let name = candidates.first(where: isFree) ?? numbered.first(where: isFree) ?? long
    take("\(name).csv")
    take("\(name).svg")
    return name
  }

  private static let small: Set<String> = [
    "a", "an", "the", "its", "it", "is", "are", "of", "over", "and", "what", "how", "much", "many", "often", "well",
    "which",
    "each", "in", "on", "to", "by", "for", "with", "from", "where", "at", "this", "along", "as", "that",
  ]

  /// The first words of a title, at most four, without small ones at the ends, up to a mark or a number.
  private static func keywords(_ title: String) -> [String] {
    var words: [String] = []
    // The pattern is looked for only where it can be found: nearly all titles have no apostrophe.
    let plain = title.lowercased()
    let bare =
      plain.unicodeScalars.contains { $0 == "'" || $0 == "’" } ? plain.replacing(/['’]s\b/, with: "") : plain
    for word in bare.split(whereSeparator: \.isWhitespace) {
      let name = slug(String(word))
      if name.isEmpty || name.allSatisfy(\.isNumber) || word.hasPrefix("(") || words.count == 4 { break }
      if !words.isEmpty || !small.contains(name) { words.append(name) }
      if let last = word.last, ".:;,)".contains(last) { break }
    }
    while let last = words.last, small.contains(last) { words.removeLast() }
    return words
  }

  /// A name cut where it is too long, without a hyphen at its end.
  private static func shortened(_ name: String, to count: Int) -> String {
    var name = name.prefix(count)
    while name.last == "-" { name.removeLast() }
    return String(name)
  }
}
