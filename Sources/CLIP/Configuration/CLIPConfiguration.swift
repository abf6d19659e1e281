import Images
import LinearAlgebra

/// The sizes and switches that say what a model computes with its weights.
package struct CLIPConfiguration: Sendable, Equatable {
  /// One of the two transformers.
  package struct Tower: Sendable, Equatable {
    /// L, the number of layers.
    package let layers: Int
    /// W, the width of the residual stream.
    package let width: Int
    /// H, the number of heads in each layer.
    package let heads: Int
    /// The width between the two layers of an MLP.
    package let mlpWidth: Int
    /// LayerNorm's ε.
    package let epsilon: Float

    /// D, the width of each head.
    package var headWidth: Int { width / heads }

    /// The number of parameters in the blocks: query, key, value and output, two MLP layers, two norms.
    var parameterCount: Int { layers * (width * (4 * width + 2 * mlpWidth) + 9 * width + mlpWidth) }

    package init(layers: Int, width: Int, heads: Int, mlpWidth: Int, epsilon: Float) {
      self.layers = layers
      self.width = width
      self.heads = heads
      self.mlpWidth = mlpWidth
      self.epsilon = epsilon
    }
  }

  /// E, the width of the joint embedding.
  package let embeddingWidth: Int
  package internal(set) var activation: Activation
  package let image: Tower
  /// Pixels along each side of the square input.
  package let imageSize: Int
  package let patchSize: Int
  package let hasInputNorm: Bool
  package let text: Tower
  package let contextLength: Int
  package let vocabularySize: Int
  package internal(set) var statistics: Statistics
  package internal(set) var resize: Preprocessing.Resize
  /// The token at which a text's embedding is read, where the configuration names it (Hugging Face's does).
  let endToken: Int?

  /// Patches along each side of the grid.
  package var gridSide: Int { imageSize / patchSize }
  package var preprocessing: Preprocessing {
    Preprocessing(
      size: imageSize, mean: statistics.mean, standardDeviation: statistics.standardDeviation, resize: resize)
  }

  init(
    embeddingWidth: Int, activation: Activation, image: Tower, imageSize: Int, patchSize: Int, hasInputNorm: Bool,
    text: Tower, contextLength: Int, vocabularySize: Int, statistics: Statistics, resize: Preprocessing.Resize,
    endToken: Int? = nil
  ) {
    self.embeddingWidth = embeddingWidth
    self.activation = activation
    self.image = image
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.hasInputNorm = hasInputNorm
    self.text = text
    self.contextLength = contextLength
    self.vocabularySize = vocabularySize
    self.statistics = statistics
    self.resize = resize
    self.endToken = endToken
  }

  /// The configuration that open_clip's name of an architecture stands for, with open_clip's defaults.
  init(_ architecture: Architecture, activation: Activation) {
    self.init(
      embeddingWidth: architecture.embeddingWidth, activation: activation, image: architecture.image,
      imageSize: architecture.imageSize, patchSize: architecture.patchSize, hasInputNorm: true,
      text: architecture.text, contextLength: Architecture.contextLength,
      vocabularySize: Architecture.vocabularySize, statistics: .openAI, resize: .shortest)
  }

  /// The number of parameters of both towers.
  package var parameterCount: Int {
    let (tokens, norms) = (gridSide * gridSide + 1, hasInputNorm ? 2 : 1)
    let images =
      image.parameterCount + image.width * (3 * patchSize * patchSize + 1 + tokens + 2 * norms + embeddingWidth)
    let texts = text.parameterCount + text.width * (vocabularySize + contextLength + 2 + embeddingWidth)
    return images + texts
  }

  /// The largest number of patches along a side; attention takes memory with its fourth power.
  static let maximumGridSide = 128

  /// Checks that patches tile the square input; `vision` is the part of the configuration that the sizes come from.
  static func checkPatches(imageSize: Int, patchSize: Int, in vision: ConfigurationNode) throws {
    guard imageSize >= patchSize, imageSize % patchSize == 0 else {
      throw vision.wrong("image_size", "\(imageSize)", expected: "a multiple of patch_size, \(patchSize)")
    }
    guard imageSize / patchSize <= maximumGridSide else {
      throw vision.wrong(
        "image_size", "\(imageSize), \(imageSize / patchSize) patches a side",
        expected: "at most \(maximumGridSide) patches a side")
    }
  }
}
