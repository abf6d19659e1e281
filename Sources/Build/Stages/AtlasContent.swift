import Analysis
import Attribution
import CLIP
import Files
import Foundation
import Images
import PluginHost
import Site

extension SiteContent {
  /// The sections of all plugins and the frame around them.
  init(
    _ configuration: AtlasConfiguration, _ images: GalleryImages, _ renditions: RenditionStore,
    _ findings: AtlasFindings,
    _ plugins: [PluginChoice]
  ) throws {
    var results = findings.results
    results.sections += configuration.sections.map(\.section)
    self.init(
      title: configuration.title, introduction: configuration.introduction,
      models: zip(findings.models, configuration.models).map { model, entry in
        .init(
          id: model.id, title: entry.title, shape: model.shape, labels: model.labels,
          summaries: model.summaries, labellers: model.labellers, source: entry.source(weights: model.weights),
          resize: entry.configuration.resize, provenance: model.provenance)
      },
      gallery: zip(configuration.gallery.images, images.items).map { image, item in
        Self.file(image, .gallery) { _, _ in item.renditions }
      },
      probe: Self.probeFiles(configuration.probe, shownIn: results.sections, renditions),
      texts: configuration.texts.map { .init(id: $0.id, text: $0.text) },
      properties: configuration.properties.map { .init(id: $0.id, title: $0.title) },
      contrasts: configuration.contrastEntries.map {
        .init(
          id: $0.id, title: $0.texts.joined(separator: " or "), image: $0.image, texts: $0.textIDs)
      },
      plugins: try plugins.map { try Self.entry($0, configuration) }, sections: results.sections,
      commentary: try configuration.commentaryFolder.map(commentaryFiles) ?? [], values: results.values,
      provenance: [
        .init("headatlas", headatlasVersion),
        .init("gallery", "\(configuration.gallery.images.count) images, sha256 \(findings.galleryHash.prefix(16))"),
        .init("probe set", "\(configuration.probe.images.count) images, sha256 \(findings.probeHash.prefix(16))"),
        .init("candidate descriptions", "\(configuration.pool.count) lines"),
      ] + plugins.map { .init("plugin \($0.manifest.id)", $0.manifest.version) },
      date: try sourceDate())
    schemas = try Shape.schemas
    version = headatlasVersion
    url = configuration.url
    hasFigureFiles = configuration.hasFigureFiles
    imageSets = [
      .init(.gallery, images: configuration.gallery.images.count, hash: findings.galleryHash),
      .init(.probe, images: configuration.probe.images.count, hash: findings.probeHash),
    ]
    candidates = configuration.pool.count
    hash = try configuration.hash(findings, plugins)
    provenance.insert(.init("atlas", "sha256 \(shortHash ?? "")"), at: 1)
  }

  /// The probe images that sections refer to, a few of what may be very many.
  private static func probeFiles(
    _ probe: ImageSet, shownIn sections: [Section], _ store: RenditionStore
  ) -> [ImageFile] {
    let shown = Set(imagesShown(in: sections).filter { $0.set == .probe }.map(\.id))
    return probe.images.lazy.filter { shown.contains($0.id) }.map { image in
      let place = image.place
      return file(image, .probe) { isCropped, isSquashed in
        try store.renditions(
          at: place, RenditionKind(origin: .probe, isCropped: isCropped, isSquashed: isSquashed))
      }
    }
  }

  private static func file(
    _ image: ImageSet.Entry, _ origin: ImageReference.Origin,
    renditions: @escaping @Sendable (Bool, Bool) throws -> ImageRenditions
  ) -> ImageFile {
    .init(
      reference: ImageReference(set: origin, id: image.id), caption: image.caption, credit: image.credit,
      licence: image.licence, renditions: renditions)
  }

  /// With the page that the atlas has for the plugin, or else that which lies beside a program of its own.
  private static func entry(_ choice: PluginChoice, _ configuration: AtlasConfiguration) throws -> PluginEntry {
    var files = configuration.pagesFolder.map { ["\($0)/\(choice.manifest.id).md"] } ?? []
    if case .external(let plugin) = choice.program { files.append(plugin.folder + "/page.md") }
    let page = try files.first { FileKind(of: $0) != nil }.map { try readText($0, limit: longestWrittenText) }
    return .init(manifest: choice.manifest, page: page ?? choice.manifest.summary)
  }
}

/// SOURCE_DATE_EPOCH as an ISO date, the only date that ever stands on a page; nil where it is not set.
///
/// - Throws: `BuildError.sourceDate` for anything but a whole number of seconds, up to the year 9999.
func sourceDate(
  _ text: String? = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"]
) throws(BuildError) -> String? {
  guard let text else { return nil }
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let seconds = Int(text),
    seconds < 253_402_300_800
  else { throw .sourceDate(text) }
  return Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601.year().month().day())
}

extension LoadedModel {
  /// Facts of the foot of a model's pages.
  var provenance: [SiteContent.Fact] {
    let configuration = model.configuration
    return [
      .init("weights", "sha256 \(weightsHash.prefix(16))"),
      .init(
        "preprocessing",
        "bicubic to \(configuration.imageSize) px, "
          + (configuration.resize == .shortest ? "centre crop" : "proportions squashed")
          + ", mean \(list(configuration.statistics.mean)), std \(list(configuration.statistics.standardDeviation))"
      ),
    ] + (entry.licence.map { [.init("licence of the weights", $0)] } ?? [])
  }

  private func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: " ") }
}
