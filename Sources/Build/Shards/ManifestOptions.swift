import Analysis
import CLIP
import Files
import Foundation

/// What `headatlas features --manifest` is asked for.
package struct ManifestOptions: Sendable {
  package var configuration: String
  /// The folder of the shards.
  package var output: String
  package var compute: ComputeOptions

  package init(configuration: String, output: String, compute: ComputeOptions = ComputeOptions()) {
    self.configuration = configuration
    self.output = output
    self.compute = compute
  }
}

/// What `headatlas features --manifest` says.
package struct ManifestReport: Sendable, Codable, Equatable {
  package let manifest: String
  package let images: Int
  package let models: [String]
  /// Whether it was there already.
  package let isUnchanged: Bool
}

/// Freezes the probe set of an atlas for shards: looks at every image once, as a build does, and writes the hashes.
///
/// A manifest that is there stays.
///
/// - Throws: `ShardError`, and what reading an atlas and its images throws.
package func writeManifest(
  _ options: ManifestOptions, plugins: [any AnalysisPlugin], progress: any ProgressReporter
) throws -> ManifestReport {
  let path = "\(options.output)/\(ImageManifest.fileName)"
  let isThere = FileKind(of: path) != nil
  if !isThere {
    let threads = CLIPModel.threads(asked: options.compute.jobs)
    let configuration = try AtlasConfiguration(file: options.configuration, plugins: plugins)
    configuration.imageRemarks.forEach(progress.remark)
    let readable = try configuration.withReadableImages(threads: threads, progress: progress)
    let text = try readable.manifest(threads: threads, progress: progress)
    try makeFolder(options.output)
    try writeFile(text.utf8, to: path)
  }
  let manifest = try ImageManifest(path)
  try manifest.check(configuration: options.configuration)
  return ManifestReport(
    manifest: path, images: manifest.images.count, models: manifest.models.map(\.id), isUnchanged: isThere)
}

extension AtlasConfiguration {
  fileprivate func manifest(threads: Int, progress: any ProgressReporter) throws -> String {
    let base = realPath(folder(of: file)) ?? folder(of: file)
    let working = FileManager.default.currentDirectoryPath
    var images: [ImageManifest.Image] = []
    for start in stride(from: 0, to: probe.images.count, by: 1024) {
      progress.report(stage: "hashing probe images", done: start, total: probe.images.count)
      let part = probe.images[start..<min(start + 1024, probe.images.count)]
      let hashed = try hashedImages(
        part.map { ImageArgument(place: $0.place, name: $0.id) }, threads: threads)
      images += zip(part, part.indices).map { image, place in
        ImageManifest.Image(
          id: image.id, place: image.place.resolved(in: working), hash: hashed.hash(of: place - start))
      }
    }
    progress.report(stage: "hashing probe images", done: probe.images.count, total: probe.images.count)
    return ImageManifest.text(
      base: base, atlas: fileName(file), features: features,
      models: models.map { .init(id: $0.id, reference: $0.model.text) }, images: images)
  }
}

extension ImageManifest {
  /// - Throws: `ShardError.otherAtlas` where the manifest is not of the atlas whose description is named.
  func check(configuration: String) throws(ShardError) {
    guard let named = realPath(configuration), realPath(atlas) != named else { return }
    throw .otherAtlas(path: path, atlas: atlas, named: configuration)
  }
}
