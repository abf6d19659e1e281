import LinearAlgebra
import Tensors

/// CLIP's causal text transformer.
struct TextTower: Sendable {
  let embeddingWidth: Int
  /// The embedding of each token, `[vocabulary, W]`.
  let tokenEmbedding: Tensor
  /// The positional embeddings, `[context, W]`.
  let positions: [Float]
  let transformer: Transformer
  let finalNorm: LayerNorm
  /// The projection to the joint embedding, `[W, E]`.
  let projection: Tensor

  init(_ reader: inout WeightReader, _ configuration: CLIPConfiguration, precision: Precision) throws {
    let tower = configuration.text
    let (width, vocabulary) = (tower.width, configuration.vocabularySize)
    embeddingWidth = configuration.embeddingWidth
    tokenEmbedding = Tensor(
      shape: [vocabulary, width], values: try reader.take("token_embedding.weight", [vocabulary, width]))
    positions = try reader.textPositions(configuration)
    transformer = try Transformer(
      &reader, prefix: "transformer", tower: tower, activation: configuration.activation, isCausal: true,
      precision: precision)
    finalNorm = try reader.layerNorm("ln_final", width: width, epsilon: tower.epsilon)
    projection = Tensor(
      shape: [width, embeddingWidth], values: try reader.take("text_projection", [width, embeddingWidth]))
  }

  /// Encodes a batch as unit-norm embeddings, `[B, E]`, on the calling thread.
  ///
  /// The tower is causal and the embedding is read at the end token, so nothing after that token is computed, and
  /// texts of different lengths share a batch without padding.
  ///
  /// Each of `texts` holds tokens up to and including the end token.
  ///
  /// - Returns: nil where an embedding has no direction.
  func encode(_ texts: ArraySlice<[Int32]>, _ scratch: TowerScratch) -> [Float]? {
    let width = transformer.width
    let rows = texts.reduce(0) { $0 + $1.count }
    scratch.reserve(rows: rows, longest: texts.map(\.count).max() ?? 0, runs: texts.count)
    var runs: [TokenRun] = []
    var row = 0
    for tokens in texts {
      runs.append(TokenRun(start: row, count: tokens.count, readout: tokens.count - 1))
      for (place, token) in tokens.enumerated() {
        let into = scratch.stream.row(row)
        let embedding = tokenEmbedding.row(Int(token))
        for (column, value) in embedding.enumerated() { into[column] = value + positions[place * width + column] }
        row += 1
      }
    }
    var trace = ReadoutTrace(layers: transformer.tower.layers, runs: texts.count, width: width)
    let last = transformer.run(rows: rows, runs: runs, scratch, &trace)
    finalNorm.apply(last.start, rows: texts.count, to: last.start, stride: width, .float32)
    let projected = product(Tensor(shape: [texts.count, width], values: last.copy(of: 0..<texts.count)), projection)
    var result: [Float] = []
    result.reserveCapacity(projected.count)
    for text in 0..<texts.count {
      guard let unit = unitVector(projected.row(text)) else { return nil }
      result += unit.values
    }
    return result
  }
}
