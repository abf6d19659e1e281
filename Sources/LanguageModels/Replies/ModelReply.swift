import Diagnostics
import Files

/// What a model answered to one request, as far as it is kept.
package struct ModelReply: Sendable, Equatable {
  /// The raw text of the answer.
  package let text: String
  /// Why it ends, in the server's word; `length` where it was cut.
  package let finish: String?
  /// The natural logarithm of the probability of each token that could have been the first one and that begins one of the
  /// answers asked for, likeliest first; as the server wrote it.
  package let firstTokens: [FirstToken]
  /// What the server calls the model, and its version of it.
  package let model: String?
  package let fingerprint: String?
  /// Tokens of the request and of the answer, by the server's count.
  package let tokensIn: Int?
  package let tokensOut: Int?

  package struct FirstToken: Sendable, Equatable {
    package let token: String
    package let logProbability: String
  }

  /// Bytes that a server's answer may have.
  package static let limit = 4 << 20

  /// Reads the body of a server's answer.
  ///
  /// - Parameters:
  ///   - choices: the answers asked for; empty where any will do.
  ///   - hiding: a text that is not kept, wherever it stands.
  /// - Throws: `ReplyFault` where it is no answer.
  init(body: [UInt8], choices: [String], hiding secret: String?) throws(ReplyFault) {
    let value: JSONValue
    do {
      value = try JSONValue(json: body)
    } catch {
      throw .notJSON(Self.beginning(body, hiding: secret))
    }
    try self.init(value, choices: choices, hiding: secret)
  }

  init(_ value: JSONValue, choices: [String], hiding secret: String?) throws(ReplyFault) {
    func kept(_ text: String?) -> String? { text.map { withoutSecret($0, secret) } }
    guard let choice = value["choices"]?.items.first else {
      throw value["error"] == nil ? .noChoices : .error(withoutSecret(serverWords(value), secret))
    }
    guard let text = choice["message"]?["content"]?.string ?? choice["text"]?.string else { throw .noText }
    self.text = withoutSecret(text, secret)
    finish = kept(choice["finish_reason"]?.string)
    firstTokens = Self.firstTokens(choice["logprobs"], choices: choices)
    model = kept(value["model"]?.string)
    fingerprint = kept(value["system_fingerprint"]?.string)
    tokensIn = value["usage"]?["prompt_tokens"]?.count
    tokensOut = value["usage"]?["completion_tokens"]?.count
  }

  /// Servers have two forms: a list of tokens, and an object of them by their texts.
  private static func firstTokens(_ value: JSONValue?, choices: [String]) -> [FirstToken] {
    guard let value, !choices.isEmpty else { return [] }
    let pairs: [(String?, JSONValue?)] =
      if let first = value["content"]?.items.first {
        first["top_logprobs"].map { $0.items.map { ($0["token"]?.string, $0["logprob"]) } } ?? []
      } else {
        value["top_logprobs"]?.items.first.map { $0.members.map { ($0.key, $0.value) } } ?? []
      }
    let wanted = choices.map { $0.lowercased() }
    let found = pairs.prefix(10_000).compactMap { token, number -> (Double, FirstToken)? in
      guard let token, case .number(let text)? = number, let number = number?.double else { return nil }
      let letters = FirstToken(token: token, logProbability: text).letters
      guard !letters.isEmpty, wanted.contains(where: { $0.hasPrefix(letters) }) else { return nil }
      return (number, FirstToken(token: token, logProbability: text))
    }
    return found.sorted { ($1.0, $0.1.token) < ($0.0, $1.1.token) }.map(\.1)
  }

  private static func beginning(_ body: [UInt8], hiding secret: String?) -> String {
    withoutSecret(String(decoding: body.prefix(400), as: UTF8.self), secret)
  }
}

extension ModelReply.FirstToken {
  /// The token in small letters, without the space that words begin with.
  var letters: String { token.lowercased().replacing("▁", with: " ").split(separator: " ").joined(separator: " ") }
}

/// What a server says of an error, on one line.
func serverWords(_ value: JSONValue) -> String {
  let error = value["error"]
  return oneLine(
    error?["message"]?.string ?? error?.string ?? value["message"]?.string ?? value["detail"]?.string ?? value.line)
}

/// `text` with a mark in the place of a secret.
func withoutSecret(_ text: String, _ secret: String?) -> String {
  guard let secret, !secret.isEmpty else { return text }
  return text.replacing(secret, with: "[key]")
}

/// Why the body of an answer is none: the server may give a better one another time.
package enum ReplyFault: Error, Equatable, CustomStringConvertible {
  case notJSON(String)
  case error(String)
  case noChoices
  case noText

  package var description: String {
    switch self {
    case .notJSON(let text): "the answer is no JSON: \(quoted(text))"
    case .error(let words): "the answer is an error: \(words)"
    case .noChoices: "the answer has no choices"
    case .noText: "the answer's first choice has no text"
    }
  }
}
