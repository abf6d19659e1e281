import Diagnostics
import Files

/// Reads answers out of replies: JSON objects of chats, lines of completions.
enum AnswerReading {
  /// Letters that a label may have; what is longer is a sentence.
  static let longestLabel = 60

  /// - Throws: `AnswerFault`, whose words the model is told.
  static func label(
    _ reply: ModelReply, of choices: [String], _ interface: ModelInterface, _ format: AnswerFormat
  ) throws(AnswerFault) -> LabelAnswer {
    guard interface == .chat else { return LabelAnswer(label: try completion(reply, of: choices)) }
    guard let object = object(in: reply.text) else {
      // A model that was not held to JSON may say the one word.
      if format == .plain, !reply.text.contains("{") { return LabelAnswer(label: try label(reply.text, of: choices)) }
      throw reply.finish == "length" ? .cut : .noObject
    }
    guard object.members.contains(where: { $0.key == "label" }) else { throw .noKey("label") }
    let label: String? =
      if let value = object["label"] { try Self.label(value.string ?? value.line, of: choices) } else { nil }
    return LabelAnswer(
      label: label, reason: object["reason"]?.string.map(Self.sentence),
      confidence: object["confidence"]?.double.flatMap { (0...1).contains($0) ? $0 : nil })
  }

  /// - Throws: `AnswerFault`.
  static func judgement(_ reply: ModelReply, _ interface: ModelInterface) throws(AnswerFault) -> Bool {
    if interface == .completions, let yes = choice(in: reply, of: [AnswerForm.yes, AnswerForm.no]) {
      return yes == AnswerForm.yes
    }
    if let object = object(in: reply.text) {
      switch object["fits"] {
      case .boolean(let fits)?: return fits
      case .number("1")?: return true
      case .number("0")?: return false
      default: throw .noKey("fits")
      }
    }
    switch LabelText.plain(reply.text).lowercased() {
    case "yes", "1", "true": return true
    case "no", "0", "false": return false
    default: throw .notYesOrNo
    }
  }

  /// Which of some answers the first tokens of a reply make likeliest; nil where they say nothing of any.
  static func choice(in reply: ModelReply, of choices: [String]) -> String? {
    let scores = reply.scores(of: choices)
    guard !scores.isEmpty else { return nil }
    return choices.filter { scores[$0] != nil }.max { (scores[$0] ?? 0) < (scores[$1] ?? 0) }
  }

  /// The label that a text goes on with or, where that is none of those asked for, the one of them that it goes on with likeliest.
  private static func completion(_ reply: ModelReply, of choices: [String]) throws(AnswerFault) -> String? {
    do {
      return try label(reply.text, of: choices)
    } catch {
      guard let likeliest = choice(in: reply, of: choices) else { throw error }
      return likeliest
    }
  }

  /// Nil where the text declines a label.
  private static func label(_ text: String, of choices: [String]) throws(AnswerFault) -> String? {
    let label = LabelText.plain(text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    guard !label.isEmpty else { throw .empty }
    if [AnswerForm.none, "null", "n/a", "ambiguous"].contains(label.lowercased()) { return nil }
    guard !choices.isEmpty else {
      guard label.count <= longestLabel else { throw .tooLong(limit: longestLabel) }
      return label
    }
    guard let choice = choices.first(where: { LabelText.key($0) == LabelText.key(label) }) else {
      throw .notAmong(quoted(label), choices)
    }
    return choice
  }

  /// The object that a text is, or that stands between its first and its last brace.
  private static func object(in text: String) -> JSONValue? {
    let bytes = Array(text.utf8)
    guard let start = bytes.firstIndex(of: UInt8(ascii: "{")), let end = bytes.lastIndex(of: UInt8(ascii: "}")),
      start < end, let value = try? JSONValue(json: Array(bytes[start...end])), case .object = value
    else { return nil }
    return value
  }

  private static func sentence(_ text: String) -> String {
    let words = text.split(whereSeparator: { $0.isWhitespace || $0.isNewline }).joined(separator: " ")
    return words.count > 300 ? words.prefix(300) + "…" : words
  }
}

extension ModelReply {
  /// The logarithms of the probabilities of some answers, by the likeliest token that begins one of them and no other.
  package func scores(of choices: [String]) -> [String: Double] {
    let lowered = choices.map { $0.lowercased() }
    var scores: [String: Double] = [:]
    for token in firstTokens {
      let begun = lowered.indices.filter { lowered[$0].hasPrefix(token.letters) }.map { choices[$0] }
      guard begun.count == 1, scores[begun[0]] == nil, let number = Double(token.logProbability) else { continue }
      scores[begun[0]] = number
    }
    return scores
  }
}

/// Why a reply is no answer to what was asked, in words for the model.
enum AnswerFault: Error, Equatable, CustomStringConvertible {
  case empty
  case cut
  case noObject
  case noKey(String)
  case tooLong(limit: Int)
  case notAmong(String, [String])
  case notYesOrNo

  var description: String {
    switch self {
    case .empty: "the answer is empty"
    case .cut: "the answer was cut before its JSON object ended; be shorter"
    case .noObject: "the answer is not a JSON object"
    case .noKey(let key): "the JSON object has no usable \"\(key)\""
    case .tooLong(let limit): "the label has more than \(limit) letters; one word or two are enough"
    case .notAmong(let label, let choices):
      "the label \(label) is none of \(choices.joined(separator: ", ")), nor \(AnswerForm.none)"
    case .notYesOrNo: "the answer is neither yes nor no"
    }
  }
}
