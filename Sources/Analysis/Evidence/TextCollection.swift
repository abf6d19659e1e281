import Tensors

/// Texts with their unit-norm embeddings.
public struct TextCollection: Sendable {
  public struct Item: Sendable {
    public let id: String
    public let text: String

    package init(id: String, text: String) {
      self.id = id
      self.text = text
    }
  }
  public let items: [Item]
  /// `[M, E]`, unit norm; row i belongs to `items[i]`.
  public let embeddings: Tensor

  package init(items: [Item], embeddings: Tensor) {
    precondition(items.count == embeddings.rows, "\(items.count) texts, \(embeddings.rows) rows")
    self.items = items
    self.embeddings = embeddings
  }

  /// The embeddings of some of the texts, `[count, E]`.
  public func embeddings(of indices: [TextIndex]) -> Tensor {
    Tensor(shape: [indices.count, embeddings.rowCount], values: indices.flatMap { embeddings.row($0.place) })
  }
}

/// The candidate descriptions, with their unit-norm embeddings.
public struct DescriptionPool: Sendable {
  public let texts: [String]
  /// `[M, E]`, unit norm; row i belongs to `texts[i]`.
  public let embeddings: Tensor

  package init(texts: [String], embeddings: Tensor) {
    precondition(texts.count == embeddings.rows, "\(texts.count) texts, \(embeddings.rows) rows")
    self.texts = texts
    self.embeddings = embeddings
  }
}
