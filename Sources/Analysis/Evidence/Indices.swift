/// The place of an image in the gallery: a type of its own, so that it is not taken for the place of a text.
public struct GalleryIndex: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
  /// The place, which counts from 0; rows of the gallery's tensors are in this order.
  public let place: Int

  public init(_ place: Int) { self.place = place }
  public init(integerLiteral place: Int) { self.place = place }

  public static func < (left: Self, right: Self) -> Bool { left.place < right.place }
}

/// The place of a text among the curated ones: a type of its own, so that it is not taken for the place of an image.
public struct TextIndex: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
  /// The place, which counts from 0; rows of the texts' tensors are in this order.
  public let place: Int

  public init(_ place: Int) { self.place = place }
  public init(integerLiteral place: Int) { self.place = place }

  public static func < (left: Self, right: Self) -> Bool { left.place < right.place }
}

extension ImageCollection {
  /// The places of all images.
  public var indices: [GalleryIndex] { items.indices.map { GalleryIndex($0) } }

  public subscript(index: GalleryIndex) -> ImageItem { items[index.place] }
}

extension TextCollection {
  /// The places of all texts.
  public var indices: [TextIndex] { items.indices.map { TextIndex($0) } }

  public subscript(index: TextIndex) -> Item { items[index.place] }
}
