/// A run of token rows that attend to each other: one image or one text of a batch.
struct TokenRun: Sendable {
  /// Its first row in the batch.
  let start: Int
  /// T, the number of tokens.
  let count: Int
  /// The row whose value the embedding is read from, counted from `start`.
  let readout: Int
}

/// The terms that the read-out row of each run received, layer by layer.
struct ReadoutTrace {
  /// The heads' outputs before the out-projection, `Σ_t α_t v_t`, head beside head, `[L][B, W]`.
  var gathered: [Rows] = []
  /// The MLPs' outputs, `[L][B, W]`.
  var mlp: [Rows] = []
  /// The attention of the read-out row, `[L][B, H·T]`; kept only where it is asked for.
  var attention: [Rows] = []
  /// The values of all tokens, `[L][rows, W]`; kept only where they are asked for.
  var values: [Rows] = []

  init(layers: Int, runs: Int, width: Int) {
    gathered = (0..<layers).map { _ in Rows(runs, width) }
    mlp = (0..<layers).map { _ in Rows(runs, width) }
  }

  /// Keeps the attention and the values of every token of one run as well.
  init(layers: Int, width: Int, heads: Int, tokens: Int) {
    self.init(layers: layers, runs: 1, width: width)
    attention = (0..<layers).map { _ in Rows(1, heads * tokens) }
    values = (0..<layers).map { _ in Rows(tokens, width) }
  }

  var keepsPatches: Bool { !values.isEmpty }
}
