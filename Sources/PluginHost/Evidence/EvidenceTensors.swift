import Analysis
import Attribution
import Checkpoints
import Files
import Tensors

/// A file of tensors that a plugin asked for, whose numbers are read when it is written or hashed.
struct EvidenceTensors {
  struct Entry {
    let name: String
    let shape: [Int]
    /// Of all that the numbers depend on, where it takes long to compute them.
    let key: String?
    /// Hands out the numbers, some rows at a time, in order.
    let read: ((Tensor) throws -> Void) throws -> Void

    init(_ name: String, _ tensor: Tensor) {
      (self.name, shape, key) = (name, tensor.shape, nil)
      read = { try $0(tensor) }
    }

    init(
      _ name: String, shape: [Int], key: String? = nil, read: @escaping ((Tensor) throws -> Void) throws -> Void
    ) {
      (self.name, self.shape, self.key, self.read) = (name, shape, key, read)
    }
  }
  /// What it was asked for as; the name of the file without its extension.
  let name: String
  let entries: [Entry]

  var fileName: String { name + ".safetensors" }

  /// Takes the numbers into a hash, or what they depend on.
  func add(to hash: Hash) throws {
    hash.add("\(name) \(entries.count)\n")
    for entry in entries {
      hash.add("\(entry.name) \(entry.shape)\n")
      if let key = entry.key {
        hash.add("\(key)\n")
      } else {
        try entry.read { tensor in tensor.values.withUnsafeBytes { hash.add($0) } }
      }
    }
  }

  /// Writes the file; no more than some rows are in memory.
  ///
  /// - Throws: `FileError`, and what reading the numbers throws.
  func write(to folder: String) throws {
    let writer = try SafetensorsBlockWriter(
      entries.map { PlannedTensor(name: $0.name, type: .f32, shape: $0.shape) }, metadata: [:],
      to: "\(folder)/\(fileName)")
    for entry in entries {
      var next = 0
      try entry.read { tensor in
        try writer.write(tensor.values, to: entry.name, at: next)
        next += tensor.count
      }
    }
    try writer.finish { _, _ in [:] }
  }
}

extension EvidenceTensors {
  /// The files that a plugin gets of a model.
  static func files(
    of evidence: ModelEvidence, for plugin: ExternalPlugin, encoding texts: [String]
  ) throws -> [EvidenceTensors] {
    let classes = evidence.classes.map(\.text)
    let (probe, gallery) = (evidence.probe.features, evidence.gallery.contributions)
    var files = try EvidenceNeed.allCases.filter(plugin.needs.contains).compactMap { need -> EvidenceTensors? in
      let entries: [Entry]? =
        switch need {
        case .descriptions, .gallery, .probe, .captions, .facts, .texts, .pool, .properties, .contrasts, .classes: nil
        case .galleryHeads: heads(of: gallery)
        case .galleryMLPs: [Entry("mlps", gallery.mlp)]
        case .galleryEmbeddings: [embeddings(of: gallery)]
        case .galleryMasks: [masks(of: evidence)]
        case .galleryAttention: [attention(of: evidence)]
        case .probeHeads: heads(of: probe)
        case .probeEmbeddings: [embeddings(of: probe)]
        case .probeMLPs: [mlps(of: evidence)]
        case .headMoments: try moments(of: evidence)
        case .captionEmbeddings: [Entry("embeddings", evidence.gallery.captionEmbeddings)]
        case .textEmbeddings: [Entry("embeddings", evidence.texts.embeddings)]
        case .poolEmbeddings: [Entry("embeddings", evidence.pool.embeddings)]
        case .classEmbeddings: [Entry("embeddings", try evidence.encoder.embeddings(of: classes))]
        }
      return entries.map { EvidenceTensors(name: need.rawValue, entries: $0) }
    }
    if !texts.isEmpty {
      files.append(
        EvidenceTensors(name: "encoded", entries: [Entry("embeddings", try evidence.encoder.embeddings(of: texts))]))
    }
    if let patches = plugin.patches {
      files.append(EvidenceTensors(name: "patches", entries: try self.patches(patches, of: evidence)))
    }
    return files
  }

  private static func heads(of features: any HeadFeatures) -> [Entry] {
    features.shape.allHeads.flatMap { head in
      [
        Entry(head.padded, shape: [features.count, features.shape.headSpaceWidth]) { take in
          try features.forEachBlock(of: head) { try take($1) }
        }, Entry(head.padded + ".basis", features.space(of: head).basis),
        Entry(head.padded + ".gram", features.space(of: head).gram),
      ]
    }
  }

  private static func embeddings(of features: any HeadFeatures) -> Entry {
    Entry("embeddings", shape: [features.count, features.shape.embeddingWidth]) { take in
      for block in features.blocks.indices { try take(try features.embeddings(block: block)) }
    }
  }
}

// MARK: What is computed where it is asked for

extension EvidenceTensors {
  private static func masks(of evidence: ModelEvidence) -> Entry {
    let side = evidence.card.imageSize
    return Entry("masks", shape: [evidence.gallery.outlines.count, side, side]) { take in
      for outline in evidence.gallery.outlines {
        try take(Tensor(shape: [1, side, side], values: outline.mask.map { $0 ? 1 : 0 }))
      }
    }
  }

  private static func attention(of evidence: ModelEvidence) -> Entry {
    let (shape, images) = (evidence.shape, evidence.gallery.indices)
    return Entry(
      "attention", shape: [images.count, shape.headCount, shape.patches + 1], key: evidence.deferred.keys.gallery
    ) { take in
      try evidence.stream(images.count) {
        try evidence.attention(of: images[$0])
      } take: {
        try take($1)
      }
    }
  }

  private static func mlps(of evidence: ModelEvidence) -> Entry {
    let (shape, probe) = (evidence.shape, evidence.probe.features)
    return Entry(
      "mlps", shape: [probe.count, shape.layers + 1, shape.embeddingWidth], key: evidence.deferred.keys.probe
    ) { take in
      for block in probe.blocks.indices { try take(try evidence.probeMLPs(block: block)) }
    }
  }

  private static func moments(of evidence: ModelEvidence) throws -> [Entry] {
    try zip(evidence.shape.allHeads, evidence.mapHeads { try evidence.moments(of: $0) }).flatMap { head, moments in
      let (width, space) = (moments.mean.count, evidence.probe.features.space(of: head))
      return [
        Entry(head.padded + ".mean", Tensor(shape: [width], values: moments.mean.map(Float.init))),
        Entry(
          head.padded + ".covariance", Tensor(shape: [width, width], values: moments.covariance.map(Float.init))),
        Entry(head.padded + ".basis", space.basis), Entry(head.padded + ".gram", space.gram),
      ]
    }
  }

  /// The embeddings of the texts, `[M, E]`, and the scores, `[images, M, L·H, P]` or, summed over heads, `[images, M, P]`.
  private static func patches(_ asked: ExternalPlugin.Patches, of evidence: ModelEvidence) throws -> [Entry] {
    let texts = try evidence.encoder.embeddings(of: asked.texts)
    let isSum = asked.heads == .sum
    let map = (isSum ? [] : [evidence.shape.headCount]) + [evidence.shape.patches]
    let keys = evidence.deferred.keys
    let (count, key) =
      asked.images == .gallery
      ? (evidence.gallery.items.count, keys.gallery) : (evidence.probe.items.count, keys.probe)
    let scores = Entry("scores", shape: [count, texts.rows] + map, key: key) { take in
      try evidence.stream(count) { place in
        let found =
          asked.images == .gallery
          ? try evidence.patches.scores(image: GalleryIndex(place), texts: texts)
          : try evidence.patchScores(ofProbe: place, texts: texts)
        return Tensor(shape: [1, texts.rows] + map, values: found.flatMap { isSum ? $0.sum() : $0.values.values })
      } take: {
        try take($1)
      }
    }
    return [Entry("texts", texts), scores]
  }
}

extension ExternalPlugin {
  /// What is wrong with asking for so much of one model; nil where it is within the limit.
  package func excess(shape: TowerShape, gallery: Int, probe: Int) -> PluginProblem? {
    // In floating point, since nothing bounds the number of texts.
    let (heads, patches) = (Double(shape.headCount), Double(shape.patches))
    var numbers = 0.0
    if needs.contains(.probeMLPs) {
      numbers += Double(probe) * Double(shape.layers + 1) * Double(shape.embeddingWidth)
    }
    if needs.contains(.galleryAttention) { numbers += Double(gallery) * heads * (patches + 1) }
    if let asked = self.patches {
      let images = asked.images == .gallery ? gallery : probe
      numbers += Double(images) * Double(asked.texts.count) * (asked.heads == .sum ? 1 : heads) * patches
    }
    let megabytes = numbers * 4 / 1_048_576
    guard megabytes > Double(limits.evidence) else { return nil }
    return .tooMuchEvidence(megabytes: Int(min(megabytes.rounded(.up), 1e15)), limit: limits.evidence)
  }
}
