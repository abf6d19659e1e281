/// A description as the labeller reads it: its words in lower case, and which of them mean something.
struct LineWords: Sendable, Hashable {
  let words: [String]
  /// Words but those that only hold a line together or frame it, each once, in their order.
  let content: [String]

  /// - Parameter telling: words that usually frame a caption and mean something all the same.
  init(_ line: String, telling: Set<String> = []) {
    words = Self.words(of: line.lowercased())
    var seen: Set<String> = []
    content = words.filter { word in
      let isIdle = Self.functionWords.contains(word) || Self.frameWords.contains(word) && !telling.contains(word)
      return !isIdle && seen.insert(word).inserted
    }
  }

  private static func words(of line: String) -> [String] {
    // Pools are nearly all ASCII, and going through them character by character takes ten times as long.
    guard line.utf8.allSatisfy({ $0 < 0x80 }) else {
      return line.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "-") }.map(String.init)
    }
    return line.utf8.split { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "'"),
        UInt8(ascii: "-"):
        false
      default: true
      }
    }.map { String(Substring($0)) }
  }

  /// The one word that frames a caption in a line of nothing else, such as "a photo".
  var loneFrame: String? {
    let frames = words.filter { !Self.functionWords.contains($0) }
    return frames.count == 1 && Self.frameWords.contains(frames[0]) ? frames[0] : nil
  }

  var text: String { words.joined(separator: " ") }

  /// The line with another word, or none, in place of `word`.
  func replacing(_ word: String, with other: String?) -> String {
    words.compactMap { $0 == word ? other : $0 }.joined(separator: " ")
  }

  /// What frames a caption, whatever it is of.
  private static let frameWords: Set<String> = [
    "caption", "image", "photo", "photograph", "picture", "scene", "view",
  ]

  /// English words of no property: articles, prepositions, pronouns, auxiliaries, and what stands for any thing.
  private static let functionWords: Set<String> = [
    "a", "about", "above", "after", "all", "along", "among", "an", "and", "another", "any", "are", "around", "as", "at",
    "be", "been", "before", "behind", "being", "below", "beneath", "beside", "between", "but", "by", "can", "could",
    "do", "does", "down", "during", "each", "for", "from", "has", "have", "he", "her", "his", "i", "in", "inside",
    "into",
    "is", "it", "its", "like", "near", "next", "no", "not", "of", "off", "on", "onto", "or", "other", "our", "out",
    "outside", "over", "she", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "through", "to", "toward", "towards", "under", "up", "very", "was", "we", "were", "what",
    "when", "where", "which", "while", "who", "will", "with", "within", "without", "would", "you", "your",
    "anything", "object", "objects", "something", "thing", "things",
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
