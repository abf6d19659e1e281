import LinearAlgebra

/// The sizes of a CLIP model that open_clip has a name for.
package struct Architecture: Sendable, Equatable {
  /// The name that open_clip uses, such as `ViT-B-32`.
  package let name: String
  package let image: CLIPConfiguration.Tower
  package let imageSize: Int
  package let patchSize: Int
  package let text: CLIPConfiguration.Tower
  /// E, the width of the joint embedding.
  package let embeddingWidth: Int
  /// The context length of all architectures.
  package static let contextLength = 77
  /// The vocabulary size of all architectures.
  package static let vocabularySize = 49_408

  /// An entry of the table: `image` gives layers, width, heads and the MLPs' width as a multiple of the width, `text`
  /// layers, width and heads, its MLPs being four times as wide.
  init(
    _ name: String, size: Int, patch: Int, image: (Int, Int, Int, Double), text: (Int, Int, Int), joint: Int
  ) {
    self.name = name
    self.image = CLIPConfiguration.Tower(
      layers: image.0, width: image.1, heads: image.2, mlpWidth: Int(Double(image.1) * image.3), epsilon: 1e-5)
    imageSize = size
    patchSize = patch
    self.text = CLIPConfiguration.Tower(
      layers: text.0, width: text.1, heads: text.2, mlpWidth: 4 * text.1, epsilon: 1e-5)
    embeddingWidth = joint
  }

  package static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }

  /// The architecture and activation of a name as open_clip writes it, where a suffix asks for QuickGELU:
  /// `ViT-B-32-quickgelu`.
  package static func withActivation(_ name: String) -> (Architecture, Activation)? {
    let suffix = "-quickgelu"
    let isQuick = name.hasSuffix(suffix)
    return named(isQuick ? String(name.dropLast(suffix.count)) : name).map { ($0, isQuick ? .quickGELU : .gelu) }
  }
}

extension Architecture {
  /// The sizes by open_clip's names.
  ///
  /// Adding an architecture is adding a line.
  package static let all: [Architecture] = [
    Architecture("ViT-B-32", size: 224, patch: 32, image: (12, 768, 12, 4), text: (12, 512, 8), joint: 512),
    Architecture("ViT-B-32-256", size: 256, patch: 32, image: (12, 768, 12, 4), text: (12, 512, 8), joint: 512),
    Architecture("ViT-B-16", size: 224, patch: 16, image: (12, 768, 12, 4), text: (12, 512, 8), joint: 512),
    Architecture("ViT-B-16-plus-240", size: 240, patch: 16, image: (12, 896, 14, 4), text: (12, 640, 10), joint: 640),
    Architecture("ViT-L-14", size: 224, patch: 14, image: (24, 1024, 16, 4), text: (12, 768, 12), joint: 768),
    Architecture("ViT-L-14-336", size: 336, patch: 14, image: (24, 1024, 16, 4), text: (12, 768, 12), joint: 768),
    Architecture("ViT-H-14", size: 224, patch: 14, image: (32, 1280, 16, 4), text: (24, 1024, 16), joint: 1024),
    Architecture("ViT-H-14-378", size: 378, patch: 14, image: (32, 1280, 16, 4), text: (24, 1024, 16), joint: 1024),
    Architecture("ViT-g-14", size: 224, patch: 14, image: (40, 1408, 16, 4.3637), text: (24, 1024, 16), joint: 1024),
    Architecture(
      "ViT-bigG-14", size: 224, patch: 14, image: (48, 1664, 16, 4.9231), text: (32, 1280, 20), joint: 1280),
  ]
}
