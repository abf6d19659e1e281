import Analysis
import Attribution
import CLIP
import Files
import Site

extension AtlasConfiguration.ModelEntry {
  /// Of the image tower.
  package var shape: TowerShape {
    let tower = configuration.image
    return TowerShape(
      layers: tower.layers, heads: tower.heads, headWidth: tower.headWidth, width: tower.width,
      embeddingWidth: configuration.embeddingWidth, gridSide: configuration.gridSide)
  }
}

extension AtlasConfiguration {
  /// What the site will have pages of, without anything that must be computed: it tells which pages there will be.
  func outline() -> SiteContent {
    SiteContent(
      title: title, introduction: introduction,
      models: models.map { model in
        .init(
          id: model.id, title: model.title, shape: model.shape,
          labels: [String](repeating: "", count: model.shape.headCount), provenance: [])
      },
      gallery: gallery.images.map { image in
        .init(
          reference: ImageReference(set: .gallery, id: image.id), place: image.place, caption: image.caption,
          credit: image.credit, licence: image.licence)
      }, probe: [], texts: texts.map { .init(id: $0.id, text: $0.text) },
      properties: properties.map { .init(id: $0.id, title: $0.title) },
      contrasts: contrastEntries.map {
        .init(id: $0.id, title: $0.texts.joined(separator: " or "), image: $0.image, texts: $0.textIDs)
      }, plugins: manifests.map { .init(manifest: $0, page: $0.summary) }, sections: [], commentary: [], values: [:],
      provenance: [], date: nil)
  }

  /// The paths of all pages that the site will have; the atlas's own is empty.
  func pagePaths() -> [String] {
    Site.pagePaths(of: outline())
  }
}
