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
    /// Hands out the numbers, some rows at a time, in order.
    let read: ((Tensor) throws -> Void) throws -> Void

    init(_ name: String, _ tensor: Tensor) {
      (self.name, shape) = (name, tensor.shape)
      read = { try $0(tensor) }
    }

    init(_ name: String, shape: [Int], read: @escaping ((Tensor) throws -> Void) throws -> Void) {
      (self.name, self.shape, self.read) = (name, shape, read)
    }
  }
  /// What it was asked for as; the name of the file without its extension.
  let name: String
  let entries: [Entry]

  var fileName: String { name + ".safetensors" }

  /// Takes the numbers into a hash.
  func add(to hash: Hash) throws {
    hash.add("\(name) \(entries.count)\n")
    for entry in entries {
      hash.add("\(entry.name) \(entry.shape)\n")
      try entry.read { tensor in tensor.values.withUnsafeBytes { hash.add($0) } }
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
    of evidence: ModelEvidence, needs: Set<EvidenceNeed>, encoding texts: [String]
  ) throws -> [EvidenceTensors] {
    let (probe, gallery) = (evidence.probe.features, evidence.gallery.contributions)
    var files = EvidenceNeed.allCases.filter(needs.contains).compactMap { need -> EvidenceTensors? in
      let entries: [Entry]? =
        switch need {
        case .descriptions, .gallery, .probe, .captions, .facts, .texts, .pool, .properties, .contrasts: nil
        case .galleryHeads: heads(of: gallery)
        case .galleryMLPs: [Entry("mlps", gallery.mlp)]
        case .galleryEmbeddings: [embeddings(of: gallery)]
        case .probeHeads: heads(of: probe)
        case .probeEmbeddings: [embeddings(of: probe)]
        case .captionEmbeddings: [Entry("embeddings", evidence.gallery.captionEmbeddings)]
        case .textEmbeddings: [Entry("embeddings", evidence.texts.embeddings)]
        case .poolEmbeddings: [Entry("embeddings", evidence.pool.embeddings)]
        }
      return entries.map { EvidenceTensors(name: need.rawValue, entries: $0) }
    }
    if !texts.isEmpty {
      files.append(
        EvidenceTensors(name: "encoded", entries: [Entry("embeddings", try evidence.encoder.embeddings(of: texts))]))
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
