import Tensors

/// The address of an attention head: layer and head, both from 0, printed as `L22.H13`.
public struct Head: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  public let layer: Int
  public let head: Int

  public init(layer: Int, head: Int) {
    self.layer = layer
    self.head = head
  }

  /// Reads `L22.H13`, `L8.H0` or `l08.h00`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].first == "L" || parts[0].first == "l",
      parts[1].first == "H" || parts[1].first == "h",
      let layer = Int(parts[0].dropFirst()), let head = Int(parts[1].dropFirst()), layer >= 0, head >= 0
    else { return nil }
    self.init(layer: layer, head: head)
  }

  public var description: String { "L\(layer).H\(head)" }

  /// With two digits each, so that names sort as numbers do: `L08.H00`.
  public var padded: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "L\(two(layer)).H\(two(head))"
  }

  public static func < (left: Head, right: Head) -> Bool {
    (left.layer, left.head) < (right.layer, right.head)
  }
}

/// The sizes of a decomposed tower, in the letters used everywhere.
public struct TowerShape: Sendable, Hashable, Codable {
  /// L, the number of layers.
  public let layers: Int
  /// H, the number of heads in each layer.
  public let heads: Int
  /// D, the width of a head.
  public let headWidth: Int
  /// W, the width of the residual stream.
  public let width: Int
  /// E, the width of the joint embedding.
  public let embeddingWidth: Int
  /// Patches along each side of the square grid, whose square is P; 0 for a text tower, whose tokens have no grid.
  public let gridSide: Int

  public init(layers: Int, heads: Int, headWidth: Int, width: Int, embeddingWidth: Int, gridSide: Int) {
    self.layers = layers
    self.heads = heads
    self.headWidth = headWidth
    self.width = width
    self.embeddingWidth = embeddingWidth
    self.gridSide = gridSide
  }

  /// P, the number of patches.
  public var patches: Int { gridSide * gridSide }
  /// L·H, the number of heads.
  public var headCount: Int { layers * heads }
  /// D+3, the number of head-space coordinates.
  public var headSpaceWidth: Int { headWidth + 3 }

  /// All heads, layer by layer.
  public var allHeads: [Head] {
    (0..<layers).flatMap { layer in (0..<heads).map { Head(layer: layer, head: $0) } }
  }

  /// The place of `head` in `allHeads`.
  public func index(of head: Head) -> Int { head.layer * heads + head.head }
}
