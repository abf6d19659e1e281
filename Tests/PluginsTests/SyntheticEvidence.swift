import Analysis
import Attribution
import LinearAlgebra
import Tensors
import TestSupport

extension Noise {
  mutating func unitRows(_ rows: Int, _ width: Int) -> Tensor {
    var tensor = tensor([rows, width])
    for row in 0..<rows {
      let length = tensor.row(row).reduce(0) { $0 + $1 * $1 }.squareRoot()
      for place in row * width..<(row + 1) * width { tensor.values[place] /= length }
    }
    return tensor
  }
}

/// A world small enough to check by hand: L = 2, H = 2, D = 3, E = 6, P = 9.
struct World {
  static let shape = TowerShape(layers: 2, heads: 2, headWidth: 3, width: 6, embeddingWidth: 6, gridSide: 3)

  var model = (id: "tiny", title: "Tiny")
  /// Of the noise that stands for what the model computes.
  var seed: UInt64 = 4
  /// What the identifiers of probe images begin with.
  var probePrefix = "probe"
  var probeCount = 12
  var galleryCount = 5
  var textCount = 7
  /// Probe images that stand in the gallery too: gallery image i is probe image `twins[i]`.
  var twins = [3, 0, 8, 11, 6]
  var properties = [
    Property(id: "colour", title: "Colour", heads: [Head(layer: 0, head: 1), Head(layer: 1, head: 0)]),
    Property(id: "count", title: "Count", heads: []),
  ]
  /// By head, the evidence of each property; none of others.
  var shares: [Head: [PropertyShare?]] = [:]
  /// By head, in how many draws each property leads; none of others.
  var leads: [Head: [Int]] = [:]
  /// By head, what several methods describe it by; nothing for others.
  var methods: [Head: [DescriptionSet]] = [:]
  var directions: [Head: [PrincipalDirection]] = [:]
  var stability: [Head: HeadStability] = [:]
  var contrasts = [
    Contrast(id: "first", image: 1, first: 0, second: 4), Contrast(id: "second", image: 3, first: 2, second: 5),
    Contrast(id: "third", image: 1, first: 6, second: 0),
  ]
  /// Changes the probe coordinates of a head, `[N, C]`, after they are drawn.
  var plantCoordinates: (Head, inout Tensor) -> Void = { _, _ in }
  /// Changes the patch kernels, see `LinearPatches`.
  var plantPatches: (inout LinearPatches) -> Void = { _ in }

  func evidence() -> ModelEvidence {
    let shape = Self.shape
    var noise = Noise(seed)
    let spaces = shape.allHeads.map { _ in
      let basis = noise.tensor([shape.headSpaceWidth, shape.embeddingWidth])
      return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
    }
    let coordinates = shape.allHeads.map { head in
      var tensor = noise.tensor([probeCount, shape.headSpaceWidth])
      plantCoordinates(head, &tensor)
      return tensor
    }
    let probe = HeadContributions(
      shape: shape, spaces: spaces, coordinates: coordinates,
      mlp: Tensor(zeros: [probeCount, shape.layers + 1, shape.embeddingWidth]),
      embeddings: noise.unitRows(probeCount, shape.embeddingWidth))
    let texts = noise.unitRows(textCount, shape.embeddingWidth)
    let gallery = probe.rows(Array(twins.prefix(galleryCount)))
    var patches = LinearPatches(
      shape: shape,
      kernels: (0..<galleryCount).map { _ in
        noise.tensor([shape.headCount * shape.patches, shape.embeddingWidth], scale: 0.1)
      })
    plantPatches(&patches)
    return ModelEvidence(
      model: model.id, title: model.title, shape: shape,
      card: ModelCard(imageSize: 30, activation: "GELU", tensorCount: 20, parameterCount: 1000),
      residual: ReconstructionResidual(largest: 1e-7, image: 0, images: gallery.count),
      heads: shape.allHeads.map(headEvidence),
      probe: ProbeSet(
        items: ProbeSet.Items(count: probe.count) { [probePrefix] in Self.item(.probe, $0, probePrefix) },
        features: probe),
      gallery: ImageCollection(
        items: (0..<gallery.count).map { Self.item(.gallery, $0, "gallery") }, contributions: gallery,
        captionEmbeddings: gallery.embeddings),
      texts: TextCollection(
        items: (0..<textCount).map { TextCollection.Item(id: "text-\($0)", text: "text \($0)") }, embeddings: texts),
      pool: DescriptionPool(texts: (0..<textCount).map { "line \($0)" }, embeddings: texts), properties: properties,
      contrasts: contrasts, names: PropertyNames(properties.map { ($0.id, $0.title) }), patches: patches,
      encoder: UnitTexts(width: shape.embeddingWidth), deferred: FeaturesAlone(probe: probe))
  }

  /// Of a text tower with one layer of two heads: noise that depends on the place of the text alone.
  static func contributions(ofTexts texts: [String]) -> HeadContributions {
    let shape = TowerShape(layers: 1, heads: 2, headWidth: 3, width: 6, embeddingWidth: 6, gridSide: 0)
    var noise = Noise(9)
    let spaces = shape.allHeads.map { _ in
      let basis = noise.tensor([shape.headSpaceWidth, shape.embeddingWidth])
      return HeadSpace(basis: basis, gram: product(basis, .normal, basis, .transposed))
    }
    return HeadContributions(
      shape: shape, spaces: spaces,
      coordinates: shape.allHeads.map { _ in noise.tensor([texts.count, shape.headSpaceWidth]) },
      mlp: noise.tensor([texts.count, shape.layers + 1, shape.embeddingWidth]),
      embeddings: noise.unitRows(texts.count, shape.embeddingWidth))
  }

  private func headEvidence(_ head: Head) -> HeadEvidence {
    HeadEvidence(
      head: head, descriptions: [], label: .text("Label\(head.layer)\(head.head)"), source: .byHand, labelMargin: nil,
      consistency: nil, variance: 0.25, effectiveRank: 2,
      properties: properties.indices.map { shares[head]?[$0] }, propertyLeads: leads[head] ?? [],
      methods: methods[head] ?? [],
      directions: directions[head] ?? [], stability: stability[head])
  }

  private static func item(_ set: ImageReference.Origin, _ index: Int, _ prefix: String) -> ImageItem {
    ImageItem(
      reference: ImageReference(set: set, id: "\(prefix)-\(index)"), caption: "\(set.rawValue) scene \(index)")
  }
}

extension HeadContributions {
  func rows(_ rows: [Int]) -> HeadContributions {
    func pick(_ tensor: Tensor) -> Tensor {
      Tensor(shape: [rows.count] + tensor.shape.dropFirst(), values: rows.flatMap { tensor.row($0) })
    }
    return HeadContributions(
      shape: shape, spaces: spaces, coordinates: coordinates.map(pick), mlp: pick(mlp), embeddings: pick(embeddings))
  }
}

/// What can be said without a tower: the moments of features.
struct FeaturesAlone: DeferredEvidence {
  let probe: HeadContributions

  var keys: (gallery: String, probe: String) { ("", "") }
  func moments(of head: Head) throws -> HeadMoments { try HeadMoments(of: head, in: probe) }
  func attention(image: GalleryIndex) throws -> Tensor { throw NoTower() }
  func mlps(block: Int) throws -> Tensor { probe.mlp }
  func patchScores(row: Int, texts: Tensor) throws -> [PatchScores] { throw NoTower() }
  func contributions(ofTexts texts: [String]) throws -> HeadContributions { World.contributions(ofTexts: texts) }
}

struct NoTower: Error {}

/// Every text is encoded as the first axis.
struct UnitTexts: TextEncoding {
  let width: Int

  func embeddings(of texts: [String]) throws -> Tensor {
    Tensor(shape: [texts.count, width], values: texts.flatMap { _ in [1] + [Float](repeating: 0, count: width - 1) })
  }
}

/// Patch scores that are linear in the text, as the real ones are: score[h, p] = kernel[h, p] · text.
struct LinearPatches: PatchScoring {
  let shape: TowerShape
  /// `[G]` of `[L·H·P, E]`.
  var kernels: [Tensor]

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] {
    (0..<texts.rows).map { text in
      let values = (0..<shape.headCount * shape.patches).map { place in
        zip(kernels[image.place].row(place), texts.row(text)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      }
      return PatchScores(shape: shape, values: Tensor(shape: [shape.headCount, shape.patches], values: values))
    }
  }

  /// Makes every patch of a head write `factor` times as much in every image.
  mutating func amplify(_ head: Head, _ factor: Float) {
    let size = shape.patches * shape.embeddingWidth
    let start = shape.index(of: head) * size
    for image in kernels.indices {
      for place in start..<start + size { kernels[image].values[place] *= factor }
    }
  }

  /// Leaves only one head with anything to say.
  mutating func silenceAll(but head: Head) {
    for other in shape.allHeads where other != head { amplify(other, 0) }
  }
}
