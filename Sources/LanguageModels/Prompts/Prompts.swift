/// The prompts of a labeller, and what it is shown in them.
package struct Prompts: Sendable {
  /// Asks for the label of a head's lines.
  package let labelling: PromptTemplate
  /// Asks whether a label fits a line.
  package let judging: PromptTemplate
  /// Asks what tells a head from others of the same label.
  package let contrasting: PromptTemplate
  package let examples: [WorkedExample]

  package init(
    labelling: PromptTemplate, judging: PromptTemplate, contrasting: PromptTemplate, examples: [WorkedExample]
  ) {
    self.labelling = labelling
    self.judging = judging
    self.contrasting = contrasting
    self.examples = examples
  }

  /// What the file of each template is called.
  package static let labellingFile = "labelling.txt"
  package static let judgingFile = "judging.txt"
  package static let contrastingFile = "contrasting.txt"
  package static let examplesFile = "examples.yml"

  /// The question for the label of some lines.
  ///
  /// - Parameters:
  ///   - examples: in the order in which they are shown.
  ///   - answers: all that may be answered; empty where any answer will do.
  package func labelling(
    _ lines: [String], examples: [WorkedExample], answers: [String], _ interface: ModelInterface
  ) -> String {
    labelling.filled(
      Self.common(answers, interface).merging([
        "lines": lines, "examples": examples.map { ["lines": $0.lines, "label": $0.label] as [String: Any] },
      ]) { $1 })
  }

  package func judging(_ label: String, line: String, _ interface: ModelInterface) -> String {
    judging.filled(Self.common([], interface).merging(["label": label, "line": line]) { $1 })
  }

  /// - Parameter others: the lines of other heads that have `label` too.
  package func contrasting(_ lines: [String], label: String, others: [[String]], _ interface: ModelInterface) -> String
  {
    contrasting.filled(
      Self.common([], interface).merging([
        "lines": lines, "label": label, "others": others.map { ["lines": $0] as [String: Any] },
      ]) { $1 })
  }

  private static func common(_ answers: [String], _ interface: ModelInterface) -> [String: Any] {
    [
      "chat": interface == .chat, "completion": interface == .completions, "limited": !answers.isEmpty,
      "answers": answers.joined(separator: ", "),
    ]
  }
}
