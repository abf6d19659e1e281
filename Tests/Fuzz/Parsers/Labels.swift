import Build
import Files
import Foundation
import LanguageModels

extension FuzzedParser {
  static let labelFiles = [replies, batch, prompt, prices, labeller, descriptions]

  private static let wordsOfReplies =
    wordsOfJSON + [
      "for", "reply", "finish", "length", "first_tokens", "format", "json_schema", "plain", "usage", "prompt_tokens",
      "key", "request", "url", "body", "custom_id", "response", "status_code", "choices", "message", "content", "text",
      "logprobs", "top_logprobs", "token", "logprob", "label", "reason", "confidence", "fits", "\\\"", "\\u0000", "\n",
    ]

  private static let answers = [
    #"{"label": "Colour", "reason": "they name colours", "confidence": 0.8}"#, #"Sure: {"label": null} as asked"#,
    #"{"fits": true}"#, "none", "Yes.", "{",
  ]

  /// The questions whose answers are mutated, of both forms and both interfaces.
  private static func dialogues() throws -> [Dialogue] {
    try [(ModelInterface.chat, 0), (.completions, 20)].flatMap { interface, logProbabilities in
      let endpoint = try ModelEndpoint(
        url: "http://127.0.0.1:9/v1", model: "m", interface: interface, logProbabilities: logProbabilities)
      let forms: [AnswerForm] = [.label(of: []), .label(of: ["Colour", "Setting"]), .judgement]
      return forms.enumerated().map { place, form in
        Dialogue(endpoint, Question(name: "small L05.H00 \(place)", prompt: "A red car", seed: 1, form: form))
      }
    }
  }

  /// A file of replies, and what its answers say.
  private static let replies = FuzzedParser(
    name: "replies", words: wordsOfReplies,
    seeds: { _ in
      let requests = try dialogues().map { $0.firstRequest(.jsonSchema) }
      let lines = zip(requests, answers).map { request, answer in
        #"{"for": "\#(request.name)", "reply": \#(JSONValue.text(answer).line), "finish": "stop", "first_tokens": {" Col": -0.5}, "#
          + #""attempts": 1, "format": "json_schema", "model": "m", "usage": {"prompt_tokens": 7}, "key": "\#(request.key)", "#
          + #""request": {"url": "\#(request.address)", "body": \#(String(decoding: request.bytes, as: UTF8.self))}}"#
      }
      return [Seed(file: "replies.jsonl", bytes: Array(lines.map { $0 + "\n" }.joined().utf8), finish: withKeys)]
    },
    read: { path, _ in
      let file = try ReplyFile(path)
      try follow(file)
      for reply in file.replies { _ = reply.reply.scores(of: ["Colour", "Setting"]) }
    })

  /// Every line with the key of its request, without which it is refused before it is looked at.
  private static func withKeys(_ bytes: [UInt8]) -> [UInt8] {
    Array(
      bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line -> [UInt8] in
        guard let value = try? JSONValue(json: Array(line)), let key = value["key"]?.string,
          let url = value["request"]?["url"]?.string, let body = value["request"]?["body"]
        else { return Array(line) }
        return Array(
          String(decoding: line, as: UTF8.self).replacing(
            "\"\(key)\"", with: "\"\(hexDigest(of: Array("\(url)\n\(body.line)".utf8)))\""
          ).utf8)
      }.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Where every dialogue stands by the replies of a file.
  private static func follow(_ file: ReplyFile) throws {
    for dialogue in try dialogues() { _ = dialogue.missing(.jsonSchema) { file[$0] } }
  }

  /// The answers of a batch, as `label import` takes them: bodies of a server's answers.
  private static let batch = FuzzedParser(
    name: "batch", words: wordsOfReplies,
    seeds: { _ in
      let lines = zip(try dialogues(), answers).map { dialogue, answer in
        let text = JSONValue.text(answer).line
        let choice =
          dialogue.endpoint.interface == .chat
          ? #"{"message": {"content": \#(text)}, "finish_reason": "stop"}"#
          : #"{"text": \#(text), "logprobs": {"top_logprobs": [{" Colour": -0.25, " yes": -2, " no": -1e-3}]}}"#
        return #"{"custom_id": "\#(dialogue.firstRequest(.jsonSchema).key)", "response": {"status_code": 200, "body": "#
          + #"{"choices": [\#(choice)], "model": "m", "usage": {"prompt_tokens": 9, "completion_tokens": 2}}}, "error": null}"#
      }
      return [Seed(file: "answers.jsonl", bytes: Array(lines.map { $0 + "\n" }.joined().utf8))]
    },
    read: { path, _ in
      // Those of the case before would be known already.
      let replies = folder(of: path) + "/replies.jsonl"
      unlink(replies)
      let lines = try readText(path).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let file = try ReplyFile(replies)
      let found = try BatchLines.read(lines, of: try dialogues().map { $0.firstRequest(.jsonSchema) }, into: file)
      try file.sort()
      try follow(try ReplyFile(replies))
      if found.kept == 0 { throw FuzzFailure(description: found.failed.first?.reason ?? "no answer") }
    })

  /// A template of a prompt.
  private static let prompt = FuzzedParser(
    name: "prompt",
    words: [
      "{{", "}}", "{{{", "}}}", "{{#lines}}", "{{/lines}}", "{{^limited}}", "{{.}}", "{{>", "{{=<% %>=}}", "{{!", "{{&",
      "{{$", "{{%", "\n", "examples", "label", "lines", "answers", "chat", "{{{{",
    ],
    seeds: { root in
      // Spaces that could be divided between what stands before a name took time by their square.
      let spaces = Array(("{{" + String(repeating: " ", count: 20_000)).utf8)
      return try seedFiles(root + "/content/prompts", [".txt"], as: "prompt.txt") + [
        Seed(file: "prompt.txt", bytes: spaces)
      ]
    },
    read: { path, _ in
      let template = try PromptTemplate(try readText(path))
      for text in ["a red car", "{{lines}}", ""] {
        _ = template.filled([
          "lines": [text], "examples": [["lines": [text], "label": text] as [String: Any]], "label": text, "line": text,
          "others": [["lines": [text]] as [String: Any]], "answers": text, "limited": true, "chat": true,
          "completion": false,
        ])
      }
    })

  /// A file of what tokens cost.
  private static let prices = FuzzedParser(
    name: "prices", words: [": ", "{", "}", ",", "&a ", "*a", "in", "out", "currency", "1e999", ".nan", "-1", "\n"],
    seeds: { _ in
      let text = "gemma: {in: 0.15, out: 0.6, currency: USD}\n\"other/model\":\n  in: 2\n  out: 8.5\n"
      return [Seed(file: "prices.yml", bytes: Array(text.utf8))]
    }, read: { path, _ in _ = try TokenPrice.read(path) })

  private static let labellerOfAtlas = """
    labeller:
      - {id: one, title: One, url: "http://127.0.0.1:9/v1", model: m, api: completions, answers: limited, temperature: 0.5, seeds: [1, 2],
         logprobs: 20, longest_answer: 12, prompts: prompts, replies: labels/one.jsonl, key: A_KEY, contrast: true, judge: false,
         parallel: 2, timeout: 3, attempts: 2, pause: 1, shown: true}
      - {id: two, labels: two.json, names: {small: other}}

    """

  /// The labellers of an atlas, with their files.
  private static let labeller = FuzzedParser(
    name: "labeller",
    words: [
      "- ", ": ", "[", "]", "{", "}", ",", "\n", "~", "true", "1e999", "-1", "9223372036854775808", "id", "url",
      "model", "api", "chat", "free", "seeds", "http://a@b/", "https://[::1]:99999/", "labels", "names", "label",
      "lines", "{{", "}}",
    ],
    seeds: { root in
      let atlas = try world(root)["atlas.yml"] ?? []
      return [
        Seed(file: "atlas.yml", bytes: Array(labellerOfAtlas.utf8)) { atlas + $0 },
        Seed(file: "prompts/examples.yml", bytes: try readFile(root + "/content/prompts/examples.yml")),
        Seed(file: "two.json", bytes: Array(#"{"other": {"L5.H0": "Colour", "L0.H1": "Setting"}}"#.utf8)),
      ]
    },
    others: { root in
      var all = try world(root)
      for name in try fileNames(root + "/content/prompts") {
        all["prompts/" + name] = try readFile(root + "/content/prompts/" + name)
      }
      return all
    },
    read: { path, bytes in
      let base = path.hasSuffix("/examples.yml") ? folder(of: folder(of: path)) : folder(of: path)
      // As of an atlas: a path out of its folder may be that of any file.
      let text = String(decoding: bytes, as: UTF8.self).replacing("http://127.0.0.1:9/v1", with: "")
        .replacing("labels/one.jsonl", with: "")
      guard path.hasSuffix(".json") || !["/", "..", "~"].contains(where: text.contains) else { return }
      _ = try AtlasConfiguration(file: base + "/atlas.yml", manifests: [])
    })

  /// Descriptions of a model's heads that were made elsewhere: JSON, and text as TextSpan's reference implementation writes.
  private static let descriptions = FuzzedParser(
    name: "descriptions",
    words: wordsOfJSON + [
      "Layer 5, Head 0", "layer 5, head 00", "Layer -1, Head 9223372036854775808", "Layer", "Head", ", ",
      "------------------",
      "---", "\n", "\r\n", "heads", "small", "L5.H0", "L99.H0", "L05.H00", "[\"a text\"]",
    ],
    seeds: { _ in
      [
        #"{"small": {"L5.H0": ["a red house", "a blue boat"], "L0.H1": []}, "other": {"L5.H0": [1]}}"#,
        #"{"heads": {"L4.H3": ["snow \u00e9"]}}"#, #"{"L2.H1": ["a cat", ""]}"#,
        "------------------\nLayer 4, Head 0\n------------------\na red house\na blue boat\n------------------\nLayer 5, Head 3\n"
          + "------------------\nsnow\n------------------\nCurrent accuracy: 12.5\n------------------\n",
      ].map { Seed(file: "given.txt", bytes: Array($0.utf8)) }
    },
    others: { root in
      var all = try world(root)
      let atlas = String(decoding: all["atlas.yml"] ?? [], as: UTF8.self)
      all["atlas.yml"] = Array(
        atlas.replacing("path: model,", with: "path: model, descriptions: {path: given.txt, title: Given},").utf8)
      return all
    },
    read: { path, _ in _ = try AtlasConfiguration(file: folder(of: path) + "/atlas.yml", manifests: []) })
}
