/// What a model said of a head.
package struct LabelAnswer: Sendable, Equatable {
  /// As the model wrote it, or the choice that is nearest to that; nil where it finds no label.
  package let label: String?
  /// One sentence.
  package let reason: String?
  /// 0 to 1, as the model sees it.
  package let confidence: Double?

  package init(label: String?, reason: String? = nil, confidence: Double? = nil) {
    self.label = label
    self.reason = reason
    self.confidence = confidence
  }
}

/// A question with its answer, or the reason why there is none.
package enum Outcome<Answer: Sendable & Equatable>: Sendable, Equatable {
  case answered(Answer)
  /// No answer could be read, however often it was asked for.
  case failed(String)
  /// No reply is there.
  case open
}
