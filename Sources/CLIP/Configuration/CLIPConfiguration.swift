import Images
import LinearAlgebra

/// What a model computes with its weights: sizes and switches.
package struct CLIPConfiguration: Sendable, Equatable {
  /// One of the two transformers.
  package struct Tower: Sendable, Equatable {
    /// L
    package let layers: Int
    /// W
    package let width: Int
    /// H
    package let heads: Int
    /// The width between the two layers of an MLP.
    package let mlpWidth: Int
    /// LayerNorm's ε.
    package let epsilon: Float

    /// D
    package var headWidth: Int { width / heads }

    /// The numbers in the blocks: query, key, value and output, two MLP layers, two norms.
    var parameterCount: Int { layers * (width * (4 * width + 2 * mlpWidth) + 9 * width + mlpWidth) }

    package init(layers: Int, width: Int, heads: Int, mlpWidth: Int, epsilon: Float) {
      self.layers = layers
      self.width = width
      self.heads = heads
      self.mlpWidth = mlpWidth
      self.epsilon = epsilon
    }
  }

  /// E
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
  /// The token that texts are read out at, where the configuration says it (Hugging Face's does).
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

  /// What open_clip's name of an architecture says, with what it takes where nothing is said.
  init(_ architecture: Architecture, activation: Activation) {
    self.init(
      embeddingWidth: architecture.embeddingWidth, activation: activation, image: architecture.image,
      imageSize: architecture.imageSize, patchSize: architecture.patchSize, hasInputNorm: true,
      text: architecture.text, contextLength: Architecture.contextLength,
      vocabularySize: Architecture.vocabularySize, statistics: .openAI, resize: .shortest)
  }

  /// The numbers in the weights of both towers.
  package var parameterCount: Int {
    let (tokens, norms) = (gridSide * gridSide + 1, hasInputNorm ? 2 : 1)
    let images =
      image.parameterCount + image.width * (3 * patchSize * patchSize + 1 + tokens + 2 * norms + embeddingWidth)
    let texts = text.parameterCount + text.width * (vocabularySize + contextLength + 2 + embeddingWidth)
    return images + texts
  }

  /// Attention takes memory with the fourth power of this.
  static let mostPatchesASide = 128

  /// The sides of the square input and of a patch, which must fit; `vision` is where they were read.
  static func checkPatches(imageSize: Int, patchSize: Int, in vision: ConfigurationNode) throws {
    guard imageSize >= patchSize, imageSize % patchSize == 0 else {
      throw vision.wrong("image_size", "\(imageSize)", expected: "a multiple of patch_size, \(patchSize)")
    }
    guard imageSize / patchSize <= mostPatchesASide else {
      throw vision.wrong(
        "image_size", "\(imageSize), \(imageSize / patchSize) patches a side",
        expected: "at most \(mostPatchesASide) patches a side")
    }
  }
}
