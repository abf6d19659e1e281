/// Lines that a head may have, with the label that a person gave them: what a model is shown before it is asked.
package struct WorkedExample: Sendable, Equatable {
  package let label: String
  package let lines: [String]

  package init(label: String, lines: [String]) {
    self.label = label
    self.lines = lines
  }
}
