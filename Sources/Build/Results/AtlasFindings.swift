import Analysis
import Attribution
import CLIP
import Files
import Site

/// What WRITE needs of the stages before it: what the plugins found, and a few facts of the models and image sets.
///
/// Kept in the cache as a whole: where nothing that analyses see has changed, a build loads no model and runs no plugin.
struct AtlasFindings: Sendable {
  struct Model: Sendable {
    let id: String
    let shape: TowerShape
    /// As they are shown, in the order of `shape.allHeads`.
    let labels: [String]
    /// In the same order.
    let summaries: [HeadSummary]
    /// The identifiers of those who label its heads.
    let labellers: [String]
    /// SHA-256 of its weights.
    let weights: String
    let provenance: [SiteContent.Fact]
    let residual: Double
    /// The gallery image with that residual.
    let residualImage: String
  }
  let models: [Model]
  /// Of the image sets, names included.
  let galleryHash: String
  let probeHash: String
  let results: AnalysisResults
}

extension AtlasFindings {
  init(_ dataset: Dataset, _ models: [StudiedModel], _ results: AnalysisResults) {
    self.init(
      models: models.map { model in
        let evidence = model.evidence
        return Model(
          id: evidence.model, shape: evidence.shape, labels: evidence.labels, summaries: evidence.summaries,
          labellers: evidence.labellers.map(\.id), weights: model.loaded.weightsHash,
          provenance: model.loaded.provenance,
          residual: Double(evidence.residual.largest),
          residualImage: evidence.gallery.items[evidence.residual.image].reference.id)
      },
      galleryHash: dataset.gallery.hash, probeHash: dataset.probe.hash, results: results)
  }

  /// The findings kept for an atlas; nil where there are none, or they are damaged.
  static func kept(_ inputs: StampDigest, _ cache: FeatureCache) -> AtlasFindings? {
    guard let bytes = cache.bytes(.results, inputs: [inputs.digest]) else { return nil }
    var reader = ByteReader(bytes)
    guard let findings = try? AtlasFindings(from: &reader), reader.isAtEnd else { return nil }
    return findings
  }

  func keep(_ inputs: StampDigest, _ cache: FeatureCache) {
    var writer = ByteWriter()
    writer.add(self)
    cache.keep(writer.bytes, .results, inputs: [inputs.digest])
  }
}

extension AtlasFindings: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.add(models)
    writer.add(galleryHash)
    writer.add(probeHash)
    writer.add(results)
  }

  init(from reader: inout ByteReader) throws {
    self.init(
      models: try reader.read(), galleryHash: try reader.read(), probeHash: try reader.read(),
      results: try reader.read())
  }
}

extension AtlasFindings.Model: ByteCodable {
  func write(to writer: inout ByteWriter) {
    writer.add(id)
    for size in [shape.layers, shape.heads, shape.headWidth, shape.width, shape.embeddingWidth, shape.gridSide] {
      writer.add(size)
    }
    writer.add(labels)
    writer.add(summaries)
    writer.add(labellers)
    writer.add(weights)
    writer.add(provenance.map(\.name))
    writer.add(provenance.map(\.value))
    writer.add(residual)
    writer.add(residualImage)
  }

  init(from reader: inout ByteReader) throws {
    id = try reader.read()
    shape = TowerShape(
      layers: try reader.read(), heads: try reader.read(), headWidth: try reader.read(), width: try reader.read(),
      embeddingWidth: try reader.read(), gridSide: try reader.read())
    labels = try reader.read()
    summaries = try reader.read()
    labellers = try reader.read()
    weights = try reader.read()
    provenance = zip(try reader.read([String].self), try reader.read([String].self)).map { .init($0, $1) }
    residual = try reader.read()
    residualImage = try reader.read()
  }
}

extension HeadSummary: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(evidence)
    writer.add(ends)
    writer.add(variance)
    writer.add(effectiveRank)
    writer.add(labels)
    writer.add(consistency)
    writer.add(labelStability)
    writer.add(descriptionStability)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      evidence: try reader.read(), ends: try reader.read(), variance: try reader.read(),
      effectiveRank: try reader.read(), labels: try reader.read(), consistency: try reader.read(),
      labelStability: try reader.read(), descriptionStability: try reader.read())
  }
}

extension HeadSummary.Evidence: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    writer.add(property)
    writer.add(excess)
    writer.add(chance)
    writer.add(share)
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      property: try reader.read(), excess: try reader.read(), chance: try reader.read(), share: try reader.read())
  }
}

extension PropertyShare: ByteCodable {
  package func write(to writer: inout ByteWriter) {
    for value in [share, chance, lowest, highest] { writer.add(value) }
  }

  package init(from reader: inout ByteReader) throws {
    self.init(
      share: try reader.read(), chance: try reader.read(), lowest: try reader.read(), highest: try reader.read())
  }
}
