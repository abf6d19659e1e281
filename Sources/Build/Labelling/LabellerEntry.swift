import Attribution
import LanguageModels

/// A labeller that the description of an atlas names.
package struct LabellerEntry: Sendable {
  package let id: String
  package let title: String
  package let source: Source
  /// Whether pages show its labels where no hand gave another.
  package let isShown: Bool

  package enum Source: Sendable {
    case model(LanguageLabeller)
    /// Labels from elsewhere, by model and head as the file names them.
    case table(LabelTable)
  }

  /// The language model; nil for labels from elsewhere.
  package var model: LanguageLabeller? { if case .model(let model) = source { model } else { nil } }
}

/// A language model that labels heads, with all that its answers depend on.
package struct LanguageLabeller: Sendable {
  package let endpoint: ModelEndpoint
  package let prompts: Prompts
  /// One question of each, with the examples in an order of its own; at least one.
  package let seeds: [Int]
  /// Whether a label is one of the declared properties.
  package let isLimited: Bool
  /// Whether it also says what tells heads of one label apart, and whether labels fit lines.
  package let contrasts: Bool
  package let judges: Bool
  /// Where its replies are.
  package let replies: String
  /// The name of the environment variable that holds the key.
  package let keyVariable: String?
  package let settings: ModelAsker.Settings

  /// Whether answers are corrected by what the model answers to lines that say nothing.
  var isCalibrated: Bool { isLimited && endpoint.interface == .completions && endpoint.logProbabilities > 0 }
}

/// Labels in a file, `{"MODEL": {"L8.H0": "Label"}}`.
package struct LabelTable: Sendable {
  let path: String
  let labels: [String: [Head: String]]
  /// What models of the atlas are called in the file.
  let names: [String: String]

  func labels(of model: String) -> [Head: String]? { labels[names[model] ?? model] }
}
