/// A description as the labeller reads it: its words in lower case, and which of them mean something.
struct LineWords: Sendable, Hashable {
  let words: [String]

  init(_ line: String) {
    words = line.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "-") }.map(String.init)
  }

  /// Words but those that only hold a line together or frame it, each once, in their order.
  var content: [String] {
    var seen: Set<String> = []
    return words.filter { !Self.functionWords.contains($0) && seen.insert($0).inserted }
  }

  var text: String { words.joined(separator: " ") }

  /// The line with another word, or none, in place of `word`.
  func replacing(_ word: String, with other: String?) -> String {
    words.compactMap { $0 == word ? other : $0 }.joined(separator: " ")
  }

  /// English words of no property: articles, prepositions, pronouns, auxiliaries, and what frames a caption.
  private static let functionWords: Set<String> = [
    "a", "about", "above", "after", "all", "along", "among", "an", "and", "another", "any", "are", "around", "as", "at",
    "be", "been", "before", "behind", "being", "below", "beneath", "beside", "between", "but", "by", "can", "could",
    "do", "does", "down", "during", "each", "for", "from", "has", "have", "he", "her", "his", "i", "in", "inside",
    "into",
    "is", "it", "its", "like", "near", "next", "no", "not", "of", "off", "on", "onto", "or", "other", "our", "out",
    "outside", "over", "she", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "through", "to", "toward", "towards", "under", "up", "very", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "will", "with", "within", "without", "would", "you", "your",
    "anything", "caption", "image", "object", "objects", "photo", "photograph", "picture", "scene", "something",
    "thing",
    "things", "view",
  ]

  /// The same word in the singular where it is among `words`, else the word itself.
  static func singular(_ word: String, among words: Set<String>) -> String {
    guard word.count >= 4, word.hasSuffix("s"), !word.hasSuffix("ss") else { return word }
    let candidates =
      [String(word.dropLast())] + (word.hasSuffix("es") ? [String(word.dropLast(2))] : [])
      + (word.hasSuffix("ies") ? [String(word.dropLast(3)) + "y"] : [])
    return candidates.first { words.contains($0) } ?? word
  }
}
