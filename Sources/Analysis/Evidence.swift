import Attribution
import Tensors

/// One model as the analyses see it: values only, computed once, left of the plugins.
public struct ModelEvidence: Sendable {
  /// The model's identifier, used in addresses.
  public let model: String
  public let title: String
  public let shape: TowerShape
  /// In the order of `shape.allHeads`.
  public let heads: [HeadEvidence]
  /// The probe set: the database that neighbours are looked for in.
  public let probe: ProbeSet
  /// The curated images, each with a page of its own.
  public let gallery: ImageCollection
  /// The curated texts, each with a page of its own.
  public let texts: TextCollection
  public let properties: [Property]
  public let contrasts: [Contrast]
  /// Patch scores of gallery images.
  public let patches: any PatchScoring
  /// How many heads `mapHeads`, and images `forEachPatchScores`, works on at a time.
  let threads: Int

  public init(
    model: String, title: String, shape: TowerShape, heads: [HeadEvidence], probe: ProbeSet,
    gallery: ImageCollection, texts: TextCollection, properties: [Property], contrasts: [Contrast],
    patches: any PatchScoring, threads: Int = 1
  ) {
    self.model = model
    self.title = title
    self.shape = shape
    self.heads = heads
    self.probe = probe
    self.gallery = gallery
    self.texts = texts
    self.properties = properties
    self.contrasts = contrasts
    self.patches = patches
    self.threads = threads
  }
}

/// A description that TextSpan found for a head.
public struct HeadDescription: Sendable, Codable, Equatable {
  public let text: String
  /// Its place in the description pool.
  public let index: Int
  /// The standard deviation over the probe images of the head's contribution along the text when it was chosen.
  public let standardDeviation: Double
  /// The share of the head's variance explained by this and all earlier descriptions, 0 to 1.
  public let explainedVariance: Double
  /// Whether the judge finds that the head's label fits it; nil where nobody judged.
  public let fitsLabel: Bool?

  public init(text: String, index: Int, standardDeviation: Double, explainedVariance: Double, fitsLabel: Bool?) {
    self.text = text
    self.index = index
    self.standardDeviation = standardDeviation
    self.explainedVariance = explainedVariance
    self.fitsLabel = fitsLabel
  }
}

/// What is known of one head.
public struct HeadEvidence: Sendable {
  public let head: Head
  public let descriptions: [HeadDescription]
  /// The property it was labelled with, or "ambiguous".
  public let label: String
  /// Who gave the label: "by hand", "in context", "by nobody".
  public let labelledBy: String
  /// How far the label leads the runner-up, 0 to 1; nil for labels by hand.
  public let labelMargin: Double?
  /// CCS, 0 to 5: how many of the first five descriptions fit the label; nil where nobody judged.
  public let consistency: Int?
  /// The share of all heads' variance that is this head's: trace of its covariance in the joint embedding.
  public let variance: Double
  /// The effective rank of its covariance (exponential of the entropy of the normalised spectrum).
  public let effectiveRank: Double

  public init(
    head: Head, descriptions: [HeadDescription], label: String, labelledBy: String, labelMargin: Double?,
    consistency: Int?, variance: Double, effectiveRank: Double
  ) {
    self.head = head
    self.descriptions = descriptions
    self.label = label
    self.labelledBy = labelledBy
    self.labelMargin = labelMargin
    self.consistency = consistency
    self.variance = variance
    self.effectiveRank = effectiveRank
  }
}

/// Images with what the model's heads wrote for them, all in memory.
public struct ImageCollection: Sendable {
  public struct Item: Sendable {
    public let reference: ImageReference
    public let caption: String

    public init(reference: ImageReference, caption: String) {
      self.reference = reference
      self.caption = caption
    }
  }
  public let items: [Item]
  /// Row i belongs to `items[i]`.
  public let contributions: HeadContributions

  public init(items: [Item], contributions: HeadContributions) {
    precondition(items.count == contributions.count, "\(items.count) images, \(contributions.count) rows")
    self.items = items
    self.contributions = contributions
  }
}

/// The images of the probe set with what the model's heads wrote for them. There may be very many: features are read
/// block by block, and an item is made when it is asked for.
public struct ProbeSet: Sendable {
  public struct Items: RandomAccessCollection, Sendable {
    public let endIndex: Int
    private let item: @Sendable (Int) -> ImageCollection.Item

    public init(count: Int, item: @escaping @Sendable (Int) -> ImageCollection.Item) {
      endIndex = count
      self.item = item
    }

    public var startIndex: Int { 0 }

    public subscript(row: Int) -> ImageCollection.Item {
      precondition(indices.contains(row), "row \(row) of \(count)")
      return item(row)
    }
  }
  public let items: Items
  /// Row i belongs to `items[i]`.
  public let features: any HeadFeatures

  public init(items: Items, features: any HeadFeatures) {
    precondition(items.count == features.count, "\(items.count) images, \(features.count) rows")
    self.items = items
    self.features = features
  }
}

/// Texts with their unit-norm embeddings.
public struct TextCollection: Sendable {
  public struct Item: Sendable {
    public let id: String
    public let text: String

    public init(id: String, text: String) {
      self.id = id
      self.text = text
    }
  }
  public let items: [Item]
  /// `[M, E]`, unit norm; row i belongs to `items[i]`.
  public let embeddings: Tensor

  public init(items: [Item], embeddings: Tensor) {
    precondition(items.count == embeddings.rows, "\(items.count) texts, \(embeddings.rows) rows")
    self.items = items
    self.embeddings = embeddings
  }
}

/// A kind of content, with the heads of one model that carry it.
public struct Property: Sendable {
  public let id: String
  public let title: String
  /// In ascending order; empty where no head of the model carries it.
  public let heads: [Head]

  public init(id: String, title: String, heads: [Head]) {
    self.id = id
    self.title = title
    self.heads = heads
  }
}

/// Two texts set against each other on one gallery image.
public struct Contrast: Sendable {
  public let id: String
  /// An index into the gallery.
  public let image: Int
  /// Indices into the curated texts.
  public let texts: (Int, Int)

  public init(id: String, image: Int, texts: (Int, Int)) {
    self.id = id
    self.image = image
    self.texts = texts
  }
}

/// Patch scores on demand: computing all of them ahead would take N·M·L·H·P numbers.
public protocol PatchScoring: Sendable {
  /// - Parameters:
  ///   - image: an index into the gallery.
  ///   - texts: `[M, E]`, unit norm.
  /// - Returns: one `PatchScores` per text.
  func scores(image: Int, texts: Tensor) throws -> [PatchScores]
}
