import Attribution
import Diagnostics
import Tensors

extension ModelEvidence {
  /// A head with its label, as captions name it: `L5.H0 (Setting)`.
  public func name(of head: Head) -> String { "\(head) (\(heads[shape.index(of: head)].label))" }

  /// The labels of all heads, in the order of `shape.allHeads`.
  public var labels: [String] { heads.map(\.label) }

  public func subject(of head: Head) -> Subject { .head(model: model, head: head) }

  /// The page of a gallery image.
  public func subject(ofImage index: Int) -> Subject { .image(gallery.items[index].reference.id) }

  /// The page of a curated text.
  public func subject(ofText index: Int) -> Subject { .text(texts.items[index].id) }
}

extension TextCollection {
  /// The embeddings of some of the texts, `[count, E]`.
  public func embeddings(of indices: [Int]) -> Tensor {
    Tensor(shape: [indices.count, embeddings.rowCount], values: indices.flatMap { embeddings.row($0) })
  }
}

extension ImageStrip {
  /// Neighbours with both of their scores, after the image they are neighbours of where there is one.
  public init(
    caption: String, query: ImageReference? = nil, neighbours: [Neighbour], in probe: ProbeSet
  ) {
    let first = query.map { [Item(image: $0, badge: "query")] } ?? []
    self.init(caption: caption, items: first + Self.items(neighbours, in: probe))
  }

  /// Neighbours with both of their scores, each under `badge`.
  public static func items(
    _ neighbours: [Neighbour], in probe: ProbeSet, badge: String? = nil
  ) -> [Item] {
    let decimals = Diagnostics.decimals(for: neighbours.map(\.dot))
    return neighbours.map { neighbour in
      Item(
        image: probe.items[neighbour.row].reference,
        values: [
          NamedValue("dot", neighbour.dot, decimals: decimals), NamedValue("cosine", neighbour.cosine, decimals: 2),
        ], badge: badge)
    }
  }
}
