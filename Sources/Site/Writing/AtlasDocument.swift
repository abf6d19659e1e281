import Analysis
import Attribution
import Files

/// What an atlas is made from, for programs: `atlas.json` at the root of the site, of which `schema/atlas.json` is the schema.
struct AtlasDocument: Encodable {
  struct Counts: Encodable {
    let models: Int
    let heads: Int
    let properties: Int
    let images: Int
    let probeImages: Int
    let texts: Int
    let contrasts: Int
    let candidateDescriptions: Int
    let pages: Int
  }
  struct Model: Encodable {
    struct Preprocessing: Encodable {
      let size: Int
      let resize: String
      let mean: [Float]
      let standardDeviation: [Float]
    }
    let id: String
    let title: String
    let layers: Int
    let headsPerLayer: Int
    let headWidth: Int
    let width: Int
    let embeddingWidth: Int
    let gridSide: Int
    let weights: String?
    let preprocessing: Preprocessing?
    let labellers: [String]
    let licence: String?
    let page: String
  }
  struct ImageSet: Encodable {
    let set: String
    let images: Int
    let hash: String
  }
  struct Plugin: Encodable {
    let id: String
    let title: String
    let version: String
  }
  /// A file of the whole atlas.
  struct File: Encodable {
    let path: String
    let bytes: Int
    let hash: String
    let what: String

    init(_ file: AtlasFile) {
      (path, what) = (file.address.path, file.what)
      bytes = file.text.utf8.count
      hash = hexDigest(of: file.text.utf8)
    }
  }
  let title: String
  let hash: String?
  let headatlas: String?
  let date: String?
  let url: String?
  let counts: Counts
  let models: [Model]
  let imageSets: [ImageSet]
  let plugins: [Plugin]
  let files: [File]

  /// - Parameter files: those of the whole atlas beside this one.
  init(_ content: SiteContent, pages: Int, files: [AtlasFile]) {
    title = content.title
    (hash, headatlas, date, url) = (content.hash, content.version, content.date, content.url)
    counts = Counts(
      models: content.models.count, heads: content.models.reduce(0) { $0 + $1.shape.headCount },
      properties: content.properties.count, images: content.gallery.count,
      probeImages: content.imageSets.first { $0.set == .probe }?.images ?? content.probe.count,
      texts: content.texts.count, contrasts: content.contrasts.count, candidateDescriptions: content.candidates,
      pages: pages)
    models = content.models.map { model in
      Model(
        id: model.id, title: model.title, layers: model.shape.layers, headsPerLayer: model.shape.heads,
        headWidth: model.shape.headWidth, width: model.shape.width, embeddingWidth: model.shape.embeddingWidth,
        gridSide: model.shape.gridSide, weights: model.source?.weights,
        preprocessing: model.source.map {
          .init(
            size: $0.imageSize, resize: content.squashing.contains(model.id) ? "squash" : "shortest", mean: $0.mean,
            standardDeviation: $0.standardDeviation)
        }, labellers: model.labellers, licence: model.source?.licence, page: Subject.model(model.id).path)
    }
    imageSets = content.imageSets.map { .init(set: $0.set.rawValue, images: $0.images, hash: $0.hash) }
    plugins = content.plugins.map { entry in
      .init(id: entry.manifest.id, title: entry.manifest.title, version: entry.manifest.version)
    }
    self.files = files.map(File.init)
  }
}

/// A file of the whole atlas, which does not belong to one page.
struct AtlasFile: Sendable {
  let address: Address
  let text: String
  let what: String

  /// The name of a table of heads, at the root and beside the page of each model.
  static let heads = "heads.csv"
  static let document = Address("atlas.json")

  /// All of them but `atlas.json`, which lists them.
  static func all(of content: SiteContent) -> [AtlasFile] {
    let whole = AtlasFile(
      address: Address(heads), text: HeadTable(content, of: content.models).text, what: "all heads of the atlas")
    let models = content.models.map { model in
      AtlasFile(
        address: Subject.model(model.id).address.file(heads), text: HeadTable(content, of: [model]).text,
        what: "the heads of \(model.title)")
    }
    let schemas = content.schemas.map { name, text in
      AtlasFile(address: Address("schema/\(name)"), text: text, what: "a schema of files for programs")
    }
    return [whole] + models + schemas
  }
}
