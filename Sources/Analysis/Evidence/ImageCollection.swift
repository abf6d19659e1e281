import Attribution
import Tensors

/// What is known of one image of a set.
public struct ImageItem: Sendable {
  public let reference: ImageReference
  /// Nil where there is none.
  public let caption: String?
  /// What is known to be true of it; empty where nothing is.
  public let facts: SceneFacts
  /// The objects that it is known to show, in words.
  public let objects: [String]

  package init(
    reference: ImageReference, caption: String?, facts: SceneFacts = SceneFacts(), objects: [String] = []
  ) {
    self.reference = reference
    self.caption = caption
    self.facts = facts
    self.objects = objects
  }

  /// The caption, or else the identifier.
  public var title: String { caption ?? reference.id }
}

/// Images with what the model's heads wrote for them, all in memory.
public struct ImageCollection: Sendable {
  public let items: [ImageItem]
  /// Row i belongs to `items[i]`.
  public let contributions: HeadContributions
  /// The unit-norm embeddings of the captions, `[G, E]`; the row of an image without a caption means nothing.
  public let captionEmbeddings: Tensor
  /// Objects of the images whose outlines are known, in the order of the images.
  public let outlines: [ObjectOutline]
  /// How many images of the set were left out because they cannot be read.
  public let unreadable: Int

  package init(
    items: [ImageItem], contributions: HeadContributions, captionEmbeddings: Tensor, outlines: [ObjectOutline] = [],
    unreadable: Int = 0
  ) {
    precondition(items.count == contributions.count, "\(items.count) images, \(contributions.count) rows")
    self.items = items
    self.contributions = contributions
    self.captionEmbeddings = captionEmbeddings
    self.outlines = outlines
    self.unreadable = unreadable
  }
}

/// An object of a gallery image, with its outline on the square that the model sees.
public struct ObjectOutline: Sendable {
  public let image: GalleryIndex
  /// What the object is, in words.
  public let text: String
  /// Row by row, `S²`: whether a pixel of the model's input shows it.
  public let mask: [Bool]

  package init(image: GalleryIndex, text: String, mask: [Bool]) {
    self.image = image
    self.text = text
    self.mask = mask
  }
}

/// The images of the probe set with what the model's heads wrote for them.
///
/// There may be very many: features are read block by block, and an item is made when it is asked for.
public struct ProbeSet: Sendable {
  public struct Items: RandomAccessCollection, Sendable {
    public let endIndex: Int
    private let item: @Sendable (Int) -> ImageItem

    package init(count: Int, item: @escaping @Sendable (Int) -> ImageItem) {
      endIndex = count
      self.item = item
    }

    public var startIndex: Int { 0 }

    public subscript(row: Int) -> ImageItem {
      precondition(indices.contains(row), "row \(row) of \(count)")
      return item(row)
    }
  }
  public let items: Items
  /// Row i belongs to `items[i]`.
  public let features: any HeadFeatures
  /// How many images of the set were left out because they cannot be read.
  public let unreadable: Int

  /// How many images the set has.
  ///
  /// Moments, and all that is made of them, are of all. `items` are all, or a sample where the features of a large set are not kept.
  public let imageCount: Int
  /// Whether `items` are not all of the set's images.
  public var isSample: Bool { items.count < imageCount }

  /// - Parameter imageCount: that of `items` where it is nil.
  package init(items: Items, features: any HeadFeatures, unreadable: Int = 0, imageCount: Int? = nil) {
    precondition(items.count == features.count, "\(items.count) images, \(features.count) rows")
    self.items = items
    self.features = features
    self.unreadable = unreadable
    self.imageCount = imageCount ?? items.count
  }
}
