import Analysis
import Attribution
import Files
import Images

/// The content of a site.
///
/// `Build` makes it; all that the site writer can compute is left to it.
package struct SiteContent: Sendable {
  package var title: String
  /// A paragraph of Markdown that introduces the atlas.
  package var introduction: String
  package var models: [Model]
  /// The curated images, each with a page.
  package var gallery: [ImageFile]
  /// The probe images that sections refer to; others are not written.
  package var probe: [ImageFile]
  /// The curated texts, each with a page.
  package var texts: [TextCollection.Item]
  package var properties: [PropertyEntry]
  package var contrasts: [ContrastEntry]
  /// Each with a page.
  package var plugins: [PluginEntry]
  /// All sections of all pages.
  package var sections: [Section]
  package var commentary: [Commentary]
  /// The values of claims `{{value KEY}}` by their key, as they are printed.
  package var values: [String: String]
  /// Shown at the foot of every page: version of the tool, hashes of image sets, versions of plugins.
  package var provenance: [Fact]
  /// ISO date from SOURCE_DATE_EPOCH, or nil: then no page carries a date.
  package var date: String?
  /// Files of `schema/`, which describe what programs read and write.
  package var schemas: [(name: String, text: String)] = []
  /// SHA-256 of all that the atlas is made from, wherever it was built; nil where that is not known.
  package var hash: String?
  /// The version of the program.
  package var version: String?
  /// Where the site is published, without a slash at the end; nil where that is not declared.
  package var url: String?
  /// Whether every drawing is also a file of its own.
  package var hasFigureFiles = true
  package var imageSets: [ImageSetFacts] = []
  /// How many candidate descriptions there are.
  package var candidates = 0

  package init(
    title: String, introduction: String, models: [Model], gallery: [ImageFile], probe: [ImageFile],
    texts: [TextCollection.Item], properties: [PropertyEntry], contrasts: [ContrastEntry], plugins: [PluginEntry],
    sections: [Section], commentary: [Commentary], values: [String: String], provenance: [Fact], date: String?
  ) {
    self.title = title
    self.introduction = introduction
    self.models = models
    self.gallery = gallery
    self.probe = probe
    self.texts = texts
    self.properties = properties
    self.contrasts = contrasts
    self.plugins = plugins
    self.sections = sections
    self.commentary = commentary
    self.values = values
    self.provenance = provenance
    self.date = date
  }

  package struct Fact: Sendable, Codable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// An image set in short.
  package struct ImageSetFacts: Sendable {
    package let set: ImageReference.Origin
    package let images: Int
    /// SHA-256 of its images, names included.
    package let hash: String

    package init(_ set: ImageReference.Origin, images: Int, hash: String) {
      (self.set, self.images, self.hash) = (set, images, hash)
    }
  }

  /// What a model's numbers come from.
  package struct ModelSource: Sendable {
    /// SHA-256 of the weights.
    package let weights: String
    /// The side of the square that the model sees, in pixels.
    package let imageSize: Int
    /// Of red, green and blue, 0 to 1.
    package let mean: [Float]
    package let standardDeviation: [Float]
    package let licence: String?

    package init(weights: String, imageSize: Int, mean: [Float], standardDeviation: [Float], licence: String?) {
      (self.weights, self.imageSize, self.licence) = (weights, imageSize, licence)
      (self.mean, self.standardDeviation) = (mean, standardDeviation)
    }
  }

  package struct Model: Sendable {
    package let id: String
    package let title: String
    package let shape: TowerShape
    /// Labels in the order of `shape.allHeads`.
    package let labels: [String]
    /// What heads do in short, in the same order; empty where no evidence is at hand.
    package let summaries: [HeadSummary]
    /// The identifiers of those who label its heads, in the order of the labels in summaries.
    package let labellers: [String]
    package let source: ModelSource?
    /// How images are made square for the model, so that maps are drawn on the part that it sees.
    package let resize: Preprocessing.Resize
    /// Weights hash, preprocessing, tensors, licence and so on.
    package let provenance: [Fact]

    package init(
      id: String, title: String, shape: TowerShape, labels: [String], summaries: [HeadSummary] = [],
      labellers: [String] = [], source: ModelSource? = nil, resize: Preprocessing.Resize = .shortest,
      provenance: [Fact]
    ) {
      (self.labellers, self.source) = (labellers, source)
      self.id = id
      self.title = title
      self.shape = shape
      self.labels = labels
      self.summaries = summaries
      self.resize = resize
      self.provenance = provenance
    }
  }

  package struct ImageFile: Sendable {
    package let reference: ImageReference
    /// The site's files of the image, with those of its crop and of the whole squashed where they are asked for.
    package let renditions: @Sendable (_ isCropped: Bool, _ isSquashed: Bool) throws -> ImageRenditions
    package let caption: String
    package let credit: String?
    package let licence: String?

    package init(
      reference: ImageReference, caption: String, credit: String?, licence: String?,
      renditions: @escaping @Sendable (_ isCropped: Bool, _ isSquashed: Bool) throws -> ImageRenditions
    ) {
      self.reference = reference
      self.renditions = renditions
      self.caption = caption
      self.credit = credit
      self.licence = licence
    }

    /// - Parameter place: where the image lies, which is read when its files are asked for.
    package init(
      reference: ImageReference, place: FilePlace, caption: String, credit: String?, licence: String?
    ) {
      self.init(reference: reference, caption: caption, credit: credit, licence: licence) { isCropped, isSquashed in
        try ImageRenditions(
          try readImage(at: place), of: reference.set, isCropped: isCropped, isSquashed: isSquashed)
      }
    }
  }

  package struct PropertyEntry: Sendable {
    package let id: String
    package let title: String

    package init(id: String, title: String) {
      self.id = id
      self.title = title
    }
  }

  package struct ContrastEntry: Sendable {
    package let id: String
    package let title: String
    /// The gallery image.
    package let image: String
    /// Identifiers of the two texts.
    package let texts: [String]

    package init(id: String, title: String, image: String, texts: [String]) {
      self.id = id
      self.title = title
      self.image = image
      self.texts = texts
    }
  }

  package struct PluginEntry: Sendable {
    package let manifest: PluginManifest
    /// Markdown: what the analysis does and how to read it.
    package let page: String

    package init(manifest: PluginManifest, page: String) {
      self.manifest = manifest
      self.page = page
    }
  }

  /// A Markdown file of `content/commentary`.
  package struct Commentary: Sendable {
    /// The path of the file, for messages.
    package let file: String
    /// The subject's path, for example `model/picture-world/head/L05.H00`; empty for the atlas.
    package let subjectPath: String
    /// The whole file, front matter included.
    package let source: String

    package init(file: String, subjectPath: String, source: String) {
      self.file = file
      self.subjectPath = subjectPath
      self.source = source
    }
  }
}

extension SiteContent {
  /// The first digits of the hash, as pages print it.
  package var shortHash: String? { hash.map { String($0.prefix(12)) } }

  /// The models that see whole images, squashed to a square.
  var squashing: Set<String> { Set(models.filter { $0.resize == .squash }.map(\.id)) }
}
