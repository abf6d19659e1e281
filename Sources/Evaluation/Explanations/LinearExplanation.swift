import Analysis
import Attribution
import Tensors

/// A few texts that predict what a head writes from how much whole images show them.
///
/// What is predicted is what the head writes along its first principal direction; what an image shows of a text is the dot product of the two
/// embeddings, less what this head wrote of it, so that a head is not explained by itself. Half of the images choose texts and weights, the other
/// half say how good they are.
public struct LinearExplanation: Sendable, Equatable {
  public struct Term: Sendable, Equatable {
    /// A place in the pool of candidate descriptions.
    public let text: Int
    /// By how many standard deviations what the head writes rises where the image shows one standard deviation more of the text, the other
    /// texts being equal.
    public let weight: Double
    /// Over the images that nothing was chosen by, the correlation of what the head writes with what is predicted by this text and those before it.
    public let correlation: Double
  }

  /// The correlation of as many texts drawn at random from the pool and fitted alike.
  public struct Chance: Sendable, Equatable {
    /// Over all draws.
    public let mean: Double
    public let highest: Double
  }

  /// In the order in which they were chosen.
  public let terms: [Term]
  public let chance: Chance
  /// The correlation of the head's first description by TextSpan alone; nil where it has none.
  public let firstDescription: Double?

  /// With all terms; 0 where there are none.
  public var correlation: Double { terms.last?.correlation ?? 0 }
}

/// The linear explanations of all heads of a model.
///
/// Sparse linear explanations of single neurons are those of arXiv 2405.06855; here the unit is a head's first principal direction, and the texts are
/// chosen by orthogonal matching pursuit.
public struct LinearExplanations: Sendable {
  /// In the order of the model's heads; nil for a head that writes the same for every image.
  public let heads: [LinearExplanation?]
  /// How many images chose, and how many others judged.
  public let images: (choosing: Int, judging: Int)

  /// With fewer images nothing is explained.
  public static let fewestImages = 40
  /// How many images are looked at where nothing else is asked for.
  public static let defaultImages = 2000
  /// How many sets of random texts stand beside a head's.
  public static let draws = 20
  private static let imageSeed: UInt64 = 1
  /// Of the first set of random texts; each further one has the next.
  private static let textSeed: UInt64 = 1000
  /// Runs of neighbours, which may be alike, choose and judge in turn, as blocks of moments do: about so many.
  private static let runs = 64

  /// - Parameters:
  ///   - images: how many of the probe set are looked at; of more, some are drawn, the same in every run.
  ///   - texts: how many a head is explained by at most.
  /// - Returns: nil where there are too few images, or no texts.
  /// - Throws: what reading features throws.
  public init?(_ evidence: ModelEvidence, images: Int, texts: Int) throws {
    let drawn = Control.draw(images, of: Array(evidence.probe.items.indices), seed: Self.imageSeed)
    guard drawn.count >= Self.fewestImages, texts > 0, !evidence.pool.texts.isEmpty else { return nil }
    let places = ImagePlaces(drawn, in: evidence.probe.features.blocks)
    let run = max(1, drawn.count / Self.runs)
    let isChoosing = drawn.indices.map { $0 / run % 2 == 0 }
    let random = (0..<Self.draws).map { draw in
      Control.draw(texts, of: Array(evidence.pool.texts.indices), seed: Self.textSeed + UInt64(draw))
    }
    let regression = TextRegression(
      texts: evidence.pool.embeddings, images: try places.rows { try evidence.probe.features.embeddings(block: $0) },
      isChoosing: isChoosing)
    heads = try evidence.inParallel(evidence.heads.count) { place in
      let head = evidence.heads[place]
      guard let axis = head.directions.first?.axis else { return nil }
      let features = evidence.probe.features
      return regression.explanation(
        coordinates: try places.rows { try features.coordinates(of: head.head, block: $0) },
        basis: features.space(of: head.head).basis, axis: axis, count: texts, random: random,
        described: head.descriptions.first?.index)
    }
    let choosing = isChoosing.count { $0 }
    self.images = (choosing, isChoosing.count - choosing)
  }
}

extension LinearExplanations {
  /// The property that the first text of each explanation speaks of held against the one that the head follows most by the facts of the scenes.
  ///
  /// - Returns: nil where no fact is known, or no text speaks of a property of the scenes.
  /// - Throws: what reading features throws.
  public func truth(_ evidence: ModelEvidence) throws -> LabelTruth? {
    let lines = evidence.pool.texts.map { LineProperties.words($0) }
    let reader = LineProperties(evidence.properties, pool: lines)
    guard reader.isUseful else { return nil }
    let named = heads.map { $0?.terms.first.flatMap { reader.property(lines[$0.text]) } }
    return try FollowedTitles(evidence)?.truth(of: named.map { $0.map { evidence.properties[$0].title } })
  }
}
