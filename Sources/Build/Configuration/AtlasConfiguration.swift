import Analysis
import Attribution
import CLIP
import Files
import Foundation
import Labels
import PluginHost

/// `atlas.yml`: what an atlas is of, checked in all that can be known without reading an image or weights.
///
/// Paths in it are relative to the file; here they are not any more.
package struct AtlasConfiguration: Sendable {
  package struct ModelEntry: Sendable {
    package let id: String
    package let title: String
    package let model: ModelReference
    /// As the model's own configuration says.
    package let configuration: CLIPConfiguration
    /// Labels given by hand.
    package let labels: [Head: String]
    /// Descriptions made elsewhere.
    let descriptions: GivenDescriptions?
    package let licence: String?
  }
  package struct PropertyWords: Sendable {
    package let id: String
    package let title: String
    /// Words that name a value of the property, lower case.
    package let words: [String]
  }
  package struct ContrastEntry: Sendable {
    package let image: String
    package let texts: [String]
  }

  /// As it was named on the command line.
  package let file: String
  package let title: String
  package let introduction: String
  /// Where the site is published, without a slash at the end; nil where that is not said.
  package let url: String?
  /// Whether every drawing is also a file of its own.
  package let hasFigureFiles: Bool
  package let models: [ModelEntry]
  package private(set) var probe: ImageSet
  /// How the probe set's features are kept.
  package let features: KeptFeatures
  /// How many probe images single images are looked up in; nil for all.
  package let sampleCount: Int?
  package private(set) var gallery: ImageSet
  /// What is done about images that cannot be read.
  package let unreadable: UnreadableImages
  /// How many images were left out of each set because they cannot be read.
  private(set) var leftOut: (gallery: Int, probe: Int)
  /// The curated texts.
  package let texts: [TextEntry]
  /// The classes of images that are worded as texts.
  package let classes: [ImageClass]
  /// The description pool.
  package private(set) var pool: [String]
  package let properties: [PropertyWords]
  package private(set) var examples: [LabelledExample]
  /// Those that labels are also taken from, beside hands and examples.
  package private(set) var labellers: [LabellerEntry]
  package private(set) var contrasts: [ContrastEntry]
  package let textSpanCount: Int
  package let textSpanRank: Int
  package let plugins: PluginSettings
  /// Of the plugins that run.
  package let manifests: [PluginManifest]
  /// A folder of ready-made sections, and what stands in its files.
  package let sectionsFolder: String?
  package let sections: [ReadySection]
  package private(set) var commentaryFolder: String?
  package let pagesFolder: String?
  /// A folder whose files take the place of our templates of the same name.
  package let templates: String?

  /// The text files that all this was read from.
  let sources: [String]

  /// Where the cache of this atlas is.
  package private(set) var cacheFolder: String

  /// Reads the atlas's description, the texts that it names and the models' configurations, and lists images.
  ///
  /// - Parameters:
  ///   - manifests: of the plugins that the program comes with.
  ///   - only: a pattern that pages must match, as `--only` has it.
  ///   - runsOthers: whether plugins run that are programs of their own.
  /// - Throws: `FileError` where there is no such file, `InputProblems` with all that is wrong.
  package init(file: String, manifests: [PluginManifest], only: String? = nil, runsOthers: Bool = true) throws {
    let problems = ProblemList()
    let reader = try AtlasReader(file, manifests: manifests, problems)
    self.init(reader, manifests, runsOthers: runsOthers)
    AtlasPagesCheck(self, lacking: reader.lacking, problems).run(only: only)
    try problems.check()
  }

  /// What could be read.
  private init(_ reader: AtlasReader, _ builtIn: [PluginManifest], runsOthers: Bool) {
    file = reader.file
    cacheFolder = reader.base + "/.headatlas"
    title = reader.root.text("title") ?? ""
    introduction = reader.root.optionalText("introduction") ?? ""
    url = reader.url()
    hasFigureFiles = reader.root.flag("figure_files") ?? true
    features = reader.choice("features", default: .fp32)
    sampleCount = reader.sampleCount(features)
    unreadable = reader.choice("on_unreadable", default: .stop)
    probe = reader.images("probe", unreadable)
    gallery = reader.images("gallery", unreadable)
    leftOut = (gallery.rowsLeftOut, probe.rowsLeftOut)
    texts = reader.texts()
    classes = reader.classes
    pool = reader.pool()
    properties = reader.properties()
    models = reader.models(properties)
    examples = reader.examples(properties)
    labellers = reader.labellers()
    contrasts = reader.contrasts(gallery, texts)
    let span = reader.root.mapping("textspan", allowed: ["count", "rank"])
    textSpanCount = span?.integer("count", range: 5...60) ?? 20
    textSpanRank = span?.integer("rank", range: 1...10_000) ?? 80
    let plugins = reader.plugins(runsOthers: runsOthers)
    self.plugins = plugins
    manifests = builtIn.filter { !plugins.disabled.contains($0.id) } + plugins.external.map(\.plugin.manifest)
    sectionsFolder = reader.optionalPath("sections", .folder)
    sections = sectionsFolder.map(reader.sections) ?? []
    commentaryFolder = reader.optionalPath("commentary", .folder)
    pagesFolder = reader.optionalPath("pages", .folder)
    templates = reader.optionalPath("templates", .folder)
    sources = reader.sources
  }

  /// How many probe images single images are looked up in.
  var lookedUpCount: Int { min(probe.images.count, sampleCount ?? .max) }

  /// A part of the atlas that is built the same way: some images and lines of the pool, spread evenly over all of them,
  /// and what speaks of no others.
  ///
  /// Labels and commentary are left out.
  func sample(gallery: Int, probe: Int, pool: Int, cacheFolder: String) -> AtlasConfiguration {
    var sample = self
    sample.cacheFolder = cacheFolder
    sample.gallery = self.gallery.sample(gallery)
    sample.probe = self.probe.sample(probe)
    sample.pool = evenlySpaced(pool, of: self.pool)
    sample.examples = []
    sample.labellers = []
    sample.commentaryFolder = nil
    sample.keepContrastsOfGallery()
    return sample
  }

  /// The same without images and masks of the gallery and of the probe set that failed, and without contrasts on them.
  func without(gallery: [ImageCheck.Failure], probe: [ImageCheck.Failure]) -> AtlasConfiguration {
    var rest = self
    rest.gallery = self.gallery.without(gallery)
    rest.probe = self.probe.without(probe)
    rest.leftOut.gallery += gallery.unreadable.images
    rest.leftOut.probe += probe.unreadable.images
    rest.keepContrastsOfGallery()
    return rest
  }

  private mutating func keepContrastsOfGallery() {
    let images = Set(gallery.images.map(\.id))
    contrasts = contrasts.filter { images.contains($0.image) }
  }
}
