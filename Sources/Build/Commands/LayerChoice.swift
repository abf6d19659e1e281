import Attribution

/// Which layers of a model are asked for.
package enum LayerChoice: Sendable, Equatable {
  /// The last four, as in the study.
  case last4
  case all
  case list([Int])

  /// Reads `last4`, `all`, or layers and ranges such as `0,3,8-11`; nil for anything else.
  package init?(_ text: String) {
    switch text {
    case "last4": self = .last4
    case "all": self = .all
    default:
      var layers: Set<Int> = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0,
          first <= last, last < 10_000
        else { return nil }
        layers.formUnion(first...last)
      }
      self = .list(layers.sorted())
    }
  }

  func layers(of shape: TowerShape) throws -> [Int] {
    switch self {
    case .last4: return Array(max(0, shape.layers - 4)..<shape.layers)
    case .all: return Array(0..<shape.layers)
    case .list(let layers):
      guard let last = layers.last, last < shape.layers else {
        throw BuildError.noLayer(layers.last ?? 0, layers: shape.layers)
      }
      return layers
    }
  }
}
