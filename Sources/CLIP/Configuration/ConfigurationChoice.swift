import Checkpoints
import Foundation
import Images
import LinearAlgebra

extension CLIPConfiguration {
  /// Finds the configuration of `source`: in its files, by its architecture's name, in the registry or, for OpenAI's
  /// archives, in the weights.
  ///
  /// Where several say something of the same fact, they must agree.
  ///
  /// - Throws: `ConfigurationError`, and `CheckpointError` where the weights have to be read.
  package init(_ source: ModelSource) throws {
    let files = try ModelFiles(source.place)
    try self.init(source, files: files, weights: files.checkpoint)
  }

  /// Finds the configuration of `source` in `files`; `weights` are opened only where there is no configuration file.
  ///
  /// - Throws: `ConfigurationError`, and what `weights` throws.
  init(_ source: ModelSource, files: ModelFiles, weights: () throws -> Checkpoint) throws {
    var claims = Claims(source)
    if let architecture = source.architecture, let activation = source.architectureActivation {
      self.init(architecture, activation: activation)
      claims.activation.append(("the architecture's name", activation))
      if files.openCLIP == nil, files.huggingFace == nil, try weights().isTorchScript {
        claims.activation.insert((Claims.openAI, .quickGELU), at: 0)
      }
    } else if let file = files.openCLIP {
      try self.init(openCLIP: file)
      claims.add(self, from: file)
    } else if let file = files.huggingFace {
      try self.init(huggingFace: file)
      claims.add(self, from: file)
    } else if let published = source.published, let architecture = published.architecture {
      self.init(architecture, activation: published.activation)
    } else {
      try self.init(openAI: weights(), source)
      claims.activation.append((Claims.openAI, activation))
    }
    if files.openCLIP != nil, let file = files.huggingFace, source.architecture == nil,
      let other = try? CLIPConfiguration(huggingFace: file)
    {
      claims.activation.append((file, other.activation))
    }
    try claims.checkSizes(self)
    let choices = source.choices
    activation = try claims.settle("activation", claims.activation, choices.activation, \.choiceName) ?? activation
    statistics = try claims.settle("statistics", claims.statistics, choices.statistics, \.description) ?? statistics
    resize = try claims.settle("resize", claims.resize, choices.resize, \.rawValue) ?? resize
  }
}

extension Activation {
  /// The name that choices and Hugging Face use.
  package var choiceName: String { self == .gelu ? "gelu" : "quick_gelu" }
}

/// The claims of each source of information, the one that takes precedence first.
private struct Claims {
  typealias Claim<Value> = (place: String, value: Value)
  static let openAI = "the kind of archive, OpenAI's"
  let source: ModelSource
  var activation: [Claim<Activation>] = []
  var statistics: [Claim<Statistics>] = []
  var resize: [Claim<Preprocessing.Resize>] = []

  init(_ source: ModelSource) {
    self.source = source
    guard let published = source.published else { return }
    let registry = "the registry, which knows \(published.id)"
    activation = [(registry, published.activation)]
    statistics = [(registry, published.statistics)]
    resize = [(registry, published.resize)]
  }

  mutating func add(_ configuration: CLIPConfiguration, from file: String) {
    activation.append((file, configuration.activation))
    statistics.append((file, configuration.statistics))
    resize.append((file, configuration.resize))
  }

  /// The user's choice, or the first claim where no other contradicts it.
  func settle<Value: Equatable>(
    _ fact: String, _ claims: [Claim<Value>], _ choice: Value?, _ name: (Value) -> String
  ) throws -> Value? {
    if let choice { return choice }
    guard let first = claims.first else { return nil }
    guard let other = claims.first(where: { $0.value != first.value }) else { return first.value }
    throw ConfigurationError.contradiction(
      model: source.name, fact: fact, first: name(first.value), firstPlace: first.place, other: name(other.value),
      otherPlace: other.place)
  }

  /// Checks that a published model has the sizes of its architecture.
  func checkSizes(_ found: CLIPConfiguration) throws {
    guard let published = source.published, let architecture = published.architecture else { return }
    let expected = CLIPConfiguration(architecture, activation: published.activation)
    for (what, found, expected) in zip(found.sizes, expected.sizes).map({ ($0.0, $0.1, $1.1) }) where found != expected
    {
      throw ConfigurationError.notPublishedSize(
        model: source.name, published: published.id, what: what, found: found, expected: expected)
    }
  }
}

extension CLIPConfiguration {
  package func hasSizes(of architecture: Architecture) -> Bool {
    let expected = CLIPConfiguration(architecture, activation: activation)
    return zip(sizes, expected.sizes).allSatisfy { $0.1 == $1.1 }
  }

  /// Every size by name, in a fixed order.
  fileprivate var sizes: [(String, Int)] {
    [
      ("the image tower's layers", image.layers), ("the image tower's width", image.width),
      ("the image tower's heads", image.heads), ("the image tower's MLP width", image.mlpWidth),
      ("the input's side", imageSize), ("the patches' side", patchSize), ("the text tower's layers", text.layers),
      ("the text tower's width", text.width), ("the text tower's heads", text.heads),
      ("the text tower's MLP width", text.mlpWidth), ("the joint embedding's width", embeddingWidth),
      ("the context length", contextLength), ("the vocabulary", vocabularySize),
    ]
  }

  /// Reads the configuration of an archive of OpenAI's from its tensors' shapes and from what all of OpenAI's models share
  /// (QuickGELU, heads of width 64, their statistics).
  ///
  /// - Throws: `ConfigurationError.noConfiguration` for weights in any other kind of file.
  fileprivate init(openAI weights: Checkpoint, _ source: ModelSource) throws {
    guard weights.isTorchScript else { throw Self.noConfiguration(weights, source) }
    func shape(_ name: String, _ count: Int) throws -> [Int] {
      guard let shape = weights.shape(of: name), shape.count == count, shape.allSatisfy({ $0 > 0 }) else {
        throw Self.noConfiguration(weights, source)
      }
      return shape
    }
    let patches = try shape("visual.conv1.weight", 4)
    let side = Int(Double(try shape("visual.positional_embedding", 2)[0] - 1).squareRoot())
    let projection = try shape("text_projection", 2)
    let vocabulary = try shape("token_embedding.weight", 2)
    func tower(_ prefix: String, _ width: Int) throws -> Tower {
      let layers = weights.names.count { $0.hasPrefix("\(prefix).resblocks.") && $0.hasSuffix(".attn.in_proj_bias") }
      guard width >= 64, width % 64 == 0, layers > 0 else { throw Self.noConfiguration(weights, source) }
      return Tower(
        layers: layers, width: width, heads: width / 64,
        mlpWidth: try shape("\(prefix).resblocks.0.mlp.c_fc.bias", 1)[0], epsilon: 1e-5)
    }
    guard (1...Self.maximumGridSide).contains(side), patches[2] <= 4096 else {
      throw Self.noConfiguration(weights, source)
    }
    self.init(
      embeddingWidth: projection[1], activation: .quickGELU, image: try tower("visual.transformer", patches[0]),
      imageSize: side * patches[2], patchSize: patches[2], hasInputNorm: true,
      text: try tower("transformer", projection[0]), contextLength: try shape("positional_embedding", 2)[0],
      vocabularySize: vocabulary[0], statistics: .openAI, resize: .shortest)
  }

  /// The error for weights without a configuration, with the architectures that they would fit.
  private static func noConfiguration(_ weights: Checkpoint, _ source: ModelSource) -> ConfigurationError {
    let names = WeightNames(weights.names)
    func shape(_ name: String) -> [Int] { weights.shape(of: names.parts(of: name)[0].name) ?? [] }
    let fitting = Architecture.all.filter { architecture in
      let (width, patch) = (architecture.image.width, architecture.patchSize)
      let side = architecture.imageSize / patch
      return shape("visual.conv1.weight") == [width, 3, patch, patch]
        && shape("visual.positional_embedding") == [side * side + 1, width]
    }
    return .noConfiguration(path: source.place.path, fitting: fitting.map(\.name))
  }
}
