import Analysis
import Diagnostics
import Foundation
import LanguageModels

/// `headatlas label plan`: what a labeller would be asked, before a byte is sent.
package struct LabelPlan: Sendable, Codable, Equatable {
  package let labeller: String
  package let heads: Int
  /// Replies that are there.
  package let kept: Int
  /// Requests of the round that is open, and of those behind it at most.
  package let requests: Int
  package let laterAtMost: Int
  /// Of the open round, and of those behind it at most.
  package let tokensIn: Int
  package let tokensOut: Int
  package let laterTokensIn: Int
  package let laterTokensOut: Int
  /// How many replies with the server's own counts the estimate is corrected by.
  package let measuredOn: Int
  /// Of all, at most; nil where the file of prices has none for the model.
  package let price: Double?
  package let currency: String?

  package var lines: [String] {
    let basis = measuredOn > 0 ? "corrected by the counts of \(measuredOn) replies" : "estimated from words and marks"
    return [
      "\(labeller): \(counted(heads, "head")), \(kept) replies kept",
      "  now \(counted(requests, "request")): \(tokensIn) tokens in, \(tokensOut) out (\(basis))",
      "  then at most \(counted(laterAtMost, "request")): \(laterTokensIn) tokens in, \(laterTokensOut) out",
    ] + (price.map { ["  at most \(fixed($0, decimals: 4)) \(currency ?? "")"] } ?? [])
  }
}

/// What a model's tokens cost, in a file of the user's own: `MODEL: {in: 0.15, out: 0.6, currency: USD}`, by the million.
package struct TokenPrice {
  let input: Double
  let output: Double
  let currency: String

  /// - Throws: `InputProblems`, `FileError`.
  package static func read(_ file: String) throws -> [String: TokenPrice] {
    let problems = ProblemList()
    guard let root = try ConfigurationValue(yamlFile: file), case .mapping(let entries) = root.kind else {
      problems.add(.empty(expected: "prices such as MODEL: {in: 0.15, out: 0.6, currency: USD}"), file, nil)
      throw problems.all
    }
    var prices: [String: TokenPrice] = [:]
    for entry in entries {
      let mapping = StrictMapping(
        entry.value, file: file, path: entry.key, name: entry.key, allowed: ["in", "out", "currency"], problems)
      guard let mapping else { continue }
      func number(_ key: String) -> Double {
        guard let text = mapping.text(key, expected: "the price of a million tokens") else { return 0 }
        if let price = Double(text), price >= 0, price.isFinite { return price }
        mapping.refuse(key, quoted(text), expected: "the price of a million tokens")
        return 0
      }
      prices[entry.key] = TokenPrice(
        input: number("in"), output: number("out"), currency: mapping.optionalText("currency") ?? "")
    }
    try problems.check()
    return prices
  }
}

/// - Parameter prices: a file of what tokens cost; nil for none.
/// - Throws: `LabelCommandError`, `InputProblems`, and what a build throws.
package func planLabels(
  _ options: LabelOptions, prices: String?, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> [LabelPlan] {
  let table = try prices.map(TokenPrice.read) ?? [:]
  let work = try LabelWork(options, plugins: plugins, progress: progress)
  return try work.labellers.map { labeller in
    try LabelPlan(labeller.id, labeller.model, work, table[labeller.model.endpoint.model])
  }
}

extension LabelPlan {
  init(_ id: String, _ labeller: LanguageLabeller, _ work: LabelWork, _ price: TokenPrice?) throws {
    let file = try ReplyFile(labeller.replies)
    let replays = work.replays(labeller, file)
    let open = work.open(labeller, file)
    let requests = (open?.questions ?? []).compactMap { work.request(of: $0, labeller, file) }
    let known = replays.flatMap(\.allQuestions).compactMap { question -> (estimated: Int, counted: Int)? in
      let request = Dialogue(labeller.endpoint, question).firstRequest(labeller.endpoint.firstFormat)
      return file[request.key]?.reply.tokensIn.map { (request.estimatedTokens, $0) }
    }
    let factor =
      known.count < 10
      ? 1 : Double(known.reduce(0) { $0 + $1.counted }) / Double(max(known.reduce(0) { $0 + $1.estimated }, 1))
    let isChat = labeller.endpoint.interface == .chat
    let later = (open?.round ?? 4) < 3 ? replays.flatMap { Self.later($0, after: open?.round ?? 3) } : []
    func tokens(_ requests: [ModelRequest]) -> Int {
      Int((Double(requests.reduce(0) { $0 + $1.estimatedTokens }) * factor).rounded())
    }
    let perAnswer = open?.round == 3 ? (isChat ? 8 : 2) : (isChat ? 50 : 3)
    self.init(
      labeller: id, heads: work.subjects.reduce(0) { $0 + $1.heads.count }, kept: file.replies.count,
      requests: requests.count, laterAtMost: later.count, tokensIn: tokens(requests),
      tokensOut: requests.count * perAnswer, laterTokensIn: tokens(later),
      laterTokensOut: later.count * (isChat ? 8 : 2), measuredOn: known.count < 10 ? 0 : known.count,
      price: price.map { price in
        let sent = tokens(requests) + tokens(later)
        let answered = requests.count * perAnswer + later.count * (isChat ? 8 : 2)
        return (Double(sent) * price.input + Double(answered) * price.output) / 1e6
      }, currency: price?.currency)
  }

  /// Requests that may follow: a contrast for every head, and judgements of its label, of another's and of random lines.
  private static func later(_ replay: LabelReplay, after round: Int) -> [ModelRequest] {
    let (questions, labeller) = (replay.questions, replay.questions.labeller)
    let label = "Property"
    return questions.subject.described.flatMap { head -> [Question] in
      let lines = questions.subject.shown(head)
      let contrast = labeller.contrasts && round < 2 ? [questions.contrast(head, label: label, others: [head])] : []
      guard labeller.judges else { return contrast }
      let judged = lines + lines + questions.lines(.random, head)
      return contrast + judged.map { questions.judgement(label, line: $0) }
    }.map { Dialogue(labeller.endpoint, $0).firstRequest(labeller.endpoint.firstFormat) }
  }
}
