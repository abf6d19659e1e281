import Images
import LinearAlgebra

/// Published weights, and what is known of them without reading them.
///
/// Activation and statistics belong to the weights, not to the architecture: weights trained with QuickGELU load as GELU without
/// a complaint and give wrong numbers.
package struct RegisteredModel: Sendable, Equatable {
  /// The name that open_clip gives the architecture.
  package let architectureName: String
  /// The name that open_clip gives the training run.
  package let tag: String
  /// The repository on the hub, in open_clip's layout.
  package let repository: String
  /// The repository of the same weights in Hugging Face's own layout.
  package let huggingFaceRepository: String?
  package let activation: Activation
  package let statistics: Statistics
  package let resize: Preprocessing.Resize
  /// Zero-shot top-1 on ImageNet in per cent, as the study of the six models prints it.
  package let publishedTop1: Double?

  init(
    _ architecture: String, _ tag: String, _ repository: String, also: String? = nil, _ activation: Activation = .gelu,
    statistics: Statistics = .openAI, resize: Preprocessing.Resize = .shortest, top1: Double? = nil
  ) {
    architectureName = architecture
    self.tag = tag
    self.repository = repository
    huggingFaceRepository = also
    self.activation = activation
    self.statistics = statistics
    self.resize = resize
    publishedTop1 = top1
  }

  /// The name that open_clip uses, such as `ViT-B-32/openai`.
  package var id: String { "\(architectureName)/\(tag)" }
  package var architecture: Architecture? { .named(architectureName) }
  /// The repositories of the weights on the hub, the one with the more complete configuration first.
  package var repositories: [String] { [repository] + (huggingFaceRepository.map { [$0] } ?? []) }

  /// The model that `arch/tag` names; the architecture may have open_clip's suffix `-quickgelu` where it is true.
  package static func named(_ id: String) -> RegisteredModel? {
    all.first { $0.id == id || $0.activation == .quickGELU && "\($0.architectureName)-quickgelu/\($0.tag)" == id }
  }

  /// The model whose weights are in the hub repository `ORG/NAME`.
  package static func inRepository(_ repository: String) -> RegisteredModel? {
    all.first { $0.repositories.contains(repository) }
  }
}
