/// The rules by which answers that mean one label become one: case, marks, plurals, and two spellings.
package enum LabelText {
  /// A label without quotes, marks and stars around it, dots behind it, and spaces twice; `_` is a space.
  package static func plain(_ text: String) -> String {
    let words = text.replacing("_", with: " ").split(whereSeparator: { $0.isWhitespace || $0.isNewline })
    return words.joined(separator: " ").trimmed { "\"'`*.,;:!“”‘’()[]-– ".contains($0) }
  }

  /// What all forms of one label share: small letters, hyphens as spaces, the last word in the singular, and one spelling of colour
  /// and grey.
  package static func key(_ label: String) -> String {
    var words = plain(label).lowercased().replacing("-", with: " ").split(separator: " ").map(String.init)
    if let last = words.popLast() { words.append(singular(last)) }
    return words.map { spellings[$0] ?? $0 }.joined(separator: " ")
  }

  private static let spellings = ["color": "colour", "gray": "grey"]

  private static func singular(_ word: String) -> String {
    if word.hasSuffix("ies"), word.count > 4 { return word.dropLast(3) + "y" }
    for ending in ["ches", "shes", "sses", "xes"] where word.hasSuffix(ending) { return String(word.dropLast(2)) }
    let isPlural = word.hasSuffix("s") && word.count > 3 && !["ss", "us", "is"].contains { word.hasSuffix($0) }
    return isPlural ? String(word.dropLast()) : word
  }

  /// Labels with one form for all that share a key: that of `known` where it has one, else the most frequent, else the first in
  /// alphabetical order, with a capital letter.
  ///
  /// - Parameters:
  ///   - labels: as they were answered.
  ///   - known: titles of properties.
  package static func unified(_ labels: [String?], known: [String]) -> [String?] {
    let titles = Dictionary(known.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    var counts: [String: [String: Int]] = [:]
    for label in labels.compactMap({ $0 }) { counts[key(label), default: [:]][capitalised(label), default: 0] += 1 }
    let forms = counts.mapValues { forms in
      forms.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
    }
    return labels.map { label in label.map { titles[key($0)] ?? forms[key($0)] ?? $0 } }
  }

  private static func capitalised(_ label: String) -> String {
    let text = plain(label)
    let isShouted = text.contains(where: \.isLowercase) == false && text.count > 4
    let letters = isShouted ? text.lowercased() : text
    return letters.prefix(1).uppercased() + letters.dropFirst()
  }
}

extension String {
  fileprivate func trimmed(_ isMark: (Character) -> Bool) -> String {
    var text = self[...]
    while let first = text.first, isMark(first) { text.removeFirst() }
    while let last = text.last, isMark(last) { text.removeLast() }
    return String(text)
  }
}
