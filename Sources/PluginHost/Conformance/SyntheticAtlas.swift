import Analysis
import Attribution
import Tensors

/// A small atlas of invented numbers, for plugins to be tried on: two models of L = 2, H = 2, D = 3, E = 6 that saw the same images.
package struct SyntheticAtlas: Sendable {
  package let models: [ModelEvidence]

  /// What stands in every caption, text and title: none of it may become markup.
  static let hostile = "<script>alert(1)</script>"

  /// - Parameter isEmpty: whether it has neither images nor texts.
  package init(isEmpty: Bool = false) {
    models = ["alpha", "beta"].enumerated().map { place, id in
      SyntheticModel(id: id, seed: UInt64(place + 1), isEmpty: isEmpty).evidence
    }
  }

  /// - Parameters:
  ///   - plugin: which has a page.
  ///   - pages: which it has beside that one.
  package func outline(plugin: String, pages: [PluginPage] = []) -> AtlasOutline {
    let first = models[0]
    var subjects: [Subject] = [.atlas, .metrics, .method, .plugin(plugin)]
    subjects += pages.map { .pluginPage(plugin: plugin, page: $0.id) }
    for model in models {
      subjects.append(.model(model.model))
      subjects += (0..<model.shape.layers).map { .layer(model: model.model, layer: $0) }
      subjects += model.shape.allHeads.map(model.subject)
    }
    subjects += first.gallery.indices.map(first.subject) + first.texts.indices.map(first.subject)
    subjects += first.properties.map { .property($0.id) } + first.contrasts.map { .contrast($0.id) }
    return AtlasOutline(
      models: models.map(\.model), pages: subjects.map(\.path), gallery: first.gallery.items.map(\.reference.id),
      probe: first.probe.items.map(\.reference.id))
  }
}

private struct SyntheticModel {
  let id: String
  let probeCount: Int
  let galleryCount: Int
  let textCount: Int
  private var state: UInt64
  private static let imageSize = 30
  private let shape = TowerShape(layers: 2, heads: 2, headWidth: 3, width: 6, embeddingWidth: 6, gridSide: 3)

  init(id: String, seed: UInt64, isEmpty: Bool) {
    (self.id, state) = (id, seed &* 0x9E37_79B9_7F4A_7C15)
    (probeCount, galleryCount, textCount) = isEmpty ? (0, 0, 0) : (24, 6, 5)
  }

  /// Between −1 and 1, the same in every run.
  private mutating func tensor(_ shape: [Int]) -> Tensor {
    Tensor(
      shape: shape,
      values: (0..<shape.reduce(1, *)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 23) - 1
      })
  }

  private mutating func unitRows(_ count: Int) -> Tensor {
    var rows = tensor([count, shape.embeddingWidth])
    for row in 0..<count {
      let length = rows.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in row * rows.rowCount..<(row + 1) * rows.rowCount { rows.values[place] /= length }
    }
    return rows
  }

  private mutating func space() -> HeadSpace {
    let basis = tensor([shape.headSpaceWidth, shape.embeddingWidth])
    let rows = (0..<basis.rows).map { basis.row($0) }
    let products = rows.flatMap { row in rows.map { zip(row, $0).reduce(Float(0)) { $0 + $1.0 * $1.1 } } }
    return HeadSpace(basis: basis, gram: Tensor(shape: [basis.rows, basis.rows], values: products))
  }

  private mutating func contributions(_ count: Int, _ spaces: [HeadSpace]) -> HeadContributions {
    HeadContributions(
      shape: shape, spaces: spaces, coordinates: shape.allHeads.map { _ in tensor([count, shape.headSpaceWidth]) },
      mlp: tensor([count, shape.layers + 1, shape.embeddingWidth]), embeddings: unitRows(count))
  }

  private func item(_ set: ImageReference.Origin, _ place: Int) -> ImageItem {
    ImageItem(
      reference: ImageReference(set: set, id: "\(set.rawValue)-\(place)"),
      caption: place % 4 == 3 ? nil : "scene \(place) \(SyntheticAtlas.hostile)",
      facts: SceneFacts(
        scene: ["setting": ["beach", "city"][place % 2]], objects: [["kind": ["cat", "dog", "car"][place % 3]]]),
      objects: [["a cat", "a dog", "a car"][place % 3]])
  }

  var evidence: ModelEvidence {
    var model = self
    let spaces = shape.allHeads.map { _ in model.space() }
    let (probe, gallery) = (model.contributions(probeCount, spaces), model.contributions(galleryCount, spaces))
    let texts = model.unitRows(textCount)
    let properties = [
      Property(
        id: "colour", title: "Colour \(SyntheticAtlas.hostile)", words: ["red", "blue"],
        heads: [Head(layer: 0, head: 1)])
    ]
    return ModelEvidence(
      model: id, title: "\(id) \(SyntheticAtlas.hostile)", shape: shape,
      card: ModelCard(imageSize: Self.imageSize, activation: "GELU", tensorCount: 20, parameterCount: 1000),
      residual: ReconstructionResidual(largest: 1e-7, image: 0, images: galleryCount),
      heads: shape.allHeads.map(known),
      probe: ProbeSet(items: ProbeSet.Items(count: probeCount) { [self] in item(.probe, $0) }, features: probe),
      gallery: ImageCollection(
        items: (0..<galleryCount).map { item(.gallery, $0) }, contributions: gallery,
        captionEmbeddings: model.unitRows(galleryCount), outlines: outlines),
      texts: TextCollection(
        items: (0..<textCount).map { .init(id: "text-\($0)", text: "text \($0) \(SyntheticAtlas.hostile)") },
        embeddings: texts),
      pool: DescriptionPool(texts: (0..<textCount).map { "line \($0) \(SyntheticAtlas.hostile)" }, embeddings: texts),
      properties: properties,
      contrasts: galleryCount == 0 ? [] : [Contrast(id: "contrast", image: 1, first: 0, second: 3)],
      classes: galleryCount == 0
        ? [] : ["beach", "city"].map { ImageClass(name: $0, text: "a photo of a \($0) \(SyntheticAtlas.hostile)") },
      names: PropertyNames(properties.map { ($0.id, $0.title) }), patches: numbers(of: probe),
      encoder: SyntheticTexts(width: shape.embeddingWidth), deferred: numbers(of: probe))
  }

  private func numbers(of probe: HeadContributions) -> SyntheticNumbers {
    SyntheticNumbers(shape: shape, probe: probe, key: "\(id) \(galleryCount) \(probeCount)")
  }

  /// The objects of the first two images, each a quarter of the square.
  private var outlines: [ObjectOutline] {
    (0..<min(galleryCount, 2)).map { place in
      ObjectOutline(
        image: GalleryIndex(place), text: item(.gallery, place).objects[0],
        mask: (0..<Self.imageSize * Self.imageSize).map {
          $0 / Self.imageSize < Self.imageSize / 2 && $0 % Self.imageSize < Self.imageSize / 2
        })
    }
  }

  private func known(_ head: Head) -> HeadEvidence {
    HeadEvidence(
      head: head,
      descriptions: (0..<textCount).map { place in
        HeadDescription(
          text: "line \(place) \(SyntheticAtlas.hostile)", index: place, standardDeviation: 1 / Double(place + 1),
          explainedVariance: Double(place + 1) / 10, lead: 0.1, fitsLabel: place % 2 == 0)
      },
      label: head.head == 1 ? .property("colour") : .ambiguous, source: .byHand, labelMargin: nil,
      consistency: textCount == 0 ? nil : 3, variance: 0.25, effectiveRank: 2,
      properties: [PropertyShare(share: 0.4, chance: 0.1, lowest: 0.05, highest: 0.2)])
  }
}

/// What a tower would give: numbers that depend on the place of the image alone, and on the texts.
private struct SyntheticNumbers: DeferredEvidence, PatchScoring {
  let shape: TowerShape
  let probe: HeadContributions
  let key: String

  var keys: (gallery: String, probe: String) { (key, key) }

  func moments(of head: Head) throws -> HeadMoments { try HeadMoments(of: head, in: probe) }

  func attention(image: GalleryIndex) throws -> Tensor {
    let tokens = shape.patches + 1
    let sum = Float(tokens * (tokens + 1) / 2)
    return Tensor(
      shape: [shape.headCount, tokens],
      values: (0..<shape.headCount * tokens).map { Float(1 + ($0 + image.place) % tokens) / sum })
  }

  func mlps(block: Int) throws -> Tensor { probe.mlp }

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] { scores(image.place, texts) }

  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { scores(row + 1000, texts) }

  private func scores(_ image: Int, _ texts: Tensor) -> [PatchScores] {
    (0..<texts.rows).map { text in
      let first = texts.row(text).firstIndex { $0 != 0 }.map { $0 - texts.row(text).startIndex } ?? 0
      return PatchScores(
        shape: shape,
        values: Tensor(
          shape: [shape.headCount, shape.patches],
          values: (0..<shape.headCount * shape.patches).map { Float(($0 + 7 * image + 3 * first) % 11 - 5) / 32 }))
    }
  }
}

/// Embeddings that depend on the lengths of texts alone.
private struct SyntheticTexts: TextEncoding {
  let width: Int

  func embeddings(of texts: [String]) throws -> Tensor {
    var tensor = Tensor(zeros: [texts.count, width])
    for (row, text) in texts.enumerated() { tensor.values[row * width + text.utf8.count % width] = 1 }
    return tensor
  }
}
