/// Something that a model is asked about a head, once the same for all who ask it.
package struct Question: Sendable, Equatable {
  /// What of, in a few words that are the same in every run: `picture-world L05.H01 label, seed 1`.
  package let name: String
  package let prompt: String
  package let seed: Int
  package let form: AnswerForm

  package init(name: String, prompt: String, seed: Int, form: AnswerForm) {
    self.name = name
    self.prompt = prompt
    self.seed = seed
    self.form = form
  }
}

/// What an answer has to be.
package enum AnswerForm: Sendable, Equatable {
  /// A label; one of those given, where there are any, or none.
  case label(of: [String])
  /// Whether something fits.
  case judgement

  /// All that may be answered; empty where any text will do.
  var choices: [String] {
    switch self {
    case .label(let labels): labels.isEmpty ? [] : labels + [Self.none]
    case .judgement: [Self.yes, Self.no]
    }
  }

  /// How a label is declined.
  static let none = "none"
  static let yes = "yes"
  static let no = "no"
}
