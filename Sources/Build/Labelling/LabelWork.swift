import Analysis
import Attribution
import CLIP
import Diagnostics
import Files
import Foundation
import LanguageModels

/// What the commands of `headatlas label` are asked for.
package struct LabelOptions: Sendable {
  package var configuration: String
  /// One of the labellers of the atlas; all where it is nil.
  package var labeller: String?
  package var compute: ComputeOptions

  package init(configuration: String, labeller: String? = nil, compute: ComputeOptions = ComputeOptions()) {
    (self.configuration, self.labeller, self.compute) = (configuration, labeller, compute)
  }
}

/// The language models of an atlas that are asked, and the lines of all heads, from the cache where they are there.
struct LabelWork {
  let labellers: [(id: String, model: LanguageLabeller)]
  let subjects: [HeadLines]
  let titles: [String]
  let names: PropertyNames
  let cacheFolder: String

  /// - Throws: `LabelCommandError`, and what a build throws.
  init(_ options: LabelOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter) throws {
    let described = try AtlasConfiguration(file: options.configuration, plugins: plugins, runsOthers: false)
    let models = described.labellers.compactMap { entry in entry.model.map { (id: entry.id, model: $0) } }
    guard !models.isEmpty else { throw LabelCommandError.noLabeller(options.configuration) }
    labellers = models.filter { options.labeller == nil || $0.id == options.labeller }
    if let name = options.labeller, labellers.isEmpty {
      throw LabelCommandError.unknown(name, nearest: nearestName(to: name, in: models.map(\.id)))
    }
    let threads = CLIPModel.threads(asked: options.compute.jobs)
    let configuration = try described.withReadableImages(threads: threads, progress: progress)
    let cache = FeatureCache(folder: configuration.cacheFolder)
    let dataset = try Dataset(configuration, threads: threads)
    subjects = try configuration.models.map { entry in
      let encoded = try EncodedModel(entry, of: dataset, options.compute, cache: cache, progress: progress)
      let heads = try DescribedHead.describe(encoded, configuration, cache: cache, progress: progress)
      return HeadLines(encoded, heads, configuration)
    }
    titles = configuration.properties.map(\.title)
    names = dataset.names
    cacheFolder = configuration.cacheFolder
  }

  func replays(_ labeller: LanguageLabeller, _ file: ReplyFile) -> [LabelReplay] {
    subjects.map { subject in
      LabelReplay(LabelQuestions(labeller, subject, titles: titles), known: names.allTitles) { file[$0] }
    }
  }

  /// What is to be asked now, round after round; the first round that has open questions comes first.
  func open(_ labeller: LanguageLabeller, _ file: ReplyFile) -> (round: Int, questions: [Question])? {
    let replays = replays(labeller, file)
    let rounds: [(LabelReplay) -> [Question]] = [
      { LabelReplay.firstRound($0.questions) }, \.secondRound, \.thirdRound,
    ]
    for (place, round) in rounds.enumerated() {
      let questions = distinct(replays.flatMap(round)).filter { request(of: $0, labeller, file) != nil }
      if !questions.isEmpty { return (place + 1, questions) }
    }
    return nil
  }

  /// The request that a question waits for; nil where it is answered or failed.
  func request(of question: Question, _ labeller: LanguageLabeller, _ file: ReplyFile) -> ModelRequest? {
    Dialogue(labeller.endpoint, question).missing(labeller.endpoint.firstFormat) { file[$0] }
  }
}

/// Why heads cannot be labelled by a language model; `description` words each on one line.
package enum LabelCommandError: Error, Equatable, CustomStringConvertible {
  case noLabeller(String)
  case unknown(String, nearest: String?)
  case several([String])
  /// The variable that should hold the key, which is not set.
  case noKey(variable: String, labeller: String)
  /// Questions that got no answer.
  case open(labeller: String, count: Int, first: String, reason: String)
  case nothingOpen(labeller: String)
  case batch(file: String, String)

  package var description: String {
    switch self {
    case .noLabeller(let file): "\(file): no language model under \"labeller\", expected one with a url"
    case .unknown(let name, let nearest):
      "no labeller \(quoted(name)) with a url" + (nearest.map { ", did you mean \(quoted($0))?" } ?? "")
    case .several(let names): "several labellers, choose one with --labeller: \(names.joined(separator: ", "))"
    case .noKey(let variable, let labeller):
      "the labeller \(labeller) needs its key in the environment variable \(variable), which is not set"
    case .open(let labeller, let count, let first, let reason):
      "\(labeller): \(counted(count, "question")) without an answer, the first \(quoted(first)): \(reason); all answers that came are "
        + "kept: run it again to ask for the others"
    case .nothingOpen(let labeller): "\(labeller): every question has its answer, nothing to write"
    case .batch(let file, let reason): "\(file): \(reason)"
    }
  }
}
