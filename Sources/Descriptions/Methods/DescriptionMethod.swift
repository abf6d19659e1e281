/// The ways to choose the texts that describe a head; all of them need its moments or its weights alone.
package enum DescriptionMethod: String, CaseIterable, Sendable, Codable {
  /// The text along which the head varies most, projected on what the head writes, again and again (arXiv 2310.05916).
  case textSpan = "textspan"
  /// Simultaneous orthogonal matching pursuit: the text along which the rest of all images' contributions is largest
  /// (arXiv 2510.21518).
  case somp
  /// Orthogonal least squares, or forward selection: the text that leaves least of the contributions.
  case ols
  /// Non-negative orthogonal matching pursuit of both ends of each of the head's first principal directions.
  case nnomp
  /// The same, with a preference for texts that are like those chosen before (arXiv 2603.24653).
  case comp
  /// The same for what the head would write if what it reads were white noise: it takes no image at all.
  case weights

  /// As pages and messages call it.
  package var title: String {
    switch self {
    case .textSpan: "TextSpan"
    case .somp: "SOMP"
    case .ols: "OLS"
    case .nnomp: "NNOMP"
    case .comp: "COMP"
    case .weights: "COMP of weights"
    }
  }
}

/// The texts by which one method describes a head, in the order of their choice, with how much they say of it.
package struct MethodDescriptions: Sendable, Equatable, Codable {
  package let method: DescriptionMethod
  /// Places among the candidate descriptions.
  package let texts: [Int]
  /// The share of the head's variance over all images along the first k texts, for each k.
  ///
  /// Texts are projected on what the head can write, and made orthogonal in their order: the same measure for every method.
  package let explained: [Double]
  /// The same where the texts are chosen by every other block of images and the variance is that of the others.
  ///
  /// Nil below two blocks. It may be shorter or longer than `explained`, since other texts may be chosen.
  package let heldOut: [Double]?
}

/// A principal direction of what a head writes, with the texts for its two ends.
package struct DescribedDirection: Sendable, Equatable, Codable {
  /// A sum of texts with weights that are not negative.
  package struct End: Sendable, Equatable, Codable {
    /// Places among the candidate descriptions, in the order of their choice.
    package let texts: [Int]
    package let weights: [Double]
    /// The cosine of the sum of texts with the direction.
    package let fidelity: Double
  }
  /// Its share of the head's variance.
  package let share: Double
  /// What an image has along it, but for a constant: the weights of its coordinates, `[D+3]`.
  package let axis: [Float]
  /// Where images have much along it.
  package let high: End
  /// Where they have little.
  package let low: End
}
