import Attribution

/// The texts by which one method describes a head, in the order of their choice.
///
/// All methods are measured alike, so that how much texts say of a head and how well they read can be seen side by side.
public struct DescriptionSet: Sendable, Equatable {
  /// `textspan`, `somp`, `ols`, `nnomp`, `comp` or `weights`; `given` for texts that come with the atlas.
  public let method: String
  /// As pages call it.
  public let title: String
  /// Places in the pool of candidate descriptions; none for texts that come with the atlas, which need not be in it.
  public let texts: [Int]
  /// The texts, in words.
  public let lines: [String]
  /// The share of the head's variance along the first k texts, for each k: texts are projected on what the head can write, and made
  /// orthogonal in their order.
  public let explained: [Double]
  /// The same where the texts are chosen by every other block of the probe images, and the variance is that of the others; nil
  /// where there are too few images.
  public let heldOut: [Double]?
  /// The mean cosine between the embeddings of the first five texts; nil where there are not so many.
  public let likeness: Double?
  /// What the in-context labeller makes of the texts; nil where the atlas has no labelled examples.
  public let label: Label?

  package init(
    method: String, title: String, texts: [Int], lines: [String], explained: [Double], heldOut: [Double]?,
    likeness: Double?,
    label: Label?
  ) {
    self.method = method
    self.title = title
    self.texts = texts
    self.lines = lines
    self.explained = explained
    self.heldOut = heldOut
    self.likeness = likeness
    self.label = label
  }
}

/// The likeness that five candidate descriptions drawn at random have: the mean cosine between their embeddings.
public struct ChanceLikeness: Sendable, Equatable {
  public let mean: Double
  /// Between these lie 95 % of the random sets.
  public let lowest: Double
  public let highest: Double

  package init(mean: Double, lowest: Double, highest: Double) {
    (self.mean, self.lowest, self.highest) = (mean, lowest, highest)
  }
}
