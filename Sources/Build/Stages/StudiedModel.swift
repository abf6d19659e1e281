import Analysis
import Attribution
import CLIP
import Descriptions
import Files
import Images
import Labels
import LinearAlgebra
import Parallel

/// A model with all that the analyses see of it: the stages ENCODE to EVALUATE, one after the other.
package struct StudiedModel: Sendable {
  let loaded: LoadedModel
  package let evidence: ModelEvidence

  init(
    _ entry: AtlasConfiguration.ModelEntry, of dataset: Dataset, _ compute: ComputeOptions, cache: FeatureCache,
    progress: any ProgressReporter
  ) throws {
    let encoded = try EncodedModel(entry, of: dataset, compute, cache: cache, progress: progress)
    let described = try DescribedHead.describe(encoded, dataset.configuration, cache: cache, progress: progress)
    let properties = try PropertyEvidence(encoded, dataset.configuration, cache: cache)
    let labelling = try HeadLabelling(
      dataset: dataset, encoder: encoded.encoder, threads: encoded.loaded.model.threads)
    let labels = try labelling.labels(
      HeadLines(encoded, described, dataset.configuration), shares: described.map(\.shares), byHand: entry.labels)
    let methods = try DescribedByMethods(
      encoded, dataset.configuration, labelling, cache: cache, progress: progress)
    let stabilities = try HeadBootstraps.stabilities(encoded, described, labelling, cache: cache, progress: progress)
    loaded = encoded.loaded
    evidence = try ModelEvidence(
      entry, encoded, described, properties, labels, methods, stabilities, of: dataset,
      patches: PatchStore(encoded.loaded, dataset, cache: cache, memoryLimit: compute.patchMemory, progress),
      deferred: TowerEvidence(encoded, dataset, cache: cache, progress))
  }
}

extension ModelEvidence {
  /// EVALUATE: descriptions and labels side by side with what they are worth, as plugins see them.
  init(
    _ entry: AtlasConfiguration.ModelEntry, _ encoded: EncodedModel, _ described: [DescribedHead],
    _ properties: PropertyEvidence, _ labels: HeadLabelling.Labels, _ methods: DescribedByMethods,
    _ stabilities: [HeadStability?], of dataset: Dataset, patches: any PatchScoring, deferred: any DeferredEvidence
  ) throws {
    let (configuration, model) = (dataset.configuration, encoded.loaded.model)
    let shape = model.shape
    let (probe, rows) = (configuration.probe.images, dataset.sampleRows)
    self.init(
      model: entry.id, title: entry.title, shape: shape, card: ModelCard(model), residual: encoded.residual,
      heads: Self.heads(shape, described, properties, labels.shown, methods, stabilities, configuration.pool),
      probe: ProbeSet(
        items: ProbeSet.Items(count: rows.count) { probe[rows[$0]].item(.probe) }, features: encoded.probe,
        unreadable: configuration.leftOut.probe, imageCount: probe.count),
      gallery: ImageCollection(
        items: configuration.gallery.images.map { $0.item(.gallery) }, contributions: encoded.gallery,
        captionEmbeddings: encoded.captions,
        outlines: try configuration.gallery.outlines(for: model.configuration, threads: model.threads),
        unreadable: configuration.leftOut.gallery),
      texts: TextCollection(
        items: configuration.texts.map { .init(id: $0.id, text: $0.text) }, embeddings: encoded.texts),
      pool: DescriptionPool(texts: configuration.pool, embeddings: encoded.pool), chanceLikeness: methods.chance,
      properties: configuration.properties.map { property in
        Property(
          id: property.id, title: property.title, words: property.words,
          heads: zip(shape.allHeads, labels.shown).filter { $1.label == .property(property.id) }.map(\.0))
      },
      contrasts: configuration.indexedContrasts, labellers: labels.labellers, classes: configuration.classes,
      names: dataset.names, patches: patches, encoder: encoded.encoder, deferred: deferred, threads: model.threads)
  }

  private static func heads(
    _ shape: TowerShape, _ described: [DescribedHead], _ properties: PropertyEvidence, _ labels: [HeadLabel],
    _ methods: DescribedByMethods, _ stabilities: [HeadStability?], _ pool: [String]
  ) -> [HeadEvidence] {
    let total = described.reduce(0) { $0 + $1.variance }
    return shape.allHeads.enumerated().map { index, head in
      let (span, label) = (described[index], labels[index])
      return HeadEvidence(
        head: head,
        descriptions: span.descriptions.enumerated().map { place, description in
          HeadDescription(
            text: pool[description.index], index: description.index,
            standardDeviation: description.standardDeviation, explainedVariance: description.explainedVariance,
            lead: description.lead, fitsLabel: place < label.fits.count ? label.fits[place] : nil)
        },
        label: label.label, source: label.source, labelMargin: label.margin,
        consistency: label.fits.isEmpty ? nil : label.consistency,
        variance: total > 0 ? span.variance / total : 0, effectiveRank: span.effectiveRank,
        properties: properties.shares[index], propertyLeads: properties.leads[index], methods: methods.sets[index],
        directions: methods.directions[index],
        stability: stabilities[index])
    }
  }
}

extension ModelCard {
  init(_ model: CLIPModel) {
    self.init(
      imageSize: model.configuration.imageSize,
      activation: model.configuration.activation == .gelu ? "GELU" : "QuickGELU", tensorCount: model.tensorCount,
      parameterCount: model.parameterCount)
  }
}

extension ImageSet.Entry {
  func item(_ origin: ImageReference.Origin) -> ImageItem {
    ImageItem(
      reference: ImageReference(set: origin, id: id), caption: caption.isEmpty ? nil : caption,
      facts: facts, objects: objects.map(\.text))
  }
}

extension ImageSet {
  /// All outlined objects; one that lies outside the crop that the model sees is left out.
  ///
  /// - Throws: `ImageError`, `FileError`.
  func outlines(for model: CLIPConfiguration, threads: Int) throws -> [ObjectOutline] {
    try inParallel(images.count, threads: threads) { index in
      try images[index].objects.compactMap { object -> ObjectOutline? in
        guard let path = object.mask else { return nil }
        let mask = try readMask(path: path).crop(side: model.imageSize, resize: model.resize)
        return mask.contains(true) ? ObjectOutline(image: GalleryIndex(index), text: object.text, mask: mask) : nil
      }
    }.flatMap(\.self)
  }
}

extension AtlasConfiguration {
  /// Contrasts with the identifiers of their pages and of their texts.
  package var contrastEntries: [(id: String, image: String, texts: [String], textIDs: [String])] {
    let ids = Dictionary(texts.map { ($0.text, $0.id) }, uniquingKeysWith: { first, _ in first })
    let textIDs = contrasts.map { $0.texts.map { ids[$0] ?? uniqueSlug($0) } }
    let contrastIDs = contrastIdentifiers(zip(contrasts, textIDs).map { ($0.image, $1) })
    return contrasts.indices.map { (contrastIDs[$0], contrasts[$0].image, contrasts[$0].texts, textIDs[$0]) }
  }

  /// Contrasts by the places of their image and texts.
  fileprivate var indexedContrasts: [Contrast] {
    contrastEntries.compactMap { contrast in
      guard let image = gallery.images.firstIndex(where: { $0.id == contrast.image }),
        let first = texts.firstIndex(where: { $0.text == contrast.texts[0] }),
        let second = texts.firstIndex(where: { $0.text == contrast.texts[1] })
      else { return nil }
      return Contrast(
        id: contrast.id, image: GalleryIndex(image), first: TextIndex(first), second: TextIndex(second))
    }
  }
}
