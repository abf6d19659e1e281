import Attribution
import LinearAlgebra
import Tensors

/// CLIP's causal text transformer, and the decomposition of its embedding at the end token.
struct TextTower: Sendable {
  let readout: Readout
  /// The embedding of each token, `[vocabulary, W]`.
  let tokenEmbedding: Tensor
  /// The positional embeddings, `[context, W]`.
  let positions: [Float]
  let transformer: Transformer
  /// The out-projection of each layer as rounded for products, weights `[W, W]` stored [out, in] and biases `[W]`.
  private let outputs: [(weights: [Float], biases: [Float])]

  init(_ reader: inout WeightReader, _ configuration: CLIPConfiguration, precision: Precision) throws {
    let tower = configuration.text
    let (width, vocabulary, joint) = (tower.width, configuration.vocabularySize, configuration.embeddingWidth)
    tokenEmbedding = Tensor(
      shape: [vocabulary, width], values: try reader.take("token_embedding.weight", [vocabulary, width]))
    positions = try reader.textPositions(configuration)
    var outputs: [(weights: [Float], biases: [Float])] = []
    transformer = try Transformer(
      &reader, prefix: "transformer", tower: tower, activation: configuration.activation, isCausal: true,
      precision: precision
    ) { outputs.append(($0.output, $0.outputBias)) }
    self.outputs = outputs
    readout = Readout(
      shape: TowerShape(
        layers: tower.layers, heads: tower.heads, headWidth: tower.headWidth, width: width, embeddingWidth: joint,
        gridSide: 0),
      norm: try reader.layerNorm("ln_final", width: width, epsilon: tower.epsilon),
      projection: Tensor(shape: [width, joint], values: try reader.take("text_projection", [width, joint])))
  }

  var shape: TowerShape { readout.shape }

  /// The space of each head, in the order of `shape.allHeads`; made anew each time, since most atlases never ask.
  var spaces: [HeadSpace] {
    outputs.flatMap { layer in
      (0..<shape.heads).map { readout.space(of: $0, output: layer.weights, bias: layer.biases) }
    }
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
    var trace = ReadoutTrace(layers: shape.layers, runs: texts.count, width: shape.width)
    let runs = embed(texts, scratch)
    let last = transformer.run(rows: runs.reduce(0) { $0 + $1.count }, runs: runs, scratch, &trace)
    return readout.scales(of: last, count: texts.count)?.flatMap(\.embedding)
  }

  /// Decomposes the embeddings of a batch, each of `texts` up to and including the end token, on the calling thread.
  ///
  /// - Returns: nil where an embedding has no direction.
  func decompose(_ texts: ArraySlice<[Int32]>, _ scratch: TowerScratch) -> DecomposedBatch? {
    var trace = ReadoutTrace(layers: shape.layers, runs: texts.count, width: shape.width)
    let runs = embed(texts, scratch)
    let first = Rows(texts.count, shape.width)
    scratch.stream.gather(runs, into: first.start)
    let last = transformer.run(rows: runs.reduce(0) { $0 + $1.count }, runs: runs, scratch, &trace)
    return readout.decompose(last, first: first, trace, count: texts.count)
  }

  /// Puts the embeddings of all tokens with their positions into `scratch.stream`, text after text.
  private func embed(_ texts: ArraySlice<[Int32]>, _ scratch: TowerScratch) -> [TokenRun] {
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
    return runs
  }
}
