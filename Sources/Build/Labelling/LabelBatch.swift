import Analysis
import Diagnostics
import Files
import LanguageModels

/// `headatlas label export`: writes the requests that are open into a file that who answers batches takes.
///
/// - Returns: a line on what was written.
/// - Throws: `LabelCommandError`, `FileError`, and what a build throws.
package func exportLabels(
  _ options: LabelOptions, to output: String, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> String {
  let place = try outputPath(output)
  let work = try LabelWork(options, plugins: plugins, progress: progress)
  let (id, labeller) = try work.onlyLabeller
  let file = try ReplyFile(labeller.replies)
  guard let (round, questions) = work.open(labeller, file) else { throw LabelCommandError.nothingOpen(labeller: id) }
  let requests = questions.compactMap { work.request(of: $0, labeller, file) }
  try writeFile(requests.map { BatchLines.line($0, labeller.endpoint) + "\n" }.joined().utf8, to: place)
  return "\(output): \(counted(requests.count, "request")) of round \(round) of 3"
}

/// `headatlas label import`: keeps the answers of a batch.
///
/// - Returns: a line on what was kept.
/// - Throws: `LabelCommandError`, `FileError`, and what a build throws.
package func importLabels(
  _ options: LabelOptions, from input: String, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> (lines: [String], failed: Int) {
  let lines = try readText(input).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let work = try LabelWork(options, plugins: plugins, progress: progress)
  let (id, labeller) = try work.onlyLabeller
  let lock = "\(work.cacheFolder)/labels-\(id).lock"
  return try withFileLock(lock, wait: { throw BuildError.busy(path: labeller.replies) }) {
    let file = try ReplyFile(labeller.replies)
    let requests = (work.open(labeller, file)?.questions ?? []).compactMap { work.request(of: $0, labeller, file) }
    let found = try BatchLines.read(lines, of: requests, into: file)
    try file.sort()
    let summary =
      "\(input): \(found.kept) replies kept, \(found.known) known, \(found.unknown) to no open request, \(found.failed.count) failed"
    return ([summary] + found.failed.prefix(20).map { "\(input):\($0.line): \($0.reason)" }, found.failed.count)
  }
}

extension LabelWork {
  /// - Throws: `LabelCommandError.several`.
  fileprivate var onlyLabeller: (id: String, model: LanguageLabeller) {
    get throws {
      guard labellers.count == 1 else { throw LabelCommandError.several(labellers.map(\.id)) }
      return labellers[0]
    }
  }
}
