import Attribution
import Tensors

/// One model as the analyses see it: values only, computed once, before any plugin runs.
public struct ModelEvidence: Sendable {
  /// The model's identifier, used in addresses.
  public let model: String
  public let title: String
  public let shape: TowerShape
  /// What the checkpoint is, apart from its shape.
  public let card: ModelCard
  /// How far the pieces of the gallery's embeddings miss them.
  public let residual: ReconstructionResidual
  /// In the order of `shape.allHeads`.
  public let heads: [HeadEvidence]
  /// The probe set: the database that neighbours are looked for in.
  public let probe: ProbeSet
  /// The curated images, each with a page of its own.
  public let gallery: ImageCollection
  /// The curated texts, each with a page of its own.
  public let texts: TextCollection
  /// The candidate descriptions that heads are described by.
  public let pool: DescriptionPool
  /// Nil for a pool of fewer than five texts.
  public let chanceLikeness: ChanceLikeness?
  public let properties: [Property]
  public let contrasts: [Contrast]
  /// All who label its heads, side by side; the labels of `heads` are those that pages show.
  public let labellers: [LabellerEvidence]
  /// The classes of images that the atlas words as texts; empty where it words none.
  public let classes: [ImageClass]
  /// Patch scores of gallery images.
  public let patches: any PatchScoring
  /// Embeddings of any other text.
  public let encoder: any TextEncoding
  /// What is computed where it is asked for.
  package let deferred: any DeferredEvidence
  /// The properties by their names, to show labels with.
  package let names: PropertyNames
  /// What several analyses ask for.
  package let memo = EvidenceMemo()
  /// How many heads `mapHeads`, and images `forEachPatchScores`, works on at a time.
  package let threads: Int

  package init(
    model: String, title: String, shape: TowerShape, card: ModelCard, residual: ReconstructionResidual,
    heads: [HeadEvidence],
    probe: ProbeSet, gallery: ImageCollection, texts: TextCollection, pool: DescriptionPool,
    chanceLikeness: ChanceLikeness? = nil, properties: [Property], contrasts: [Contrast],
    labellers: [LabellerEvidence] = [], classes: [ImageClass] = [], names: PropertyNames,
    patches: any PatchScoring, encoder: any TextEncoding, deferred: any DeferredEvidence, threads: Int = 1
  ) {
    self.model = model
    self.title = title
    self.shape = shape
    self.card = card
    self.residual = residual
    self.heads = heads
    self.probe = probe
    self.gallery = gallery
    self.texts = texts
    self.pool = pool
    self.chanceLikeness = chanceLikeness
    self.properties = properties
    self.contrasts = contrasts
    self.labellers = labellers
    self.classes = classes
    self.names = names
    self.patches = patches
    self.encoder = encoder
    self.deferred = deferred
    self.threads = threads
  }
}

/// What a checkpoint is, apart from its tower's shape.
public struct ModelCard: Sendable {
  /// S, the side of the square input in pixels.
  public let imageSize: Int
  /// `GELU` or `QuickGELU`.
  public let activation: String
  public let tensorCount: Int
  public let parameterCount: Int

  package init(imageSize: Int, activation: String, tensorCount: Int, parameterCount: Int) {
    self.imageSize = imageSize
    self.activation = activation
    self.tensorCount = tensorCount
    self.parameterCount = parameterCount
  }
}

/// A declared property, with the heads of one model that are labelled with it.
public struct Property: Sendable {
  public let id: String
  public let title: String
  /// Words that name a value of the property, in small letters.
  public let words: [String]
  /// In ascending order; empty where no head of the model is labelled with it.
  public let heads: [Head]

  package init(id: String, title: String, words: [String] = [], heads: [Head]) {
    self.id = id
    self.title = title
    self.words = words
    self.heads = heads
  }
}

/// Two texts that are contrasted on one gallery image.
public struct Contrast: Sendable {
  public let id: String
  public let image: GalleryIndex
  public let first: TextIndex
  public let second: TextIndex

  package init(id: String, image: GalleryIndex, first: TextIndex, second: TextIndex) {
    self.id = id
    self.image = image
    self.first = first
    self.second = second
  }
}

/// Patch scores on demand: computing all of them ahead would take N·M·L·H·P numbers.
public protocol PatchScoring: Sendable {
  /// - Parameters:
  ///   - image: which of the gallery.
  ///   - texts: `[M, E]`, unit norm.
  /// - Returns: one `PatchScores` per text.
  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores]
}

/// Text embeddings on demand.
public protocol TextEncoding: Sendable {
  /// The unit-norm embeddings of some texts, `[count, E]`.
  func embeddings(of texts: [String]) throws -> Tensor
}
