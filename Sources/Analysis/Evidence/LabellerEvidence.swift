import Attribution

/// Who labels heads, with a label for each: a hand, the labeller that needs no network, or a language model whose replies are
/// kept.
public struct LabellerEvidence: Sendable {
  /// Unique in the atlas.
  public let id: String
  public let title: String
  /// How it comes to its labels, in a sentence.
  public let method: String
  /// In the order of the model's heads.
  public let labels: [GivenLabel]
  /// What the labels have to be compared with.
  public let controls: [LabelControl]
  /// Requests that were answered and their tokens; nil where nothing was asked.
  public let cost: LabelCost?
  /// Prompts, word for word, and what each is for.
  public let prompts: [NamedPrompt]

  package init(
    id: String, title: String, method: String, labels: [GivenLabel], controls: [LabelControl] = [],
    cost: LabelCost? = nil, prompts: [NamedPrompt] = []
  ) {
    (self.id, self.title, self.method, self.labels) = (id, title, method, labels)
    (self.controls, self.cost, self.prompts) = (controls, cost, prompts)
  }
}

/// A label that somebody gave a head, or why there is none.
public struct GivenLabel: Sendable, Equatable {
  public enum State: String, Sendable {
    case given
    /// The labeller finds no property, or is not sure of one.
    case declined
    /// No answer could be read, however often it was asked for: it counts in no score.
    case failed
    /// Nothing was asked, or no reply is there.
    case missing
  }
  public let state: State
  /// `.ambiguous` where none is given.
  public let label: Label
  /// What the labeller says of it, or why it failed.
  public let reason: String?
  /// 0 to 1, as the labeller sees it.
  public let confidence: Double?
  /// Of the answers to this head's questions how many are the label, and how many there are; nil where there is one question.
  public let agreement: Agreement?
  /// Whether each of the head's first five descriptions fits the label, by the one judge of all labellers, which needs no network;
  /// empty where nobody judged.
  public let fits: [Bool]
  /// The same by the labeller's own judgement.
  public let ownFits: [Bool]
  /// A label that tells the head from others of the same label.
  public let contrasted: Label?

  public struct Agreement: Sendable, Equatable {
    public let same: Int
    public let answers: Int

    package init(same: Int, answers: Int) { (self.same, self.answers) = (same, answers) }
  }

  package init(
    state: State, label: Label = .ambiguous, reason: String? = nil, confidence: Double? = nil,
    agreement: Agreement? = nil, fits: [Bool] = [], ownFits: [Bool] = [], contrasted: Label? = nil
  ) {
    (self.state, self.label, self.reason, self.confidence) = (state, label, reason, confidence)
    (self.agreement, self.fits, self.ownFits, self.contrasted) = (agreement, fits, ownFits, contrasted)
  }

  /// The same with other judgements.
  package func judged(fits: [Bool]) -> GivenLabel {
    GivenLabel(
      state: state, label: label, reason: reason, confidence: confidence, agreement: agreement, fits: fits,
      ownFits: ownFits, contrasted: contrasted)
  }
}

/// Labels of all heads that come from something else than the heads' own lines as they stand.
public struct LabelControl: Sendable {
  /// What it is, in words: `lines drawn at random`.
  public let title: String
  public let labels: [GivenLabel]

  package init(title: String, labels: [GivenLabel]) { (self.title, self.labels) = (title, labels) }
}

public struct LabelCost: Sendable, Equatable {
  public let requests: Int
  /// By the server's counts.
  public let tokensIn: Int
  public let tokensOut: Int

  package init(requests: Int, tokensIn: Int, tokensOut: Int) {
    (self.requests, self.tokensIn, self.tokensOut) = (requests, tokensIn, tokensOut)
  }
}

/// The text of a prompt as it stands in its file.
public struct NamedPrompt: Sendable, Equatable {
  public let title: String
  public let text: String

  package init(title: String, text: String) { (self.title, self.text) = (title, text) }
}
