import Analysis
import Attribution
import Files
import Labels
import LanguageModels

/// LABEL: what each labeller of an atlas says of the heads of one model, side by side.
struct LabellerFindings {
  let configuration: AtlasConfiguration
  let names: PropertyNames
  let subject: HeadLines
  /// Judges the labels of all labellers alike; nil where the atlas has no examples.
  let judge: InContextLabeller?

  /// The labellers that the description names.
  ///
  /// - Throws: `FileError`, `ReplyFileFault`, `LabelError`.
  func labellers() throws -> [LabellerEvidence] {
    try configuration.labellers.flatMap { entry -> [LabellerEvidence] in
      switch entry.source {
      case .table(let table): [try evidence(entry, table)]
      case .model(let labeller): try evidence(entry, labeller)
      }
    }
  }

  /// The labels that a hand gave, where there are any, and those of the labeller that needs no network.
  func atHand(offline: [HeadLabel]?, byHand: [Head: String]) throws -> [LabellerEvidence] {
    var found: [LabellerEvidence] = []
    if !byHand.isEmpty {
      let labels = subject.heads.map { head in
        byHand[head].map { GivenLabel(state: .given, label: names.label($0)) } ?? GivenLabel(state: .missing)
      }
      found.append(
        LabellerEvidence(
          id: "by-hand", title: "by hand", method: "Labels that a person gave.", labels: try judged(labels)))
    }
    if let offline {
      found.append(
        LabellerEvidence(
          id: "offline", title: "in context, offline",
          method: "The property that a head's lines speak of more than the pool does, by the model's own text tower.",
          labels: offline.map { label in
            GivenLabel(
              state: label.label == .ambiguous ? .declined : .given, label: label.label,
              fits: label.label == .ambiguous ? [] : label.fits)
          }))
    }
    return found
  }

  private func evidence(_ entry: LabellerEntry, _ table: LabelTable) throws -> LabellerEvidence {
    let labels = table.labels(of: subject.model) ?? [:]
    let texts = LabelText.unified(subject.heads.map { labels[$0] }, known: names.allTitles)
    return LabellerEvidence(
      id: entry.id, title: entry.title, method: "Labels from a file.",
      labels: try judged(texts.map { $0.map { given(names.label($0)) } ?? GivenLabel(state: .missing) }))
  }

  private func given(_ label: Label) -> GivenLabel {
    GivenLabel(state: label == .ambiguous ? .declined : .given, label: label)
  }

  private func evidence(_ entry: LabellerEntry, _ labeller: LanguageLabeller) throws -> [LabellerEvidence] {
    let file = try ReplyFile(labeller.replies)
    let questions = LabelQuestions(labeller, subject, titles: configuration.properties.map(\.title))
    let replay = LabelReplay(questions, known: names.allTitles) { file[$0] }
    let labels = try judged(
      subject.heads.indices.map { head in
        let contrasted: Label? =
          if case .answered(let answer)? = replay.contrasted[head], let text = answer.label {
            names.label(text)
          } else {
            nil
          }
        return given(
          replay.verdicts[head], own: replay.fits(replay.verdicts[head]?.label, subject.shown(head)),
          contrasted: contrasted)
      })
    var found = [
      LabellerEvidence(
        id: entry.id, title: entry.title, method: method(labeller), labels: labels, controls: try controls(replay),
        cost: cost(file), prompts: prompts(labeller))
    ]
    if let uncorrected = replay.uncorrected {
      found.append(
        LabellerEvidence(
          id: "\(entry.id)-uncorrected", title: "\(entry.title), as answered",
          method: "The same replies without the correction by what the model answers to lines that say nothing.",
          labels: try judged(uncorrected.map { given($0) })))
    }
    return found
  }

  private func given(_ verdict: HeadVerdict?, own: [Bool] = [], contrasted: Label? = nil) -> GivenLabel {
    guard let verdict else { return GivenLabel(state: .missing) }
    return GivenLabel(
      state: verdict.state, label: verdict.label.map(names.label) ?? .ambiguous, reason: verdict.reason,
      confidence: verdict.confidence,
      agreement: verdict.answers > 1 ? .init(same: verdict.same, answers: verdict.answers) : nil, ownFits: own,
      contrasted: contrasted)
  }

  private func controls(_ replay: LabelReplay) throws -> [LabelControl] {
    let heads = subject.heads.indices
    let (shuffled, random) = (replay.controls[.shuffled] ?? [], replay.controls[.random] ?? [])
    let others = heads.map { head in
      replay.otherLabel(head).map { label in
        GivenLabel(
          state: .given, label: names.label(label), ownFits: replay.fits(label, subject.shown(head)))
      } ?? GivenLabel(state: .missing)
    }
    let drawn = heads.map { head in
      given(random[head], own: replay.fits(random[head]?.label, replay.questions.lines(.random, head)))
    }
    return [
      LabelControl(title: LabelQuestions.Control.shuffled.rawValue, labels: try judged(shuffled.map { given($0) })),
      LabelControl(
        title: LabelQuestions.Control.random.rawValue,
        labels: try judged(drawn, by: heads.map { replay.questions.lines(.random, $0) })),
      LabelControl(title: "another head's lines", labels: try judged(others)),
    ]
  }

  /// The same labels, each held against the lines of its head by the one judge.
  private func judged(_ labels: [GivenLabel], by lines: [[String]]? = nil) throws -> [GivenLabel] {
    guard let judge else { return labels }
    let fits = try judge.judge(labels: labels.map(\.label), heads: lines ?? subject.lines)
    return zip(labels, fits).map { $0.state == .given ? $0.judged(fits: $1) : $0 }
  }

  /// All that was asked of this model's heads, and judgements, which models may share.
  private func cost(_ file: ReplyFile) -> LabelCost {
    let replies = file.replies.filter { $0.name.hasPrefix("\(subject.model) ") || $0.name.hasPrefix("judge ") }
    return LabelCost(
      requests: replies.count, tokensIn: replies.reduce(0) { $0 + ($1.reply.tokensIn ?? 0) },
      tokensOut: replies.reduce(0) { $0 + ($1.reply.tokensOut ?? 0) })
  }

  private func prompts(_ labeller: LanguageLabeller) -> [NamedPrompt] {
    let prompts = labeller.prompts
    let examples = prompts.examples.map { "\($0.label):\n" + $0.lines.map { "- \($0)\n" }.joined() }
    return [
      NamedPrompt(title: "labelling", text: prompts.labelling.text),
      NamedPrompt(title: "worked examples", text: examples.joined(separator: "\n")),
    ] + (labeller.judges ? [NamedPrompt(title: "judging", text: prompts.judging.text)] : [])
      + (labeller.contrasts ? [NamedPrompt(title: "contrasting", text: prompts.contrasting.text)] : [])
  }

  private func method(_ labeller: LanguageLabeller) -> String {
    let endpoint = labeller.endpoint
    return "The language model \(endpoint.model), by \(endpoint.interface.rawValue), temperature "
      + "\(endpoint.temperature), seeds \(labeller.seeds.map(String.init).joined(separator: ", ")); "
      + (labeller.isLimited ? "answers limited to the properties" : "any answer")
      + (labeller.isCalibrated ? ", corrected by its answers to lines that say nothing." : ".")
  }
}
