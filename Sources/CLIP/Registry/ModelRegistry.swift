import Images
import LinearAlgebra

/// The sizes that open_clip's name of a CLIP ViT stands for.
package struct Architecture: Sendable, Equatable {
  /// `ViT-B-32`
  package let name: String
  package let image: CLIPConfiguration.Tower
  package let imageSize: Int
  package let patchSize: Int
  package let text: CLIPConfiguration.Tower
  /// E
  package let embeddingWidth: Int
  /// The same for all of them.
  package static let contextLength = 77
  package static let vocabularySize = 49_408

  /// - Parameters:
  ///   - image: layers, width, heads, and the MLPs' width as a multiple of `width`.
  ///   - text: layers, width, heads; MLPs are four times as wide.
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

  /// A name as open_clip writes it, where a suffix asks for QuickGELU: `ViT-B-32-quickgelu`.
  package static func withActivation(_ name: String) -> (Architecture, Activation)? {
    let suffix = "-quickgelu"
    let isQuick = name.hasSuffix(suffix)
    return named(isQuick ? String(name.dropLast(suffix.count)) : name).map { ($0, isQuick ? .quickGELU : .gelu) }
  }
}

/// Published weights: what is known of them without looking.
///
/// Activation and statistics belong to the weights, not to the architecture: weights trained with QuickGELU load as GELU without
/// a complaint and give wrong numbers.
package struct RegisteredModel: Sendable, Equatable {
  /// open_clip's name of the architecture and of the training run.
  package let architectureName: String
  package let tag: String
  /// On the hub, in open_clip's layout.
  package let repository: String
  /// The same weights in Hugging Face's own layout.
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

  /// `ViT-B-32/openai`
  package var id: String { "\(architectureName)/\(tag)" }
  package var architecture: Architecture? { .named(architectureName) }
  /// Where the weights are on the hub, the layout with most said first.
  package var repositories: [String] { [repository] + (huggingFaceRepository.map { [$0] } ?? []) }

  /// The model that `arch/tag` names; the architecture may carry open_clip's suffix `-quickgelu` where that is true of it.
  package static func named(_ id: String) -> RegisteredModel? {
    all.first { $0.id == id || $0.activation == .quickGELU && "\($0.architectureName)-quickgelu/\($0.tag)" == id }
  }

  /// The model whose weights are in the hub repository `ORG/NAME`.
  package static func inRepository(_ repository: String) -> RegisteredModel? {
    all.first { $0.repositories.contains(repository) }
  }
}

/// Mean and standard deviation of the images that a model was trained on, of red, green and blue from 0 to 1.
package struct Statistics: Sendable, Equatable, CustomStringConvertible {
  package let mean: [Float]
  package let standardDeviation: [Float]

  package init(mean: [Float], standardDeviation: [Float]) {
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// What open_clip and Hugging Face take where nothing is said.
  package static let openAI = Statistics(
    mean: [0.48145466, 0.4578275, 0.40821073], standardDeviation: [0.26862954, 0.26130258, 0.27577711])
  package static let half = Statistics(mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
  package static let imageNet = Statistics(mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])

  /// By the names that choices use.
  package static let named: [(name: String, statistics: Statistics)] = [
    ("openai", openAI), ("half", half), ("imagenet", imageNet),
  ]

  /// A name of `named`, or the numbers as `0.5/0.5/0.5:0.2/0.2/0.2`; `init(choice:)` reads both.
  package var description: String {
    func joined(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: "/") }
    return Self.named.first { $0.statistics == self }?.name ?? joined(mean) + ":" + joined(standardDeviation)
  }

  /// - Returns: nil where `choice` is neither a name nor three numbers, a colon and three numbers above 0.
  package init?(choice: String) {
    if let known = Self.named.first(where: { $0.name == choice }) {
      self = known.statistics
      return
    }
    let halves = choice.split(separator: ":").map { $0.split(separator: "/").compactMap { Float($0) } }
    guard halves.count == 2, halves.allSatisfy({ $0.count == 3 && $0.allSatisfy(\.isFinite) }),
      halves[1].allSatisfy({ $0 > 0 })
    else { return nil }
    self.init(mean: halves[0], standardDeviation: halves[1])
  }
}
