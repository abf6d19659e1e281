import Attribution
import Diagnostics
import Tensors

extension ModelEvidence {
  /// A head with what it does, as captions name it: `L5.H0 (Setting)`: the property that it varies with most, where that is beyond
  /// chance, or else its label; the head alone where there is neither.
  public func name(of head: Head) -> String {
    let known = self[head]
    let property = strongestProperty(of: known).flatMap { $0.share.isBeyondChance ? properties[$0.place].title : nil }
    let words = property ?? (known.label == .ambiguous ? nil : title(of: known.label))
    return words.map { "\(head) (\($0))" } ?? "\(head)"
  }

  /// What is known of a head.
  public subscript(head: Head) -> HeadEvidence { heads[shape.index(of: head)] }

  /// How a label is shown: a property by its title.
  public func title(of label: Label) -> String { names.title(of: label) }

  /// The labels of all heads as they are shown, in the order of `shape.allHeads`.
  public var labels: [String] { heads.map { title(of: $0.label) } }

  public func subject(of head: Head) -> Subject { .head(model: model, head: head) }

  /// The page of a gallery image.
  public func subject(of image: GalleryIndex) -> Subject { .image(gallery[image].reference.id) }

  /// The page of a curated text.
  public func subject(of text: TextIndex) -> Subject { .text(texts[text].id) }
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

extension HeadGrid {
  /// A grid of all heads of a model.
  ///
  /// - Parameter values: a number per head, in the order of `shape.allHeads`; nil where there is none.
  public init(
    of evidence: ModelEvidence, caption: String, measure: String, isDiverging: Bool = false, values: [Double?]
  ) {
    self.init(
      caption: caption, model: evidence.model, layers: evidence.shape.layers, heads: evidence.shape.heads,
      measure: measure, isDiverging: isDiverging, values: values, labels: evidence.labels)
  }

  /// How many of the first five descriptions of each head fit its label.
  public static func consistency(of evidence: ModelEvidence) -> HeadGrid {
    HeadGrid(
      of: evidence, caption: "\(evidence.title): how many of a head's first five descriptions fit its label.",
      measure: "CCS, 0 to 5 descriptions", values: evidence.heads.map { $0.consistency.map(Double.init) })
  }
}
