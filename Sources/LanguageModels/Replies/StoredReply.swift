import Files

/// A reply with the request that it answers: a line of a file of replies.
package struct StoredReply: Sendable, Equatable {
  /// What was asked, in words; see `Question.name`.
  package let name: String
  package let key: String
  package let format: AnswerFormat
  /// How often it was asked until the answer came.
  package let attempts: Int
  let request: JSONValue
  package let reply: ModelReply

  init(_ request: ModelRequest, _ reply: ModelReply, attempts: Int) {
    name = request.name
    key = request.key
    format = request.format
    self.attempts = attempts
    self.request = .object(["url": .text("\(request.address)"), "body": request.body])
    self.reply = reply
  }

  /// The line, without its end.
  var line: String {
    let tokens = reply.firstTokens.map { JSONValue.Member(key: $0.token, value: .number($0.logProbability)) }
    return JSONValue.object([
      "for": .text(name), "reply": .text(reply.text), "finish": reply.finish.map { .text($0) },
      "first_tokens": tokens.isEmpty ? nil : .object(tokens), "status": .number(200), "attempts": .number(attempts),
      "format": .text(format.rawValue), "model": reply.model.map { .text($0) },
      "fingerprint": reply.fingerprint.map { .text($0) },
      "usage": .object([
        "prompt_tokens": reply.tokensIn.map { .number($0) }, "completion_tokens": reply.tokensOut.map { .number($0) },
      ]),
      "key": .text(key), "request": request,
    ]).line
  }

  /// Nil where the line is none of ours, or its key is not that of its request.
  init?(line value: JSONValue) {
    guard let name = value["for"]?.string, let key = value["key"]?.string, let text = value["reply"]?.string,
      let format = value["format"]?.string.flatMap(AnswerFormat.init), let request = value["request"],
      let url = request["url"]?.string, let body = request["body"],
      key == hexDigest(of: Array("\(url)\n\(body.line)".utf8))
    else { return nil }
    (self.name, self.key, self.format, self.request) = (name, key, format, request)
    attempts = value["attempts"]?.count ?? 1
    reply = ModelReply(
      text: text, finish: value["finish"]?.string,
      firstTokens: value["first_tokens"].map { tokens in
        tokens.members.compactMap { member in
          guard case .number(let number) = member.value else { return nil }
          return .init(token: member.key, logProbability: number)
        }
      } ?? [], model: value["model"]?.string, fingerprint: value["fingerprint"]?.string,
      tokensIn: value["usage"]?["prompt_tokens"]?.count, tokensOut: value["usage"]?["completion_tokens"]?.count)
  }
}

extension ModelReply {
  init(
    text: String, finish: String?, firstTokens: [FirstToken], model: String?, fingerprint: String?, tokensIn: Int?,
    tokensOut: Int?
  ) {
    (self.text, self.finish, self.firstTokens) = (text, finish, firstTokens)
    (self.model, self.fingerprint, self.tokensIn, self.tokensOut) = (model, fingerprint, tokensIn, tokensOut)
  }
}
