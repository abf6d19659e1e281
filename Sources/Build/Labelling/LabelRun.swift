import Analysis
import Diagnostics
import Files
import Foundation
import LanguageModels

/// What `headatlas label run` has done, or `replay` has found, for one labeller and model.
package struct LabelRunReport: Sendable, Codable, Equatable {
  package let labeller: String
  package let model: String
  package let heads: Int
  package let labelled: Int
  package let declined: Int
  /// Heads whose answers could not be read, with the reason of each.
  package let failed: [String: String]
  package let missing: Int
  /// The label of each head that has one.
  package let labels: [String: String]

  package var lines: [String] {
    let summary =
      "\(labeller), \(model): \(counted(heads, "head")), \(labelled) labelled, \(declined) declined, \(failed.count) failed"
      + (missing > 0 ? ", \(missing) not asked" : "")
    return [summary] + failed.sorted { $0.key < $1.key }.map { "  \($0.key) failed: \($0.value)" }
  }

  init(_ labeller: String, _ replay: LabelReplay) {
    let subject = replay.questions.subject
    let verdicts = zip(subject.heads, replay.verdicts)
    (self.labeller, model, heads) = (labeller, subject.model, subject.heads.count)
    labelled = replay.verdicts.count { $0?.state == .given }
    declined = replay.verdicts.count { $0?.state == .declined }
    failed = verdicts.reduce(into: [:]) { failed, pair in
      if pair.1?.state == .failed { failed["\(pair.0)"] = pair.1?.reason ?? "" }
    }
    missing = replay.verdicts.count { $0 == nil || $0?.state == .missing }
    labels = verdicts.reduce(into: [:]) { labels, pair in labels["\(pair.0)"] = pair.1?.label }
  }
}

/// `headatlas label run`: asks the language models of an atlas all that has no reply yet.
///
/// - Parameter environment: where keys are.
/// - Throws: `LabelCommandError`, `AskFault`, and what a build throws. What came is kept.
package func runLabels(
  _ options: LabelOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter,
  environment: [String: String] = ProcessInfo.processInfo.environment
) throws -> [LabelRunReport] {
  let work = try LabelWork(options, plugins: plugins, progress: progress)
  // Known before any of them is asked.
  let keys = try work.labellers.map { try key($0.id, $0.model, environment) }
  return try zip(work.labellers, keys).flatMap { labeller, key in
    let lock = "\(work.cacheFolder)/labels-\(labeller.id).lock"
    return try withFileLock(lock, wait: { throw BuildError.busy(path: labeller.model.replies) }) {
      try run(labeller.id, labeller.model, key, work, progress)
    }
  }
}

private func key(_ id: String, _ labeller: LanguageLabeller, _ environment: [String: String]) throws -> String? {
  guard let variable = labeller.keyVariable else { return nil }
  guard let key = environment[variable], !key.isEmpty else {
    throw LabelCommandError.noKey(variable: variable, labeller: id)
  }
  return key
}

private func run(
  _ id: String, _ labeller: LanguageLabeller, _ key: String?, _ work: LabelWork, _ progress: any ProgressReporter
) throws -> [LabelRunReport] {
  let file = try ReplyFile(labeller.replies)
  let asker = ModelAsker(labeller.endpoint, secret: key, labeller.settings)
  let start = ContinuousClock.now
  var (replies, requests, tokensIn, tokensOut) = (0, 0, 0, 0)
  while let (round, questions) = work.open(labeller, file) {
    let stage = "\(id): round \(round) of 3"
    let report = try asker.ask(
      questions, into: file, tick: { try Interruption.shared.check() },
      progress: { report in
        progress.report(
          stage: stage, done: report.done, total: report.total,
          detail: "\(report.tokensIn) tokens in, \(report.tokensOut) out")
      })
    replies += report.replies
    requests += report.attempts
    tokensIn += report.tokensIn
    tokensOut += report.tokensOut
    if let first = report.open.min(by: { $0.name < $1.name }) {
      throw LabelCommandError.open(
        labeller: id, count: report.open.count, first: first.name, reason: first.reason)
    }
  }
  try file.sort()
  progress.remark(
    "headatlas: \(id): \(replies) replies to \(requests) requests in \(fixed(start.secondsUntilNow, decimals: 1)) s, "
      + "\(tokensIn) tokens in, \(tokensOut) out")
  return work.replays(labeller, file).map { LabelRunReport(id, $0) }
}

/// `headatlas label replay`: what the replies that are kept say, without a request.
///
/// - Throws: `LabelCommandError`, `ReplyFileFault`, and what a build throws.
package func replayLabels(
  _ options: LabelOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> [LabelRunReport] {
  let work = try LabelWork(options, plugins: plugins, progress: progress)
  return try work.labellers.flatMap { labeller in
    let file = try ReplyFile(labeller.model.replies)
    return work.replays(labeller.model, file).map { LabelRunReport(labeller.id, $0) }
  }
}
