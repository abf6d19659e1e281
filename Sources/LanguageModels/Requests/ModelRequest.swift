import Files
import HTTP

/// One request to a model: the same question makes the same bytes.
package struct ModelRequest: Sendable, Equatable {
  /// The question's name.
  package let name: String
  package let address: HTTPAddress
  package let format: AnswerFormat
  let form: AnswerForm
  let body: JSONValue
  /// SHA-256 of the address and the body, in hexadecimal: what its reply is found by.
  package let key: String

  /// - Parameter before: unusable answers to this question and what was wrong with each, which is said to the model.
  init(
    _ question: Question, to endpoint: ModelEndpoint, _ format: AnswerFormat,
    before: [(answer: String, problem: String)] = []
  ) {
    name = question.name
    address = endpoint.address
    self.format = format
    form = question.form
    body =
      switch endpoint.interface {
      case .chat: Self.chat(question, endpoint, format, before)
      case .completions: Self.completion(question, endpoint, before)
      }
    key = hexDigest(of: Array("\(address)\n\(body.line)".utf8))
  }

  package var bytes: [UInt8] { Array(body.line.utf8) }

  /// About how many tokens a server counts in it: texts by words and marks, each message with the tokens that frame it.
  package var estimatedTokens: Int {
    let texts = body["messages"].map { $0.items.compactMap { $0["content"]?.string } } ?? []
    let prompt = body["prompt"]?.string.map { [$0] } ?? []
    return (texts + prompt).reduce(0) { $0 + tokenEstimate($1) } + 4 * texts.count + 1
  }

  private static func message(_ role: String, _ content: String) -> JSONValue {
    .object(["role": .text(role), "content": .text(content)])
  }

  private static func chat(
    _ question: Question, _ endpoint: ModelEndpoint, _ format: AnswerFormat,
    _ before: [(answer: String, problem: String)]
  ) -> JSONValue {
    var messages = [message("user", question.prompt)]
    for turn in before {
      messages.append(message("assistant", turn.answer))
      messages.append(message("user", "That could not be read: \(turn.problem). Answer again."))
    }
    return .object([
      "model": .text(endpoint.model), "messages": .list(messages), "temperature": .number(endpoint.temperature),
      "seed": .number(question.seed), "max_tokens": .number(endpoint.longestAnswer),
      "response_format": responseFormat(question.form, format),
    ])
  }

  private static func completion(
    _ question: Question, _ endpoint: ModelEndpoint, _ before: [(answer: String, problem: String)]
  ) -> JSONValue {
    let ending = question.prompt.split(separator: "\n").last.map(String.init) ?? ""
    let prompt = before.reduce(question.prompt) { "\($0) \($1.answer)\n(\($1.problem))\n\(ending)" }
    return .object([
      "model": .text(endpoint.model), "prompt": .text(prompt), "temperature": .number(endpoint.temperature),
      "seed": .number(question.seed), "max_tokens": .number(endpoint.longestAnswer),
      "stop": .list([.text("\n")]),
      "logprobs": endpoint.logProbabilities > 0 ? .number(endpoint.logProbabilities) : nil,
    ])
  }

  private static func responseFormat(_ form: AnswerForm, _ format: AnswerFormat) -> JSONValue? {
    switch format {
    case .plain: return nil
    case .jsonObject: return .object(["type": .text("json_object")])
    case .jsonSchema:
      return .object([
        "type": .text("json_schema"),
        "json_schema": .object(["name": .text("answer"), "strict": .boolean(true), "schema": schema(form)]),
      ])
    }
  }

  private static func schema(_ form: AnswerForm) -> JSONValue {
    func type(_ names: String...) -> JSONValue {
      .object(["type": names.count == 1 ? .text(names[0]) : .list(names.map { .text($0) })])
    }
    let properties: KeyValuePairs<String, JSONValue?> =
      switch form {
      case .label(let labels):
        [
          "label": labels.isEmpty
            ? type("string", "null") : .object(["enum": .list(labels.map { .text($0) } + [.null])]),
          "reason": type("string"), "confidence": type("number"),
        ]
      case .judgement: ["fits": type("boolean")]
      }
    return .object([
      "type": .text("object"), "properties": .object(properties),
      "required": .list(properties.map { .text($0.key) }), "additionalProperties": .boolean(false),
    ])
  }
}

/// About how many tokens a text is to a byte-pair tokenizer of a large vocabulary: short words are one, long ones more, and so is
/// every mark and line end.
func tokenEstimate(_ text: String) -> Int {
  var (tokens, letters) = (0, 0)
  func wordEnd() {
    tokens += (letters + 7) / 8
    letters = 0
  }
  for scalar in text.unicodeScalars {
    if scalar.properties.isAlphabetic {
      letters += scalar.isASCII ? 1 : 4
    } else {
      wordEnd()
      if scalar != " " { tokens += 1 }
    }
  }
  wordEnd()
  return tokens
}
