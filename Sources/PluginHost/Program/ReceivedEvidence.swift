import Analysis
import Attribution
import Checkpoints
import Files
import Tensors

extension ModelEvidence {
  /// Reads what a plugin was given of a model.
  ///
  /// - Throws: `FileError`, `CheckpointError`, `JSONFault`, `ShapeProblem`.
  init(folder: String) throws {
    let json = try JSONValue(json: try readFile(folder + "/evidence.json"))
    try Shape.evidence.check(json)
    let received = ReceivedEvidence(folder: folder, json: json)
    let model = json["model"] ?? .null
    let properties = received.properties
    let names = PropertyNames(properties.map { (id: $0.id, title: $0.title) })
    let (gallery, probe, texts) = (try received.gallery(), try received.probe(), try received.texts())
    let numbers = try ReceivedNumbers(received, probe.features)
    self.init(
      model: model.text("id"), title: model.text("title"), shape: received.shape,
      card: ModelCard(
        imageSize: model.whole("imageSize", default: 1), activation: model.text("activation"),
        tensorCount: model.whole("tensorCount", default: 0), parameterCount: model.whole("parameterCount", default: 0)),
      residual: ReconstructionResidual(largest: 0, image: 0, images: 0),
      heads: json.items("heads").map { HeadEvidence($0, names) }, probe: probe, gallery: gallery, texts: texts,
      pool: try received.pool(), properties: properties, contrasts: received.contrasts(gallery, texts),
      classes: json.items("classes").map { ImageClass(name: $0.text("name"), text: $0.text("text")) }, names: names,
      patches: numbers, encoder: try received.encoder(), deferred: numbers)
  }
}

/// `evidence.json` and the files beside it, as values of the API.
struct ReceivedEvidence {
  let folder: String
  let json: JSONValue
  let shape: TowerShape

  init(folder: String, json: JSONValue) {
    (self.folder, self.json) = (folder, json)
    let model = json["model"] ?? .null
    func size(_ key: String) -> Int { model.whole(key, default: 1) }
    shape = TowerShape(
      layers: size("layers"), heads: size("heads"), headWidth: size("headWidth"), width: size("width"),
      embeddingWidth: size("embeddingWidth"), gridSide: size("gridSide"))
  }

  /// The files of tensors; nil where one was not asked for.
  func files(_ needs: EvidenceNeed...) throws -> [SafetensorsFile]? {
    let files = try needs.compactMap { try file($0.rawValue) }
    return files.count == needs.count ? files : nil
  }

  /// Nil where it was not asked for.
  func file(_ name: String) throws -> SafetensorsFile? {
    try json["files"]?[name]?.string.map { try SafetensorsFile(path: "\(folder)/\($0)") }
  }

  private func spaces(_ file: SafetensorsFile) throws -> [HeadSpace] {
    try shape.allHeads.map { head in
      HeadSpace(basis: try file.tensor(head.padded + ".basis"), gram: try file.tensor(head.padded + ".gram"))
    }
  }

  func gallery() throws -> ImageCollection {
    guard let images = json["gallery"]?.items,
      let files = try files(.galleryHeads, .galleryMLPs, .galleryEmbeddings, .captionEmbeddings)
    else {
      let none = HeadContributions(
        shape: shape, spaces: [], coordinates: [], mlp: Tensor(zeros: [0, shape.layers + 1, shape.embeddingWidth]),
        embeddings: Tensor(zeros: [0, shape.embeddingWidth]))
      return ImageCollection(
        items: [], contributions: none, captionEmbeddings: Tensor(zeros: [0, shape.embeddingWidth]))
    }
    let contributions = HeadContributions(
      shape: shape, spaces: try spaces(files[0]),
      coordinates: try shape.allHeads.map { try files[0].tensor($0.padded) },
      mlp: try files[1].tensor("mlps"), embeddings: try files[2].tensor("embeddings"))
    return ImageCollection(
      items: images.map { ImageItem($0, .gallery) }, contributions: contributions,
      captionEmbeddings: try files[3].tensor("embeddings"), outlines: try outlines(images))
  }

  private func outlines(_ images: [JSONValue]) throws -> [ObjectOutline] {
    guard let file = try file(EvidenceNeed.galleryMasks.rawValue) else { return [] }
    let places = Dictionary(images.enumerated().map { ($1.text("id"), $0) }) { first, _ in first }
    return try json.items("masks").enumerated().compactMap { row, mask in
      guard let place = places[mask.text("image")] else { return nil }
      return ObjectOutline(
        image: GalleryIndex(place), text: mask.text("text"),
        mask: try file.tensor("masks", at: row).values.map { $0 > 0 })
    }
  }

  func probe() throws -> ProbeSet {
    guard let images = json["probe"]?.items, let files = try files(.probeHeads, .probeEmbeddings) else {
      return ProbeSet(items: .init(count: 0) { _ in ImageItem(.null, .probe) }, features: FeatureFiles(shape: shape))
    }
    return ProbeSet(
      items: .init(count: images.count) { ImageItem(images[$0], .probe) },
      features: FeatureFiles(
        shape: shape, spaces: try spaces(files[0]), count: images.count, heads: files[0], whole: files[1]))
  }

  func texts() throws -> TextCollection {
    guard let texts = json["texts"]?.items, let files = try files(.textEmbeddings) else {
      return TextCollection(items: [], embeddings: Tensor(zeros: [0, shape.embeddingWidth]))
    }
    return TextCollection(
      items: texts.map { .init(id: $0.text("id"), text: $0.text("text")) },
      embeddings: try files[0].tensor("embeddings"))
  }

  func pool() throws -> DescriptionPool {
    guard let texts = json["pool"]?.items, let files = try files(.poolEmbeddings) else {
      return DescriptionPool(texts: [], embeddings: Tensor(zeros: [0, shape.embeddingWidth]))
    }
    return DescriptionPool(texts: texts.map { $0.string ?? "" }, embeddings: try files[0].tensor("embeddings"))
  }

  /// Knows every text whose embedding is in some file.
  func encoder() throws -> any TextEncoding {
    var embeddings: [String: ArraySlice<Float>] = [:]
    func add(_ texts: [String?], _ name: String, _ tensor: String = "embeddings") throws {
      guard !texts.isEmpty, let rows = try file(name)?.tensor(tensor) else { return }
      for (row, text) in texts.enumerated() {
        if let text, embeddings[text] == nil { embeddings[text] = rows.row(row) }
      }
    }
    try add(json.items("encoded").map(\.string), "encoded")
    try add(json["patches"]?.items("texts").map(\.string) ?? [], "patches", "texts")
    try add(json.items("classes").map { $0["text"]?.string }, EvidenceNeed.classEmbeddings.rawValue)
    try add(json.items("texts").map { $0["text"]?.string }, EvidenceNeed.textEmbeddings.rawValue)
    try add(json.items("pool").map(\.string), EvidenceNeed.poolEmbeddings.rawValue)
    return ReceivedTexts(embeddings: embeddings, width: shape.embeddingWidth)
  }

  var properties: [Property] {
    json.items("properties").map {
      Property(
        id: $0.text("id"), title: $0.text("title"), words: $0.items("words").compactMap(\.string),
        heads: $0.items("heads").compactMap { $0.string.flatMap { Head($0) } })
    }
  }

  func contrasts(_ gallery: ImageCollection, _ texts: TextCollection) -> [Contrast] {
    json.items("contrasts").compactMap { contrast in
      let chosen = contrast.items("texts").compactMap { text in texts.items.firstIndex { $0.text == text.string } }
      guard chosen.count == 2,
        let image = gallery.items.firstIndex(where: { $0.reference.id == contrast.text("image") })
      else { return nil }
      return Contrast(
        id: contrast.text("id"), image: GalleryIndex(image), first: TextIndex(chosen[0]), second: TextIndex(chosen[1]))
    }
  }
}

extension ImageItem {
  fileprivate init(_ json: JSONValue, _ set: ImageReference.Origin) {
    let objects = json.items("objects")
    self.init(
      reference: ImageReference(set: set, id: json.text("id")), caption: json["caption"]?.string,
      facts: SceneFacts(scene: json["scene"]?.texts ?? [:], objects: objects.map { $0["scene"]?.texts ?? [:] }),
      objects: objects.compactMap { $0["text"]?.string })
  }
}

extension JSONValue {
  /// The texts of an object by their keys.
  fileprivate var texts: [String: String] {
    guard case .object(let members) = self else { return [:] }
    return Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { $1 }
  }
}

extension HeadEvidence {
  fileprivate init(_ json: JSONValue, _ names: PropertyNames) {
    self.init(
      head: Head(layer: json.whole("layer", default: 0), head: json.whole("head", default: 0)),
      descriptions: json.items("descriptions").map {
        HeadDescription(
          text: $0.text("text"), index: $0.whole("index", default: 0),
          standardDeviation: $0.number("standardDeviation"),
          explainedVariance: $0.number("explainedVariance"), lead: $0.number("lead"), fitsLabel: $0["fitsLabel"]?.isTrue
        )
      },
      label: names.label(json.text("label")), source: LabelSource(rawValue: json.text("labelSource")) ?? .unlabelled,
      labelMargin: json["labelMargin"]?.double, consistency: json["consistency"]?.whole,
      variance: json.number("variance"), effectiveRank: json.number("effectiveRank"),
      properties: json.items("shares").map { share in
        share["share"]?.double.map {
          PropertyShare(
            share: $0, chance: share.number("chance"), lowest: share.number("lowest"), highest: share.number("highest"))
        }
      })
  }
}

/// Features that are read head by head from the files that a plugin was given.
private struct FeatureFiles: HeadFeatures {
  let shape: TowerShape
  var spaces: [HeadSpace] = []
  var count = 0
  var heads: SafetensorsFile?
  var whole: SafetensorsFile?

  var blocks: [Range<Int>] { count > 0 ? [0..<count] : [] }

  func coordinates(of head: Head, block: Int) throws -> Tensor {
    guard let heads else { throw NotGiven(what: "the probe set") }
    return try heads.tensor(head.padded)
  }

  func embeddings(block: Int) throws -> Tensor {
    guard let whole else { throw NotGiven(what: "the probe set") }
    return try whole.tensor("embeddings")
  }
}

/// The texts whose embeddings are in files.
private struct ReceivedTexts: TextEncoding {
  let embeddings: [String: ArraySlice<Float>]
  let width: Int

  func embeddings(of texts: [String]) throws -> Tensor {
    let values = try texts.flatMap { text in
      guard let row = embeddings[text] else {
        throw NotGiven(what: "the embedding of \"\(text)\", which encode does not name")
      }
      return row
    }
    return Tensor(shape: [texts.count, width], values: values)
  }
}

/// Something that a program of its own is not given.
struct NotGiven: Error, CustomStringConvertible {
  let what: String

  var description: String { "a program of its own is not given \(what)" }
}
