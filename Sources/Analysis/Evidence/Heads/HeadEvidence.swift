import Attribution

/// A description that TextSpan found for a head.
public struct HeadDescription: Sendable, Codable, Equatable {
  public let text: String
  /// Its place in the pool of candidate descriptions.
  public let index: Int
  /// The standard deviation over the probe images of the head's contribution along the text when it was chosen.
  public let standardDeviation: Double
  /// The share of the head's variance explained by this and all earlier descriptions, 0 to 1.
  public let explainedVariance: Double
  /// The relative lead over the next best text when it was chosen, 0 to 1.
  public let lead: Double
  /// Whether the judge finds that the head's label fits it; nil where it was not judged.
  public let fitsLabel: Bool?

  package init(
    text: String, index: Int, standardDeviation: Double, explainedVariance: Double, lead: Double, fitsLabel: Bool?
  ) {
    self.text = text
    self.index = index
    self.standardDeviation = standardDeviation
    self.explainedVariance = explainedVariance
    self.lead = lead
    self.fitsLabel = fitsLabel
  }
}

/// What is known of one head.
public struct HeadEvidence: Sendable {
  public let head: Head
  /// In the order in which they were chosen.
  public let descriptions: [HeadDescription]
  public let label: Label
  public let source: LabelSource
  /// How far the label leads the runner-up, 0 to 1; nil for labels by hand.
  public let labelMargin: Double?
  /// CCS, 0 to 5: how many of the first five descriptions fit the label; nil where they were not judged.
  public let consistency: Int?
  /// The share of all heads' variance that is this head's: trace of its covariance in the joint embedding.
  public let variance: Double
  /// The effective rank of its covariance (exponential of the entropy of the normalised spectrum).
  public let effectiveRank: Double
  /// In the order of the model's `properties`; nil for a property of fewer than two words, and for a head that does not vary.
  public let properties: [PropertyShare?]
  /// In how many of `propertyDraws` draws of images and words each property has the highest excess, in the order of the model's
  /// `properties`; empty where nothing was drawn.
  public let propertyLeads: [Int]
  /// Descriptions by several methods, TextSpan among them.
  public let methods: [DescriptionSet]
  /// Its first principal directions over the probe images, by the variance along them.
  public let directions: [PrincipalDirection]
  /// How often its descriptions and its label in context come back in bootstraps; nil for a head that does not vary.
  public let stability: HeadStability?

  package init(
    head: Head, descriptions: [HeadDescription], label: Label, source: LabelSource, labelMargin: Double?,
    consistency: Int?, variance: Double, effectiveRank: Double, properties: [PropertyShare?],
    propertyLeads: [Int] = [], methods: [DescriptionSet] = [], directions: [PrincipalDirection] = [],
    stability: HeadStability? = nil
  ) {
    self.head = head
    self.descriptions = descriptions
    self.label = label
    self.source = source
    self.labelMargin = labelMargin
    self.consistency = consistency
    self.variance = variance
    self.effectiveRank = effectiveRank
    self.properties = properties
    self.propertyLeads = propertyLeads
    self.methods = methods
    self.directions = directions
    self.stability = stability
  }

  /// The share of the head's variance that all of its descriptions explain; nil where it has none.
  public var explainedVariance: Double? { descriptions.last?.explainedVariance }
}
